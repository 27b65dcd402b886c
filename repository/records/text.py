"""Text as it is stored: sanitised Unicode, HTML cleaned against allow-lists, and the guard against lone surrogates."""

import re
import unicodedata
from typing import Any

import nh3

_SPACES = re.compile(r" ?[\t\n\x0b\x0c\r\x85\u2028\u2029]+ ?")
_UNWANTED = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff"
_CONTROLS = re.compile(f"[{_UNWANTED}]")
_MARKUP = re.compile(f"[<>&\xa0{_UNWANTED}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

TAGS = (
    "a", "abbr", "acronym", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
)  # fmt: skip
"""Elements that descriptions, notes and conditions may use; of any other one only the content stays."""
ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "acronym": {"title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_CLEANER = nh3.Cleaner(tags=set(TAGS), attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None)
_PASSES = 8
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SELF_CLOSING = frozenset(
    "area base br col dd dt embed hr img input li link meta p param source td th tr track wbr".split()  # noqa: SIM905
)
_MOST_ENTITY_WORK = 2_000_000_000


def clean(text: str) -> str:
    """Sanitised Unicode: control characters gone (line breaks become a space), NFC, trimmed.

    What is left can be written to XML and to a database; characters that only steer the direction of writing stay.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    if not text.isprintable():
        text = _CONTROLS.sub("", _SPACES.sub(" ", text))
    return unicodedata.normalize("NFC", text).strip()


def _is_too_much(text: str) -> bool:
    """Whether the cleaner would take seconds: its work grows with tags times depth, and with entities times length."""
    if (text.count("&") + text.count("\xa0")) * len(text) > _MOST_ENTITY_WORK:
        return True
    opened: dict[str, int] = {}
    tags = depth = deepest = 0
    for closing, name in _TAG.findall(text):
        tags += 1
        if name.lower() in _SELF_CLOSING:
            continue
        if not closing:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
    return tags * deepest > max(1000, 2 * len(text))


def clean_html(text: str) -> str:
    """HTML with the allowed elements and attributes only; plain text is escaped, line breaks stay.

    The result is a fixed point: cleaning it again changes nothing, so that what is read back can be saved unchanged.
    Of markup that is nested beyond all sense, or never comes to rest, only the text stays.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not _MARKUP.search(text):
        return text
    for _ in range(0 if _is_too_much(text) else _PASSES):
        # Entities may hide control characters and combining marks: both are dealt with before the cleaner sees the
        # text again, because taken out afterwards they would join what the cleaner saw apart ("java\x07script:").
        cleaned = _CLEANER.clean(_CONTROLS.sub("", text)).replace("\r", "\n").strip()
        normal = unicodedata.normalize("NFC", _CONTROLS.sub("", cleaned))
        if normal == text:
            return text
        text = normal
    return _MARKUP.sub("", text).strip()


def has_surrogates(value: Any) -> bool:
    """Whether any text of a JSON value, keys included, holds a lone surrogate, which no UTF-8 can carry."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if not item.isascii() and _SURROGATE.search(item):
                return True
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
    return False


def has_controls(text: str) -> bool:
    """Whether a name that must stay as it is (a file's key, a term's id) holds what no name may hold."""
    return not text.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
