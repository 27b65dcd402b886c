"""Files of a record or draft as the database knows them, and their places in JSON."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from repository.formats.packing import COMPRESSIONS
from repository.records.snapshot import ENTRIES_CARRIED, Json
from repository.storage.models import Blob, File

_UNKNOWN = "application/octet-stream"

mimetypes.add_type("text/csv", ".csv")
mimetypes.add_type("text/markdown", ".md")
mimetypes.add_type("application/x-ipynb+json", ".ipynb")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file. Until bytes have arrived, `sha256`, `md5` and `location` are empty and `size` is what was announced."""

    record_id: str
    key: str
    id: str
    status: str
    sha256: str
    md5: str
    size: int | None
    location: str
    mimetype: str
    announced: Json
    metadata: Json
    hidden: bool
    created: datetime
    updated: datetime
    transfer: Json | None
    """How the bytes come, while they come in parts: see `services/parts.py`."""

    @property
    def has_bytes(self) -> bool:
        return bool(self.sha256)

    @property
    def completed(self) -> bool:
        return self.status == "completed"


_COLUMNS = (
    File.record_id,
    File.key,
    File.id,
    File.status,
    File.mimetype,
    File.announced,
    File.file_metadata,
    File.hidden,
    File.created,
    File.updated,
    File.transfer,
    Blob.sha256,
    Blob.md5,
    Blob.size,
    Blob.location,
)
_SELECT = select(*_COLUMNS).outerjoin(Blob, Blob.sha256 == File.blob)


def entries(connection: Connection, record_id: str) -> tuple[FileEntry, ...]:
    """All files of a record or draft, by key."""
    rows = connection.execute(_SELECT.where(File.record_id == record_id).order_by(File.key))
    return tuple(_entry(row) for row in rows)


def entry(connection: Connection, record_id: str, key: str) -> FileEntry | None:
    row = connection.execute(_SELECT.where(File.record_id == record_id, File.key == key)).one_or_none()
    return _entry(row) if row is not None else None


def _entry(row: Row[Any]) -> FileEntry:
    return FileEntry(
        record_id=row.record_id,
        key=row.key,
        id=row.id,
        status=row.status,
        sha256=row.sha256 or "",
        md5=row.md5 or "",
        size=row.size if row.sha256 else row.announced.get("size"),
        location=row.location or "",
        mimetype=row.mimetype,
        announced=row.announced,
        metadata=row.file_metadata,
        hidden=row.hidden,
        created=row.created,
        updated=row.updated,
        transfer=row.transfer,
    )


def guess_mimetype(key: str) -> str:
    media_type, compression = mimetypes.guess_type(key, strict=False)
    found = COMPRESSIONS.get(compression, _UNKNOWN) if compression else media_type
    return found or _UNKNOWN


def in_json(files: Sequence[FileEntry], asked: Json) -> Json:
    """The `files` block of a record, from its completed files and what the depositor asked for (order, preview)."""
    completed = [file for file in files if file.completed] if asked["enabled"] else []
    block: Json = {
        "enabled": asked["enabled"],
        "order": asked.get("order", []),
        "count": len(completed),
        "total_bytes": sum(file.size or 0 for file in completed),
        "entries": {file.key: _in_entries(file) for file in completed} if len(completed) <= ENTRIES_CARRIED else {},
    }
    if asked.get("default_preview"):
        block["default_preview"] = asked["default_preview"]
    return block


def whole_list(files: Sequence[FileEntry]) -> bytes:
    """All completed files as one JSON list: an object of its own, however long."""
    return orjson.dumps([_in_entries(file) for file in files if file.completed])


def _in_entries(file: FileEntry) -> Json:
    return {
        "id": file.id,
        "key": file.key,
        "ext": PurePosixPath(file.key).suffix.lstrip(".").lower(),
        "size": file.size,
        "mimetype": file.mimetype,
        "checksum": f"md5:{file.md5}",
        "sha256": file.sha256,
        "storage_class": "L",
        "metadata": file.metadata,
        "access": {"hidden": file.hidden},
    }
