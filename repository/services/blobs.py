"""Bytes that have just been stored, and the row that names them: each digest keeps one location."""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection, case, null, select
from sqlalchemy.dialects import postgresql, sqlite

from repository.errors import ColophonError, Forbidden
from repository.services.instance import Instance
from repository.storage.models import Blob
from repository.storage.objects import Stored

_log = structlog.get_logger("blobs")


@dataclass(frozen=True, slots=True)
class Known:
    """Where equal bytes were before; `location` is empty where there were none. `lost`: it has none any more."""

    location: str = ""
    lost: bool = False


def known(instance: Instance, stored: Stored) -> Known:
    """Looks, before any transaction, for another location of the same bytes, and whether they are really there."""
    if instance.objects.content_addressed:
        return Known()
    with instance.database.read() as connection:
        location = connection.execute(select(Blob.location).where(Blob.sha256 == stored.sha256)).scalar()
    return Known(location, not instance.objects.exists(location)) if location else Known()


def keep(instance: Instance, connection: Connection, stored: Stored, before: Known) -> str:
    """Writes the row, and returns the location that is to be deleted after the commit: empty if none.

    Where sound bytes were there already, they stay. Those that are dying, faulty or lost give way to the new ones:
    the row is locked by whoever deletes them. Raises Forbidden where the new bytes themselves were just deleted.
    """
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(Blob)
    new = insert.excluded
    gives_way = Blob.dying_since.is_not(None) | (Blob.fault != "") | (Blob.location == new.location)
    if before.lost:
        gives_way |= Blob.location == before.location
    kept = {
        "location": case((gives_way, new.location), else_=Blob.location),
        "fault": case((gives_way, ""), else_=Blob.fault),
        "checked": case((gives_way, null()), else_=Blob.checked),
        "dying_since": None,
    }
    values = {
        "sha256": stored.sha256,
        "md5": stored.md5,
        "size": stored.size,
        "location": stored.location,
        "created": datetime.now(UTC),
    }
    statement = insert.values(**values).on_conflict_do_update(index_elements=["sha256"], set_=kept)
    location = str(connection.execute(statement.returning(Blob.location)).scalar_one())
    if instance.objects.content_addressed and not instance.objects.exists(location):
        raise Forbidden("The same bytes are being erased; send them again.")  # the row must not be written
    if location != stored.location:
        return stored.location
    return before.location


def discard(instance: Instance, location: str) -> None:
    """Deletes bytes that no row names, as `keep` has said. What can't be deleted goes with the sweep."""
    if not location:
        return
    try:
        instance.objects.delete(location)
    except ColophonError as error:
        _log.warning("surplus bytes not deleted", location=location, error=error.message)
