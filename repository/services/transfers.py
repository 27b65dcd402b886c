"""Files that come in parts: each part received, all of them committed, read back and hashed; then they are files.

Until its bytes have been hashed such a file is `pending`. A small one is hashed in the commit itself, a larger one by
the task beside the readers.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import structlog
from sqlalchemy import select

from repository.errors import InvalidInput, NotFound, TooLarge
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.services import blobs, parts, sweeping, uploads
from repository.services.drafts import find
from repository.services.files import FileEntry, entry
from repository.services.instance import Instance
from repository.storage.models import File
from repository.storage.objects import Upload

AT_ONCE = 64 << 20
"""Bytes that a commit hashes before it answers, in about half a second."""
PERIOD = 3.0
"""Seconds between two looks for files that wait to be hashed."""
_SWEEP_EVERY = 1200
"""Looks; about an hour."""

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
                values = {"transfer": {**transfer, "received": True}, "updated": datetime.now(UTC)}
                connection.execute(uploads.changed(file).values(**values))
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


def finish(instance: Instance, draft_id: str, key: str, upload: Upload) -> str:
    """Reads the bytes back, hashes them, and completes the file. Returns what is wrong with them; empty if nothing.

    Raises what the store raises, and then all is as before: it may be tried again.
    """
    try:
        stored = instance.objects.parts.read(upload)
    except NotFound:  # deleted in between, or finished by another process
        with instance.database.read() as connection:
            file = entry(connection, draft_id, key)
        if file is not None and _is_of(file, upload):
            raise
        return ""
    before, surplus, error = blobs.known(instance, stored), "", ""
    values: Json
    with instance.database.write() as connection:
        try:
            find(connection, draft_id, lock=True)
        except NotFound:
            return ""
        file = entry(connection, draft_id, key)
        if file is None or not _is_of(file, upload):
            return ""
        try:
            uploads.check_announced(file, stored.size, stored.md5)
            uploads.check_sizes(connection, instance, stored, file)
        except (InvalidInput, TooLarge) as wrong:
            error = wrong.message
            values = {"status": "failed", "transfer": {**(file.transfer or {}), "error": error}}
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


def _is_of(file: FileEntry, upload: Upload) -> bool:
    """Whether the file still waits for this upload."""
    return file.transfer is not None and file.transfer["upload"] == upload and not file.transfer.get("error")


def finish_received(instance: Instance) -> int:
    """Hashes all files that wait for it; returns how many were completed or refused."""
    waiting = select(File.record_id, File.key, File.transfer).where(File.blob.is_(None), File.transfer.is_not(None))
    with instance.database.read() as connection:
        rows = connection.execute(waiting).all()
    done = 0
    for row in rows:
        if row.transfer.get("received") and not row.transfer.get("error"):
            try:
                finish(instance, row.record_id, row.key, row.transfer["upload"])
            except Exception:  # one that can't be read must not keep the others waiting; it is tried again soon
                _log.exception("file in parts not hashed", record=row.record_id)
            else:
                done += 1
    return done


def watch(instance: Instance, stop: threading.Event, wait: Callable[[float], bool] | None = None) -> None:
    """The task beside the readers, until it is told to stop; now and then it sweeps what nobody has completed."""
    wait, looks = wait or stop.wait, 0
    while not stop.is_set():
        try:
            finish_received(instance)
            if looks % _SWEEP_EVERY == 0:
                sweeping.sweep_parts(instance)
        except Exception:  # a store is away: this task must outlive it
            _log.exception("files in parts not looked for")
        looks += 1
        wait(PERIOD)
