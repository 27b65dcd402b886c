"""The files of a record as formats may name them."""

from repository.records.snapshot import Json, Snapshot


def listed_files(snapshot: Snapshot) -> list[Json]:
    """Files that everybody may list, in the depositor's order, then by key; hidden ones left out.

    Empty for closed files, and for more files than a record names (`count` tells).
    """
    if not snapshot.files_listed:
        return []
    order = {key: position for position, key in enumerate(snapshot.files.get("order") or ())}
    entries = (entry for entry in snapshot.files["entries"].values() if not (entry.get("access") or {}).get("hidden"))
    return sorted(entries, key=lambda entry: (order.get(entry["key"], len(order)), entry["key"]))
