"""XML elements as JSON values, so that one mapping serves both: names without namespaces, nothing left out.

`<a>x</a>` is `"x"`; with attributes or children it is an object of them, its own text under `#text`. An element that
occurs several times becomes a list. Left out: comments, processing instructions, white space between elements, and the
constants `xsi:schemaLocation` and `xsi:noNamespaceSchemaLocation`.
"""

from typing import Any

from lxml import etree

from repository.formats.reading.intake import Refused
from repository.records.snapshot import Json

TEXT = "#text"
_SCHEMA_LOCATIONS = frozenset(
    "{http://www.w3.org/2001/XMLSchema-instance}" + name for name in ("schemaLocation", "noNamespaceSchemaLocation")
)
_DEEPEST = 100
_HTML = {"br": "br", "p": "p", "i": "i", "b": "b", "em": "em", "sub": "sub", "sup": "sup", "strong": "strong"}


def local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def namespace(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def tree(element: etree._Element, depth: int = 0) -> Any:
    """The element as a text or an object. Raises Refused if it is nested too deeply."""
    if depth > _DEEPEST:
        raise Refused(local_name(element), f"nested deeper than {_DEEPEST} elements")
    said = (element.text or "").strip()
    if not len(element) and not element.attrib:
        return said
    node: Json = {}
    for name, value in element.attrib.items():
        if name not in _SCHEMA_LOCATIONS:
            _add(node, str(name).rpartition("}")[2], str(value))
    texts = [said]
    if local_name(element) == "description" and any(local_name(child) in _HTML for child in element):
        texts = [" ".join(_markup(element).split())]
    else:
        for child in element:
            if isinstance(child.tag, str):
                _add(node, local_name(child), tree(child, depth + 1))
            texts.append((child.tail or "").strip())
    said = " ".join(part for part in texts if part)
    if not node:
        return said
    if said:
        _add(node, TEXT, said)
    return node


def _add(node: Json, name: str, value: Any) -> None:
    """Sets a field, or makes it a list."""
    if name not in node:
        node[name] = value
    elif isinstance(node[name], list):
        node[name].append(value)
    else:
        node[name] = [node[name], value]


def _markup(element: etree._Element) -> str:
    """Mixed content as HTML; of elements that HTML does not have, the text."""
    parts = [element.text or ""]
    for child in element:
        name = _HTML.get(local_name(child), "") if isinstance(child.tag, str) else ""
        inner = _markup(child) if isinstance(child.tag, str) else ""
        if name == "br":
            parts += "<br>", inner
        else:
            parts += (f"<{name}>{inner}</{name}>",) if name else (inner,)
        parts.append(child.tail or "")
    return "".join(parts)
