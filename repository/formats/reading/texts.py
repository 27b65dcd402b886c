"""Running text, which the model stores as HTML."""

import re

from repository.records.text import TAGS

_KNOWN_TAG = re.compile(
    rf"""</?(?:{"|".join(TAGS)})(?:\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*\s*/?>""", re.IGNORECASE
)
_BARE_AMPERSAND = re.compile(r"&(?!#\d+;|#x[0-9a-f]+;|[a-z][a-z0-9]*;)", re.IGNORECASE)
_JATS = {
    "p": "p", "italic": "i", "bold": "b", "sub": "sub", "sup": "sup", "title": "h4", "sec": "div", "list": "ul",
    "list-item": "li", "underline": "u", "monospace": "code", "break": "br", "disp-quote": "blockquote",
}  # fmt: skip
"""Elements of JATS, in which Crossref's abstracts come, → HTML."""
_JATS_TAG = re.compile(r"<(/?)jats:([a-z-]+)(?:\s[^<>]*)?(/?)>")


def html(said: str) -> str:
    """The text with its HTML, where it has any, and everything else that looks like markup made visible as text, so
    that cleaning takes nothing out of it but attributes."""
    if "&" in said:
        said = _BARE_AMPERSAND.sub("&amp;", said)
    if "<" not in said:
        return said
    if "<jats:" in said:
        said = _JATS_TAG.sub(_translated, said)
    out: list[str] = []
    position = 0
    for tag in _KNOWN_TAG.finditer(said):
        out += _visible(said[position : tag.start()]), tag[0]
        position = tag.end()
    out.append(_visible(said[position:]))
    return "".join(out)


def _visible(said: str) -> str:
    return said.replace("<", "&lt;").replace(">", "&gt;")


def _translated(match: re.Match[str]) -> str:
    closing, name, empty = match.groups()
    return f"<{closing}{_JATS[name]}{empty}>" if name in _JATS else match[0]
