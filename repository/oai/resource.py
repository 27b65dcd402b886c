"""OAI-PMH over HTTP: GET and POST at `/oai` and `/oai2d`. Specified by: OAI-PMH 2.0, 3.1 HTTP Protocol Issues."""

import gzip
import sys
import time
from collections.abc import Sequence

from flask import Blueprint, Response, request

from repository.formats import FORMATS, Format
from repository.oai.arguments import LONGEST
from repository.oai.clock import Now
from repository.oai.errors import NotReady
from repository.oai.provider import Provider
from repository.settings import Settings
from repository.storage.database import Database

PATHS = ("/oai", "/oai2d")

_GZIP_LEVEL = 1
_WORTH_GZIP = 500
_RETRY_AFTER = "60"
"""Seconds."""


def create_blueprint(
    database: Database, settings: Settings, formats: Sequence[Format] = FORMATS, now: Now = time.time
) -> Blueprint:
    """The two addresses of the data provider, to be mounted at the root."""
    provider = Provider(database, settings, formats, now)
    blueprint = Blueprint("oai", __name__)

    def answer() -> Response:
        try:
            body = provider.answer(_arguments(), settings.site_url + request.path)
        except NotReady as error:
            return Response(error.message + "\n", 503, {"Retry-After": _RETRY_AFTER}, "text/plain")
        return _response(body)

    for path in PATHS:
        blueprint.add_url_rule(path, endpoint=path[1:], view_func=answer, methods=["GET", "POST"], strict_slashes=False)
    return blueprint


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


def _response(body: bytes) -> Response:
    response = Response(content_type="text/xml; charset=utf-8")
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"  # the same for everybody: nobody is looked at
    if len(body) > _WORTH_GZIP and request.accept_encodings.quality("gzip") > 0:
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    return response
