"""What is wrong with a query, and where: from the sentence of the parser to what somebody can mend.

The query is not parsed here: only its text is looked at.
"""

import re
from dataclasses import dataclass

from repository.ld.query_text import is_left_open
from repository.ld.sparql_examples import PREFIXES

_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_PROLOGUE = re.compile(r"\s*(?:#[^\n]*|PREFIX\s+\S*\s*<[^>]*>|BASE\s*<[^>]*>)", re.IGNORECASE)
_FORM = re.compile(r"\s*(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)
_UPDATE = re.compile(r"\s*(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
_PREFIXED = re.compile(r"([\w-]*):[\w.-]*$")
_WORD = re.compile(r"\w+|.")
_AROUND = 60
"""Characters that are shown on each side of a place."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Line and column count from 1 and are 0 if nothing is known of a place."""

    line: int = 0
    column: int = 0
    before: str = ""
    marked: str = ""
    after: str = ""
    """The line as it stands around the place, and what is there."""
    hint: str = ""
    """Which way out is to be told: `update`, `form`, `prefix`, `group`, `iri`, `open`, `pattern`, `less`, `service`, or
    none."""
    prefix: str = ""
    """A line that would declare the prefix that is missing; or its name, if it is none of ours."""


def explain(query: str, message: str) -> Problem:
    """Of a query that was refused with this message."""
    found = _PLACE.search(message)
    if found is None:
        return Problem(hint=_hint_without_place(message))
    hint, place = _hint(query, found[3])
    if place is None:
        line, column = int(found[1]), int(found[2])
    else:
        line, column = query.count("\n", 0, place) + 1, place - query.rfind("\n", 0, place)
    text = query.split("\n")[line - 1]  # the parser ends lines at \n only
    if hint == "prefix" and (name := _PREFIXED.search(text, 0, column - 1)):
        column = name.start() + 1
        return _at(text, line, column, name[0], hint, _declaration(name[1]))
    marked = _WORD.match(text, column - 1)
    return _at(text, line, column, marked[0] if marked else "", hint)


def _at(text: str, line: int, column: int, marked: str, hint: str, prefix: str = "") -> Problem:
    before, after = text[: column - 1], text[column - 1 + len(marked) :]
    return Problem(line, column, before[-_AROUND:], marked[:_AROUND], after[:_AROUND], hint, prefix)


def _hint(query: str, expected: str) -> tuple[str, int | None]:
    """And the place, where the parser's is of no use: what it says of a first word is where it gave up, not why."""
    start = 0
    while match := _PROLOGUE.match(query, start):
        start = match.end()
    start += len(query[start:]) - len(query[start:].lstrip())
    if _UPDATE.match(query, start):
        return "update", start
    if "Prefix not found" in expected:
        return "prefix", None
    if not _FORM.match(query, start):
        return "form", start
    if "unbound" in expected:
        return "group", None
    if "IRI parsing failed" in expected:
        return "iri", None
    return "open" if is_left_open(query) else "pattern", None


def _hint_without_place(message: str) -> str:
    if "longer than" in message and "seconds" in message:
        return "less"
    if "memory" in message:
        return "less"
    return "service" if message.startswith("SERVICE") else ""


def _declaration(name: str) -> str:
    iri = PREFIXES.get(name, "")
    return f"PREFIX {name}: <{iri}>" if iri else f"{name}:"
