"""The loop that drives a projection: takes the lease, begins where the last leader ended, and follows the log."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import bindparam, select

from repository.following import builds, errands, leading, parking, requests
from repository.following.batches import increment
from repository.following.failures import describe, is_of_the_store
from repository.following.leading import Leading, Stopped
from repository.following.lease import Lease, LeaseLost, acquire
from repository.following.pace import PACE, Pace
from repository.following.projection import Projection, Unhurried
from repository.following.rebuild import drop_left_over
from repository.storage.database import Database
from repository.storage.models import LogHead

log = structlog.get_logger("following")

_LOOK = select(LogHead.position, requests.any_pending(bindparam("name")))


@dataclass(slots=True)
class Pause:
    """The pause after a failure: doubled by each, short again after any progress."""

    pace: Pace
    failures: int = 0

    def reset(self) -> None:
        self.failures = 0

    def next(self) -> float:
        self.failures += 1
        return min(self.pace.first_pause * 2.0 ** min(self.failures - 1, 60), self.pace.last_pause)


def follow(database: Database, projection: Projection, stop: threading.Event, pace: Pace = PACE) -> None:
    """Leads a projection whenever nobody else does, until `stop` is set.

    Raises nothing: a store that does not answer, a lost lease and an error of our own alike end the term; after a pause
    it tries again.
    """
    pause = Pause(pace)
    while not stop.is_set():
        try:
            lease = acquire(database, projection.name, pace)
            if lease is None:
                stop.wait(min(1.0, pace.lease / 3))
            else:
                lead(database, projection, lease, stop, pace, pause.reset)
        except LeaseLost:
            log.warning("lease lost", projection=projection.name)
        except Exception as error:
            if is_of_the_store(error):
                log.warning("store does not answer", projection=projection.name, error=describe(error))
            else:
                log.exception("reader failed", projection=projection.name)
            stop.wait(pause.next())


def lead(
    database: Database,
    projection: Projection,
    lease: Lease,
    stop: threading.Event,
    pace: Pace,
    progressed: Callable[[], None],
    until: int | None = None,
    *,
    at_rest: bool = False,
) -> Leading:
    """One term: from the lease that was taken until `stop` is set, or, where `until` is given, the reader is past that
    position and has nothing else to do; `at_rest`: not even what can wait. Gives the lease back. Raises LeaseLost and
    whatever ends a term."""
    term = Leading(database, projection, lease, stop, pace, progressed)
    with lease.kept(), projection.leading():
        log.info("leading", projection=projection.name, epoch=lease.epoch)
        try:
            _begin(term)
            _follow_log(term, until, at_rest=at_rest)
        except Stopped:
            pass
    return term


def _begin(term: Leading) -> None:
    """Makes the store what the checkpoint says of it: its generation active, no other there, its rules obeyed."""
    with term.database.read() as connection:
        found = leading.standing(connection, term.name)
        term.parked = parking.record_ids(connection, term.name)
    if found is None:
        raise LeaseLost(term.name)
    term.position, term.generation, term.rules = found.position, found.generation, found.rules
    lost = not term.projection.in_database and found.generation not in term.projection.generations()
    if term.generation and lost:
        log.warning("generation is missing, filled anew", projection=term.name, generation=found.generation)
        with term.database.write() as connection:
            term.lease.hold(connection, position=0, generation="", rules="")
        term.position, term.generation, term.rules = 0, "", ""
    if term.generation:
        term.projection.activate(term.generation)
    drop_left_over(term)
    with term.database.write() as connection:
        builds.leave_off(connection, term.name)
        term.lease.hold(connection)
    if term.generation:
        errands.obey_shape(term)
    else:
        errands.fill(term)


def _follow_log(term: Leading, until: int | None, *, at_rest: bool) -> None:
    rules_due = due = 0.0
    unhurried = term.projection if isinstance(term.projection, Unhurried) else None
    while True:
        term.go_on()
        head, asked = _look(term)
        if head > term.position and increment(term) and (until is None or term.position < until):
            continue
        if asked:
            errands.carry_out(term)
            continue
        now = time.monotonic()
        if now >= rules_due:
            rules_due = now + term.pace.rules
            if errands.obey_rules(term):
                continue
        if now >= due:
            due = now + 5 * term.pace.poll
            errands.retry_due(term)
        is_idle = unhurried is None or not unhurried.idle()
        if until is not None and term.position >= until and (is_idle or not at_rest):
            return
        if head <= term.position:
            term.stop.wait(term.pace.poll)


def _look(term: Leading) -> tuple[int, bool]:
    """The log's head, and whether somebody asks for something: all that an idle reader costs."""
    with term.database.read() as connection:
        row = connection.execute(_LOOK, {"name": term.name}).one()
    return row[0], row[1] is not None
