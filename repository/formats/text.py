"""Text as formats carry it: HTML made plain, titles without markup, no characters that XML and RDF can't hold."""

import re
from collections.abc import Mapping
from html import unescape

_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|menu|h[1-6]|hgroup|blockquote|pre|table|caption|thead|tbody|tfoot|tr|dl|dt|dd|br|hr|address"
    r"|article|aside|center|details|summary|dialog|dir|fieldset|legend|figure|figcaption|footer|form|header|main|nav"
    r"|section|search|optgroup|option)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""What begins or ends a line. Specified by: HTML Living Standard, 15.3 (display: block, list-item, table-row)."""
_CELL = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9:-]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TITLE_BREAK = re.compile(r"(?:\s*<(?:/?(?:jats:)?p|(?:jats:)?br)(?:\s[^<>]*)?/?>)+\s*", re.IGNORECASE)
_TITLE_TAG = re.compile(
    r"</?(?:jats:|mml:)?(?:i|b|u|em|strong|sub|sup|italic|bold|sc|scp|tt|span|small|inf)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?=#\d+;|#x[0-9a-f]+;|[a-z][a-z0-9]*;)", re.IGNORECASE)
_BREAKS = re.compile(r"\s*\n\s*")
_LINES = re.compile("[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
"""What ends a line somewhere, and tabulators."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


def clean(text: str) -> str:
    """Without the characters that no XML document may contain, or should, and trimmed. The old sign for a new line
    becomes the usual one. Specified by: XML 1.0, 2.2 Char, and its note on control characters."""
    return (text if text.isprintable() else _FORBIDDEN.sub("", text.replace("\x85", "\n"))).strip()


def one_line(text: str) -> str:
    """As `clean`, on one line: for formats in which a line break would begin something else."""
    return clean(text if text.isprintable() else _LINES.sub(" ", text))


def plain(html: str) -> str:
    """HTML that validation has cleaned, as plain text: a line for each block, spaces between the cells of a table."""
    if "<" in html:
        html = _BREAKS.sub("\n", _TAG.sub("", _CELL.sub(" ", _BLOCK.sub("\n", html))))
    return unescape(html).strip() if "&" in html else html.strip()


def literal(text: str) -> str:
    """Plain text for a place where readers look for HTML: what they would take for a tag or an entity is escaped."""
    if "&" in text:
        text = _ENTITY.sub("&amp;", text)
    return _TAG.sub(_visible, text) if "<" in text else text


def _visible(tag: re.Match[str]) -> str:
    return tag[0].replace("<", "&lt;").replace(">", "&gt;")


def plain_title(title: str) -> str:
    """A title without the inline markup that publishers put in. It is no HTML: `1 < 2 & 3` stays as it is."""
    return _TITLE_TAG.sub("", _TITLE_BREAK.sub(" ", title)).strip() if "<" in title else title


def english(texts: Mapping[str, str] | None) -> str:
    """The English one of a term's `title` or `description`, else any, else nothing."""
    if not texts:
        return ""
    return texts.get("en") or next(iter(texts.values()))
