"""The clock of OAI-PMH: one row that says up to which moment every item is visible.

Whoever writes items locks the row, stamps them with max(row, now), and commits row and items together. A response reads
the row before the items and dates itself by it, so that no item can appear later with an earlier stamp. A request that
finds the row more than a second old tries to advance it, and goes on with the old value if a writer holds it.
Specified by: OAI-PMH 2.0, 2.7.1 Selective harvesting and datestamps.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select, text, update

from repository.errors import StoreFull
from repository.storage.database import SQLITE_WAIT, Database
from repository.storage.hot import Hot
from repository.storage.models import OaiClock

Now = Callable[[], float]
"""Seconds since 1970."""

FRESH = 1
"""Seconds for which a value of the row is good enough."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The clock's row: the last stamp and sequence given out, and the generation of renderings to read."""

    stamp: int
    sequence: int
    generation: str


_ROW = select(OaiClock.stamp, OaiClock.sequence, OaiClock.generation)
_LOCKED_ROW = _ROW.with_for_update()
_HOT_ROW = Hot(_ROW)
_SET = update(OaiClock).where(OaiClock.id == 1)

_ADVANCE_POSTGRESQL = text(
    "UPDATE oai_clock SET stamp = :stamp WHERE stamp < :stamp"
    " AND id = (SELECT id FROM oai_clock WHERE id = 1 FOR UPDATE SKIP LOCKED)"
)
_ADVANCE_SQLITE = "UPDATE oai_clock SET stamp = ?1 WHERE stamp < ?1"


@contextlib.contextmanager
def reading(database: Database, now: Now = time.time) -> Iterator[tuple[Connection, Moment]]:
    """One consistent view of the items, and the moment for which it is complete."""
    with database.snapshot() as connection:  # else a generation could be dropped between two statements
        moment = read(connection)
        if now() - moment.stamp <= FRESH:
            yield connection, moment
            return
    advance(database, int(now()))
    with database.snapshot() as connection:
        yield connection, read(connection)


def advance(database: Database, stamp: int) -> None:
    """Moves the clock forward, unless somebody holds its lock or it can't be written: no harvest waits for that."""
    if database.is_sqlite:
        _advance_sqlite(database, stamp)
    else:
        with contextlib.suppress(StoreFull), database.write() as connection:
            connection.execute(_ADVANCE_POSTGRESQL, {"stamp": stamp})


def lock(connection: Connection) -> Moment:
    """Locks the row until the transaction ends; on SQLite a write transaction has locked everything already."""
    return Moment(*connection.execute(_LOCKED_ROW).one())


def move(connection: Connection, moment: Moment) -> None:
    """Writes the row that `lock` has locked."""
    connection.execute(
        _SET.values(stamp=moment.stamp, sequence=moment.sequence, generation=moment.generation),
    )


def after(moment: Moment, now: Now) -> Moment:
    """The row once items have this stamp. Lists end a second before the row; where the machine's clock has been set
    back, the row would stand still until that has caught up, and nobody would see them: it goes on by itself."""
    return replace(moment, stamp=moment.stamp + 1) if now() < moment.stamp - FRESH else moment


def read(connection: Connection) -> Moment:
    ((stamp, sequence, generation),) = _HOT_ROW.rows(connection, {})
    return Moment(stamp, sequence, generation)


def _advance_sqlite(database: Database, stamp: int) -> None:
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=0")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute(_ADVANCE_SQLITE, (stamp,))
            cursor.execute("COMMIT")
        except sqlite3.OperationalError:  # locked, or the disk is full: the old value is right as well
            if connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                cursor.execute("ROLLBACK")
        finally:
            cursor.execute(f"PRAGMA busy_timeout={SQLITE_WAIT * 1000}")
    finally:
        connection.close()
