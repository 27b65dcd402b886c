"""Reads a request to the SPARQL endpoint: the query, the dataset, and in which media types the answer may be.

The query itself is not looked into: parsing one may end the process that does. Specified by: SPARQL 1.1 Protocol, 2.1.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qsl

from flask import Request

from repository.ld.messages import Message
from repository.ld.negotiation import HTML, Plain, choose

MOST_QUERY = 65_536
"""Bytes of a query."""
_MOST_FORM = 4 * MOST_QUERY
"""Bytes of a query string or form: what is percent-encoded takes three bytes for one."""
_MOST_FIELDS = 100

RESULTS = (
    Plain("json", "application/sparql-results+json", ("application/json",)),
    Plain("xml", "application/sparql-results+xml", ("application/xml", "text/xml")),
    Plain("csv", "text/csv"),
    Plain("tsv", "text/tab-separated-values"),
)
"""What rows and truth values come as. Specified by: SPARQL 1.1 Query Results JSON, XML, CSV and TSV Formats."""
GRAPHS = (
    Plain("turtle", "text/turtle", ("application/x-turtle",)),
    Plain("n-triples", "application/n-triples", ("text/plain",)),
    Plain("rdf-xml", "application/rdf+xml", ("application/xml", "text/xml")),
    Plain("json-ld", "application/ld+json", ("application/json",)),
)
"""What triples come as."""

SHOWN = (RESULTS[1], GRAPHS[0])
"""What the page for people is made of."""
BY_NAME = {offer.name: offer for offer in (*RESULTS, *GRAPHS)}
"""Values of the parameter `format`, which beats `Accept`: a link and a form have no headers."""

_ASKS = re.compile(rb"(?:^|&)(?:query|update)=")


@dataclass(frozen=True, slots=True)
class Asked:
    message: Message
    """For `sparql_worker`."""
    for_people: bool
    """The answer is to be a page."""
    named_format: bool = False
    """The answer is to be a file: its format was named."""


class Refused(Exception):
    """The request is not answered: status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def has_query(request: Request) -> bool:
    """Whether a GET asks something, or wants to know what is here."""
    return _ASKS.search(request.query_string) is not None


def read_query(request: Request) -> Asked:
    """Raises Refused."""
    query, fields = _query_and_fields(request)
    if not query.strip():
        raise Refused(400, "The query is missing: give it as the parameter `query`, or as the body of a POST.")
    if len(query) > MOST_QUERY:
        raise Refused(414 if request.method != "POST" else 413, f"The query is longer than {MOST_QUERY} bytes.")
    named = [value for name, value in fields if name == "format"]
    for_people = not named and wants_page(request)
    results, graph = SHOWN if for_people else _named(named) if named else _accepted(request)
    if results is None and graph is None:
        there_are = ", ".join(offer.media_type for offer in (*RESULTS, *GRAPHS))
        raise Refused(406, f"None of the accepted media types can be served. There is: {there_are}.")
    header = {
        "results": results and results.media_type,
        "graph": graph and graph.media_type,
        "default_graphs": _iris(fields, "default-graph-uri"),
        "named_graphs": _iris(fields, "named-graph-uri"),
    }
    return Asked(Message(header, query), for_people, bool(named))


def wants_page(request: Request) -> bool:
    """Whether people ask: HTML is named, and nothing that programs read is wanted more."""
    return choose(request.headers.get("Accept"), (*RESULTS, *GRAPHS, HTML)) is HTML


def _named(names: list[str]) -> tuple[Plain | None, Plain | None]:
    """What rows and what triples are to come as: one of them."""
    offer = BY_NAME.get(names[0])
    if offer is None or len(names) > 1:
        raise Refused(400, f"`format` is one of {', '.join(BY_NAME)}.")
    return (offer, None) if offer in RESULTS else (None, offer)


def _accepted(request: Request) -> tuple[Plain | None, Plain | None]:
    accept = request.headers.get("Accept")
    return choose(accept, RESULTS), choose(accept, GRAPHS)


def _query_and_fields(request: Request) -> tuple[bytes, list[tuple[str, str]]]:
    if len(request.query_string) > _MOST_FORM:
        raise Refused(414, f"The query is longer than {MOST_QUERY} bytes.")
    fields = _fields(request.query_string)
    if request.method != "POST":
        return _one_query(fields), fields
    if request.mimetype == "application/sparql-query":
        return _body(request, MOST_QUERY), fields
    if request.mimetype == "application/x-www-form-urlencoded":
        fields += _fields(_body(request, _MOST_FORM))
        return _one_query(fields), fields
    if request.mimetype == "application/sparql-update":
        _refuse_update()
    raise Refused(415, "Send application/sparql-query or application/x-www-form-urlencoded.")


def _one_query(fields: Iterable[tuple[str, str]]) -> bytes:
    queries = [value for name, value in fields if name == "query"]
    if any(name == "update" for name, _value in fields):
        _refuse_update()
    if len(queries) > 1:
        raise Refused(400, "There is more than one `query`.")
    return queries[0].encode("utf-8", "surrogateescape") if queries else b""


def _iris(fields: Iterable[tuple[str, str]], parameter: str) -> list[str]:
    iris = [value for name, value in fields if name == parameter]
    if not "".join(iris).isprintable():
        raise Refused(400, f"A value of {parameter} is no IRI.")
    return iris


def _refuse_update() -> NoReturn:
    raise Refused(403, "Updates are not taken: what is here follows from the records of the repository.")


def _fields(encoded: bytes) -> list[tuple[str, str]]:
    # bytes that are no UTF-8 pass through, and are told of where the query is read
    text = encoded.decode("utf-8", "surrogateescape")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Refused(400, f"There are more than {_MOST_FIELDS} parameters.") from error


def _body(request: Request, limit: int) -> bytes:
    if (request.content_length or 0) > limit:
        raise Refused(413, f"The query is longer than {MOST_QUERY} bytes.")
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise Refused(413, f"The query is longer than {MOST_QUERY} bytes.")
    if request.content_length is not None and len(body) < request.content_length:
        raise Refused(400, "The body was cut off.")
    return body
