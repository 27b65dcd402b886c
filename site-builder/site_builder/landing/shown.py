"""What a landing page shows of files beside their list: previews, and a card of what has none."""

from collections.abc import Sequence
from dataclasses import dataclass

from repository.api.files import INLINE
from repository.records.identifiers import file_path, landing_path
from repository.records.snapshot import Json, Snapshot
from site_builder.landing.files import listed_entries
from site_builder.previews.choosing import PREVIEWS, SHOWN, Shown
from site_builder.previews.preview import Preview
from site_builder.texts import Texts, counted, number_text, size_text

_OPEN = 2_500
"""Bytes of markup up to which the first one is unfolded."""
_SUFFIXES = {
    "pdf": "pdf", "doc": "text", "docx": "text", "odt": "text", "rtf": "text", "epub": "text", "xls": "sheet",
    "xlsx": "sheet", "ods": "sheet", "ppt": "slides", "pptx": "slides", "odp": "slides", "zip": "archive",
    "gz": "archive", "tgz": "archive", "bz2": "archive", "xz": "archive", "7z": "archive", "rar": "archive",
    "tar": "archive", "zst": "archive", "h5": "data", "hdf5": "data", "nc": "data", "mat": "data", "rds": "data",
    "rdata": "data", "parquet": "data", "feather": "data", "npy": "data", "npz": "data", "fits": "data", "dta": "data",
    "sav": "data", "sqlite": "database", "db": "database", "mdb": "database", "gpkg": "database", "csv": "table",
    "tsv": "table", "svg": "image", "html": "web", "htm": "web", "ipynb": "notebook",
}  # fmt: skip
_FAMILIES = {"image": "image", "audio": "audio", "video": "video", "text": "plain"}


@dataclass(frozen=True, slots=True)
class FilePreview:
    """A card, or what is folded up under a file's name."""

    key: str
    href: str
    facts: str
    """`PDF document, 1.2 MB`."""
    opens: bool
    """Whether a browser shows the file itself."""
    preview: Preview | None
    caption: str
    picture: str
    """Path of the picture made smaller."""
    is_open: bool
    entries: tuple[tuple[str, str], ...]
    """Name and size of what is in an archive."""


def file_previews(snapshot: Snapshot, shown: Sequence[Shown], texts: Texts) -> tuple[FilePreview, ...]:
    """In the order of the list, previews first in line for the few places that there are. Whether files may be shown is
    for the caller to know."""
    block = snapshot.files
    if not block.get("entries"):
        return ()
    previews = {one.key: one for one in shown}
    chosen = block.get("default_preview")
    listed = sorted(listed_entries(block), key=lambda entry: entry["key"] != chosen)
    others = [entry["key"] for entry in listed[:SHOWN] if entry["key"] not in previews]
    wanted = {*previews, *others[: SHOWN - len(previews)]}
    made: list[FilePreview] = []
    for entry in listed:
        if entry["key"] in wanted:
            made.append(_made(snapshot.id, entry, previews.get(entry["key"]), texts, is_first=not made))
            if len(made) == len(wanted):
                break
    return tuple(made)


def _made(record_id: str, entry: Json, shown: Shown | None, texts: Texts, *, is_first: bool) -> FilePreview:
    preview = shown.preview if shown else None
    is_picture = preview is not None and preview.form == "picture"
    is_text = preview is not None and preview.form in ("text", "prose")
    kind = texts.file_kinds[_kind(entry) or ("plain" if is_text else "file")]
    return FilePreview(
        key=entry["key"],
        href=file_path(record_id, entry["key"]),
        facts=f"{kind}, {size_text(entry['size'], texts)}",
        opens=entry.get("mimetype", "") in INLINE,
        preview=preview,
        caption=_caption(preview, texts) if preview else "",
        picture=f"{landing_path(record_id)}/{PREVIEWS}/{shown.sha256}.webp" if shown and is_picture else "",
        is_open=is_first and preview is not None and preview.weight <= _OPEN,
        entries=tuple((name, size_text(size, texts)) for name, size in preview.entries) if preview else (),
    )


def _kind(entry: Json) -> str:
    """The key of `Texts.file_kinds`; empty where its name and media type tell none."""
    family = entry.get("mimetype", "").partition("/")[0]
    return _SUFFIXES.get(entry["key"].rpartition(".")[2].lower()) or _FAMILIES.get(family, "")


def _caption(preview: Preview, texts: Texts) -> str:
    match preview.form:
        case "table":
            said = _rows(preview, texts)
            if preview.columns < preview.columns_total:
                said += " " + texts.preview_columns.format(
                    preview.columns, number_text(preview.columns_total, texts.language)
                )
            return said
        case "listing":
            whole = counted(texts, texts.preview_entries, preview.total, size_text(preview.octets, texts))
            return whole if preview.is_whole else texts.preview_first_entries.format(preview.shown, whole)
        case "text" | "prose":
            return "" if preview.is_whole else texts.preview_beginning
        case _:
            return ""


def _rows(preview: Preview, texts: Texts) -> str:
    if preview.is_whole:
        return counted(texts, texts.preview_rows, preview.total)
    if not preview.total:
        return texts.preview_first_rows.format(preview.shown)
    return texts.preview_some_rows.format(preview.shown, number_text(preview.total, texts.language))
