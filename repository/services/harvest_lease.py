"""One process at a time harvests a list: two would undo each other's place in it."""

import contextlib
import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlalchemy import select

from repository.errors import Conflict
from repository.following.lease import TASK, Lease, LeaseLost, acquire
from repository.following.pace import Pace
from repository.services.harvest_states import Wanted
from repository.storage.database import Database
from repository.storage.models import Checkpoint

PACE = Pace(lease=10)
_LOOK = 0.5
"""Seconds between two looks at a lease that somebody has."""


@contextlib.contextmanager
def alone(database: Database, wanted: Wanted) -> Iterator[Callable[[], None]]:
    """Holds the lease of the list, renewed by a thread however long the provider is waited for.

    Waits for that of a process that was killed, which ends by time; raises Conflict if it does not. Yields what is to
    be called before anything is written: it raises Conflict where this process was stopped for so long that another
    one has the lease.
    """
    lease = _taken(database, wanted)
    with lease.kept():
        holder = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        with database.write() as connection:
            lease.hold(connection, holder=holder)

        def check() -> None:
            try:
                lease.check()
            except LeaseLost as lost:
                raise Conflict(f"Another process has gone on with the harvest of {wanted.base_url}.") from lost

        yield check


def _taken(database: Database, wanted: Wanted) -> Lease:
    name = lease_name(wanted)
    ends = time.monotonic() + PACE.lease + 2 * _LOOK
    while (lease := acquire(database, name, PACE)) is None:
        if time.monotonic() > ends:
            with database.read() as connection:
                holder = connection.execute(select(Checkpoint.holder).where(Checkpoint.projection == name)).scalar()
            raise Conflict(f"{wanted.base_url} is being harvested by another process: {holder}.")
        time.sleep(_LOOK)
    return lease


def lease_name(wanted: Wanted) -> str:
    """Of one list: address, set and prefix."""
    key = "\n".join((wanted.base_url, wanted.set_spec, wanted.prefix))
    return f"{TASK}harvest:{hashlib.sha256(key.encode()).hexdigest()[:16]}"
