"""Who leads a projection: a lease in its checkpoint row, with an epoch that fences off a leader that has lost it.

A process that was stopped beyond its lease, and goes on when another one leads, still believes that it leads. All that
it commits carries `WHERE epoch = :mine`, so it commits nothing.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from repository.following.clock import moment
from repository.following.pace import Pace
from repository.storage.database import Database
from repository.storage.models import Checkpoint

log = structlog.get_logger("following")

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_EMPTY = {
    "position": 0,
    "generation": "",
    "rules": "",
    "holder": "",
    "epoch": 0,
    "expires": _LONG_AGO,
    "building": "",
    "building_done": 0,
    "building_total": 0,
    "updated": _LONG_AGO,
}


TASK = "task:"
"""How the names of leases begin that are for something else than a projection."""


LONGEST = 60.0
"""Seconds that a lease may be given for."""


class LeaseLost(Exception):
    """Another process leads now. What this one has not committed must be rolled back."""


class Lease:
    """The right to lead one projection; `epoch` grows with each holder."""

    def __init__(self, database: Database, projection: str, epoch: int, pace: Pace) -> None:
        self.projection = projection
        self.epoch = epoch
        self._database = database
        self._seconds = pace.lease
        self._renewed = time.monotonic()
        self._lost = threading.Event()

    def hold(self, connection: Connection, **values: Any) -> None:
        """Writes to the checkpoint, as the last statement of a transaction, and renews the lease. Raises LeaseLost."""
        result = connection.execute(
            update(Checkpoint)
            .where(Checkpoint.projection == self.projection, Checkpoint.epoch == self.epoch)
            .values(expires=moment(connection, self._seconds), updated=moment(connection), **values)
        )
        if result.rowcount != 1:
            self._lost.set()
            raise LeaseLost(self.projection)

    def check(self) -> None:
        """Before a store outside the database is written to: makes sure that the lease is held. Raises LeaseLost.

        Costs nothing unless this process was stopped or held up beyond the lease.
        """
        if self._lost.is_set():
            raise LeaseLost(self.projection)
        if time.monotonic() - self._renewed > self._seconds:
            self.renew()

    def renew(self) -> None:
        """Raises LeaseLost."""
        asked = time.monotonic()
        with self._database.write() as connection:
            self.hold(connection)
        self._renewed = asked

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Renews the lease from a thread, so that a long batch does not lose it; gives it back at the end."""
        ended = threading.Event()
        heartbeat = threading.Thread(target=self._beat, args=(ended,), name=f"{self.projection} lease", daemon=True)
        heartbeat.start()
        try:
            yield
        finally:
            ended.set()
            heartbeat.join()
            self._give_back()

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(self._seconds / 3):
            try:
                self.renew()
            except LeaseLost:
                return
            except Exception as error:
                log.warning("lease not renewed", projection=self.projection, error=str(error))

    def _give_back(self) -> None:
        """So that the next leader need not wait for the lease to expire."""
        try:
            with self._database.write() as connection:
                connection.execute(
                    update(Checkpoint)
                    .where(Checkpoint.projection == self.projection, Checkpoint.epoch == self.epoch)
                    .values(holder="", expires=moment(connection))
                )
        except Exception as error:
            log.warning("lease not given back", projection=self.projection, error=str(error))


def lives(connection: Connection, seconds: float = LONGEST) -> ColumnElement[bool]:
    """Whether a lease that is given for so long has not expired.

    One that ends later than that was taken while the clock was ahead, and is not waited for: if its holder is alive,
    the epoch fences it off.
    """
    return and_(Checkpoint.expires > moment(connection), Checkpoint.expires <= moment(connection, seconds))


def acquire(database: Database, projection: str, pace: Pace) -> Lease | None:
    """Takes the lease unless somebody's lives; makes the checkpoint row of a new projection."""
    with database.read() as connection:
        living = select(lives(connection, pace.lease)).where(Checkpoint.projection == projection)
        if connection.execute(living).scalar_one_or_none():
            return None
    with database.write() as connection:
        dialect = sqlite if database.is_sqlite else postgresql
        connection.execute(dialect.insert(Checkpoint).values(projection=projection, **_EMPTY).on_conflict_do_nothing())
        epoch = connection.execute(
            update(Checkpoint)
            .where(Checkpoint.projection == projection, ~lives(connection, pace.lease))
            .values(
                holder=f"{socket.gethostname()}:{os.getpid()}",
                epoch=Checkpoint.epoch + 1,
                expires=moment(connection, pace.lease),
            )
            .returning(Checkpoint.epoch)
        ).scalar_one_or_none()
    return None if epoch is None else Lease(database, projection, epoch, pace)
