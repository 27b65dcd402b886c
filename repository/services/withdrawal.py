"""What takes a record out of sight: withdrawn with a tombstone, restored, erased for good."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, select, update

from repository.auth.permissions import require
from repository.errors import INVALID, FieldError, InvalidInput, NotFound
from repository.records.snapshot import Json, Snapshot, erased, load
from repository.records.visibility import Viewer
from repository.services import dois
from repository.services.drafts import UNKNOWN
from repository.services.files import entries, in_json, whole_list
from repository.services.instance import Instance
from repository.services.publishing import embargo_end
from repository.services.states import NO_FILES, Parent, Stored, append, build, parent_of, settle, versions_of
from repository.services.sweeping import ERASED, remove_dying
from repository.storage import changes
from repository.storage.models import (
    Answer,
    Blob,
    ChangeRow,
    DraftRow,
    File,
    FileListRow,
    RecordRow,
    Revision,
    SnapshotRow,
    Source,
)

_OPEN: Json = {
    "record": "public",
    "files": "public",
    "embargo": {"active": False, "reason": None},
    "status": "open",
}
OPERATOR = "0"
"""Stands for the account that withdrew a record where it has none (commands)."""


def withdraw(instance: Instance, viewer: Viewer, record_id: str, wish: Json) -> Snapshot:
    """Leaves a tombstone: `{removal_reason?: {id}, note?, citation_text?, is_visible?}`.

    Raises NotFound, Forbidden, InvalidInput for a reason that the vocabulary lacks.
    """
    tombstone = _tombstone(instance, viewer, record_id, wish)
    with instance.database.write() as connection:
        stored, parent = _lock(connection, record_id)
        if stored.state != "published":
            raise NotFound(UNKNOWN)
        _forget_answers(connection, record_id)
        return _set_state(
            connection, instance, "withdrawn", replace(stored, state="withdrawn", tombstone=tombstone), parent
        )


def restore(instance: Instance, viewer: Viewer, record_id: str) -> Snapshot:
    """Undoes a withdrawal. Raises NotFound, Forbidden; what was erased can't come back."""
    require(viewer, "record.restore")
    with instance.database.write() as connection:
        stored, parent = _lock(connection, record_id)
        if stored.state != "withdrawn":
            raise NotFound(UNKNOWN)
        return _set_state(connection, instance, "restored", replace(stored, state="published", tombstone=None), parent)


def _tombstone(instance: Instance, viewer: Viewer, record_id: str, wish: Json) -> Json:
    require(viewer, "record.withdraw")
    reason = (wish.get("removal_reason") or {}).get("id")
    with instance.database.read() as connection:
        if connection.execute(select(RecordRow.id).where(RecordRow.id == record_id)).first() is None:
            raise NotFound(UNKNOWN)
        if reason and not instance.terms.lookup(connection, [("removalreasons", reason)]):
            raise InvalidInput(INVALID, [FieldError("removal_reason.id", (f"Invalid value {reason}.",))])
    return {
        **({"removal_reason": {"id": reason}} if reason else {}),
        "note": wish.get("note", ""),
        "citation_text": wish.get("citation_text", ""),
        "is_visible": wish.get("is_visible", True),
        "removed_by": {"user": viewer.account or OPERATOR},
        "removal_date": datetime.now(UTC).isoformat(),
    }


def _lock(connection: Connection, record_id: str) -> tuple[Stored, Parent]:
    """The record under its parent's lock, which is always taken first: so no two of these wait for each other."""
    statement = select(RecordRow.__table__).where(RecordRow.id == record_id)
    found = connection.execute(statement).one_or_none()
    if found is None:
        raise NotFound(UNKNOWN)
    parent = parent_of(connection, found.parent_id, lock=True)
    row = connection.execute(statement).one()
    stored = Stored(
        row.id, row.number, row.revision_id, row.created, row.updated, row.state, row.body, row.tombstone, row.origin
    )
    return stored, parent


def _set_state(connection: Connection, instance: Instance, kind: Any, stored: Stored, parent: Parent) -> Snapshot:
    """A new state of the record by somebody other than its editor: the revision goes up, the content stays."""
    stored = replace(stored, revision_id=stored.revision_id + 1, updated=datetime.now(UTC))
    terms = instance.terms_of(connection, stored.body)
    files = entries(connection, stored.id) if stored.body["files"]["enabled"] else ()
    block = in_json(files, stored.body["files"]) if stored.body["files"]["enabled"] else NO_FILES
    list_digest = changes.store_file_list(connection, whole_list(files)) if files else ""
    built = build(stored, parent, terms, instance.rules.custom_fields, block, list_digest)
    snapshot, revised = settle(built, versions_of(connection, parent.id))
    connection.execute(
        update(RecordRow)
        .where(RecordRow.id == stored.id)
        .values(
            state=stored.state,
            tombstone=stored.tombstone,
            revision_id=stored.revision_id,
            updated=stored.updated,
            embargo_until=embargo_end(stored.body["access"]) if stored.state == "published" else None,
            snapshot=changes.named(snapshot),
        )
    )
    append(connection, kind, snapshot, revised)
    return snapshot


