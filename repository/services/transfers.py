"""Files that come in parts: each part received, all of them committed, read back and hashed; then they are files.

Until its bytes have been hashed such a file is `pending`. A small one is hashed in the commit itself, a larger one by
the task beside the readers.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from repository.errors import InvalidInput, NotFound, StoreFull, TooLarge, Unreachable
from repository.following.clock import moment
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.services import blobs, parts, uploads
from repository.services.drafts import find
from repository.services.files import FileEntry, entry
from repository.services.instance import Instance
from repository.storage.models import File
from repository.storage.objects import Upload
from repository.storage.objects.store import GONE

AT_ONCE = 64 << 20
"""Bytes that a commit hashes before it answers, in about half a second."""
PERIOD = 3.0
"""Seconds between two looks for files that wait to be hashed."""
LEASE = timedelta(minutes=1)
"""So long a file is left to the process that hashes it, from when that was last heard of."""
FIRST_PAUSE = timedelta(seconds=3)
LONGEST_PAUSE = timedelta(hours=1)
"""Between two attempts to hash a file; the pause doubles with each that fails."""
MOST_FAULTS = 20
"""Attempts, over half a day, that fail for another reason than a store that is down or full: then the file has."""

_log = structlog.get_logger("transfers")


def write_part(
    instance: Instance, viewer: Viewer, draft_id: str, key: str, number: int, chunks: Iterable[bytes]
) -> FileEntry:
    """Stores one part; the same one sent again replaces itself. Raises InvalidInput for a wrong number or size."""
    with instance.database.read() as connection:
        file = uploads.existing(connection, uploads.open_draft(connection, viewer, draft_id), key)
    transfer = _in_parts(file)
    if not 1 <= number <= transfer["parts"]:
        raise InvalidInput(f"File {key} was announced in {transfer['parts']} parts; there is no part {number}.")
    if transfer.get("received"):
        raise InvalidInput(f"File {key} is committed: its parts can't be changed.")
    if datetime.now(UTC) > parts.end(transfer):
        raise InvalidInput(f"The upload of {key} has expired: delete the file and announce it again.")
    size = parts.sizes(file.announced["size"], transfer)[number - 1]
    instance.objects.parts.put(transfer["upload"], number, chunks, size)
    return file


def commit(instance: Instance, viewer: Viewer, draft_id: str, key: str) -> FileEntry:
    """Completes a file, one in parts too: that one stays `pending` while it is being hashed.

    Raises InvalidInput if bytes or parts are missing, or others came than were announced.
    """
    with instance.database.read() as connection:
        file = uploads.existing(connection, uploads.open_draft(connection, viewer, draft_id), key)
    if file.transfer is None:
        return uploads.commit(instance, viewer, draft_id, key)
    transfer, size = _in_parts(file), int(file.announced["size"])
    if not transfer.get("received"):
        try:
            instance.objects.parts.complete(transfer["upload"], parts.sizes(size, transfer))
        except InvalidInput:
            with instance.database.read() as connection:
                file = uploads.existing(connection, uploads.open_draft(connection, viewer, draft_id), key)
            if file.completed:  # by another commit, at the same moment
                return file
            raise
        with instance.database.write() as connection:
            draft = uploads.open_draft(connection, viewer, draft_id, lock=True)
            file = uploads.existing(connection, draft, key)
            if file.transfer == transfer:
                received: Json = {**transfer, "received": True}
                if size <= AT_ONCE:  # it is hashed here, and left to us for so long
                    received["until"] = (_now(connection) + LEASE).isoformat()
                connection.execute(uploads.changed(file).values(transfer=received, updated=datetime.now(UTC)))
    if size <= AT_ONCE:
        error = finish(instance, draft_id, key, transfer["upload"])
        if error:
            raise InvalidInput(error)
    with instance.database.read() as connection:
        return uploads.existing(connection, uploads.open_draft(connection, viewer, draft_id), key)


def _in_parts(file: FileEntry) -> Json:
    if file.transfer is None:
        raise InvalidInput(f"File {file.key} was not announced in parts: send it whole to its content URL.")
    if file.transfer.get("error"):
        raise InvalidInput(file.transfer["error"])
    return file.transfer


def finish(
    instance: Instance, draft_id: str, key: str, upload: Upload, step: Callable[[], object] = lambda: None
) -> str:
    """Reads the bytes back, hashes them, and completes the file. Returns what is wrong with them; empty if nothing.

    Raises what the store and `step` raise, and then all is as before: it may be tried again.
    """
    try:
        stored = instance.objects.parts.read(upload, step)
    except NotFound:  # deleted in between, finished by another process, or lost
        return _fail(instance, draft_id, key, upload, f"The bytes of {key} are lost. {GONE}")
    before, surplus, error = blobs.known(instance, stored), "", ""
    values: Json
    with instance.database.write() as connection:
        file = _awaiting(connection, draft_id, key, upload)
        if file is None:
            return ""
        try:
            uploads.check_announced(file, stored.size, stored.md5)
            uploads.check_sizes(connection, instance, stored, file)
        except (InvalidInput, TooLarge) as wrong:
            error = wrong.message
            values = _failed(file, error)
        else:
            surplus = blobs.keep(instance, connection, stored, before)
            values = {"status": "completed", "transfer": None, "blob": stored.sha256}
        connection.execute(uploads.changed(file).values(**values, updated=datetime.now(UTC)))
    if error:
        parts.abandon(instance, [upload])
    else:
        blobs.discard(instance, surplus)
        instance.objects.parts.forget(upload)
    return error


def _awaiting(connection: Connection, draft_id: str, key: str, upload: Upload) -> FileEntry | None:
    """The file, if it still waits for this upload; its draft is locked."""
    try:
        find(connection, draft_id, lock=True)
    except NotFound:
        return None
    file = entry(connection, draft_id, key)
    if file is None or file.transfer is None or file.transfer["upload"] != upload or file.transfer.get("error"):
        return None
    return file


def _fail(instance: Instance, draft_id: str, key: str, upload: Upload, reason: str) -> str:
    """Ends what can't be mended; returns the reason, or nothing where the file does not wait for it any more.

    What could not be read is not removed: it may be the only copy, and the fault that of the store. It goes with the
    file, or with the sweep when the time to send it is over.
    """
    with instance.database.write() as connection:
        file = _awaiting(connection, draft_id, key, upload)
        if file is None:
            return ""
        connection.execute(uploads.changed(file).values(**_failed(file, reason), updated=datetime.now(UTC)))
    return reason


def _failed(file: FileEntry, reason: str) -> Json:
    return {"status": "failed", "transfer": {**(file.transfer or {}), "error": reason}}


class _LostError(Exception):
    """The file is not ours to hash any more."""


class _Claim:
    """One file that this process alone hashes: noted in its row, and renewed while the bytes are read."""

    def __init__(self, instance: Instance, draft_id: str, key: str, upload: Upload) -> None:
        self._instance, self._file = instance, (draft_id, key, upload)
        self._name = secrets.token_hex(8)
        self._due = 0.0

    def take(self) -> bool:
        """Whether it is ours: it is to be hashed by now, and nobody else is at it."""
        with self._instance.database.write() as connection:
            file, now = _awaiting(connection, *self._file), _now(connection)
            if file is None or not _is_due(file.transfer or {}, now):
                return False
            self._note(connection, file, claim=self._name, until=(now + LEASE).isoformat())
        self._due = time.monotonic() + LEASE.total_seconds() / 3
        return True

    def renew(self) -> None:
        """Raises _LostError where another one has taken it, or the file is gone."""
        if time.monotonic() < self._due:
            return
        with self._instance.database.write() as connection:
            file = _awaiting(connection, *self._file)
            if file is None or (file.transfer or {}).get("claim") != self._name:
                raise _LostError
            self._note(connection, file, until=(_now(connection) + LEASE).isoformat())
        self._due = time.monotonic() + LEASE.total_seconds() / 3

    def put_off(self, error: Exception) -> None:
        """Gives it back, to be tried again after a pause that grows; or ends it, where that has been done enough."""
        mends = isinstance(error, Unreachable | StoreFull)
        with self._instance.database.write() as connection:
            file = _awaiting(connection, *self._file)
            if file is None or file.transfer is None or file.transfer.get("claim") != self._name:
                return
            attempts = file.transfer.get("attempts", 0) + 1
            faults = file.transfer.get("faults", 0) + (not mends)
            until = _now(connection) + min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
            self._note(connection, file, claim="", until=until.isoformat(), attempts=attempts, faults=faults)
        if faults >= MOST_FAULTS:
            reason = f"The bytes of {file.key} can't be read back ({type(error).__name__}): announce it again."
            _fail(self._instance, *self._file, reason)

    def _note(self, connection: Connection, file: FileEntry, **values: object) -> None:
        connection.execute(uploads.changed(file).values(transfer={**(file.transfer or {}), **values}))


def _now(connection: Connection) -> datetime:
    found: datetime = connection.execute(select(moment(connection))).scalar_one()
    return found


def _is_due(transfer: Json, now: datetime) -> bool:
    if not transfer.get("received") or transfer.get("error"):
        return False
    if "until" not in transfer:
        return True
    until = datetime.fromisoformat(transfer["until"])
    return until <= now or until > now + max(LEASE, LONGEST_PAUSE)  # so far only while the clock was ahead


def finish_received(instance: Instance) -> int:
    """Hashes all files that wait for it and that no other process is at; returns how many were completed or refused."""
    columns = (File.record_id, File.key, File.transfer, File.announced)
    waiting = select(*columns).where(File.blob.is_(None), File.transfer.is_not(None))
    with instance.database.read() as connection:
        rows, now = connection.execute(waiting).all(), _now(connection)
    done = 0
    for row in sorted(rows, key=lambda row: row.announced["size"]):  # a huge one keeps fewer waiting
        claim = _Claim(instance, row.record_id, row.key, row.transfer["upload"])
        if not _is_due(row.transfer, now) or not claim.take():
            continue
        try:
            finish(instance, row.record_id, row.key, row.transfer["upload"], claim.renew)
        except _LostError:
            continue
        except Exception as error:  # one that can't be read must not keep the others waiting
            _log.exception("file in parts not hashed", record=row.record_id)
            claim.put_off(error)
        else:
            done += 1
    return done


def watch(instance: Instance, stop: threading.Event, wait: Callable[[float], bool] | None = None) -> None:
    """The task beside the readers, until it is told to stop."""
    wait = wait or stop.wait
    while not stop.is_set():
        try:
            finish_received(instance)
        except Exception:  # a store is away: this must outlive it
            _log.exception("files in parts not looked for")
        wait(PERIOD)
