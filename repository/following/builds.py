"""The history of a reader's builds: what somebody asks for, and what its leader says of it.

Kept of readers that count what they write, see `projection.Counting`. A build that waits serves everybody who asks
for the same: they get its id. One that is asked for while another runs is made after it, as what runs may have passed
the record by that somebody cares about.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from repository.errors import Conflict, NotFound
from repository.following import requests
from repository.following.clock import moment
from repository.storage.database import Database
from repository.storage.models import BuildRow, ProjectionRequest

Kind = Literal["full", "changed", "rules"]
"""All in a new generation; what the log has by then; all by new rules, which the reader does by itself."""
State = Literal["waiting", "running", "done", "failed", "cancelled"]
Asked = Literal["full", "changed"]
"""What people can ask for."""
_ACTIONS: dict[Asked, requests.Action] = {"full": "rebuild", "changed": "rules"}
KEPT = 200
"""Builds of a reader."""
_LINES = 100
"""Of the log of a build, the last."""
_LONGEST = 500
"""Characters of a line."""
UNKNOWN = "There is no such build."


class Line(NamedTuple):
    at: str
    """ISO 8601, UTC."""
    text: str


@dataclass(frozen=True, slots=True)
class Build:
    id: int
    kind: Kind
    state: State
    asked_by: str
    """Account id; empty where the command line or the reader itself has asked."""
    request: int | None
    is_given_up: bool
    """Somebody wants it cancelled, which the leader has not done yet, or came too late to do."""
    position: int
    done: int
    """Records passed, of `total`."""
    total: int
    files: int
    """Written, and their bytes."""
    octets: int
    log: tuple[Line, ...]
    created: datetime
    started: datetime | None
    ended: datetime | None

    @property
    def seconds(self) -> float | None:
        """That it took; None unless it has begun and is over."""
        return (self.ended - self.started).total_seconds() if self.started and self.ended else None

    @property
    def can_be_cancelled(self) -> bool:
        """What a reader does by itself it would begin again."""
        return self.state == "waiting" or (self.state == "running" and self.kind == "full" and self.request is not None)


_COLUMNS = [getattr(BuildRow, name) for name in Build.__dataclass_fields__]
_ZERO = {"position": 0, "done": 0, "total": 0, "files": 0, "octets": 0}
_NEW = {**_ZERO, "is_given_up": False, "log": []}


def ask(database: Database, projection: str, kind: Asked, asked_by: str = "") -> Build:
    """Leaves a request for the leader; of one like it that waits already there is no second."""
    with database.write() as connection:
        request = requests.leave(connection, projection, _ACTIONS[kind])
        found = connection.execute(
            select(BuildRow.id).where(BuildRow.request == request, BuildRow.kind == kind, BuildRow.state == "waiting")
        ).scalar()
        return _one(connection, projection, found or _add(connection, projection, kind, "waiting", asked_by, request))


def history(database: Database, projection: str, offset: int = 0, size: int = KEPT) -> tuple[int, list[Build]]:
    """How many builds are known, and some of them, the newest first."""
    own = BuildRow.projection == projection
    with database.read() as connection:
        total = connection.execute(select(func.count()).select_from(BuildRow).where(own)).scalar_one()
        query = select(*_COLUMNS).where(own).order_by(BuildRow.id.desc()).offset(offset).limit(size)
        return total, [_build(row) for row in connection.execute(query)]


def build(database: Database, projection: str, build_id: int) -> Build:
    """Raises NotFound."""
    with database.read() as connection:
        return _one(connection, projection, build_id)


def cancel(database: Database, projection: str, build_id: int) -> Build:
    """One that waits is cancelled at once, one that runs between two pages of records. Raises NotFound; Conflict where
    it is over, or would begin again by itself."""
    with database.write() as connection:
        found = _one(connection, projection, build_id)
        if not found.can_be_cancelled:
            raise Conflict(f"The build is {found.state}." if found.ended else "This build can't be cancelled.")
        row = update(BuildRow).where(BuildRow.id == build_id)
        waited = connection.execute(
            row.where(BuildRow.state == "waiting").values(state="cancelled", ended=moment(connection))
        )
        if waited.rowcount:
            requests.withdraw(connection, found.request)
        else:
            connection.execute(row.values(is_given_up=True))
        return _one(connection, projection, build_id)


# What the leader does, in its own transactions


def begin(connection: Connection, projection: str, kind: Kind, asked: Collection[int], total: int) -> list[int]:
    """Builds that these requests wait for run from now on; where none does, one that the reader makes by itself.
    Returns their ids."""
    ids = _waiting(connection, asked, kind)
    if not ids and kind != "changed":
        ids = [_add(connection, projection, kind, "waiting", "", min(asked, default=None))]
    values: dict[str, Any] = {"state": "running", "started": moment(connection), **_ZERO, "total": total}
    connection.execute(update(BuildRow).where(BuildRow.id.in_(ids)).values(**values))
    return ids


def note(connection: Connection, ids: Sequence[int], said: Sequence[Line], **values: Any) -> bool:
    """Whether somebody wants one of them cancelled."""
    rows = connection.execute(select(BuildRow.id, BuildRow.log, BuildRow.is_given_up).where(BuildRow.id.in_(ids))).all()
    for row in rows:
        log = [*row.log, *(list(one) for one in said)][-_LINES:]
        connection.execute(update(BuildRow).where(BuildRow.id == row.id).values(log=log, **values))
    return any(row.is_given_up for row in rows)


def end(connection: Connection, ids: Sequence[int], state: State, said: Sequence[Line], **values: Any) -> None:
    note(connection, ids, said, state=state, ended=moment(connection), **values)


def settle(connection: Connection, asked: Collection[int], state: State) -> None:
    """Ends what waits for requests that were finished without it."""
    end(connection, _waiting(connection, asked), state, ())


def leave_off(connection: Connection, projection: str) -> None:
    """Of builds whose leader has ended: those that somebody waits for will be begun again, the others have failed.
    What another version's leader has done for a request is over."""
    rows = connection.execute(
        select(BuildRow.id, BuildRow.state, BuildRow.kind, ProjectionRequest.status)
        .outerjoin(ProjectionRequest, ProjectionRequest.id == BuildRow.request)
        .where(BuildRow.projection == projection, BuildRow.state.in_(("waiting", "running")))
    ).all()
    for row in rows:
        is_open = row.status in requests.OPEN
        if row.state == "running" and is_open:
            note(connection, [row.id], [line("The process that built has ended; it begins again.")], state="waiting")
        elif not is_open:
            state: State = "done" if row.status == "done" and row.state == "waiting" else "failed"
            end(connection, [row.id], state, [line("The process that built has ended.")])


