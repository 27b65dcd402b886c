"""The database's schema: created and upgraded by migrations only, on SQLite and PostgreSQL alike."""

from pathlib import Path

from sqlalchemy import column, inspect, select, table

from repository.storage.database import Database

HEAD = "0006"
"""The last migration."""
_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Creates the tables, or brings those of an older version up to date; harmless to repeat."""
    from alembic import command  # here: loading it takes a sixth of a second, and only `init` needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def revision(database: Database) -> str | None:
    """The migration at which the database is; None before the first."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(select(column("version_num")).select_from(table("alembic_version"))).scalar()


def is_current(database: Database) -> bool:
    return revision(database) == HEAD
