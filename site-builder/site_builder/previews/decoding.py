"""Bytes of a text whose encoding nobody has told."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSED = ["cp1250", "iso8859_2", "cp1252", "cp1251", "iso8859_15"]
"""Encodings of one byte that are in use where this runs. A guess among all of them finds too many that would do."""
_SAMPLE = 8_192
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")
"""Control characters in every part of ISO 8859; letters and signs in the code pages of Windows."""
_OF_LATIN_2 = re.compile(rb"[A-Za-z\xc0-\xff][\xb9\xbe]|[\xb9\xbe][a-z\xe0-\xff]")
"""š and ž of ISO 8859-2 in a word; elsewhere these are a raised 1 and three quarters."""

_WESTERN = re.compile(rb"[\xe0\xea]")
"""à and ê of cp1252; of cp1250 letters of Slovak, which are rare, and of Polish."""
_EASTERN = re.compile(rb"[\x8a\x8c-\x8f\x9a\x9c-\x9f\xb3\xb9\xbe]")
"""Letters of cp1250, one of which nearly every sentence has; rare letters or signs of cp1252."""


def decoded(data: bytes, *, is_whole: bool) -> str | None:
    """The text, line ends as `\\n`; None for what is none. Where the bytes were cut off, a last character that is cut
    is left out."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _sound(_strict(data[len(mark) :], encoding, is_whole=is_whole))
    if b"\0" in data:
        return None
    return _sound(_strict(data, "utf-8", is_whole=is_whole) or _guessed(data))


def _strict(data: bytes, encoding: str, *, is_whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=is_whole)
    except UnicodeDecodeError:
        return None


def _guessed(data: bytes) -> str | None:
    """Three encodings differ in some letters only, which tell them apart where a guess by frequency needs much text."""
    if not _OF_WINDOWS.search(data) and _OF_LATIN_2.search(data):
        return data.decode("iso8859_2")
    from charset_normalizer import from_bytes  # costs memory that whoever only reads the cache does not need

    found = from_bytes(data[:_SAMPLE], cp_isolation=_GUESSED).best()
    if found is None:
        return None
    is_western = found.encoding == "cp1250" and _WESTERN.search(data) and not _EASTERN.search(data)
    return data.decode("cp1252" if is_western else found.encoding, "replace")


def _sound(text: str | None) -> str | None:
    if not text or _CONTROLS.search(text):
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")
