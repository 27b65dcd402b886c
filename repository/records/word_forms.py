"""Stems: what the forms of a word have in common, in English and in Czech.

They are made here and not by an engine, so that every engine finds the same records. A stem begins with its language
(`en:river`, `cs:rek`): the same letters are seldom the same word in both.

Specified by: the Snowball algorithms `english` and `czech`.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

from repository.records.words import fold

_LETTERS = re.compile(r"[^\W\d_]+")
_ASCII_LETTERS = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalpha() else 32 for code in range(256))
"""For `bytes.translate`: lower case, and a space for all else."""
_CZECH = re.compile("[ěščřžýůďťň]", re.IGNORECASE)
_SHORTEST, _LONGEST = 3, 40
"""Letters of a word that has forms."""


def is_czech(text: str) -> bool:
    """Whether a text has one of the letters that Czech has and the languages of western Europe have not."""
    return not text.isascii() and _CZECH.search(unicodedata.normalize("NFC", text)) is not None


def stems_of_text(text: str, *, czech: bool) -> set[str]:
    """The stems of all words of a text: English ones, and with `czech` Czech ones too."""
    if text.isascii():
        found = text.encode().translate(_ASCII_LETTERS).decode().split()
    else:
        found = _LETTERS.findall(unicodedata.normalize("NFC", text).lower())
    return set[str]().union(*map(_stems_in_both if czech else _stems_in_english, found))


def stems_of_word(text: str) -> tuple[str, ...]:
    """The stems of a word that is sought, in both languages; none of what is not one word of letters only."""
    text = unicodedata.normalize("NFC", text.strip()).lower()
    return _stems_in_both(text) if _LETTERS.fullmatch(text) else ()


@lru_cache(maxsize=32_768)
def _stems_in_english(word: str) -> tuple[str, ...]:
    return _stems(word, czech=False)


@lru_cache(maxsize=8192)
def _stems_in_both(word: str) -> tuple[str, ...]:
    return _stems(word, czech=True)


def _stems(word: str, *, czech: bool) -> tuple[str, ...]:
    """A Czech word is stemmed as it is written, since the algorithm looks at diacritics, and without them, as many
    people type it; what is left is folded like all words."""
    folded = fold(word)
    if not (folded.isascii() and folded.isalpha() and _SHORTEST <= len(folded) <= _LONGEST):
        return ()
    found = [f"en:{_stemmer('english').stemWord(folded)}"]
    if czech:
        found += _folded(_stemmer("czech").stemWords([word, folded]))
    return tuple(dict.fromkeys(found))


def _folded(stems: Iterable[str]) -> list[str]:
    return [f"cs:{fold(stem)}" for stem in stems]


_here = threading.local()


def _stemmer(language: str) -> Stemmer.Stemmer:
    """Each thread has its own: a stemmer keeps what it works on."""
    found: Stemmer.Stemmer | None = getattr(_here, language, None)
    if found is None:
        found = Stemmer.Stemmer(language)
        setattr(_here, language, found)
    return found
