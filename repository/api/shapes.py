"""Records, drafts and files in InvenioRDM's JSON, as far as the viewer may see them."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from repository.api import transfers
from repository.api.links import Links
from repository.records.snapshot import ENTRIES_CARRIED, Json, Snapshot
from repository.records.visibility import access_status
from repository.services.drafts import Draft
from repository.services.files import FileEntry, in_json
from repository.services.own_records import STATUS
from repository.services.reading import Record

NO_MEDIA_FILES: Json = {"enabled": False, "order": [], "count": 0, "total_bytes": 0, "entries": {}}
_BUCKETS = uuid.UUID("6e0e8f0e-1c4f-4b52-9f0c-0c8a8c5b7f11")


def record_json(record: Record, links: Links) -> Json:
    """A published record."""
    snapshot = record.snapshot
    return {
        "id": snapshot.id,
        "created": snapshot.created,
        "updated": snapshot.updated,
        "links": links.of_record(snapshot.id, snapshot.parent, snapshot.pids),
        "revision_id": snapshot.revision_id,
        "parent": _managed(snapshot.parent) if record.manages else snapshot.parent,
        "versions": {
            "is_latest": record.is_latest,
            "index": snapshot.index,
            **({"is_latest_draft": record.is_latest_draft} if record.manages else {}),
        },
        "is_published": True,
        "is_draft": False,
        "pids": snapshot.pids,
        "metadata": snapshot.metadata,
        "custom_fields": snapshot.custom_fields,
        "access": snapshot.access,
        "files": _files(snapshot) if record.files_visible else {"enabled": snapshot.files["enabled"]},
        "media_files": NO_MEDIA_FILES,
        "status": "published",
        "deletion_status": {"is_deleted": False, "status": "P"},
    }


def _managed(parent: Json) -> Json:
    return {**parent, "access": {"grants": [], "links": [], **parent["access"]}}


def _files(snapshot: Snapshot) -> Json:
    return {**snapshot.files, "entries": _entries(snapshot.files["entries"])}


def _entries(entries: Json) -> Json:
    """Without the SHA-256, which is ours and not part of the API's shape."""
    return {key: {name: value for name, value in entry.items() if name != "sha256"} for key, entry in entries.items()}


def draft_json(draft: Draft, links: Links) -> Json:
    """A draft, with what is wrong or missing in `errors`."""
    files = in_json(draft.files, draft.body["files"])
    files["entries"] = _entries(files["entries"]) if len(files["entries"]) <= ENTRIES_CARRIED else {}
    access = draft.body["access"]
    parent = draft.parent.in_json()
    body: Json = {
        "id": draft.id,
        "created": draft.created.isoformat(),
        "updated": draft.updated.isoformat(),
        "links": links.of_draft(draft.id, parent, draft.body["pids"]),
        "revision_id": draft.revision_id,
        "parent": _managed(parent),
        "versions": {"is_latest": draft.is_published, "is_latest_draft": True, "index": draft.index},
        "is_published": draft.is_published,
        "is_draft": True,
        "expires_at": draft.created.isoformat(),
        "pids": draft.body["pids"],
        "metadata": draft.metadata,
        "custom_fields": draft.custom_fields,
        "access": {**access, "status": access_status(access, files["count"] > 0)},
        "files": files,
        "media_files": NO_MEDIA_FILES,
        "status": STATUS[draft.kind],
    }
    if draft.errors:
        body["errors"] = [error.to_json() for error in draft.errors]
    return body


def files_json(
    record_id: str,
    asked: Json,
    entries: Sequence[FileEntry],
    links: Links,
    *,
    draft: bool,
    announced: Collection[str] = (),
) -> Json:
    """The files of a record or draft; `asked` tells whether they are enabled, their order and the default preview.

    Of files that come in parts, those `announced` have the addresses of their parts.
    """
    return {
        "enabled": asked["enabled"],
        "links": links.files(record_id, draft=draft),
        "entries": [file_json(entry, links, draft=draft, parts=entry.key in announced) for entry in entries],
        "default_preview": asked.get("default_preview"),
        "order": asked.get("order", []),
    }


def file_json(file: FileEntry, links: Links, *, draft: bool, parts: bool = False) -> Json:
    """A file; with `parts` it has the addresses that its parts are sent to, as many as they are."""
    body: Json = {
        "created": _text(file.created),
        "updated": _text(file.updated),
        "metadata": file.metadata,
        "access": {"hidden": file.hidden},
        "links": links.file(file.record_id, file.key, draft=draft),
        "key": file.key,
        "transfer": transfers.shown(file),
        "status": file.status,
    }
    body["links"] |= transfers.links(file, body["links"]["content"]) if parts else transfers.replaced(file)
    if file.completed:
        body |= {
            "mimetype": file.mimetype,
            "version_id": file.id,
            "file_id": file.id,
            "bucket_id": str(uuid.uuid5(_BUCKETS, file.record_id)),
            "checksum": f"md5:{file.md5}",
            "size": file.size,
            "storage_class": "L",
        }
    else:
        body |= file.announced
    return body


def _text(moment: datetime) -> str:
    return moment.isoformat()
