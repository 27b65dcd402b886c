"""The API as an OpenAPI document, made from the URL table, the contracts beside it, and `schemas/`.

Specified by: OpenAPI Specification 3.1.1; JSON Schema, draft 2020-12.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol

import orjson

from repository import __version__
from repository.api.contracts import PARAMETERS, REQUEST_HEADERS, SORTED, TEXT, Answer, Body, Contract
from repository.records.snapshot import Json
from repository.records.structure import record_schema, schemas_folder
from repository.records.vocabularies import SPECIFIC, TYPES

MEDIA_TYPE = "application/vnd.oai.openapi+json"
_PLACE = re.compile(r"<(?:(?P<converter>[^:<>]+):)?(?P<name>[^<>]+)>")
_SAFE = ("GET", "HEAD", "OPTIONS")
ALWAYS = (400, 401, 429, 500, 503)
"""What any request can be answered."""

_HEADERS: dict[str, tuple[str, Json]] = {
    "ETag": ("The revision, or the digest of the bytes.", {"type": "string", "pattern": '^"[^"]+"$'}),
    "Link": ("Where this document is (`service-desc`).", {"type": "string"}),
    "Location": ("Where it is now.", {"type": "string", "format": "uri"}),
    "Vary": ("What the answer depends on.", {"type": "string"}),
    "Allow": ("The methods that there are.", {"type": "string"}),
    "Retry-After": ("Seconds.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("`Bearer`.", {"type": "string"}),
    "Content-Disposition": ("How it is to be shown, and its file name.", {"type": "string"}),
    "Content-Length": ("Bytes.", {"type": "integer", "minimum": 0}),
    "Content-Range": ("Which bytes, of how many.", {"type": "string", "pattern": "^bytes "}),
    "Content-MD5": ("MD5 of the whole file.", {"type": "string", "pattern": "^[0-9a-f]{32}$"}),
    "Content-Security-Policy": ("Files run nothing on this site.", {"type": "string"}),
    "Accept-Ranges": ("`bytes`.", {"const": "bytes"}),
    "Last-Modified": ("When the bytes came.", {"type": "string"}),
    "X-Content-Type-Options": ("`nosniff`.", {"const": "nosniff"}),
    "Cache-Control": ("Who may keep it.", {"type": "string"}),
    "Set-Cookie": ("The cookies of the session.", {"type": "string"}),
}
_ERRORS: dict[int, tuple[str, tuple[str, ...]]] = {
    302: ("It has another address now.", ("Location",)),
    400: ("Something that was sent can't be taken; `errors` says what.", ()),
    401: ("No identity, or a token that is unknown or has expired.", ("WWW-Authenticate",)),
    403: ("Not for who asks; or the CSRF token is missing.", ()),
    404: ("Not there, or nothing that one may know of.", ()),
    406: ("None of the accepted media types can be made; the message names those that can.", ()),
    409: ("Others are at the same thing; send it again.", ()),
    410: ("Withdrawn or erased; `tombstone` says why.", ()),
    412: ("Somebody else saved first.", ()),
    413: ("The body is too large.", ()),
    415: ("The body is of a media type that is not read here.", ()),
    416: ("The file has no such bytes.", ("Content-Range",)),
    429: ("Too many requests; `Retry-After` says when there may be more.", ("Retry-After",)),
    500: ("The server has failed.", ()),
    503: ("A store does not answer; ask again later.", ("Retry-After",)),
    507: ("The store takes no more.", ()),
}
_ID = TEXT | {"minLength": 1}
_PLACES: dict[str, tuple[str, Json]] = {
    "record_id": ("Id of a record or draft.", _ID),
    "key": ("Key of a file; may have slashes.", _ID | {"maxLength": 255}),
    "kind": ("Type of the vocabulary.", {"type": "string", "enum": [kind for kind in TYPES if kind not in SPECIFIC]}),
    "term_id": ("Id of a term; may have slashes.", _ID),
    "scheme": ("Scheme of the identifier.", {"type": "string", "enum": ["orcid"]}),
    "value": ("The identifier.", _ID),
    "set_id": ("Id of a set.", {"type": "integer", "minimum": 1}),
    "build_id": ("Id of a build.", {"type": "integer", "minimum": 1}),
    "number": ("Number of the revision.", {"type": "integer", "minimum": 0}),
    "name": ("Name of a reader.", _ID),
}
_SECURITY: Json = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of `colophon accounts token`."},
    "query_token": {"type": "apiKey", "in": "query", "name": "access_token", "description": "The same, in the URL."},
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "The cookie of `/login`."},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "With a session, whatever changes something needs the value of the cookie `csrftoken`.",
    },
}
_ABOUT = """InvenioRDM's REST API, as far as it is here. GET answers HEAD and OPTIONS as well; a method that an address
does not have is answered 405 with `Allow`."""


class Route(Protocol):
    """A row of the URL table."""

    @property
    def methods(self) -> tuple[str, ...]: ...
    @property
    def path(self) -> str: ...
    @property
    def view(self) -> Callable[..., Any]: ...
    @property
    def does(self) -> str: ...
    @property
    def contract(self) -> Contract: ...


def document(routes: Sequence[Route], site_url: str) -> Json:
    """The whole document. Paths stand without `/api`, which the server's URL has."""
    names = _names(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        path = paths.setdefault(_PLACE.sub(r"{\g<name>}", route.path), {})
        for method in route.methods:
            path[method.lower()] = _operation(route, method, names)
    return {
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "Colophon", "version": __version__, "description": _ABOUT.replace("\n", " ")},
        "servers": [{"url": f"{site_url}/api"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(route) for route in routes)],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {str(status): _error(status) for status in _ERRORS},
            "headers": {
                name: {"description": means, "required": name != "Link", "schema": schema}
                for name, (means, schema) in _HEADERS.items()
            },
            "securitySchemes": _SECURITY,
        },
    }


