"""What a request leaves behind: its id, one line in the log, its count.

It lies around the application of a web worker and belongs to none of its views.
"""

import re
import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from repository.api.metrics import count

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"
_ID = "colophon.request_id"
_STARTED = "colophon.started"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
UNKNOWN = "unknown"
"""The route of an address that there is not."""

_log = structlog.get_logger("http")


class Observed:
    """The WSGI application, with an id for each request that every line of its log carries."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        sent = environ.get("HTTP_X_REQUEST_ID", "")
        environ[_ID] = sent if _WELL_FORMED.fullmatch(sent) else secrets.token_hex(8)
        environ[_STARTED] = time.perf_counter()
        clear_contextvars()  # threads are used again
        bind_contextvars(request_id=environ[_ID])
        return self._application(environ, start_response)


def observe(app: Flask) -> None:
    """Gives every request an id, a line in the log, and counts it."""
    app.wsgi_app = Observed(app.wsgi_app)  # type: ignore[method-assign]
    app.after_request(_note)


def _note(response: Response) -> Response:
    """The line has no path, query or body: they may hold tokens, addresses of people, and ids of closed records."""
    seconds = time.perf_counter() - request.environ[_STARTED]
    route = request.url_rule.rule if request.url_rule is not None else UNKNOWN
    response.headers[HEADER] = request.environ[_ID]
    count(request.method, route, response.status_code, seconds)
    _log.info("request", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000, 2))
    return response
