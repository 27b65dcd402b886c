"""What people ask of a reader, whichever process leads it: a rebuild, to try at once what is parked, or to
look at once whether its rules have changed."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import BindParameter, Connection, ScalarSelect, delete, insert, select, update

from repository.errors import NotFound
from repository.following.clock import moment
from repository.storage.database import Database
from repository.storage.models import ProjectionRequest

Action = Literal["rebuild", "retry", "rules"]

FINISHED = ("done", "failed")
OPEN = ("asked", "running")
_KEPT = 7 * 24 * 3600
"""Seconds for which finished requests can be looked at."""
_POLL = 0.2


@dataclass(frozen=True, slots=True)
class Request:
    id: int
    projection: str
    action: Action
    status: str
    """`asked`, `running`, `done`, `failed`."""
    message: str
    """How it ended."""
    created: datetime
    finished: datetime | None


_COLUMNS = [getattr(ProjectionRequest, name) for name in Request.__dataclass_fields__]


def ask(database: Database, projection: str, action: Action) -> int:
    """Leaves a request for the leader and returns its id; the same one as long as one like it waits to be begun."""
    with database.write() as connection:
        return leave(connection, projection, action)


def leave(connection: Connection, projection: str, action: Action) -> int:
    """As `ask`, in a transaction that changes something else as well."""
    waiting = connection.execute(
        select(ProjectionRequest.id).where(
            ProjectionRequest.projection == projection,
            ProjectionRequest.action == action,
            ProjectionRequest.status == "asked",
        )
    ).scalar()
    if waiting is not None:
        return waiting
    return connection.execute(
        insert(ProjectionRequest)
        .values(projection=projection, action=action, status="asked", message="", created=moment(connection))
        .returning(ProjectionRequest.id)
    ).scalar_one()


def request(database: Database, request_id: int) -> Request:
    """Raises NotFound."""
    with database.read() as connection:
        row = connection.execute(select(*_COLUMNS).where(ProjectionRequest.id == request_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no request {request_id}.")
    return Request(**row._mapping)


def wait(
    database: Database, request_id: int, stop: threading.Event | None = None, timeout: float | None = None
) -> Request:
    """Waits until a leader has finished the request, or until `stop` or `timeout` seconds: then it is as it is."""
    stop = stop or threading.Event()
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        found = request(database, request_id)
        if found.status in FINISHED or (end is not None and time.monotonic() > end) or stop.wait(_POLL):
            return found


def pending(connection: Connection, projection: str) -> list[Request]:
    """Not finished, oldest first; one that runs although its leader has died is among them."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(ProjectionRequest.projection == projection, ProjectionRequest.status.in_(OPEN))
        .order_by(ProjectionRequest.id)
    )
    return [Request(**row._mapping) for row in rows]


def any_pending(projection: str | BindParameter[str]) -> ScalarSelect[int]:
    """SQL for the id of a request that is not finished, null if there is none."""
    return (
        select(ProjectionRequest.id)
        .where(ProjectionRequest.projection == projection, ProjectionRequest.status.in_(OPEN))
        .limit(1)
        .scalar_subquery()
    )


def begin(connection: Connection, requests: Sequence[Request]) -> list[Request]:
    """Those of them that nobody has withdrawn meanwhile."""
    begun = connection.execute(
        update(ProjectionRequest)
        .where(ProjectionRequest.id.in_([one.id for one in requests]), ProjectionRequest.status.in_(OPEN))
        .values(status="running")
        .returning(ProjectionRequest.id)
    )
    ids = set(begun.scalars())
    return [one for one in requests if one.id in ids]


def withdraw(connection: Connection, request_id: int | None) -> None:
    """It is not wanted any more; unless it was begun already."""
    connection.execute(
        update(ProjectionRequest)
        .where(ProjectionRequest.id == request_id, ProjectionRequest.status == "asked")
        .values(status="failed", message="cancelled", finished=moment(connection))
    )


def finish(connection: Connection, requests: Sequence[Request], status: str, message: str) -> None:
    """Also forgets what was finished long ago."""
    connection.execute(
        update(ProjectionRequest)
        .where(ProjectionRequest.id.in_([one.id for one in requests]))
        .values(status=status, message=message, finished=moment(connection))
    )
    connection.execute(delete(ProjectionRequest).where(ProjectionRequest.finished < moment(connection, -_KEPT)))
