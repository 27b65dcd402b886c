"""How far each reader is, for people and for monitoring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from repository.following.clock import moment
from repository.following.lease import TASK, lives
from repository.storage.database import Database
from repository.storage.models import ChangeRow, Checkpoint, LogHead, ParkedChange


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    name: str
    position: int
    head: int
    lag: int
    """Positions that are not yet read."""
    lag_seconds: float
    """Since the oldest change that is not yet read; 0 if there is none."""
    generation: str
    building: str
    """The generation that a rebuild makes beside the current one; empty also while all records are passed in place."""
    building_done: int
    building_total: int
    """Records of a rebuild or of a pass over all records; 0 when there is none."""
    leader: str
    """Host and process; empty when nobody leads."""
    parked: int
    updated: datetime | None
    """Of the last checkpoint, or of the lease; None for a reader that has never run."""


def status(database: Database, names: Sequence[str] = ()) -> tuple[ReaderStatus, ...]:
    """Every reader that has a checkpoint, and those of `names` that have never run, by name."""
    with database.read() as connection:
        now, head, first = connection.execute(_log(connection)).one()
        found = {row.name: _status(row, head, now) for row in connection.execute(_readers(connection))}
    lag_seconds = (now - first).total_seconds() if first else 0.0
    for name in names:
        if name not in found:
            found[name] = ReaderStatus(name, 0, head, head, max(lag_seconds, 0.0), "", "", 0, 0, "", 0, None)
    return tuple(found[name] for name in sorted(found))


def _log(connection: Connection) -> Any:
    first = select(ChangeRow.at).order_by(ChangeRow.position).limit(1).scalar_subquery()
    return select(moment(connection), LogHead.position, first)


def _readers(connection: Connection) -> Any:
    parked = (
        select(func.count())
        .where(ParkedChange.projection == Checkpoint.projection)
        .correlate(Checkpoint)
        .scalar_subquery()
    )
    unread = (
        select(ChangeRow.at)
        .where(ChangeRow.position > Checkpoint.position)
        .order_by(ChangeRow.position)
        .limit(1)
        .correlate(Checkpoint)
        .scalar_subquery()
    )
    return select(
        Checkpoint.projection.label("name"),
        Checkpoint.position,
        Checkpoint.generation,
        Checkpoint.building,
        Checkpoint.building_done,
        Checkpoint.building_total,
        Checkpoint.updated,
        case((lives(connection), Checkpoint.holder), else_="").label("leader"),
        parked.label("parked"),
        unread.label("unread"),
    ).where(~Checkpoint.projection.startswith(TASK))


def _status(row: Any, head: int, now: datetime) -> ReaderStatus:
    return ReaderStatus(
        name=row.name,
        position=row.position,
        head=head,
        lag=max(head - row.position, 0),
        lag_seconds=max((now - row.unread).total_seconds(), 0.0) if row.unread else 0.0,
        generation=row.generation,
        building=row.building,
        building_done=row.building_done,
        building_total=max(row.building_total, row.building_done),
        leader=row.leader,
        parked=row.parked,
        updated=row.updated,
    )
