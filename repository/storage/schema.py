"""The database's schema: created and upgraded by migrations only, on SQLite and PostgreSQL alike."""

import re
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table, update

from repository.errors import Conflict
from repository.storage.database import Database

_ADDING = {"0007": "0006"}
"""Migrations that only add, each with the one before it from which on code works with what it makes."""
_REVISION = re.compile(r"([0-9]{4})(?:-from-([0-9]{4}))?")
"""As a database has it. `0009-from-0007`: it only adds, so whatever worked with 0007 works with what it makes."""


def _stored(migration: str) -> str:
    """Alembic takes no `-` in a name, so it knows only the number."""
    return f"{migration}-from-{_ADDING[migration]}" if migration in _ADDING else migration


HEAD = _stored("0007")
"""The last migration."""
_VERSION = table("alembic_version", column("version_num"))
_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Creates the tables, or brings those of an older version up to date; harmless to repeat."""
    from alembic import command  # here: loading it takes a sixth of a second, and only `init` needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with database.write() as connection:
        found = _read(connection)
        if found is not None:
            connection.execute(update(_VERSION).values(version_num=found[:4]))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        made = connection.execute(select(_VERSION.c.version_num)).scalar_one()
        connection.execute(update(_VERSION).values(version_num=_stored(made)))


def revision(database: Database) -> str | None:
    """The migration at which the database is; None before the first."""
    with database.read() as connection:
        return _read(connection)


def _read(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


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
