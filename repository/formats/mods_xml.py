"""Elements of MODS as text: those without content are left out."""

from repository.formats.text import clean
from repository.formats.xml_text import escape


def element(name: str, inner: str, attributes: str = "") -> str:
    """`inner` is XML; nothing for empty content."""
    return f"<{name}{attributes}>{inner}</{name}>" if inner else ""


def text_element(name: str, text: str, attributes: str = "") -> str:
    """`text` is escaped; nothing for empty text."""
    text = clean(text)
    return f"<{name}{attributes}>{escape(text)}</{name}>" if text else ""
