"""A restoration holds a lease while it copies, however long: what it has copied has no row yet, and a sweep would take
it for nobody's."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from repository.errors import Conflict
from repository.following import Pace
from repository.following.lease import LONGEST, TASK, Lease, LeaseLost, acquire, lives
from repository.storage.database import Database
from repository.storage.models import Checkpoint

NAME = f"{TASK}restore"
_PACE = Pace(lease=LONGEST)


@contextmanager
def held(database: Database) -> Iterator[Lease]:
    """Raises Conflict where another restoration holds it, or this one was stopped for so long that it lost it."""
    lease = acquire(database, NAME, _PACE)
    if lease is None:
        raise Conflict("The instance is being restored. If that was killed, wait a minute.")
    try:
        with lease.kept():
            yield lease
    except LeaseLost as lost:
        raise Conflict("The restoration was stopped for too long, and a sweep may have run: begin again.") from lost


def require_none(connection: Connection) -> None:
    """Raises Conflict while the instance is being restored."""
    if connection.execute(select(Checkpoint.holder).where(Checkpoint.projection == NAME, lives(connection))).first():
        raise Conflict("The instance is being restored: what has been copied is not swept. Try again when it is done.")
