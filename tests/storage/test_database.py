"""Transactions, column types and migrations mean the same on SQLite and PostgreSQL."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
import structlog
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError

from repository.errors import Unreachable
from repository.storage import schema
from repository.storage.database import Base, Database
from repository.storage.models import Account, File, LogHead, ParentRow
from tests.conftest import row_count

CANARY = "canary@example.org"
MOMENT = datetime(2024, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)


def parent(number: int, **values: object) -> dict[str, object]:
    row = {"id": f"{number:05d}-00000", "owner_id": None, "access_settings": {}, "pids": {}, "created": MOMENT}
    return row | values


def test_the_migrations_make_what_the_models_say(any_database: Database) -> None:
    with any_database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_again_changes_nothing(any_database: Database) -> None:
    before = schema.revision(any_database)
    schema.upgrade(any_database)
    assert schema.revision(any_database) == before
    assert schema.is_current(any_database)
    with any_database.read() as connection:
        assert connection.execute(select(LogHead.position)).scalars().all() == [0]


def test_a_failed_block_writes_nothing(any_database: Database) -> None:
    def fail() -> None:
        with any_database.write() as connection:
            connection.execute(insert(ParentRow).values(**parent(1)))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert row_count(any_database, "parents") == 0


def test_documents_and_moments_come_back_as_they_were(any_database: Database) -> None:
    settings = {"text": "ž \u0000 “", "list": [1, None, True], "nested": {"a": 1.5}}
    created = MOMENT.astimezone(timezone(timedelta(hours=2)))
    with any_database.write() as connection:
        connection.execute(insert(ParentRow).values(**parent(1, access_settings=settings, created=created)))
    with any_database.read() as connection:
        row = connection.execute(select(ParentRow.access_settings, ParentRow.created)).one()
    assert row.access_settings == settings
    assert row.created == MOMENT
    assert row.created.tzinfo == UTC


def test_a_time_without_a_zone_is_refused(any_database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"), any_database.write() as connection:
        connection.execute(insert(ParentRow).values(**parent(1, created=datetime(2024, 1, 1))))  # noqa: DTZ001


def test_writers_wait_for_each_other(any_database: Database) -> None:
    def add(number: int) -> None:
        for step in range(10):
            with any_database.write() as connection:
                connection.execute(insert(ParentRow).values(**parent(number * 100 + step)))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert row_count(any_database, "parents") == 80


def test_a_reader_does_not_wait_for_a_writer(any_database: Database) -> None:
    with any_database.write() as connection:
        connection.execute(insert(ParentRow).values(**parent(1)))
        assert row_count(any_database, "parents") == 0
    assert row_count(any_database, "parents") == 1


def test_sqlite_is_durable(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_server_that_is_not_there_is_unreachable() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unreachable), database.read():
        pass
    database.close()


def twice(connection: Connection) -> None:
    """PostgreSQL tells the key that is there already."""
    for _ in range(2):
        row = {"email": CANARY, "name": CANARY, "password": CANARY, "admin": False, "active": True, "created": MOMENT}
        connection.execute(insert(Account).values(**row))


def without_blob(connection: Connection) -> None:
    """PostgreSQL tells the key that is missing."""
    names = ("record_id", "key", "id", "status", "blob", "mimetype")
    row = {**dict.fromkeys(names, CANARY[:11]), "announced": {CANARY: CANARY}, "file_metadata": {}, "hidden": False}
    connection.execute(insert(File).values(**row, created=MOMENT, updated=MOMENT))


def without_name(connection: Connection) -> None:
    """PostgreSQL tells the whole row."""
    sql = text("INSERT INTO accounts (email, admin, active) VALUES (:email, :off, :off)")
    connection.execute(sql, {"email": CANARY, "off": False})


def without_table(connection: Connection) -> None:
    connection.execute(text("INSERT INTO nothing (a) VALUES (:a)"), [{"a": CANARY}, {"a": CANARY}])


@pytest.mark.parametrize("act", [twice, without_blob, without_name, without_table])
def test_no_error_tells_values(any_database: Database, act: Callable[[Connection], None]) -> None:
    """Neither message nor what a log would write of it; the statement is told, and which kind of error it was."""
    with pytest.raises(DBAPIError) as failed, any_database.write() as connection:
        act(connection)
    logged = structlog.processors.format_exc_info(None, "error", {"exc_info": failed.value})
    assert "INSERT INTO" in str(logged["exception"])
    assert type(failed.value.orig).__name__ in str(logged["exception"])
    for text_ in (str(failed.value), repr(failed.value), str(failed.value.orig), str(logged)):
        assert CANARY[:11] not in text_


def test_an_unreachable_server_is_told_with_its_reason_and_without_its_password() -> None:
    database = Database("postgresql+psycopg://nobody:sesame@127.0.0.1:1/none")
    with pytest.raises(Unreachable, match=r"(?s)127\.0\.0\.1.*refused") as failed, database.read():
        pass
    database.close()
    logged = structlog.processors.format_exc_info(None, "error", {"exc_info": failed.value})
    assert "sesame" not in str(logged)
    database = Database("postgresql+psycopg://nobody@nowhere.invalid/none")
    with pytest.raises(Unreachable, match="nowhere"), database.read():
        pass
    database.close()
