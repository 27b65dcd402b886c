"""The change log: one row a change, numbered by a counter so that no follower can skip one that commits late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from repository.records.snapshot import Snapshot, digest, dump, load
from repository.storage.models import ChangeRow, FileListRow, LogHead, RecordRow, SnapshotRow

Kind = Literal["published", "revised", "withdrawn", "restored", "erased"]


@dataclass(frozen=True)
class Change:
    """A record's whole published state as of one position of the log."""

    position: int
    record_id: str
    kind: Kind
    at: datetime
    body: bytes
    """The snapshot as it is stored."""

    @cached_property
    def snapshot(self) -> Snapshot:
        """Read when it is first asked for: who hands a change on to another process needs its bytes only."""
        return load(self.body)


def append(connection: Connection, changes: Sequence[tuple[Kind, Snapshot]]) -> int:
    """Appends changes and returns the position of the last. A record may occur once.

    The records' own rows are written before (`records.snapshot` names the state, see `named`): moving the counter and
    adding the rows are the last statements of the transaction, which holds the counter's lock until it commits.
    """
    bodies = [dump(snapshot) for _kind, snapshot in changes]
    digests = [digest(body) for body in bodies]
    _store(connection, SnapshotRow, dict(zip(digests, bodies, strict=True)))
    # every other writer now waits for our commit, so positions become visible in order
    advance = update(LogHead).where(LogHead.id == 1).values(position=LogHead.position + len(changes))
    position: int = connection.execute(advance.returning(LogHead.position)).scalar_one()
    first = position - len(changes) + 1
    connection.execute(
        insert(ChangeRow),
        [
            {"position": first + offset, "record_id": snapshot.id, "kind": kind, "snapshot": digests[offset]}
            for offset, (kind, snapshot) in enumerate(changes)
        ],
    )
    return position


def named(snapshot: Snapshot) -> str:
    """The digest by which a record's row names its state."""
    return digest(dump(snapshot))


_POINT_TO = update(RecordRow).where(RecordRow.id == bindparam("record")).values(snapshot=bindparam("named"))


def point(connection: Connection, snapshots: Sequence[Snapshot]) -> None:
    """Makes the rows of records name their new state, where nothing else of the row changes."""
    connection.execute(_POINT_TO, [{"record": state.id, "named": named(state)} for state in snapshots])


def store_file_list(connection: Connection, body: bytes) -> str:
    """Stores the list of files of a version once and returns its digest."""
    named = digest(body)
    _store(connection, FileListRow, {named: body})
    return named


def _store(connection: Connection, table: Any, bodies: dict[str, bytes]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(table).on_conflict_do_nothing(),
        [{"digest": named, "body": body} for named, body in sorted(bodies.items())],
    )


def head(connection: Connection) -> int:
    """Position of the last change; 0 in an empty log."""
    return connection.execute(select(LogHead.position)).scalar_one()


_COLUMNS = (ChangeRow.position, ChangeRow.record_id, ChangeRow.kind, ChangeRow.at, SnapshotRow.body)


def after(connection: Connection, position: int, limit: int) -> list[Change]:
    """The next changes behind a position, in order, at most `limit`; of a record changed twice only the last.

    The last change carries the whole state, so the earlier one of the same batch need not be applied.
    """
    rows = connection.execute(
        select(*_COLUMNS)
        .join(SnapshotRow, SnapshotRow.digest == ChangeRow.snapshot)
        .where(ChangeRow.position > position)
        .order_by(ChangeRow.position)
        .limit(limit)
    ).all()
    last = {row.record_id: row for row in rows}
    return _changes(row for row in rows if last[row.record_id] is row)


def states(connection: Connection, after_id: str, limit: int) -> list[Change]:
    """The last change of each record, by record id: what a rebuild reads, page by page."""
    page = select(RecordRow.id).where(RecordRow.id > after_id).order_by(RecordRow.id).limit(limit).subquery()
    last = (
        select(func.max(ChangeRow.position).label("position"))
        .join(page, page.c.id == ChangeRow.record_id)
        .group_by(ChangeRow.record_id)
        .subquery()
    )
    return _changes(
        connection.execute(
            select(*_COLUMNS)
            .join(last, last.c.position == ChangeRow.position)
            .join(SnapshotRow, SnapshotRow.digest == ChangeRow.snapshot)
            .order_by(ChangeRow.record_id)
        )
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the log the last change of a record is."""

    record_id: str
    position: int
    published: bool
    """Whether it is still there after it."""


def places(connection: Connection, after_id: str, limit: int) -> list[Place]:
    """Of the next records by id."""
    page = select(RecordRow.id).where(RecordRow.id > after_id).order_by(RecordRow.id).limit(limit).subquery()
    rows = connection.execute(
        select(RecordRow.id, func.max(ChangeRow.position), RecordRow.state)
        .join(page, page.c.id == RecordRow.id)
        .join(ChangeRow, ChangeRow.record_id == RecordRow.id)
        .group_by(RecordRow.id, RecordRow.state)
        .order_by(RecordRow.id)
    )
    return [Place(record_id, position, state == "published") for record_id, position, state in rows]


def state(connection: Connection, record_id: str) -> Change | None:
    """The last change of one record."""
    return next(
        iter(
            _changes(
                connection.execute(
                    select(*_COLUMNS)
                    .join(SnapshotRow, SnapshotRow.digest == ChangeRow.snapshot)
                    .where(ChangeRow.record_id == record_id)
                    .order_by(ChangeRow.position.desc())
                    .limit(1)
                )
            )
        ),
        None,
    )


def count(connection: Connection) -> int:
    """Number of records that have ever been published."""
    return connection.execute(select(func.count()).select_from(RecordRow)).scalar_one()


def _changes(rows: Iterable[Any]) -> list[Change]:
    return [Change(row.position, row.record_id, row.kind, row.at, row.body) for row in rows]
