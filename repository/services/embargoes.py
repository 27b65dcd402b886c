"""Embargoes that end: lifted by a change of their own, without anybody's hand, at most a minute late."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import structlog
from sqlalchemy import Connection, select, update

from repository.records.snapshot import Json, load
from repository.records.visibility import access_status
from repository.services.instance import Instance
from repository.services.states import append, parent_of, settle, versions_of
from repository.storage import changes
from repository.storage.models import RecordRow, SnapshotRow

PERIOD = 30.0
"""Seconds between two looks."""

_log = structlog.get_logger("embargoes")


def today() -> date:
    return datetime.now(UTC).date()


def lift_ended(instance: Instance, day: date | None = None) -> int:
    """Opens every record whose embargo ends on that day (UTC) or before; returns how many.

    The editor did not make this change: revision, time of update and so the ETag stay.
    """
    day = day or today()
    with instance.database.read() as connection:
        due = connection.execute(select(RecordRow.id).where(RecordRow.embargo_until <= day)).scalars().all()
    lifted = 0
    for record_id in due:
        try:
            with instance.database.write() as connection:
                _lift(connection, record_id, day)
        except Exception:  # one that can't be lifted must not keep the others closed; it is tried again soon
            _log.exception("embargo not lifted", record=record_id)
        else:
            lifted += 1
    return lifted


def _lift(connection: Connection, record_id: str, day: date) -> None:
    due = (
        select(RecordRow.parent_id, RecordRow.body, SnapshotRow.body.label("state"))
        .join(SnapshotRow, SnapshotRow.digest == RecordRow.snapshot)
        .where(RecordRow.id == record_id, RecordRow.embargo_until <= day)
    )
    found = connection.execute(due).one_or_none()
    if found is None:  # lifted by another process, or edited meanwhile
        return
    parent_of(connection, found.parent_id, lock=True)  # always before the record: nobody waits for anybody in a ring
    row = connection.execute(due).one_or_none()
    if row is None:
        return
    access = opened(row.body["access"])
    before = load(row.state)
    status = access_status(access, before.files["enabled"])
    open_ = replace(before, access={**access, "status": status})
    snapshot, revised = settle(open_, versions_of(connection, row.parent_id))
    connection.execute(
        update(RecordRow)
        .where(RecordRow.id == record_id)
        .values(body={**row.body, "access": access}, embargo_until=None, snapshot=changes.named(snapshot))
    )
    append(connection, "revised", snapshot, revised)


def opened(access: Json) -> Json:
    """Access after the embargo: everything public, the block kept as a memory of it."""
    return {**access, "record": "public", "files": "public", "embargo": {**access["embargo"], "active": False}}


def watch(instance: Instance, stop: threading.Event, wait: Callable[[float], bool] | None = None) -> None:
    """The clock task beside the readers: looks every half minute until it is told to stop."""
    wait = wait or stop.wait
    while not stop.is_set():
        try:
            lifted = lift_ended(instance)
        except Exception:  # the database is away: this task must outlive it
            _log.exception("embargoes not looked for")
        else:
            if lifted:
                _log.info("embargoes lifted", records=lifted)
        wait(PERIOD)
