"""The files of a landing page."""

from dataclasses import dataclass
from urllib.parse import quote

from repository.records.identifiers import file_path
from repository.records.snapshot import Json, Snapshot
from site_builder.texts import Texts, counted, size_text

FOLDED_AFTER = 50
"""Further files are behind a fold."""


@dataclass(frozen=True, slots=True)
class FileRow:
    key: str
    href: str
    size: str
    octets: str
    """The exact size in words."""
    mimetype: str
    checksums: tuple[str, ...]
    """`sha256:…`, `md5:…`."""


@dataclass(frozen=True, slots=True)
class FileList:
    total: str
    """`3 files, 1.2 MB`."""
    first: tuple[FileRow, ...]
    folded: tuple[FileRow, ...]
    is_too_long: bool
    """More files than a record names."""
    list_href: str
    archive_href: str


def file_list(snapshot: Snapshot, texts: Texts, *, draft: bool) -> FileList | None:
    """The files in the depositor's order, then by key; None where there are none.

    Whether they may be shown is for the caller to know. Those of a draft are read through the API.
    """
    block = snapshot.files
    if not block.get("enabled") or not block.get("count"):
        return None
    shown = listed_entries(block)
    is_too_long = not block["entries"]
    count = block["count"] if is_too_long else len(shown)
    octets = block["total_bytes"] if is_too_long else sum(entry["size"] for entry in shown)
    api = f"/api/records/{snapshot.id}{'/draft' if draft else ''}"
    rows = [_row(snapshot.id, entry, texts, f"{api}/files/" if draft else "") for entry in shown]
    return FileList(
        total=counted(texts, texts.files_total, count, size_text(octets, texts)),
        first=tuple(rows[:FOLDED_AFTER]),
        folded=tuple(rows[FOLDED_AFTER:]),
        is_too_long=is_too_long,
        list_href=f"{api}/files",
        archive_href=f"{api}/files-archive",
    )


def listed_entries(block: Json) -> list[Json]:
    """Entries of the block `files` as a page lists them: in the depositor's order, then by key, without hidden ones."""
    order = {key: position for position, key in enumerate(block.get("order") or ())}
    shown = [entry for entry in block["entries"].values() if not (entry.get("access") or {}).get("hidden")]
    shown.sort(key=lambda entry: (order.get(entry["key"], len(order)), entry["key"]))
    return shown


def _row(record_id: str, entry: Json, texts: Texts, draft_files: str) -> FileRow:
    key = entry["key"]
    href = f"{draft_files}{quote(key, safe='/')}/content" if draft_files else file_path(record_id, key)
    checksums = (f"sha256:{entry['sha256']}" if entry.get("sha256") else "", entry.get("checksum", ""))
    return FileRow(
        key=key,
        href=href,
        size=size_text(entry["size"], texts),
        octets=counted(texts, texts.octets, entry["size"]),
        mimetype=entry.get("mimetype", ""),
        checksums=tuple(checksum for checksum in checksums if checksum),
    )
