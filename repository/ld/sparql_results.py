"""Reads the beginning of an answer to a query, for showing it.

Specified by: SPARQL Query Results XML Format, 2nd edition.
"""

import io
from dataclasses import dataclass

from lxml import etree

_NAMESPACE = "{http://www.w3.org/2005/sparql-results#}"
_RESULT = b"<result>"
"""Begins a row and nothing else: in values `<` is escaped."""


@dataclass(frozen=True, slots=True)
class Term:
    kind: str
    """`uri`, `literal` or `bnode`."""
    value: str
    language: str = ""
    datatype: str = ""
    """Empty for plain text."""


@dataclass(frozen=True, slots=True)
class Rows:
    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    """The first rows; None where a variable is not bound."""
    total: int


def read_results(body: bytes, cells: int, rows: int) -> Rows | bool:
    """The first rows, at most so many and of at most so many cells together; or the answer to ASK."""
    variables: list[str] = []
    found: list[tuple[Term | None, ...]] = []
    for _event, element in etree.iterparse(io.BytesIO(body), recover=True, resolve_entities=False, huge_tree=True):
        match str(element.tag).removeprefix(_NAMESPACE):
            case "boolean":
                return bool(element.text == "true")
            case "variable":
                variables.append(element.get("name", ""))
            case "result":
                if len(found) == min(rows, max(1, cells // max(1, len(variables)))):
                    break
                terms = {binding.get("name"): _term(binding) for binding in element}
                found.append(tuple(terms.get(name) for name in variables))
                element.clear()
    return Rows(tuple(variables), tuple(found), body.count(_RESULT))


def _term(binding: etree._Element) -> Term:
    element = binding[0]
    language = element.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    kind = str(element.tag).removeprefix(_NAMESPACE)
    return Term(kind, "".join(map(str, element.itertext())), language, element.get("datatype", ""))
