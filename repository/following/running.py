"""Runs several readers: for good in the reader process, or until they are current for a command."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from repository.following import requests
from repository.following.failures import describe, is_of_the_store
from repository.following.lease import LeaseLost, acquire
from repository.following.loop import Pause, follow, lead
from repository.following.pace import PACE, Pace
from repository.following.projection import Projection
from repository.following.status import ReaderStatus, status
from repository.storage import changes
from repository.storage.database import Database
from repository.storage.models import Checkpoint

_PATIENCE = 3
"""Failures in a row, without any progress between them, after which a command gives up a reader."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command reached with one reader."""

    name: str
    position: int
    head: int
    """Of the log when the command began: what was to be reached."""
    taken: int
    """Records written by this process; a leader elsewhere writes its own."""
    parked: int
    led: bool
    error: str
    """Why it was not reached; empty if it was."""
    unreachable: bool
    """The error is that a store does not answer."""


@dataclass(slots=True)
class _Run:
    """One reader of a command, driven by a thread."""

    database: Database
    projection: Projection
    head: int
    stop: threading.Event
    pace: Pace
    at_rest: bool
    taken: int = 0
    led: bool = False
    error: str = ""
    unreachable: bool = False
    pause: Pause = field(init=False)

    def __post_init__(self) -> None:
        self.pause = Pause(self.pace)


def follow_all(database: Database, projections: Sequence[Projection], stop: threading.Event, pace: Pace = PACE) -> None:
    """Follows with each projection in a thread of its own, until `stop` is set and all leases are given back."""
    threads = [
        threading.Thread(target=follow, args=(database, projection, stop, pace), name=projection.name)
        for projection in projections
    ]
    for thread in threads:
        thread.start()
    try:
        stop.wait()
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def run_until_current(
    database: Database,
    projections: Sequence[Projection],
    stop: threading.Event | None = None,
    pace: Pace = PACE,
    progress: Callable[[tuple[ReaderStatus, ...]], None] | None = None,
    *,
    at_rest: bool = False,
) -> tuple[Outcome, ...]:
    """Brings readers to where the log's head is now, and carries out what was asked of them.

    Leads those that nobody leads; of the others it waits for the leader's checkpoint. `progress` gets the readers'
    status some times a second, in the calling thread. `at_rest`: those that it leads also do what can wait.
    """
    with database.read() as connection:
        head = changes.head(connection)
    ended = threading.Event()
    runs = [_Run(database, projection, head, ended, pace, at_rest) for projection in projections]
    threads = [threading.Thread(target=_run, args=(run,), name=run.projection.name) for run in runs]
    for thread in threads:
        thread.start()
    names = [projection.name for projection in projections]
    try:
        while (alive := [thread for thread in threads if thread.is_alive()]) and not (stop and stop.is_set()):
            alive[0].join(pace.poll)
            if progress:
                progress(_of(database, names))
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    reached = {reader.name: reader for reader in _of(database, names)}
    return tuple(_outcome(run, reached[run.projection.name]) for run in runs)


def _of(database: Database, names: Sequence[str]) -> tuple[ReaderStatus, ...]:
    return tuple(reader for reader in status(database, names) if reader.name in names)


def _outcome(run: _Run, reader: ReaderStatus) -> Outcome:
    error = run.error or ("" if reader.generation and reader.position >= run.head else "stopped before it was current")
    return Outcome(reader.name, reader.position, run.head, run.taken, reader.parked, run.led, error, run.unreachable)


def _run(run: _Run) -> None:
    """Leads, or waits for the leader; gives up after some failures in a row."""
    while not run.stop.is_set():
        try:
            lease = acquire(run.database, run.projection.name, run.pace)
            if lease is None:
                if _is_current(run):
                    return
                run.stop.wait(run.pace.poll)
                continue
            run.led = True
            term = lead(
                run.database, run.projection, lease, run.stop, run.pace, run.pause.reset, run.head, at_rest=run.at_rest
            )
            run.taken += term.taken
            return
        except LeaseLost:
            continue
        except Exception as error:
            pause = run.pause.next()
            if run.pause.failures >= _PATIENCE:
                run.error, run.unreachable = describe(error), is_of_the_store(error)
                return
            run.stop.wait(pause)


def _is_current(run: _Run) -> bool:
    """Whether another process has brought the reader there."""
    with run.database.read() as connection:
        row = connection.execute(
            select(Checkpoint.position, Checkpoint.generation, requests.any_pending(run.projection.name)).where(
                Checkpoint.projection == run.projection.name
            )
        ).one()
    return row[0] >= run.head and row[1] != "" and row[2] is None
