"""The database's schema: created and upgraded by migrations only, on SQLite and PostgreSQL alike."""

import re
from pathlib import Path

from sqlalchemy import column, inspect, select, table

from repository.errors import Conflict
from repository.storage.database import Database

HEAD = "0006"
"""The last migration."""
_REVISION = re.compile(r"([0-9]{4})(?:-from-([0-9]{4}))?")
"""Of a migration. `0009-from-0007`: it only adds, so whatever worked with 0007 works with what it makes."""
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
    """Whether this code works with the database."""
    return suits(revision(database))


def suits(found: str | None) -> bool:
    """Whether this code works with a schema: with its own, and with a later one that says so by its name.

    So processes of the version before go on, and start, while a new version takes their place one by one.
    """
    if found == HEAD:
        return True
    match, own = _REVISION.fullmatch(found or ""), int(HEAD[:4])
    return match is not None and match[2] is not None and int(match[2]) <= own < int(match[1])


def require_own(database: Database) -> None:
    """For what reads or writes all tables. Raises Conflict where a newer version has brought the schema further."""
    found = revision(database)
    if found != HEAD:
        raise Conflict(f"The database has the schema {found}, this version {HEAD}: use the version that upgraded it.")
