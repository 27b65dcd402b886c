"""Changes that a reader could not take: kept with their error, tried again with growing pauses, shown to operators."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from repository.following.clock import moment
from repository.following.pace import Pace
from repository.storage.changes import Change
from repository.storage.database import Database
from repository.storage.models import ParkedChange


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked change, for people."""

    record_id: str
    position: int
    error: str
    attempts: int
    since: datetime
    next_try: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that could not be taken, and why."""

    change: Change
    error: str


def park(connection: Connection, projection: str, refusal: Refusal, pace: Pace) -> None:
    """Parks a change in place of what is parked of its record; trying the same change again counts its attempts."""
    change = refusal.change
    mine = (ParkedChange.projection == projection, ParkedChange.record_id == change.record_id)
    before = connection.execute(
        select(ParkedChange.position, ParkedChange.attempts, ParkedChange.since).where(*mine)
    ).one_or_none()
    connection.execute(delete(ParkedChange).where(*mine))
    again = before is not None and before.position == change.position
    attempts = before.attempts + 1 if before is not None and again else 1
    pause = min(pace.first_retry * 2.0 ** min(attempts - 1, 60), pace.last_retry)
    connection.execute(
        insert(ParkedChange).values(
            projection=projection,
            record_id=change.record_id,
            position=change.position,
            error=refusal.error,
            attempts=attempts,
            since=before.since if before is not None and again else moment(connection),
            next_try=moment(connection, pause),
        )
    )


def unpark(connection: Connection, projection: str, record_ids: Iterable[str]) -> None:
    gone = sorted(record_ids)
    for start in range(0, len(gone), 500):
        connection.execute(
            delete(ParkedChange).where(
                ParkedChange.projection == projection, ParkedChange.record_id.in_(gone[start : start + 500])
            )
        )


def replace(
    connection: Connection, projection: str, refusals: Mapping[str, Refusal], parked: Collection[str], pace: Pace
) -> None:
    """Parks what a new generation lacks, and nothing else."""
    unpark(connection, projection, set(parked) - refusals.keys())
    for refusal in refusals.values():
        park(connection, projection, refusal, pace)


def record_ids(connection: Connection, projection: str) -> set[str]:
    return set(
        connection.execute(select(ParkedChange.record_id).where(ParkedChange.projection == projection)).scalars()
    )


def due(connection: Connection, projection: str, limit: int, pace: Pace) -> list[str]:
    """Records whose parked change is to be tried again, the longest overdue first; also where the next time is further
    away than any pause is long, as it was set while the clock was ahead."""
    over = ParkedChange.next_try <= moment(connection)
    wrong = ParkedChange.next_try > moment(connection, pace.last_retry)
    return list(
        connection.execute(
            select(ParkedChange.record_id)
            .where(ParkedChange.projection == projection, or_(over, wrong))
            .order_by(ParkedChange.next_try)
            .limit(limit)
        ).scalars()
    )


def parked(database: Database, projection: str, limit: int = 1000) -> tuple[Parked, ...]:
    """What a reader could not take, by record id."""
    columns = [getattr(ParkedChange, name) for name in Parked.__dataclass_fields__]
    with database.read() as connection:
        rows = connection.execute(
            select(*columns).where(ParkedChange.projection == projection).order_by(ParkedChange.record_id).limit(limit)
        )
        return tuple(Parked(**row._mapping) for row in rows)
