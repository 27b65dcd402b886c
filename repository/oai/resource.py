"""OAI-PMH over HTTP: GET and POST at `/oai` and `/oai2d`. Specified by: OAI-PMH 2.0, 3.1 HTTP Protocol Issues."""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache, partial

from flask import Blueprint, Response, request
from isal import isal_zlib
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from repository.formats import FORMATS, Format
from repository.oai import browsing
from repository.oai.arguments import LONGEST
from repository.oai.clock import Now
from repository.oai.errors import NotReady
from repository.oai.provider import Provider
from repository.oai.statistics import Harvests
from repository.settings import Settings
from repository.storage.database import Database

PATHS = ("/oai", "/oai2d")
EXTENSION = "colophon.harvests"
"""Where the app has its counts of harvests: whoever ends the process flushes them."""

_GZIP_LEVEL, _GZIP_FORMAT = 2, 31
"""ISA-L, which takes a fifth of the time of zlib's quickest level and makes less of the bytes."""
_WORTH_GZIP = 500
_SENT_AT_ONCE = 2
"""Bodies that one worker reads at once; one that is sent as harvesters do is read in no time."""
_PREPARED_AFTER = 60
_LESS_BUSY_AFTER = 2
"""Seconds after which a harvester is asked to come again."""


def create_blueprint(
    database: Database, settings: Settings, formats: Sequence[Format] = FORMATS, now: Now = time.time
) -> Blueprint:
    """The two addresses of the data provider, to be mounted at the root.

    A web worker lends only some of its threads to harvests (`oai.concurrency`): the others stay quick. Bodies of POST
    are read before, by other threads: who sends one slowly, or never ends it, keeps nobody from harvesting by GET.
    """
    provider = Provider(database, settings, formats, now)
    harvests = Harvests(database, now)
    readers = threading.BoundedSemaphore(_SENT_AT_ONCE)
    threads = threading.BoundedSemaphore(settings.oai_concurrency)
    blueprint = Blueprint("oai", __name__)
    blueprint.record(lambda state: state.app.extensions.setdefault(EXTENSION, harvests))

    def answer() -> Response:
        agent = request.headers.get("User-Agent", "")
        try:
            with _one_of(readers) if request.method == "POST" else nullcontext():
                arguments = _arguments()
            with _one_of(threads):
                found = provider.answer(arguments, settings.site_url + request.path)
                harvests.count(agent, found.verb, found.prefix, found.set, found.error, found.records)
                return _response(found.body)
        except _Overloaded:
            harvests.count(agent, "", "", "", "overloaded", 0)
            return _later("Too many harvests are running. Try again.", _LESS_BUSY_AFTER)
        except NotReady as error:
            harvests.count(agent, "", "", "", "notReady", 0)
            return _later(error.message, _PREPARED_AFTER)

    def browsing_file(name: str) -> Response:
        response = Response(browsing.file(name), content_type=browsing.FILES[name])
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response

    for path in PATHS:
        blueprint.add_url_rule(path, endpoint=path[1:], view_func=answer, methods=["GET", "POST"], strict_slashes=False)
    for name in browsing.FILES:
        blueprint.add_url_rule(f"/oai/{name}", endpoint=name.replace(".", "_"), view_func=partial(browsing_file, name))
    return blueprint


class _Overloaded(Exception):
    """All threads that may do this are doing it."""


@contextmanager
def _one_of(threads: threading.Semaphore) -> Iterator[None]:
    if not threads.acquire(blocking=False):
        raise _Overloaded
    try:
        yield
    finally:
        threads.release()


def _arguments() -> bytes:
    """Of the query, and of a form's body. One that is too long is cut, but still too long."""
    query = request.query_string
    if request.method != "POST" or request.mimetype not in ("application/x-www-form-urlencoded", ""):
        return query
    request.max_content_length = sys.maxsize  # the limit of other parts would answer with 413
    body = b""
    while len(body) <= LONGEST and (read := request.stream.read(LONGEST)):
        body += read
    return b"&".join(part for part in (query, body) if part)


def _later(message: str, seconds: int) -> Response:
    return Response(message + "\n", 503, {"Retry-After": str(seconds)}, "text/plain")


@lru_cache(64)
def _takes_gzip(accepted: str) -> bool:
    return parse_accept_header(accepted, Accept).quality("gzip") > 0


def _response(body: bytes) -> Response:
    response = Response(content_type="text/xml; charset=utf-8")
    if request.headers.get("Sec-Fetch-Dest") == "document":
        body = browsing.page(body)
        response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Vary"] = "Accept-Encoding, Sec-Fetch-Dest"
    response.headers["Content-Security-Policy"] = browsing.POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"  # the same for everybody: nobody is looked at
    if len(body) > _WORTH_GZIP and _takes_gzip(request.headers.get("Accept-Encoding", "")):
        body = isal_zlib.compress(body, _GZIP_LEVEL, wbits=_GZIP_FORMAT)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    return response
