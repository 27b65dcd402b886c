"""Reading what is published, as far as the viewer may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from repository.auth.permissions import Subject, allowed, require
from repository.errors import Forbidden, Gone, Moved, NotFound
from repository.formats.files import with_all_files
from repository.records.snapshot import Snapshot, load
from repository.records.visibility import Viewer, latest, sight, visible_versions
from repository.services.drafts import UNKNOWN
from repository.services.files import FileEntry, entries, entry
from repository.services.instance import Instance
from repository.storage.database import Database, in_parts
from repository.storage.models import Blob, DraftRow, FileListRow, ParentRow, Pid, RecordRow, Revision, SnapshotRow


@dataclass(frozen=True, slots=True)
class Record:
    """A published record as one viewer sees it."""

    snapshot: Snapshot
    is_latest: bool
    files_visible: bool
    manages: bool
    """The viewer may manage it: sees grants and links, and whether a newer draft exists."""
    is_latest_draft: bool = True


_STATE = select(SnapshotRow.body).join(RecordRow, RecordRow.snapshot == SnapshotRow.digest)


def read(instance: Instance, viewer: Viewer, record_id: str) -> Record:
    """One record. Raises NotFound, Forbidden, Gone with the tombstone, Moved for the id of a parent."""
    with instance.database.read() as connection:
        return find(connection, viewer, record_id)


def find(connection: Connection, viewer: Viewer, record_id: str) -> Record:
    """See `read`."""
    body = connection.execute(_STATE.where(RecordRow.id == record_id)).scalar_one_or_none()
    if body is None:
        raise _missing(connection, viewer, record_id)
    record = seen(load(body), viewer)
    if record.manages:
        newer = select(DraftRow.id).where(DraftRow.parent_id == record.snapshot.parent_id, DraftRow.kind == "version")
        is_latest = record.is_latest and connection.execute(newer).first() is None
        return Record(record.snapshot, record.is_latest, record.files_visible, True, is_latest)
    return record


def seen(snapshot: Snapshot, viewer: Viewer) -> Record:
    """The record as the viewer sees it. Raises Forbidden, Gone, NotFound."""
    view = sight(snapshot, viewer)
    if view == "absent":
        raise NotFound("Record not found")
    if view == "tombstone":
        raise Gone(snapshot.tombstone or {})
    if view == "forbidden":
        raise Forbidden
    newest = latest(visible_versions(snapshot, viewer))
    owner = (snapshot.parent["access"]["owned_by"] or {}).get("user", "")
    manages = allowed(viewer, "record.manage", Subject(owner))
    return Record(snapshot, newest is None or newest.id == snapshot.id, view == "full", manages)


def _missing(connection: Connection, viewer: Viewer, record_id: str) -> Exception:
    """Why there is no such record: an id of a parent leads to its newest version, one of a draft is not registered."""
    versions = connection.execute(_STATE.where(RecordRow.parent_id == record_id).limit(1)).scalar_one_or_none()
    if versions is not None:
        newest = latest(visible_versions(load(versions), viewer))
        return Moved(newest.id) if newest else _closed(load(versions), viewer)
    draft = connection.execute(select(DraftRow.id).where(DraftRow.id == record_id)).first()
    return NotFound("The persistent identifier is not registered." if draft else UNKNOWN)


def _closed(snapshot: Snapshot, viewer: Viewer) -> Exception:
    """Of a parent none of whose versions the viewer may read: what one of them would answer."""
    return Forbidden() if sight(snapshot, viewer) == "forbidden" else NotFound(UNKNOWN)


def fill(connection: Connection, viewer: Viewer, record_ids: Sequence[str]) -> list[Record]:
    """Records by id, in the order given; those that the viewer may not see, or that are gone, are left out."""
    rows = connection.execute(select(RecordRow.id, SnapshotRow.body).join(
        SnapshotRow, RecordRow.snapshot == SnapshotRow.digest).where(RecordRow.id.in_(record_ids)))  # fmt: skip
    bodies = {row.id: row.body for row in rows}
    found = []
    for record_id in record_ids:
        if record_id in bodies:
            snapshot = load(bodies[record_id])
            if sight(snapshot, viewer) in ("full", "without_files"):
                found.append(seen(snapshot, viewer))
    return found


def newest(instance: Instance, viewer: Viewer, record_id: str) -> str:
    """Id of the newest version that the viewer may see; of a withdrawn record too, if it has a visible successor."""
    with instance.database.read() as connection:
        body = connection.execute(_STATE.where(RecordRow.id == record_id)).scalar_one_or_none()
        if body is None:
            raise _missing(connection, viewer, record_id)
        snapshot = load(body)
        _require_known(snapshot, viewer)
        version = latest(visible_versions(snapshot, viewer))
        if version is None:
            seen(snapshot, viewer)
            raise NotFound(UNKNOWN)
        return version.id


def versions(instance: Instance, viewer: Viewer, record_id: str) -> list[Record]:
    """All versions of the record's parent that the viewer may read, newest first."""
    with instance.database.read() as connection:
        body = connection.execute(_STATE.where(RecordRow.id == record_id)).scalar_one_or_none()
        if body is None:
            draft = connection.execute(
                select(DraftRow.parent_id, ParentRow.owner_id)
                .join(ParentRow, ParentRow.id == DraftRow.parent_id)
                .where(DraftRow.id == record_id)
            ).one_or_none()
            if draft is None:
                raise _missing(connection, viewer, record_id)
            require(viewer, "draft.read", Subject(str(draft.owner_id or "")))
            parent_id = draft.parent_id
        else:
            snapshot = load(body)
            _require_known(snapshot, viewer)
            parent_id = snapshot.parent_id
        ids = connection.execute(
            select(RecordRow.id).where(RecordRow.parent_id == parent_id).order_by(RecordRow.number.desc())
        ).scalars()
        return fill(connection, viewer, list(ids))


