"""Files of a draft: announced, filled with bytes, committed, described, deleted, taken over from the last version."""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from repository.auth.permissions import require
from repository.errors import INVALID, ColophonError, FieldError, Forbidden, InvalidInput, NotFound, TooLarge
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.services import blobs, parts
from repository.services.drafts import StoredDraft, find, permitted
from repository.services.files import FileEntry, entries, entry, guess_mimetype
from repository.services.instance import Instance
from repository.storage.models import Blob, File, RecordRow
from repository.storage.objects import Stored

LOCKED = "Bucket is locked for modifications."
Listed = tuple[StoredDraft, tuple[FileEntry, ...]]
"""A draft with all its files."""


def announce(instance: Instance, viewer: Viewer, draft_id: str, files: Sequence[Json]) -> Listed:
    """Names the files to come: `{key, size?, checksum?, metadata?, access?: {hidden}, transfer?}`; all or none.

    Raises InvalidInput naming a wrong or repeated key, Forbidden on an edit draft, TooLarge where the sizes that are
    announced go beyond what a record may have; where files come in parts, what `parts.check` and `parts.begin` raise.
    """
    settings = instance.settings
    if len(files) > settings.files_max_request:
        raise InvalidInput(f"One request may name {settings.files_max_request} files; this one names {len(files)}.")
    for position, file in enumerate(files):
        check_key(file["key"], f"{position}.key")
    if not any("transfer" in file for file in files):
        return _announce(instance, viewer, draft_id, files)
    parts.check(instance, files)
    with instance.database.read() as connection:
        open_draft(connection, viewer, draft_id)
    files = parts.begin(instance, files)
    try:
        return _announce(instance, viewer, draft_id, files)
    except ColophonError:  # of ours, so nothing was written
        parts.abandon(instance, parts.uploads_of(files))
        raise


def _announce(instance: Instance, viewer: Viewer, draft_id: str, files: Sequence[Json]) -> Listed:
    settings, now = instance.settings, datetime.now(UTC)
    with instance.database.write() as connection:
        draft = open_draft(connection, viewer, draft_id, lock=True)
        _require_enabled(draft)
        keys = connection.scalars(select(File.key).where(File.record_id == draft_id))
        present = {unicodedata.normalize("NFC", key) for key in keys}
        for file in files:
            if unicodedata.normalize("NFC", file["key"]) in present:
                raise InvalidInput(f"File with key {file['key']} already exists.")
            present.add(unicodedata.normalize("NFC", file["key"]))
        if len(present) > settings.files_max_count:
            raise InvalidInput(f"A record may have {settings.files_max_count} files.")
        if files:
            connection.execute(insert(File), [_row(draft_id, file, now) for file in files])
        listed = entries(connection, draft_id)
        if any(file.get("size") for file in files):
            total = sum(file.size or 0 for file in listed if file.status != "failed")
            _check_total(instance, total)
        return draft, listed


def check_key(key: str, field: str) -> None:
    """Raises InvalidInput for a key that no client could be given back safely; a key is never a path on our side."""
    segments = key.split("/")
    wrong = (
        "is empty"
        if not key
        else "has more than 255 characters"
        if len(key) > 255
        else "has control characters"
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in key)
        else "has a backslash"
        if "\\" in key
        else "starts with a slash"
        if key.startswith("/")
        else "ends with a slash"
        if key.endswith("/")
        else "has the segment . or .."
        if "." in segments or ".." in segments
        else ""
    )
    if wrong:
        message = f"The key {key[:300]!r} {wrong}."
        raise InvalidInput(INVALID, [FieldError(field, (message,))])


def _row(draft_id: str, file: Json, now: datetime) -> dict[str, Any]:
    return {
        "record_id": draft_id,
        "key": file["key"],
        "id": str(uuid.uuid4()),
        "status": "pending",
        "blob": None,
        "mimetype": guess_mimetype(file["key"]),
        "announced": {name: file[name] for name in ("size", "checksum") if file.get(name) is not None},
        "transfer": file.get("transfer"),
        "file_metadata": file.get("metadata") or {},
        "hidden": (file.get("access") or {}).get("hidden", False),
        "created": now,
        "updated": now,
    }


def write_content(instance: Instance, viewer: Viewer, draft_id: str, key: str, chunks: Iterable[bytes]) -> FileEntry:
    """Stores the bytes of a file; what it had before stays until the new bytes are durable. To be committed (again).

    Whatever the stream raises is raised here, and then nothing has changed.
    """
    with instance.database.read() as connection:
        if existing(connection, open_draft(connection, viewer, draft_id), key).transfer is not None:
            raise InvalidInput(f"File {key} was announced in parts, which go to the addresses in links.parts.")
    stored = instance.objects.put(chunks)
    before = blobs.known(instance, stored)
    with instance.database.write() as connection:
        draft = open_draft(connection, viewer, draft_id, lock=True)
        file = existing(connection, draft, key)
        check_sizes(connection, instance, stored, file)
        surplus = blobs.keep(instance, connection, stored, before)
        values = {"blob": stored.sha256, "status": "pending", "updated": datetime.now(UTC)}
        connection.execute(changed(file).values(**values))
        written = existing(connection, draft, key)
    blobs.discard(instance, surplus)
    return written


def check_sizes(connection: Connection, instance: Instance, stored: Stored, file: FileEntry) -> None:
    """Raises TooLarge; bytes that nobody names go with the next sweep. Of files in parts the announced size counts:
    their bytes are in the store before anybody has hashed them."""
    settings = instance.settings
    if stored.size > settings.files_max_size:
        raise TooLarge(f"A file may have {settings.files_max_size} bytes; this one has {stored.size}.")
    others = select(func.coalesce(func.sum(Blob.size), 0)).join(File, File.blob == Blob.sha256)
    in_parts = select(File.announced).where(File.blob.is_(None), File.transfer.is_not(None), File.status != "failed")
    here = (File.record_id == file.record_id, File.key != file.key)
    coming = sum(int(announced["size"]) for announced in connection.execute(in_parts.where(*here)).scalars())
    _check_total(instance, stored.size + coming + int(connection.execute(others.where(*here)).scalar_one()))