def erase(instance: Instance, viewer: Viewer, record_id: str, note: str = "") -> Snapshot:
    """Removes content, revisions, files and bytes that nobody else holds; id, place and a bare tombstone stay.

    What the readers hold of it they remove when the change reaches them. What is erased already stays as it is: only
    the bytes are deleted that this or any other erasure has left, none perhaps.

    Raises NotFound, Forbidden; what the object store raises: the record is erased then, and some of its bytes are left.
    """
    with instance.database.write() as connection:
        snapshot = erase_within(connection, viewer, record_id, note)
    remove_dying(instance, ERASED)
    return snapshot


def is_erased(instance: Instance, record_id: str) -> bool:
    with instance.database.read() as connection:
        state = connection.execute(select(RecordRow.state).where(RecordRow.id == record_id)).scalar()
    return state == "erased"


def erase_within(connection: Connection, viewer: Viewer, record_id: str, note: str) -> Snapshot:
    """An erasure in somebody else's transaction; `remove_dying` is to follow it. Raises NotFound, Forbidden."""
    require(viewer, "record.erase")
    stored, parent = _lock(connection, record_id)
    others = versions_of(connection, parent.id)
    snapshot = next(other for other in others if other.id == record_id)
    if snapshot.state == "erased":
        return snapshot
    return _erase(connection, viewer, stored, parent, snapshot, others, note)


def _erase(
    connection: Connection,
    viewer: Viewer,
    stored: Stored,
    parent: Parent,
    before: Snapshot,
    others: Sequence[Snapshot],
    note: str,
) -> Snapshot:
    """Everything but the bytes, which are only marked. `others`: all versions, `before` among them."""
    now = datetime.now(UTC)
    tombstone = {
        "note": note,
        "is_visible": True,
        "removed_by": {"user": viewer.account or OPERATOR},
        "removal_date": now.isoformat(),
    }
    bare = replace(
        erased(before, tombstone),
        parent=parent.in_json(),
        access=_OPEN,
        revision_id=stored.revision_id + 1,
        updated=now.isoformat(),
    )
    snapshot, revised = settle(bare, others)
    _remove_content(connection, stored.id, snapshot)
    connection.execute(
        update(RecordRow)
        .where(RecordRow.id == stored.id)
        .values(
            state="erased",
            body={"metadata": {}, "custom_fields": {}, "access": {}, "pids": {}, "files": {"enabled": False}},
            tombstone=tombstone,
            origin=None,
            embargo_until=None,
            revision_id=bare.revision_id,
            updated=now,
            snapshot=changes.named(snapshot),
        )
    )
    append(connection, "erased", snapshot, revised)
    return snapshot


def _remove_content(connection: Connection, record_id: str, bare: Snapshot) -> None:
    """Everything that older states left behind: earlier changes now carry the bare state as well.

    Bytes that nobody holds any more are only marked: they are deleted once all this is committed.
    """
    past = connection.execute(select(ChangeRow.snapshot).where(ChangeRow.record_id == record_id)).scalars().all()
    connection.execute(update(ChangeRow).where(ChangeRow.record_id == record_id).values(snapshot=changes.named(bare)))
    bodies = connection.execute(select(SnapshotRow.body).where(SnapshotRow.digest.in_(past))).scalars().all()
    lists = {load(body).files_digest for body in bodies}  # ids of files are in them: no other record has the same list
    connection.execute(delete(FileListRow).where(FileListRow.digest.in_(lists)))
    connection.execute(delete(SnapshotRow).where(SnapshotRow.digest.in_(past)))
    connection.execute(delete(Revision).where(Revision.record_id == record_id))
    connection.execute(delete(DraftRow).where(DraftRow.id == record_id))
    dois.release(connection, record_id)
    _forget_answers(connection, record_id)
    connection.execute(update(Source).where(Source.record_id == record_id).values(digest=""))
    held = (
        connection.execute(select(File.blob).where(File.record_id == record_id, File.blob.is_not(None))).scalars().all()
    )
    connection.execute(delete(File).where(File.record_id == record_id))
    locked = select(Blob.sha256).where(Blob.sha256.in_(held)).order_by(Blob.sha256).with_for_update()
    blobs = connection.execute(locked).scalars().all()  # in one order: two erasures do not wait for each other
    shared = set(connection.execute(select(File.blob).where(File.blob.in_(blobs))).scalars())
    unheld = Blob.sha256.in_(set(blobs) - shared)
    connection.execute(update(Blob).where(unheld).values(dying_since=ERASED))


def _forget_answers(connection: Connection, record_id: str) -> None:
    """Answers that are kept for repeated requests carry the record as it was."""
    connection.execute(delete(Answer).where(cast(Answer.body, Text).contains(f'"id":"{record_id}"')))
