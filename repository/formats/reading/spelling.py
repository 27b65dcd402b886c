"""Spellings made equal, for looking things up by them."""

import re
from functools import lru_cache

_NOT_WORD = re.compile(r"[\W_]+")
_ENDING = re.compile(r"/(?:legalcode|deed)(?:\.[a-z_-]+)?$|\.(?:html?|php|txt)$")


@lru_cache(maxsize=4096)
def compact(text: str) -> str:
    """Letters and digits only, folded: `CC BY 4.0` and `cc-by-4.0` are equal."""
    return _NOT_WORD.sub("", text).casefold()


def url_key(url: str) -> str:
    """An address without its protocol, `www.`, closing slash and Creative Commons' `/legalcode` and `/deed`."""
    key = url.strip().lower()
    key = key.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return _ENDING.sub("", key).rstrip("/")
