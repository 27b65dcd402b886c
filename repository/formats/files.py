"""The files of a record as formats may name them."""

from collections.abc import Iterable
from dataclasses import replace

from repository.records.snapshot import Json, Snapshot


def with_all_files(snapshot: Snapshot, listed: Iterable[Json]) -> Snapshot:
    """The snapshot with its whole list of files, of which it carries only the count where they are very many."""
    return replace(snapshot, files={**snapshot.files, "entries": {entry["key"]: entry for entry in listed}})


def listed_files(snapshot: Snapshot) -> list[Json]:
    """Files that everybody may list, in the depositor's order, then by key; hidden ones left out.

    Empty for closed files, and for more files than a record names (`count` tells).
    """
    if not snapshot.files_listed:
        return []
    order = {key: position for position, key in enumerate(snapshot.files.get("order") or ())}
    entries = (entry for entry in snapshot.files["entries"].values() if not (entry.get("access") or {}).get("hidden"))
    return sorted(entries, key=lambda entry: (order.get(entry["key"], len(order)), entry["key"]))


def has_files(snapshot: Snapshot) -> bool:
    """Whether there is a file that everybody may list, named in the snapshot or one of too many to be named."""
    if not snapshot.files_listed:
        return False
    entries = snapshot.files["entries"].values()
    if not entries:
        return bool(snapshot.files.get("count"))
    return any(not (entry.get("access") or {}).get("hidden") for entry in entries)
