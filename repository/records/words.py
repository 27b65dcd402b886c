"""Text as search sees it: folded (lower case, no diacritics), cut into words; documents and queries go the same way.

Since the words are made here and not by an engine, every engine finds the same records, and a set that is defined by a
query needs no engine at all.
"""

import html
import re
import unicodedata
from functools import cache, lru_cache

LONGEST_WORD = 100
"""Characters; what is longer is cut, in documents and in queries alike."""
LONGEST_VALUE = 500
"""Characters of a whole value that is compared as one (identifiers, terms)."""
BREAK = "."
"""Stands between the words of a text and those joined from its hyphenated ones, so that no phrase spans both."""

_MARKS = re.compile(  # diacritics of Latin, Greek and Cyrillic; points of Hebrew and Arabic, and Arabic's stretching
    r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]+"
)
_LETTERS = {"æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "œ": "oe", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t"}
_LETTER = re.compile(f"[{''.join(_LETTERS)}]")
_ASCII_SEPARATORS = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
"""For `bytes.translate`, which takes a tenth of the time of the same for texts."""
_WORD = re.compile(r"\w+")
_SYLLABIC = r"\u2e80-\u2fdf\u3005-\u3007\u3040-\u3098\u309b-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RARE_SYLLABIC = r"[\U00020000-\U0003ffff]"
_HAS_SYLLABIC = re.compile(f"[{_SYLLABIC}]|{_RARE_SYLLABIC}")
_CONNECTED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_RESOLVER = re.compile(r"^https?://(?:www\.|dx\.)?(?:doi|orcid|ror)\.org/(?=.)", re.I)
_GLUED_TAG = re.compile(
    r"</?(?:a|abbr|acronym|b|cite|code|del|em|i|ins|kbd|q|s|samp|small|span|strike|strong|sub|u|var)(?:\s[^<>]*)?>",
    re.I,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@cache
def _scripts() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Whether a text has vowel signs, which `\\w` leaves out though they belong to words (Indic scripts); its words;
    and the words where each character is one, since nothing separates theirs (Chinese, Japanese).

    No class mixes characters of the BMP with others: `re` then searches it a hundred times slower.
    """
    marks = "".join(
        character
        for character in map(chr, range(0x0370, 0x10000))
        if unicodedata.category(character) in ("Mn", "Mc") and not _MARKS.match(character)
    )
    return (
        re.compile(f"[{marks}]"),
        re.compile(rf"(?:\w+[{marks}]*)+"),
        re.compile(
            rf"{_RARE_SYLLABIC}|[{_SYLLABIC}][{marks}]*|(?:(?:(?!{_RARE_SYLLABIC})[^\W{_SYLLABIC}])+[{marks}]*)+"
        ),
    )


def fold(text: str) -> str:
    """Lower case, without diacritics, compatible forms made one: `Déšť ﬁne` gives `dest fine`."""
    if text.isascii():
        return text.lower()
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    text = unicodedata.normalize("NFKC", text)
    return _LETTER.sub(lambda match: _LETTERS[match[0]], text)


def words(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return _split(fold(text))


def _split(folded: str) -> list[str]:
    if folded.isascii():
        found = folded.encode().translate(_ASCII_SEPARATORS).decode().split()
    else:
        found = _split_any(folded.replace("_", " "))
    too_long = len(folded) > LONGEST_WORD and max(map(len, found), default=0) > LONGEST_WORD
    return [word[:LONGEST_WORD] for word in found] if too_long else found


def _split_any(folded: str) -> list[str]:
    has_signs, with_signs, syllabic = _scripts()
    if _HAS_SYLLABIC.search(folded):
        return syllabic.findall(folded)
    return (with_signs if has_signs.search(folded) else _WORD).findall(folded)


def joined(text: str) -> list[str]:
    """The hyphenated words of a text written as one (`e-mail` gives `email`), folded."""
    return _join(fold(text))


def _join(folded: str) -> list[str]:
    if folded.isascii() and not ("-" in folded or "'" in folded or "_" in folded):  # most names
        return []
    hyphened = folded.replace("‐", "-").replace("'", "-").replace("’", "-").replace("_", "-")
    if "-" not in hyphened:
        return []
    return [
        match.replace("-", "")[:LONGEST_WORD]
        for part in hyphened.split()
        if "-" in part
        for match in _CONNECTED.findall(part)
    ]


def tokens(text: str) -> list[str]:
    """What a document holds of a text: its words, then, behind BREAK, the hyphenated ones as one word each."""
    folded = fold(text)
    joins = _join(folded)
    return [*_split(folded), BREAK, *joins] if joins else _split(folded)


@lru_cache(maxsize=8192)
def exact(text: str) -> str:
    """A value that is compared as a whole: folded, spaces made one, the resolver of a DOI, ORCID or ROR id left out."""
    folded = _printable(fold(text))
    if " " in folded:
        folded = " ".join(folded.split())
    return (without_resolver(folded) if folded.startswith("http") else folded)[:LONGEST_VALUE]


def without_resolver(iri: str) -> str:
    """The identifier in the IRI of a DOI, ORCID or ROR id; any other text as it is."""
    return _RESOLVER.sub("", iri)


def _printable(text: str) -> str:
    """Without lone surrogates and control characters, which no engine takes."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def plain(text: str) -> str:
    """HTML as text: what stands in different blocks is apart, what is only marked up inside a word stays one."""
    if "<" in text:
        text = _TAG.sub(" ", _GLUED_TAG.sub("", text))
    return html.unescape(text) if "&" in text else text


def unmarked(text: str) -> str:
    """A plain text such as a title, which may yet hold `<i>` and its like; `a < b` stays."""
    return _GLUED_TAG.sub("", text) if "<" in text else text
