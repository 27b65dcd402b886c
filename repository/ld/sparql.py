"""The SPARQL endpoint `/sparql`: hands queries to the query service and its answers back.

People get a page, with the answer on it if they have asked something; without a query programs get a service
description.
Specified by: SPARQL 1.1 Protocol; SPARQL 1.1 Service Description; RFC 9110, 10.2.3 (Retry-After).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from repository.errors import Unreachable
from repository.ld import sparql_client
from repository.ld.messages import Message
from repository.ld.negotiation import HTML, choose
from repository.ld.sparql_description import describe
from repository.ld.sparql_request import BY_NAME, GRAPHS, Asked, Refused, has_query, read_query, wants_page
from repository.settings import Settings

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, POST, OPTIONS",
}
_TEXT = "text/plain; charset=utf-8"
_SUFFIXES = {
    "json": "json", "xml": "xml", "csv": "csv", "tsv": "tsv",
    "turtle": "ttl", "n-triples": "nt", "rdf-xml": "rdf", "json-ld": "jsonld",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exchange:
    """A query that was sent from the page, and what came of it."""

    query: str
    """As it was sent; empty if it was not even read."""
    dataset: tuple[tuple[str, str], ...]
    """Parameters that name graphs."""
    answer: Message
    """Of the query service, or the same if it was not asked: `{status, media_type}` or `{status, message}`."""
    seconds: float


Page = Callable[[Exchange | None], Response]
"""Makes the page, with a form and, if something was asked, what came of it."""


def create_blueprint(settings: Settings, page: Page) -> Blueprint:
    """The URL `/sparql`. A web worker lends at most a quarter of its threads to queries: the others stay quick."""
    blueprint = Blueprint("sparql", __name__)
    threads = threading.BoundedSemaphore(settings.lent_threads)
    describing = (HTML, *GRAPHS)

    def sparql() -> Response:
        if request.method != "POST" and not has_query(request):
            return _about(settings, choose(request.headers.get("Accept"), describing), page)
        begin = time.monotonic()
        asked = None
        try:
            asked = read_query(request)
            answer = ask(asked.message)
        except Refused as error:
            answer = _refusal(error.status, error.message)
        if wants_page(request) and (asked is None or asked.for_people or answer.header["status"] != 200):
            return _shown(page, asked, answer, time.monotonic() - begin)
        return _response(answer, is_file=asked is not None and asked.named_format)

    def ask(query: Message) -> Message:
        if not threads.acquire(blocking=False):
            return _refusal(503, "Too many queries are running. Try again.", 2)
        try:
            return sparql_client.ask(settings, query)
        except Unreachable:
            return _refusal(503, "The query service is not running at the moment.", 10)
        finally:
            threads.release()

    @blueprint.route("/sparql", methods=["OPTIONS"], endpoint="preflight")
    def preflight() -> Response:
        return Response(status=204, headers=_PREFLIGHT)

    for base in ("", *(f"/{language}" for language in settings.site_languages[1:])):  # of the page
        blueprint.add_url_rule(
            f"{base}/sparql", f"sparql{base}", sparql, methods=["GET", "POST"], provide_automatic_options=False
        )
    return blueprint


def _refusal(status: int, message: str, retry_after: int | None = None) -> Message:
    return Message({"status": status, "message": message, "retry_after": retry_after})


def _response(answer: Message, *, is_file: bool) -> Response:
    header = answer.header
    if header["status"] != 200:
        return _text(header["status"], header["message"], header.get("retry_after"))
    media_type = header["media_type"]
    response = Response(answer.body, headers=_HEADERS)
    response.content_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    if is_file:
        name = next(name for name, offer in BY_NAME.items() if offer.media_type == media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="results.{_SUFFIXES[name]}"'
    return response


def _shown(page: Page, asked: Asked | None, answer: Message, seconds: float) -> Response:
    query = asked.message if asked else Message()
    dataset = [("default-graph-uri", iri) for iri in query.header.get("default_graphs", ())]
    dataset += [("named-graph-uri", iri) for iri in query.header.get("named_graphs", ())]
    response = page(Exchange(query.body.decode("utf-8", "replace"), tuple(dataset), answer, seconds))
    response.status_code = answer.header["status"]
    response.vary.add("Accept")
    if answer.header.get("retry_after") is not None:
        response.headers["Retry-After"] = str(answer.header["retry_after"])
    return response


def _about(settings: Settings, chosen: object, page: Page) -> Response:
    if chosen is None:
        there_are = ", ".join(offer.media_type for offer in (HTML, *GRAPHS))
        return _text(406, f"None of the accepted media types can be served. There is: {there_are}.")
    if chosen is HTML:
        response = page(None)
        response.vary.add("Accept")
        return response
    media_type = next(offer.media_type for offer in GRAPHS if offer is chosen)
    return Response(describe(settings.site.url, media_type), content_type=media_type, headers=_HEADERS)


def _text(status: int, message: str, retry_after: int | None = None) -> Response:
    response = Response(message + "\n", status, _HEADERS, content_type=_TEXT)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
