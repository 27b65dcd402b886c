"""The schema that migrations make is the one that the code uses."""

from datetime import UTC, datetime
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from repository.storage import schema
from repository.storage.database import Base, Database
from repository.storage.models import Blob


def test_migrations_make_the_tables_of_the_models(any_database: Database) -> None:
    with any_database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_rows_of_an_older_version_are_kept_by_an_upgrade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/old.sqlite")
    schema.upgrade(database, "0001")
    assert not schema.is_current(database)
    with database.write() as connection:
        values = {"digest": "ab" * 32, "now": datetime.now(UTC).isoformat()}
        connection.execute(
            text("INSERT INTO blobs (sha256, md5, size, location, created) VALUES (:digest, '', 1, 'x', :now)"), values
        )
    schema.upgrade(database)
    assert schema.is_current(database)
    with database.read() as connection:
        row = connection.execute(select(Blob.__table__)).one()
    assert (row.location, row.checked, row.fault) == ("x", None, "")
    database.close()
