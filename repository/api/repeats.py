"""Requests that are sent again after a lost answer: with an `Idempotency-Key`, the first answer is repeated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from repository.api.answers import json_answer
from repository.api.bodies import received
from repository.api.context import instance, who
from repository.errors import Conflict, InvalidInput
from repository.records.snapshot import digest
from repository.storage.models import Answer

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
UNANSWERED = 0
"""Status of a key whose request is being worked on."""
GIVEN_UP = timedelta(minutes=2)
"""A request that has not been answered for so long has died with its process: its key is free again."""


def once(act: Callable[[], Response]) -> Response:
    """The answer of `act`, or the one that this account's key had before. Errors are not kept."""
    key = request.headers.get(HEADER, "")
    signed_in = who()
    if not key or signed_in is None:
        return act()
    if len(key) > 255:
        raise InvalidInput("An Idempotency-Key may have 255 characters.")
    route = f"{request.method} {request.path} {digest(received())}"
    kept = _claim(signed_in.id, key, route)
    if kept is not None:
        return kept
    mine = (Answer.account_id == signed_in.id, Answer.key == key)
    try:
        response = act()
    except BaseException:
        with instance().database.write() as connection:
            connection.execute(delete(Answer).where(*mine))
        raise
    with instance().database.write() as connection:
        body = orjson.loads(response.get_data())
        connection.execute(update(Answer).where(*mine).values(status=response.status_code, body=body))
    return response


def _claim(account: int, key: str, route: str) -> Response | None:
    """Takes the key for this request, or returns the answer that it has. Raises Conflict, InvalidInput."""
    now = datetime.now(UTC)
    row: dict[str, Any] = {"account_id": account, "key": key, "route": route, "status": UNANSWERED, "body": {}}
    given_up = (Answer.status == UNANSWERED) & (Answer.created < now - GIVEN_UP)
    try:
        with instance().database.write() as connection:
            connection.execute(delete(Answer).where((Answer.created < now - KEPT) | given_up))
            connection.execute(insert(Answer).values(**row, created=now))
    except IntegrityError:
        return _kept(account, key, route)
    return None


def _kept(account: int, key: str, route: str) -> Response:
    with instance().database.read() as connection:
        row = connection.execute(
            select(Answer.route, Answer.status, Answer.body).where(Answer.account_id == account, Answer.key == key)
        ).one_or_none()
    if row is None or row.status == UNANSWERED:
        raise Conflict("A request with this Idempotency-Key is being worked on; ask again in a moment.")
    if row.route != route:
        raise InvalidInput("This Idempotency-Key was used for another request.")
    return json_answer(row.body, row.status, revision=row.body.get("revision_id"))
