"""The database: one engine, the two ways to use it (a reading, a short write transaction), and its column types."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    ExceptionContext,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

from repository.errors import StoreFull, Unreachable

SQLITE_WAIT = 30
"""Seconds that a writer waits for another one."""
SILENCE = 10
"""Seconds after which PostgreSQL rolls a write transaction back that says nothing: of a process that was halted, or of
a machine that was lost, and which would hold its locks for ever."""


_AT_ONCE = 5_000
"""Values of one `IN`."""


class Database:
    """SQLite (WAL, synchronous=FULL) or PostgreSQL (READ COMMITTED) behind one interface."""

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_pre_ping": True, "pool_size": 20}
        # Values stay out of error messages, and so out of logs: among them are hashes, addresses, closed metadata.
        self.engine = create_engine(self.url, hide_parameters=True, **options)
        event.listen(self.engine, "handle_error", _hide_values)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "begin", _begin_postgresql)
        self._writing = self.engine.execution_options(writes=True)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view on SQLite, committed rows on PostgreSQL. Nothing may be written."""
        with _reachable(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """As `read`, and all statements see one moment: so it is on SQLite, and PostgreSQL must be asked for it."""
        with self.read() as connection:
            yield connection if self.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block, rolled back by any exception.

        On SQLite it is BEGIN IMMEDIATE: it waits for other writers first, so that nothing read in it is stale. Parse,
        validate, hash and write files before it: PostgreSQL takes a pause of SILENCE for the end of the process.
        """
        with _reachable(), self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


_Value = TypeVar("_Value")


def in_parts(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """For the values of an `IN`, which both databases limit: one statement for each part."""
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _hide_values(context: ExceptionContext) -> None:
    """PostgreSQL adds lines to its messages (DETAIL, CONTEXT) that tell the values of rows and parameters."""
    told, _, rest = str(context.original_exception).partition("\n")
    if rest and context.statement and isinstance(context.sqlalchemy_exception, DBAPIError):
        context.original_exception.args = (told,)
        kind = type(context.original_exception)
        context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {told}",)


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={SQLITE_WAIT * 1000}",
        "page_size=8192",  # of a new file; before WAL, which settles it
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-16000",
        "wal_autocheckpoint=4000",
        "temp_store=MEMORY",
        "mmap_size=2147418112",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # touches nothing, so it has no errors that the engine would have to translate, which takes ten times as long
        driver: Any = connection.connection.dbapi_connection
        driver.execute("BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{SILENCE}s'")


@contextlib.contextmanager
def _reachable() -> Iterator[None]:
    """Tells a full disk and a lost server from errors of our own."""
    try:
        yield
    except DBAPIError as error:
        text = str(error.orig)
        if "disk is full" in text or "No space left" in text or "could not extend file" in text:
            raise StoreFull("The database has no more space.") from error
        if error.connection_invalidated or isinstance(error, InterfaceError):
            raise Unreachable(f"The database does not answer: {text}") from error
        lost = ("connect", "failed to resolve host", "unable to open database")
        if isinstance(error, OperationalError) and any(sign in text for sign in lost):
            raise Unreachable(f"The database does not answer: {text}") from error
        raise


class Base(DeclarativeBase):
    """Root of all tables; constraints have names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Document(TypeDecorator[Any]):
    """A JSON document, kept as text: read by nobody but us, and readable in any SQL shell."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Moment(TypeDecorator[datetime]):
    """A point in time, always aware and in UTC; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Octets = LargeBinary
