"""What both of OpenAIRE's guidelines, for literature and for data, ask beyond DataCite.

Specified by: OpenAIRE Guidelines for Literature Repository Managers 4.0, for Data Archive Managers 2.0.
"""

from collections.abc import Iterable

from repository.records.snapshot import Json, Snapshot


def embargo_end(snapshot: Snapshot) -> str:
    """Day on which a running embargo ends; empty without one."""
    embargo = snapshot.access.get("embargo") or {}
    return str(embargo.get("until") or "") if embargo.get("active") else ""


def openaire_dates(snapshot: Snapshot, dates: Iterable[Json]) -> list[Json]:
    """DataCite's dates, with begin (`Accepted`) and end (`Available`) of a running embargo, each of them once.

    The begin is the day on which the work was accepted, else the day on which it came into the repository.
    """
    end = embargo_end(snapshot)
    if not end:
        return list(dates)
    others, begin = [], {"date": snapshot.created[:10], "dateType": "Accepted"}
    for entry in dates:
        if entry["dateType"] == "Accepted":
            begin = entry
        elif entry["dateType"] != "Available":
            others.append(entry)
    return [*others, begin, {"date": end, "dateType": "Available"}]
