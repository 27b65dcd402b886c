"""Requests that are sent again after a lost answer: with an `Idempotency-Key`, the first answer is repeated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
from flask import Response, request
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from repository.api.answers import json_answer
from repository.api.context import instance, who
from repository.errors import InvalidInput
from repository.storage.models import Answer

KEPT = timedelta(hours=24)


def once(act: Callable[[], Response]) -> Response:
    """The answer of `act`, or the one that this account's key had before. Errors are not kept."""
    key = request.headers.get("Idempotency-Key", "")
    signed_in = who()
    if not key or signed_in is None:
        return act()
    if len(key) > 255:
        raise InvalidInput("An Idempotency-Key may have 255 characters.")
    route = f"{request.method} {request.path}"
    kept = _kept(signed_in.id, key, route)
    if kept is not None:
        return kept
    response = act()
    if response.status_code < 300:
        _keep(signed_in.id, key, route, response)
    return response


def _kept(account: int, key: str, route: str) -> Response | None:
    with instance().database.read() as connection:
        row = connection.execute(
            select(Answer.route, Answer.status, Answer.body, Answer.created).where(
                Answer.account_id == account, Answer.key == key
            )
        ).one_or_none()
    if row is None or row.created < datetime.now(UTC) - KEPT:
        return None
    if row.route != route:
        raise InvalidInput(f"This Idempotency-Key was used for {row.route}.")
    return json_answer(row.body, row.status, revision=row.body.get("revision_id"))


def _keep(account: int, key: str, route: str, response: Response) -> None:
    now = datetime.now(UTC)
    row = {
        "account_id": account,
        "key": key,
        "route": route,
        "status": response.status_code,
        "body": orjson.loads(response.get_data()),
        "created": now,
    }
    try:
        with instance().database.write() as connection:
            connection.execute(delete(Answer).where(Answer.created < now - KEPT))
            connection.execute(insert(Answer).values(**row))
    except IntegrityError:  # the same request, twice at once: the first answer stays
        return
