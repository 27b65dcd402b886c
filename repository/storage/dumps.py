"""Rows of tables in a form that no database has for itself: one JSON list a row, one file a table.

Bytes are base64, moments and days ISO 8601, documents JSON. What readers make again, and what only lives for a day, is
left out. Stamps, sequences and lists of OAI-PMH are kept: harvesters rely on them.
"""

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Date, LargeBinary, Table, func, insert, select, text

from repository.storage.database import Base, Moment
from repository.storage.models import (
    Answer,
    BuildRow,
    Checkpoint,
    InstanceRow,
    OaiLayer,
    OaiRendering,
    ParkedChange,
    ProjectionRequest,
    Session,
)

_READERS = (BuildRow, Checkpoint, OaiLayer, OaiRendering, ParkedChange, ProjectionRequest)
_LEFT_OUT = {model.__tablename__ for model in (Answer, InstanceRow, Session, *_READERS)}
TABLES: tuple[Table, ...] = tuple(table for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT)
"""All tables that are kept; each comes after those that it refers to."""
_AT_ONCE = 1000
Row = dict[str, Any]
"""Values by column."""


@dataclass(frozen=True, slots=True)
class Dump:
    """One table in a file. `sha256` is that of the file."""

    rows: int
    columns: tuple[str, ...]
    sha256: str


def write(connection: Connection, table: Table, path: Path, only: ColumnElement[bool] | None = None) -> Dump:
    """Writes all rows, or those for which `only` holds, in the order of their key; durable when it returns."""
    digest, rows = hashlib.sha256(), 0
    statement = select(table).order_by(*table.primary_key.columns)
    if only is not None:
        statement = statement.where(only)
    with path.open("wb") as file:
        for row in connection.execute(statement.execution_options(yield_per=_AT_ONCE)):
            line = orjson.dumps(tuple(row), default=_encode, option=orjson.OPT_APPEND_NEWLINE)
            digest.update(line)
            file.write(line)
            rows += 1
        file.flush()
        os.fsync(file.fileno())
    return Dump(rows, tuple(table.columns.keys()), digest.hexdigest())


def _encode(value: Any) -> str:
    if not isinstance(value, bytes | memoryview):
        raise TypeError(f"no column has a value such as {type(value).__name__}")
    return b64encode(value).decode()


def is_intact(path: Path, dump: Dump) -> bool:
    """Whether the file is there and is what was written."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == dump.sha256


def read(table: Table, path: Path, columns: Sequence[str]) -> Iterator[Row]:
    decode = {name: _decoder(table, name) for name in columns}
    with path.open("rb") as file:
        for line in file:
            values = zip(columns, orjson.loads(line), strict=True)
            yield {name: None if value is None else decode[name](value) for name, value in values}


def _decoder(table: Table, name: str) -> Callable[[Any], Any]:
    kind = table.columns[name].type
    if isinstance(kind, LargeBinary):
        return b64decode
    if isinstance(kind, Moment):
        return datetime.fromisoformat
    return date.fromisoformat if isinstance(kind, Date) else lambda value: value


def clear(connection: Connection, *, lease: str) -> None:
    """Deletes all rows of all tables, those that are left out too; but the instance keeps its name, and who clears it
    the lease of this name, which can be renewed meanwhile."""
    for table in reversed(Base.metadata.sorted_tables):
        if table.name == InstanceRow.__tablename__:
            continue
        others = (Checkpoint.projection != lease,) if table.name == Checkpoint.__tablename__ else ()
        connection.execute(table.delete().where(*others))


def insert_rows(connection: Connection, table: Table, rows: Iterator[Row]) -> None:
    """Inserts rows with the keys that they have; the next key that the database gives out is a higher one."""
    while batch := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(table), batch)
    key = table.autoincrement_column
    if key is not None and connection.dialect.name == "postgresql":
        serial = func.pg_get_serial_sequence(table.name, key.name)
        if connection.execute(select(serial)).scalar() is not None:
            highest = func.coalesce(func.max(key), 0) + 1
            connection.execute(select(func.setval(serial, highest, text("false"))).select_from(table))
