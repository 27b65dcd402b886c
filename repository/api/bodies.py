"""What a client sends, read and checked as far as every route needs it: JSON, `If-Match`, numbers in the query."""

import re
from typing import Any

import orjson
from flask import request
from werkzeug.exceptions import ClientDisconnected

from repository.api.context import instance
from repository.errors import INVALID, FieldError, InvalidInput, RevisionMismatch, TooLarge, WrongMediaType
from repository.records.snapshot import Json
from repository.records.text import has_surrogates

DEEPEST = 100
"""Levels of lists and objects that a JSON body may have."""
WINDOW = 10_000
"""So many hits can be reached by page and size."""
LARGEST_PAGE = 1000
NOT_JSON = "Unable to decode JSON data in request body."


def json_body() -> Any:
    """The body of the request. No body is `{}`. Raises WrongMediaType, TooLarge, InvalidInput."""
    media_type = request.mimetype
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise WrongMediaType(f"The request body is read as application/json only; this one is {media_type}.")
    data = received()
    if not data.strip():
        return {}
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(NOT_JSON) from error
    if data.count(b"[") + data.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise InvalidInput(f"The JSON is nested more than {DEEPEST} levels deep.")
    if b"\\u" in data and has_surrogates(body):
        raise InvalidInput("The JSON has a lone surrogate, which is no character.")
    return body


def received() -> bytes:
    """The whole body, as far as JSON may be long. Raises TooLarge unread where its length says so; InvalidInput."""
    limit = request.max_content_length = instance().settings.api_max_json
    if (request.content_length or 0) > limit:
        raise TooLarge(f"A JSON body may have {limit} bytes.")
    try:
        data = request.get_data(cache=True)
    except ClientDisconnected as error:
        raise InvalidInput(f"The body was cut off before its {request.content_length} bytes had arrived.") from error
    if request.content_length is not None and len(data) < request.content_length:
        raise InvalidInput(f"The body was cut off: {len(data)} of {request.content_length} bytes arrived.")
    return data


def json_object() -> Json:
    """The body, which has to be an object. Raises as `json_body` does."""
    body = json_body()
    if not isinstance(body, dict):
        raise InvalidInput(INVALID, [FieldError("_schema", ("The body must be a JSON object.",))])
    return body


def is_whole(value: Any) -> bool:
    """A whole number; in JSON 5.0 is one. Specified by: JSON Schema, draft 2020-12, Validation 6.1.1 (integer)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1


def _depth(body: Any) -> int:
    deepest, level = 0, [body]
    while level and deepest <= DEEPEST:
        deepest += any(isinstance(value, dict | list) for value in level)
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
            if isinstance(inner, dict | list)
        ]
    return deepest


def if_match() -> int | None:
    """The revision that the client has seen; None for none and for `*`. `3`, `"3"` and `W/"3"` are the same."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    tag = header.removeprefix("W/").strip('"')
    if not re.fullmatch(r"[0-9]{1,9}", tag):
        raise RevisionMismatch(f"If-Match: {header[:100]} is not a revision of this resource.")
    return int(tag)


def page_and_size(default_size: int = 25) -> tuple[int, int]:
    """Page (from 1) and size of the query. Raises InvalidInput, also beyond the window."""
    page, size = positive("page", 1), positive("size", default_size)
    if size > LARGEST_PAGE:
        raise InvalidInput(INVALID, [FieldError("size", (f"Must be at most {LARGEST_PAGE}.",))])
    if (page - 1) * size >= WINDOW:
        raise InvalidInput("Invalid pagination parameters.")
    return page, size


def positive(name: str, default: int) -> int:
    """A whole number of the query, from 1. Raises InvalidInput."""
    text = request.args.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError as error:
        raise InvalidInput(INVALID, [FieldError(name, ("Not a valid integer.",))]) from error
    if not 1 <= number < 10**9:
        raise InvalidInput(INVALID, [FieldError(name, ("Must be greater than or equal to 1.",))])
    return number


def sort_order(allowed: tuple[str, ...], default: str) -> str:
    """The sort of the query, one of those allowed. Raises InvalidInput."""
    sort = request.args.get("sort") or default
    if sort not in allowed:
        message = f"Invalid sort option '{sort}'. There is: {', '.join(allowed)}."
        raise InvalidInput(INVALID, [FieldError("_schema", (message,))])
    return sort


def truth(name: str) -> bool:
    """A yes-or-no parameter of the query."""
    return request.args.get(name, "").lower() in ("1", "true", "yes")