def _view(route: Route) -> tuple[str, str]:
    """Module and name of the view, with the arguments that the table gives it."""
    view, given = (route.view.func, route.view.args) if isinstance(route.view, partial) else (route.view, ())
    module = view.__module__.rpartition(".")[2].replace("urls", "api")
    return module, "_".join([view.__name__, *given])


def _tag(route: Route) -> str:
    return _view(route)[0]


def _names(routes: Sequence[Route]) -> dict[tuple[str, str], str]:
    """operationId by path and method: module and view; where that names several, with method and places."""
    plain = {(route.path, method): "_".join(_view(route)) for route in routes for method in route.methods}
    several = [name for name in plain.values() if list(plain.values()).count(name) > 1]
    return {
        (path, method): "_".join([name, method.lower(), *_places(path)]) if name in several else name
        for (path, method), name in plain.items()
    }


def _places(path: str) -> list[str]:
    return [match["name"] for match in _PLACE.finditer(path)]


def _operation(route: Route, method: str, names: dict[tuple[str, str], str]) -> Json:
    contract = route.contract
    errors = {*ALWAYS, *contract.errors} | (set() if method in _SAFE else {403})
    responses = {str(answer.status): _answer(answer, names) for answer in contract.answers}
    responses |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(errors)}
    operation: Json = {
        "operationId": names[route.path, method],
        "tags": [_tag(route)],
        "summary": route.does,
        "parameters": [*_parameters(route)],
        "responses": responses,
        "security": _security(contract, method),
    }
    if contract.body is not None:
        operation["requestBody"] = _body(contract.body)
    return operation


def _parameters(route: Route) -> Iterator[Json]:
    for name in _places(route.path):
        yield _parameter("path", name, *_PLACES[name]) | {"required": True}
    for name in route.contract.query:
        if name in SORTED:
            yield _parameter("query", "sort", "Order of the hits.", SORTED[name])
        else:
            yield _parameter("query", name, *PARAMETERS[name])
    for name in route.contract.headers:
        yield _parameter("header", name, *REQUEST_HEADERS[name])


def _parameter(place: str, name: str, means: str, schema: Json) -> Json:
    return {"name": name, "in": place, "description": means, "schema": schema}


def _security(contract: Contract, method: str) -> list[Json]:
    session: Json = {"session": []} if method in _SAFE else {"session": [], "csrf": []}
    nobody: list[Json] = [{}] if contract.public else []
    return [*nobody, {"token": []}, {"query_token": []}, session]


def _body(body: Body) -> Json:
    schema = {"schema": _reference(body.schema)} if body.schema else {}
    return {"required": body.required, "content": dict.fromkeys(body.media_types, schema)}


def _answer(answer: Answer, names: dict[tuple[str, str], str]) -> Json:
    content = {media_type: {"schema": _reference(answer.schema)} for media_type in answer.media_types}
    found: Json = {"description": answer.means}
    if content or answer.others:
        found["content"] = content | {media_type: {} for media_type in answer.others}
    if answer.headers:
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in answer.headers}
    if answer.leads_to:
        by_view = {name.partition("_")[0] + "." + name.partition("_")[2]: name for name in names.values()}
        found["links"] = {
            by_view[view]: {"operationId": by_view[view], "parameters": {"record_id": "$response.body#/id"}}
            for view in answer.leads_to
        }
    return found


def _error(status: int) -> Json:
    means, headers = _ERRORS[status]
    found: Json = {"description": means, "content": {"application/json": {"schema": _reference("Error")}}}
    if headers:
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return found


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Json:
    """The definitions of both schemas, those of the record opened: answers carry terms with their titles."""
    own = orjson.loads((schemas_folder() / "api-v1.json").read_bytes())["$defs"]
    used = {name: _opened(schema) for name, schema in record_schema()["$defs"].items() if name not in _ONLY_STORED}
    return {name: _moved(schema) for name, schema in (own | used).items()}


_ONLY_STORED = ("record", "named")
"""Definitions of the record that describe what is stored, not what is sent or answered."""


def _opened(schema: Any) -> Any:
    """Without `additionalProperties: false`; so alternatives may both hold, and `oneOf` becomes `anyOf`."""
    if isinstance(schema, list):
        return [_opened(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        "anyOf" if name == "oneOf" else name: _opened(value)
        for name, value in schema.items()
        if not (name == "additionalProperties" and value is False)
    }


def _moved(schema: Any) -> Any:
    """With references as they are in the document."""
    if isinstance(schema, list):
        return [_moved(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: f"#/components/schemas/{value.rpartition('/')[2]}" if name == "$ref" else _moved(value)
        for name, value in schema.items()
    }
