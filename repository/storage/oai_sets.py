"""Definitions of sets in the database, and the number that tells a reader that their records may be others."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from repository.records.sets import DefinedSet
from repository.storage.models import OaiSet, OaiSetsHead

SORTS = ("name", "spec", "created", "updated")
LARGEST_ID = 2**31 - 1

_COLUMNS = [getattr(OaiSet, name) for name in DefinedSet.__dataclass_fields__]
_ALL = select(*_COLUMNS).order_by(OaiSet.spec)
_SPECS = select(OaiSet.spec)
_VERSION = select(OaiSetsHead.version)
_GROW = update(OaiSetsHead).values(version=OaiSetsHead.version + 1)


def version(connection: Connection) -> int:
    """Never comes back to a value it has had, though a set may be defined as it was before."""
    return connection.execute(_VERSION).scalar_one()


def every(connection: Connection) -> list[DefinedSet]:
    """All of them, by spec."""
    return [DefinedSet(*row) for row in connection.execute(_ALL)]


def specs(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(_SPECS).scalars())


def page(
    connection: Connection, sort: str, descending: bool, offset: int, size: int
) -> tuple[int, Sequence[DefinedSet]]:
    """How many there are, and some of them; `sort`: one of SORTS."""
    column = getattr(OaiSet, sort)
    order = (column.desc(), OaiSet.id.desc()) if descending else (column, OaiSet.id)
    rows = connection.execute(select(*_COLUMNS).order_by(*order).offset(offset).limit(size))
    total = connection.execute(select(func.count()).select_from(OaiSet)).scalar_one()
    return total, [DefinedSet(*row) for row in rows]


def one(connection: Connection, set_id: int) -> DefinedSet | None:
    if not 0 < set_id <= LARGEST_ID:
        return None
    row = connection.execute(select(*_COLUMNS).where(OaiSet.id == set_id)).one_or_none()
    return None if row is None else DefinedSet(*row)


def by_spec(connection: Connection, spec: str) -> DefinedSet | None:
    row = connection.execute(select(*_COLUMNS).where(OaiSet.spec == spec)).one_or_none()
    return None if row is None else DefinedSet(*row)


def lock(connection: Connection) -> None:
    """Holds off whoever else defines sets until the transaction ends."""
    connection.execute(_VERSION.with_for_update())


def grow(connection: Connection) -> None:
    """Tells the reader that the records of some set may be others."""
    connection.execute(_GROW)


def add(connection: Connection, values: dict[str, Any]) -> int:
    return connection.execute(insert(OaiSet).values(values).returning(OaiSet.id)).scalar_one()


def change(connection: Connection, set_id: int, values: dict[str, Any]) -> None:
    connection.execute(update(OaiSet).where(OaiSet.id == set_id).values(values))


def remove(connection: Connection, set_id: int) -> None:
    connection.execute(delete(OaiSet).where(OaiSet.id == set_id))
