"""The one place where errors become HTTP answers: JSON below `/api`, elsewhere the page that the app was given."""

from collections.abc import Callable

import structlog
from flask import Flask, Response, request
from structlog.contextvars import get_contextvars
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from repository.api.answers import json_answer
from repository.api.links import Links
from repository.errors import (
    Busy,
    ColophonError,
    Conflict,
    Forbidden,
    Gone,
    InvalidInput,
    Moved,
    NotAcceptable,
    NotFound,
    NotSignedIn,
    RevisionMismatch,
    StoreFull,
    TooLarge,
    TooMany,
    Unreachable,
    WrongMediaType,
)

STATUS: dict[type[ColophonError], int] = {
    InvalidInput: 400,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    NotAcceptable: 406,
    Conflict: 409,
    Gone: 410,
    RevisionMismatch: 412,
    TooLarge: 413,
    WrongMediaType: 415,
    Moved: 302,
    TooMany: 429,
    StoreFull: 507,
    Busy: 503,
    Unreachable: 503,
}
MESSAGES = {
    404: "The requested URL was not found on the server. If you entered the URL manually please check your spelling "
    "and try again.",
    405: "The method is not allowed for the requested URL.",
}
UNNAMED = "The server can't do this now. It was logged."
"""Said for errors that STATUS lacks, with 503: they are the operator's, as a store that turns out to be another
instance's."""
NAMED = ("Allow", "Content-Range")
"""Headers that routing gives an error and that its answer keeps."""
RETRY_AFTER = 5
"""Seconds after which to ask again when a store does not answer, or others are served first."""

ErrorPage = Callable[[int, str, ColophonError | None], Response]
"""Makes the HTML answer of a path outside `/api` from status, message and the error behind them."""

_log = structlog.get_logger("http")


def register(app: Flask, error_page: ErrorPage) -> None:
    """Answers every error of the tree, of routing, and every bug, in the form of the path that was asked for."""

    def answer(status: int, message: str, error: ColophonError | None = None) -> Response:
        response = _json(status, message, error) if _is_api() else error_page(status, message, error)
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if status == 503:
            response.headers["Retry-After"] = str(RETRY_AFTER)
        return response

    @app.errorhandler(ColophonError)
    def known(error: ColophonError) -> Response:
        status = STATUS.get(type(error), 503)
        if status >= 500 and not isinstance(error, Busy):
            _log.error("store failed", error=error.message, path=request.path)
        return answer(status, error.message if type(error) in STATUS else UNNAMED, error)

    @app.errorhandler(HTTPException)
    def of_routing(error: HTTPException) -> Response:
        if isinstance(error.response, Response):
            return error.response
        status = error.code or 500
        if isinstance(error, RequestEntityTooLarge):
            return answer(413, "The body of the request is too large.")
        response = answer(status, MESSAGES.get(status, error.description or error.name))
        response.headers.extend((name, value) for name, value in error.get_headers() if name in NAMED)
        return response

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        _log.exception("unexpected error", path=request.path, exc_info=error)
        return answer(500, "The server has failed at this request. It was logged and will be looked into.")


def later(response: Response, error: ColophonError) -> Response:
    """The answer of a view that has a page of its own for a store that does not answer: logged, and with a time after
    which to ask again."""
    _log.error("store failed", error=error.message, path=request.path)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_api() -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def _json(status: int, message: str, error: ColophonError | None) -> Response:
    body: dict[str, object] = {"status": status, "message": message}
    if isinstance(error, InvalidInput) and error.errors:
        body["errors"] = [field.to_json() for field in error.errors]
    known = get_contextvars()
    if status >= 500 and "request_id" in known:
        body["error_id"] = known.get("error_id") or known["request_id"]
    if isinstance(error, Gone):
        body["tombstone"] = error.tombstone
    location = Links.here().record(error.record_id) if isinstance(error, Moved) else ""
    if location:
        body["location"] = location
    response = json_answer(body, status)
    if location:
        response.headers["Location"] = location
    return response