def _check_total(instance: Instance, total: int) -> None:
    limit = instance.settings.files_max_total
    if total > limit:
        raise TooLarge(f"All files of a record may have {limit} bytes; these would have {total}.")


def commit(instance: Instance, viewer: Viewer, draft_id: str, key: str) -> FileEntry:
    """Completes a file. Raises InvalidInput if no bytes have come, or others than were announced."""
    with instance.database.write() as connection:
        draft = open_draft(connection, viewer, draft_id, lock=True)
        file = existing(connection, draft, key)
        if file.completed:
            return file
        if not file.has_bytes:
            raise InvalidInput(f"File {key} has no content yet: upload it before the commit.")
        check_announced(file, file.size, file.md5)
        connection.execute(changed(file).values(status="completed", updated=datetime.now(UTC)))
        return existing(connection, draft, key)


def check_announced(file: FileEntry, size: int | None, md5: str) -> None:
    """Compares what came with what was announced. Raises InvalidInput."""
    for name, found in (("size", size), ("checksum", f"md5:{md5}")):
        announced = file.announced.get(name)
        if announced is not None and announced != found:
            message = f"The {name} of {file.key} was announced as {announced}, and {found} was received."
            raise InvalidInput(message, [FieldError(name, (message,))])


def describe(instance: Instance, viewer: Viewer, draft_id: str, key: str, body: Json) -> FileEntry:
    """Replaces what is said of a file: `{metadata?, access?: {hidden}}`."""
    with instance.database.write() as connection:
        draft = open_draft(connection, viewer, draft_id, lock=True)
        file = existing(connection, draft, key)
        values: dict[str, Any] = {"updated": datetime.now(UTC)}
        if "metadata" in body:
            values["file_metadata"] = body["metadata"] or {}
        if "access" in body:
            values["hidden"] = (body["access"] or {}).get("hidden", False)
        connection.execute(changed(file).values(**values))
        return existing(connection, draft, key)


def remove(instance: Instance, viewer: Viewer, draft_id: str, key: str | None = None) -> None:
    """Deletes one file of the draft, or all; their bytes go with the sweep if nobody else holds them."""
    with instance.database.write() as connection:
        draft = open_draft(connection, viewer, draft_id, lock=True)
        statement = delete(File).where(File.record_id == draft_id)
        if key is not None:
            existing(connection, draft, key)
            statement = statement.where(File.key == key)
        unfinished = parts.unfinished(connection, draft_id, key)
        connection.execute(statement)
    parts.abandon(instance, unfinished)


def import_previous(instance: Instance, viewer: Viewer, draft_id: str) -> Listed:
    """Takes over all files of the newest published version; the bytes are shared, not copied.

    Raises InvalidInput where the draft is to have no files, or has some; Forbidden on an edit draft.
    """
    now = datetime.now(UTC)
    with instance.database.write() as connection:
        draft = open_draft(connection, viewer, draft_id, lock=True)
        _require_enabled(draft)
        if entries(connection, draft_id):
            raise InvalidInput("Please remove all files first.")
        previous = connection.execute(
            select(RecordRow.id)
            .where(RecordRow.parent_id == draft.parent.id, RecordRow.number < draft.index)
            .where(RecordRow.state == "published")
            .order_by(RecordRow.number.desc())
            .limit(1)
        ).scalar()
        rows = [
            {**_row(draft_id, {"key": file.key, "metadata": file.metadata, "access": {"hidden": file.hidden}}, now),
             "status": "completed", "blob": file.sha256, "mimetype": file.mimetype}
            for file in (entries(connection, previous) if previous else ())
        ]  # fmt: skip
        rows.sort(key=lambda row: row["blob"])  # each locks its blob, and an erasure locks them in this order too
        if rows:
            connection.execute(insert(File), rows)
        return draft, entries(connection, draft_id)


def list_files(instance: Instance, viewer: Viewer, draft_id: str) -> Listed:
    with instance.database.read() as connection:
        return permitted(connection, viewer, draft_id, "draft.read"), entries(connection, draft_id)


def read_file(instance: Instance, viewer: Viewer, draft_id: str, key: str) -> FileEntry:
    with instance.database.read() as connection:
        return existing(connection, permitted(connection, viewer, draft_id, "draft.read"), key)


def open_draft(connection: Connection, viewer: Viewer, draft_id: str, *, lock: bool = False) -> StoredDraft:
    """The draft, if the viewer may change its files. Those of a published record are fixed: Forbidden."""
    draft = find(connection, draft_id, lock=lock)
    require(viewer, "draft.upload", draft.subject)
    if draft.kind == "edit":
        raise Forbidden(LOCKED)
    return draft


def _require_enabled(draft: StoredDraft) -> None:
    if not draft.body["files"]["enabled"]:
        raise InvalidInput("Files are disabled for this draft.", [FieldError("files.enabled", ("Is false.",))])


def existing(connection: Connection, draft: StoredDraft, key: str) -> FileEntry:
    file = entry(connection, draft.id, key)
    if file is None:
        raise NotFound(f"Record '{draft.id}' has no file '{key}'.")
    return file


def changed(file: FileEntry) -> Any:
    """The statement that alters its row, still without values."""
    return update(File).where(File.record_id == file.record_id, File.key == file.key)
