"""A snapshot's values by the fields of the query language: what a query is matched against, in any engine or none."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from repository.records.dates import bounds
from repository.records.query_fields import CUSTOM, FIELDS
from repository.records.snapshot import Json, Snapshot
from repository.records.visibility import SYSTEM, latest, visible_versions
from repository.records.words import plain, unmarked


@dataclass(slots=True)
class _Branch:
    name: str = ""
    """Of the field that ends here."""
    children: dict[str, "_Branch"] = field(default_factory=dict)


def _tree() -> _Branch:
    root = _Branch()
    for name in FIELDS:
        branch = root
        for step in name.split("."):
            branch = branch.children.setdefault(step, _Branch())
        branch.name = name
    return root


_TREE = _tree()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Values = dict[str, list[str | int]]
_MARKUP = {
    **{name: plain for name, kind in FIELDS.items() if kind == "html"},
    **dict.fromkeys(("metadata.title", "metadata.additional_titles.title"), unmarked),
}


def values(snapshot: Snapshot) -> Values:
    """What the record has in each field, by path; only fields that have something.

    Text is without markup; moments are microseconds, dates EDTF text. Files that not all who see the record may list
    are left out, and so are hidden ones.
    """
    found: Values = {}
    _collect(_record(snapshot), _TREE, found)
    for name, value in snapshot.custom_fields.items():
        _collect_custom(value, f"{CUSTOM}{name}", found)
    for name in ("created", "updated"):
        found[name] = [moment(str(value)) for value in found.get(name, ())]
    for name, markup in _MARKUP.items():
        if name in found:
            found[name] = [markup(str(value)) for value in found[name]]
    return found


def _record(snapshot: Snapshot) -> Json:
    """The record's JSON as the fields address it."""
    type_id = str(snapshot.metadata.get("resource_type", {}).get("id", ""))
    return {
        "id": snapshot.id,
        "created": snapshot.created,
        "updated": snapshot.updated,
        "revision_id": snapshot.revision_id,
        "is_published": "true",
        "is_draft": "false",
        "status": "published",
        "versions": {"index": snapshot.index, "is_latest": _is_latest(snapshot)},
        "parent": snapshot.parent,
        "pids": snapshot.pids,
        "access": snapshot.access,
        "files": _files(snapshot),
        "metadata": snapshot.metadata
        | {
            "resource_type": snapshot.metadata.get("resource_type", {})
            | {"props": {"type": top_type(snapshot, type_id)}}
        },
    }


def top_type(snapshot: Snapshot, type_id: str) -> str:
    """The general type above a resource type: `publication` of `publication-article`."""
    return snapshot.prop("resourcetypes", type_id, "type") or type_id.partition("-")[0]


def _is_latest(snapshot: Snapshot) -> bool:
    """Among the versions that all may know of who may see this one."""
    seen = visible_versions(snapshot, SYSTEM) if snapshot.closed else visible_versions(snapshot)
    newest = latest(seen)
    return newest is not None and newest.id == snapshot.id


def _files(snapshot: Snapshot) -> Json:
    files = snapshot.files
    if not files.get("enabled") or (snapshot.files_closed and not snapshot.closed):
        return {"enabled": bool(files.get("enabled"))}
    entries = [entry for entry in files.get("entries", {}).values() if not entry.get("access", {}).get("hidden")]
    checksums = [str(entry.get(name) or "") for entry in entries for name in ("checksum", "sha256")]
    return {
        "enabled": True,
        "count": files.get("count", 0),
        "total_bytes": files.get("total_bytes", 0),
        "types": sorted({str(entry.get("ext") or "").lower() for entry in entries} - {""}),
        "entries": {
            "key": [entry["key"] for entry in entries],
            "checksum": [form for text in checksums if text for form in {text, text.rpartition(":")[2]}],
            "mimetype": sorted({str(entry.get("mimetype") or "") for entry in entries} - {""}),
        },
    }


def _collect(value: Any, branch: _Branch, found: Values) -> None:
    if isinstance(value, dict):
        if branch.name:  # a text in several languages
            found.setdefault(branch.name, []).extend(text for text in value.values() if isinstance(text, str) and text)
        children = branch.children
        for step, inner in value.items():
            child = children.get(step)
            if child is None or inner is None:
                continue
            if isinstance(inner, str):  # most are
                if inner and child.name:
                    found.setdefault(child.name, []).append(inner)
            else:
                _collect(inner, child, found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, branch, found)
    elif branch.name and value not in ("", None):
        found.setdefault(branch.name, []).append(_scalar(value))


def _collect_custom(value: Any, path: str, found: Values) -> None:
    if isinstance(value, dict):
        for step, inner in value.items():
            _collect_custom(inner, f"{path}.{step}", found)
    elif isinstance(value, list):
        for inner in value:
            _collect_custom(inner, path, found)
    elif value not in ("", None):
        found.setdefault(path, []).append(str(_scalar(value)))


def _scalar(value: Any) -> str | int:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int) else str(value)


def moment(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 time; without an offset it is UTC."""
    parsed = datetime.fromisoformat(text)
    since = parsed.replace(tzinfo=parsed.tzinfo or UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moments(text: str) -> tuple[int, int] | None:
    """First and last microsecond of a year, month, day, minute, second or moment; None if the text is none of these."""
    whole_days = bounds(text)
    if whole_days:
        first, last = ((day.toordinal() - _EPOCH.toordinal()) * _DAY for day in whole_days)
        return first, last + _DAY - 1
    match = _TIME.fullmatch(text)
    if not match:
        return None
    try:
        start = moment(text)
    except ValueError:
        return None
    return start, start + (0 if match["fraction"] else 999_999 if match["second"] else 59_999_999)


_DAY = 86_400_000_000
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?P<second>:\d\d(?P<fraction>\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII
)


def days(text: str) -> tuple[int, int] | None:
    """First and last day of an EDTF date or interval, as numbers that grow with time; None if it is no such date."""
    found = bounds(text, times=True)
    return (found[0].toordinal(), found[1].toordinal()) if found else None
