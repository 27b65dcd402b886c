"""The page of queries in SPARQL: a form, examples, and what came of a query. Complete without scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from repository.api.context import SAFE_METHODS, identify
from repository.ld.sparql import Exchange
from repository.ld.sparql_errors import Problem, explain
from repository.ld.sparql_examples import EXAMPLES, PREFIXES
from repository.ld.sparql_request import GRAPHS, RESULTS
from repository.ld.sparql_results import Rows, Term, read_results
from site_builder.context import pages
from site_builder.rendering import html, words
from site_builder.texts import decimal_text

PATH = "/sparql"
MOST_ROWS = 500
MOST_CELLS = 10_000
MOST_VALUE = 1_000
"""Characters of a value that are shown."""
MOST_TRIPLES = 100_000
"""Bytes of Turtle that are shown."""
_TALLEST = 30
"""Lines of the form."""
_LOCAL = re.compile(r"[A-Za-z_][\w-]*")
_PREFIX_LINES = re.compile(r"(?:@prefix [^\n]*\n)+")
_NAMES = re.compile(r"\b([a-z]+):")
_LINKED = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    href: str = ""
    note: str = ""
    """Language or type of a literal."""
    whole: str = ""
    """The whole IRI where `text` is a short name for it."""


def page(exchange: Exchange | None) -> Response:
    """See `repository.ld.sparql.Page`."""
    if request.method in SAFE_METHODS:  # the frame tells who is signed in; the answer depends on nobody
        identify()
    query = exchange.query if exchange else EXAMPLES[0].query
    titles = words().query_asked
    examples = [
        (titles[str(number)], f"{pages().base}{PATH}?{urlencode({'query': example.query})}")
        for number, example in enumerate(EXAMPLES, 1)
    ]
    return html(
        "sparql.html",
        cache="no-cache",
        query=query,
        height=min(_TALLEST, max(6, query.count("\n") + 2)),
        examples=examples,
        prefixes=sorted(PREFIXES.items()),
        **{**_NOTHING, **(_outcome(exchange) if exchange else {})},
    )


_NOTHING: dict[str, Any] = {
    "asked": False, "message": "", "problem": Problem(), "dataset": (), "taken": "", "formats": (),
    "truth": None, "table": None, "triples": "", "is_cut": False,
}  # fmt: skip


def _outcome(exchange: Exchange) -> dict[str, Any]:
    said: dict[str, Any] = {"asked": True, "dataset": exchange.dataset}
    header, body = exchange.answer.header, exchange.answer.body
    if header["status"] != 200:
        problem = explain(exchange.query, header["message"])
        return {**said, "problem": problem, "message": "" if problem.line else header["message"]}
    said["taken"] = decimal_text(f"{exchange.seconds:.2f}", words().language)
    if header["media_type"] == GRAPHS[0].media_type:
        shown = body if len(body) <= MOST_TRIPLES else body[:MOST_TRIPLES].rpartition(b"\n")[0]
        return {
            **said,
            "formats": GRAPHS,
            "triples": _without_idle_prefixes(shown.decode("utf-8", "replace")),
            "is_cut": len(shown) < len(body),
        }
    found = read_results(body, MOST_CELLS, MOST_ROWS)
    if isinstance(found, bool):
        return {**said, "formats": RESULTS[:2], "truth": words().yes if found else words().no}
    return {**said, "formats": RESULTS, "table": found, "lines": _lines(found), "is_cut": len(found.rows) < found.total}


def _without_idle_prefixes(turtle: str) -> str:
    """Only the prefixes that are used; what merely looks like one may keep a line more."""
    head = _PREFIX_LINES.match(turtle)
    if head is None:
        return turtle
    used = set(_NAMES.findall(turtle, head.end()))
    lines = [line for line in head[0].splitlines() if line.split()[1][:-1] in used]
    return "\n".join([*lines, turtle[head.end() :]])


def _lines(found: Rows) -> Iterator[list[Cell | None]]:
    for row in found.rows:
        yield [_cell(term) if term else None for term in row]


def _cell(term: Term) -> Cell:
    text = term.value if len(term.value) <= MOST_VALUE else f"{term.value[:MOST_VALUE]}…"
    match term.kind:
        case "uri":
            short = _short(term.value)
            is_link = term.value.startswith(_LINKED) and len(term.value) <= MOST_VALUE
            return Cell(short or text, term.value if is_link else "", whole=term.value if short else "")
        case "bnode":
            return Cell(f"_:{text}")
        case _:
            note = f"@{term.language}" if term.language else _short(term.datatype) or term.datatype
            return Cell(text, note=note)


def _short(iri: str) -> str:
    """`dct:title`; empty if it has no such name."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return ""