def line(text: str) -> Line:
    return Line(datetime.now(UTC).isoformat(timespec="seconds"), text[:_LONGEST])


def _waiting(connection: Connection, asked: Collection[int], kind: Kind | None = None) -> list[int]:
    query = select(BuildRow.id).where(BuildRow.request.in_(asked), BuildRow.state == "waiting")
    return list(connection.execute(query if kind is None else query.where(BuildRow.kind == kind)).scalars())


def _add(connection: Connection, projection: str, kind: Kind, state: State, asked_by: str, request: int | None) -> int:
    """Also forgets the oldest."""
    values = {"projection": projection, "kind": kind, "state": state, "asked_by": asked_by, "request": request}
    made = insert(BuildRow).values(**_NEW, **values, created=moment(connection)).returning(BuildRow.id)
    added = connection.execute(made).scalar_one()
    kept = select(BuildRow.id).where(BuildRow.projection == projection).order_by(BuildRow.id.desc()).limit(KEPT)
    over = BuildRow.state.not_in(("waiting", "running"))
    connection.execute(delete(BuildRow).where(BuildRow.projection == projection, over, BuildRow.id.not_in(kept)))
    return added


def _one(connection: Connection, projection: str, build_id: int) -> Build:
    query = select(*_COLUMNS).where(BuildRow.id == build_id, BuildRow.projection == projection)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(UNKNOWN)
    return _build(row)


def _build(row: Any) -> Build:
    return Build(**{**row._mapping, "log": tuple(Line(*said) for said in row.log)})
