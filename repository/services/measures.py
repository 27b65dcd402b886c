"""What an operator watches of an instance, in numbers: how much there is, and how long the oldest thing waits.

Most of it is counted over whole tables. So it is counted again only after a pause, see `Figures`.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day

from sqlalchemy import Row, func, select

from repository.following.clock import moment
from repository.following.requests import OPEN
from repository.services import fixity, sweeping
from repository.services.instance import Instance
from repository.storage.models import Blob, ParkedChange, Pid, ProjectionRequest, RecordRow

PAUSE = 50.0
"""Figures are good for so many times as long as they took: no process spends more than a fiftieth of its time on them,
however large the instance and whoever asks how often."""
LONGEST_PAUSE = 60.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Ages are in seconds; 0 where nothing waits."""

    records: Mapping[str, int]
    """By state."""
    dois: Mapping[str, int]
    """By state."""
    files: fixity.Counts
    blob_bytes: int
    erased_left: int
    """Blobs of erased records whose bytes are still there."""
    oldest_parked: float
    oldest_due_embargo: float
    """Since the midnight at which a record should have been opened."""
    oldest_request: float


class Figures:
    """The measures of one instance, for all threads of a process: one of them reads, the others wait for it."""

    def __init__(self, instance: Instance, clock: Callable[[], float] = time.monotonic) -> None:
        self._instance = instance
        self._clock = clock
        self._lock = threading.Lock()
        self._found: Measures | None = None
        self._until = 0.0

    def now(self) -> Measures:
        """As old as PAUSE and LONGEST_PAUSE say at most. Raises Unreachable."""
        with self._lock:
            begun = self._clock()
            if self._found is None or begun >= self._until:
                self._found = measures(self._instance)
                ended = self._clock()
                self._until = ended + min(PAUSE * (ended - begun), LONGEST_PAUSE)
            return self._found


def measures(instance: Instance) -> Measures:
    """Reads all in one transaction."""
    states = select(RecordRow.state, func.count()).group_by(RecordRow.state)
    dois = select(Pid.status, func.count()).where(Pid.scheme == "doi").group_by(Pid.status)
    requested = select(func.min(ProjectionRequest.created)).where(ProjectionRequest.status.in_(OPEN))
    with instance.database.read() as connection:
        now = connection.execute(select(moment(connection))).scalar_one()
        size = connection.execute(select(func.coalesce(func.sum(Blob.size), 0))).scalar_one()
        until = connection.execute(select(func.min(RecordRow.embargo_until))).scalar()
        return Measures(
            records=_numbers(connection.execute(states)),
            dois=_numbers(connection.execute(dois)),
            files=fixity.counts(connection, instance),
            blob_bytes=int(size),
            erased_left=sweeping.number_erased(connection),
            oldest_parked=_age(now, connection.execute(select(func.min(ParkedChange.since))).scalar()),
            oldest_due_embargo=_age(now, _opening(until)),
            oldest_request=_age(now, connection.execute(requested).scalar()),
        )


def _numbers(rows: Iterable[Row[str, int]]) -> dict[str, int]:
    return {state: number for state, number in rows}  # noqa: C416 — rows are no pairs to mypy


def _opening(until: date | None) -> datetime | None:
    return datetime.combine(until, time_of_day(), UTC) if until else None


def _age(now: datetime, since: datetime | None) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
