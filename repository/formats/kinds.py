"""What a record is, for formats that are made for one kind of thing only."""

from typing import Any

from repository.formats.schema_org import work_type
from repository.records.snapshot import Snapshot

_SOFTWARE = ("SoftwareSourceCode", "SoftwareApplication")


def is_software(snapshot: Snapshot) -> bool:
    return _class(snapshot) in _SOFTWARE


def is_dataset(snapshot: Snapshot) -> bool:
    return _class(snapshot) == "Dataset"


def _class(snapshot: Snapshot) -> str:
    """The class of schema.org: types of an installation's own have one as well, and are taken by it."""
    return work_type(snapshot, (snapshot.metadata.get("resource_type") or {}).get("id", ""))


def as_works(value: Any) -> Any:
    """A value of schema.org in which related data sets are works: readers of formats for data sets take any data set in
    a document for the one that it is about, or for a part of it."""
    if isinstance(value, list):
        return [as_works(inner) for inner in value]
    if isinstance(value, dict):
        return value | {"@type": "CreativeWork"} if value.get("@type") == "Dataset" else value
    return value