def _require_known(snapshot: Snapshot, viewer: Viewer) -> None:
    """That the viewer sees the record or its tombstone: through any other, its versions are not told either.

    Raises Forbidden, NotFound.
    """
    if sight(snapshot, viewer) in ("forbidden", "absent"):
        seen(snapshot, viewer)


def files(instance: Instance, viewer: Viewer, record_id: str) -> tuple[Record, tuple[FileEntry, ...]]:
    """The record and its files. Raises Forbidden where the viewer may not see them."""
    with instance.database.read() as connection:
        record = find(connection, viewer, record_id)
        if not record.files_visible:
            raise Forbidden
        return record, entries(connection, record_id) if record.snapshot.files["enabled"] else ()


def file(instance: Instance, viewer: Viewer, record_id: str, key: str) -> tuple[Record, FileEntry]:
    """One file of a record. Raises Forbidden, NotFound."""
    with instance.database.read() as connection:
        record = find(connection, viewer, record_id)
        if not record.files_visible:
            raise Forbidden
        found = entry(connection, record_id, key) if record.snapshot.files["enabled"] else None
        if found is None or not found.completed:
            raise NotFound(f"Record '{record_id}' has no file '{key}'.")
        return record, found


def whole(database: Database, snapshot: Snapshot) -> Snapshot:
    """The snapshot with all its files, as formats need it that name every file; itself where it has them."""
    if not snapshot.files_listed or snapshot.files["entries"] or not snapshot.files["count"]:
        return snapshot
    with database.read() as connection:
        body = connection.execute(
            select(FileListRow.body).where(FileListRow.digest == snapshot.files_digest)
        ).scalar_one_or_none()
    return with_all_files(snapshot, orjson.loads(body)) if body else snapshot  # erased in between: another change comes


def location(database: Database, sha256: str) -> str:
    """Where the object store has the bytes with this digest; empty where no record has them any more."""
    with database.read() as connection:
        found = connection.execute(select(Blob.location).where(Blob.sha256 == sha256)).scalar_one_or_none()
    return found or ""


def moments(database: Database, record_ids: Sequence[str]) -> dict[str, str]:
    """When these records were published, as their snapshots have it."""
    found: dict[str, str] = {}
    with database.read() as connection:
        for some in in_parts(record_ids):
            rows = connection.execute(select(RecordRow.id, RecordRow.created).where(RecordRow.id.in_(some)))
            found |= {row.id: row.created.isoformat() for row in rows}
    return found


def revisions(instance: Instance, viewer: Viewer, record_id: str) -> list[dict[str, Any]]:
    """All revisions of a record, newest first: `{revision_id, at, account_id, body}`; for admins."""
    with instance.database.read() as connection:
        record = find(connection, viewer, record_id)
        require(viewer, "record.revisions")
        rows = connection.execute(
            select(Revision.revision_id, Revision.at, Revision.account_id, Revision.body)
            .where(Revision.record_id == record.snapshot.id)
            .order_by(Revision.revision_id.desc())
        )
        return [dict(row) for row in rows.mappings()]


def holder_of_doi(instance: Instance, viewer: Viewer, doi_key: str) -> str | None:
    """Id of the record (or parent) that has this DOI, given in lower case; a reserved one has none yet.

    None as well where the viewer sees neither the record nor a tombstone.
    """
    with instance.database.read() as connection:
        holder = connection.execute(
            select(Pid.holder).where(Pid.scheme == "doi", Pid.value == doi_key, Pid.status != "reserved")
        ).scalar()
        if holder is None:
            return None
        try:
            find(connection, viewer, holder)
        except (Forbidden, NotFound):
            return None
        except (Gone, Moved):
            return holder
        return holder
