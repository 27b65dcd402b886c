"""Takes changes into a projection. Those that it can't take are found, hidden or parked, and the others go on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from repository.following import parking, reading
from repository.following.failures import describe, is_of_the_store
from repository.following.leading import Leading
from repository.following.parking import Refusal
from repository.following.projection import less_visible
from repository.storage import changes as change_log
from repository.storage.changes import Change

log = structlog.get_logger("following")


_EXPLAINED = 5
"""Refusals of a term that are logged with their traceback: an error of ours may hit every record."""


class HideFailed(Exception):
    """What a change takes out of public sight can be neither written nor hidden: the reader stops before it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where changes go: a generation, and what the checkpoint says once they are there."""

    generation: str
    checkpoint: Callable[[Sequence[Change]], Mapping[str, Any]]
    refused: dict[str, Refusal] | None = None
    """Refusals of a generation that is being filled, by record id; None for the current one, where they are parked."""


def increment(leading: Leading) -> bool:
    """Takes the next changes into the current generation; whether there may be more at once."""
    with leading.database.read() as connection:
        batch, more = reading.next_changes(connection, leading.position, leading.pace)
    if batch:
        if leading.writable:
            take(leading, batch, Destination(leading.generation, lambda taken: {"position": taken[-1].position}))
        else:
            _pass_by(leading, batch)
        leading.position = batch[-1].position
        leading.progressed()
    return more


def retry(leading: Leading, record_ids: Sequence[str]) -> int:
    """Tries the last state of records of which a change is parked; returns how many are parked no more."""
    with leading.database.read() as connection:
        found = [(record_id, change_log.state(connection, record_id)) for record_id in record_ids]
    gone = [record_id for record_id, change in found if change is None]
    if gone:
        with leading.database.write() as connection:
            parking.unpark(connection, leading.name, gone)
            leading.lease.hold(connection)
        leading.parked.difference_update(gone)
    # A later change than the checkpoint's comes by itself, and replaces the parked one.
    states = [change for _id, change in found if change is not None and change.position <= leading.position]
    take(leading, states, Destination(leading.generation, lambda _taken: {}))
    return sum(record_id not in leading.parked for record_id in record_ids)


def take(leading: Leading, changes: Sequence[Change], destination: Destination) -> None:
    """Writes changes and checkpoint; where that fails, halves them until the culprits stand alone.

    Halves are taken in order, so that the checkpoint never passes what is not behind it. Raises whatever concerns the
    store as a whole, LeaseLost, and HideFailed.
    """
    if not changes:
        return
    try:
        _write(leading, changes, destination)
    except Exception as error:
        if is_of_the_store(error):
            raise
        if len(changes) == 1:
            _refuse(leading, changes[0], error, destination)
            return
    else:
        return
    middle = len(changes) // 2
    take(leading, changes[:middle], destination)
    take(leading, changes[middle:], destination)


def _write(leading: Leading, changes: Sequence[Change], destination: Destination) -> None:
    projection = leading.projection
    prepared = projection.prepare(changes)
    if projection.in_database:
        with leading.database.write() as connection:
            projection.write(prepared, destination.generation, connection)
            _settle(leading, connection, changes, None, destination)
    else:
        leading.lease.check()
        projection.write(prepared, destination.generation, None)
        with leading.database.write() as connection:
            _settle(leading, connection, changes, None, destination)
    _note(leading, changes, None, destination)


def _pass_by(leading: Leading, changes: Sequence[Change]) -> None:
    """Where the current generation can't be written any more: only what must not be seen is taken out of it."""
    hidden = [change for change in changes if less_visible(change)]
    projection = leading.projection
    if hidden and not projection.in_database:
        leading.lease.check()
        projection.hide(hidden, leading.generation, None)
    with leading.database.write() as connection:
        if hidden and projection.in_database:
            projection.hide(hidden, leading.generation, connection)
        leading.lease.hold(connection, position=changes[-1].position)


def _refuse(leading: Leading, change: Change, error: Exception, destination: Destination) -> None:
    """Passes over a change that can't be taken, after hiding its record where it may have become less visible."""
    refusal = Refusal(change, describe(error))
    projection, hides = leading.projection, less_visible(change)
    leading.refusals += 1
    log.error(
        "change refused", projection=leading.name, record=change.record_id, position=change.position,
        generation=destination.generation, hidden=hides, error=refusal.error,
        exc_info=error if leading.refusals <= _EXPLAINED else None,
    )  # fmt: skip
    try:
        if hides and not projection.in_database:
            leading.lease.check()
            projection.hide([change], destination.generation, None)
        with leading.database.write() as connection:
            if hides and projection.in_database:
                projection.hide([change], destination.generation, connection)
            _settle(leading, connection, [change], refusal, destination)
    except Exception as second:
        if is_of_the_store(second):
            raise
        _show(leading, Refusal(change, f"{refusal.error}; not hidden either: {describe(second)}"))
        raise HideFailed(f"{change.record_id} at position {change.position}: {describe(second)}") from second
    _note(leading, [change], refusal, destination)


def _show(leading: Leading, refusal: Refusal) -> None:
    """Shows operators what the reader stopped before; the checkpoint stays."""
    with leading.database.write() as connection:
        parking.park(connection, leading.name, refusal, leading.pace)
        leading.lease.hold(connection)


def _settle(
    leading: Leading, connection: Connection, changes: Sequence[Change], refusal: Refusal | None, to: Destination
) -> None:
    """The last statements of a transaction: what is parked, and the checkpoint, if we still lead."""
    if to.refused is None:
        if refusal:
            parking.park(connection, leading.name, refusal, leading.pace)
        elif leading.parked:
            parking.unpark(connection, leading.name, leading.parked.intersection(_ids(changes)))
    leading.lease.hold(connection, **to.checkpoint(changes))


def _note(leading: Leading, changes: Sequence[Change], refusal: Refusal | None, to: Destination) -> None:
    """What the leader remembers of a transaction that was committed."""
    if refusal is None:
        leading.taken += len(changes)
    if to.refused is None:
        leading.parked.difference_update(_ids(changes) if leading.parked else ())
        leading.parked.update(_ids(changes) if refusal else ())
    elif refusal is not None:
        to.refused[refusal.change.record_id] = refusal
    else:
        for record_id in to.refused.keys() & _ids(changes):
            del to.refused[record_id]


def _ids(changes: Sequence[Change]) -> set[str]:
    return {change.record_id for change in changes}
