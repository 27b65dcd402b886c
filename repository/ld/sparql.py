"""The SPARQL endpoint `/sparql`: hands queries to the query service and its answers back.

Without a query it is a page for people and a service description for programs.
Specified by: SPARQL 1.1 Protocol; SPARQL 1.1 Service Description; RFC 9110, 10.2.3 (Retry-After).
"""

import threading

from flask import Blueprint, Response, request

from repository.errors import Unreachable
from repository.ld import sparql_client
from repository.ld.messages import Message
from repository.ld.negotiation import HTML, choose
from repository.ld.sparql_description import describe
from repository.ld.sparql_page import page
from repository.ld.sparql_request import GRAPHS, Refused, has_query, read_query
from repository.settings import Settings

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
_PAGE_POLICY = "default-src 'none'; form-action 'self' {site}; base-uri 'none'; frame-ancestors 'none'"
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, POST, OPTIONS",
}
_TEXT = "text/plain; charset=utf-8"


def create_blueprint(settings: Settings) -> Blueprint:
    """The URL `/sparql`. A web worker lends at most a quarter of its threads to queries: the others stay quick."""
    blueprint = Blueprint("sparql", __name__)
    threads = threading.BoundedSemaphore(max(1, settings.serve_threads // 4))
    describing = (HTML, *GRAPHS)

    @blueprint.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
    def sparql() -> Response:
        if request.method != "POST" and not has_query(request):
            return _about(settings, choose(request.headers.get("Accept"), describing))
        try:
            query = read_query(request)
        except Refused as error:
            return _text(error.status, error.message)
        if not threads.acquire(blocking=False):
            return _text(503, "Too many queries are running. Try again.", 2)
        try:
            answer = sparql_client.ask(settings, query)
        except Unreachable:
            return _text(503, "The query service is not running at the moment.", 10)
        finally:
            threads.release()
        return _response(answer)

    @blueprint.route("/sparql", methods=["OPTIONS"], endpoint="preflight")
    def preflight() -> Response:
        return Response(status=204, headers=_PREFLIGHT)

    return blueprint


def _response(answer: Message) -> Response:
    header = answer.header
    if header["status"] != 200:
        return _text(header["status"], header["message"], header.get("retry_after"))
    media_type = header["media_type"]
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Response(answer.body, content_type=media_type, headers=_HEADERS)


def _about(settings: Settings, chosen: object) -> Response:
    if chosen is None:
        there_are = ", ".join(offer.media_type for offer in (HTML, *GRAPHS))
        return _text(406, f"None of the accepted media types can be served. There is: {there_are}.")
    if chosen is HTML:
        headers = {**_HEADERS, "Content-Security-Policy": _PAGE_POLICY.format(site=settings.site_url)}
        return Response(page(settings.site), content_type="text/html; charset=utf-8", headers=headers)
    media_type = next(offer.media_type for offer in GRAPHS if offer is chosen)
    return Response(describe(settings.site.url, media_type), content_type=media_type, headers=_HEADERS)


def _text(status: int, message: str, retry_after: int | None = None) -> Response:
    response = Response(message + "\n", status, _HEADERS, content_type=_TEXT)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
