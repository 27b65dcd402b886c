"""Reads the log in portions that fit in memory, whatever the size of the records."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from repository.following.pace import Pace
from repository.storage import changes
from repository.storage.changes import Change
from repository.storage.models import ChangeRow, RecordRow, SnapshotRow


@dataclass(frozen=True, slots=True)
class Page:
    """Last changes of consecutive records; `last_id` is where the next page goes on, `records` how many were passed."""

    changes: list[Change]
    last_id: str
    records: int


def next_changes(connection: Connection, position: int, pace: Pace) -> tuple[list[Change], bool]:
    """The next changes behind a position, of each record the last, and whether there may be more at once."""
    sizes = (
        connection.execute(
            select(func.length(SnapshotRow.body))
            .join(ChangeRow, ChangeRow.snapshot == SnapshotRow.digest)
            .where(ChangeRow.position > position)
            .order_by(ChangeRow.position)
            .limit(pace.batch)
        )
        .scalars()
        .all()
    )
    number = _fitting(sizes, pace.octets)
    batch = changes.after(connection, position, number) if number else []
    return batch, number == pace.batch or number < len(sizes)


def next_page(connection: Connection, after_id: str, pace: Pace) -> Page | None:
    """The last changes of the next records by id; None behind the last record."""
    rows = connection.execute(
        select(RecordRow.id, func.coalesce(func.length(SnapshotRow.body), 0).label("size"))
        .outerjoin(SnapshotRow, SnapshotRow.digest == RecordRow.snapshot)
        .where(RecordRow.id > after_id)
        .order_by(RecordRow.id)
        .limit(pace.page)
    ).all()
    if not rows:
        return None
    number = _fitting([row.size for row in rows], pace.octets)
    return Page(changes.states(connection, after_id, number), rows[number - 1].id, number)


def _fitting(sizes: Iterable[int], octets: int) -> int:
    """How many of the first fit together; at least one, if there is any."""
    total = number = 0
    for size in sizes:
        total += size
        if number and total > octets:
            break
        number += 1
    return number
