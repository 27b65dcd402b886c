"""A snapshot: the whole published state of one record at one change, from which everything public is made.

It is stored once under its digest, is never changed, and carries the closed fields as well: a snapshot is not public.
Its metadata have every vocabulary term resolved, so that a format can be written from it without any look-up.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from repository.settings import Site as Site  # noqa: PLC0414 — formats take it from here

Json = dict[str, Any]
State = Literal["published", "withdrawn", "erased"]

ENTRIES_CARRIED = 1000
"""Up to so many files are named in a record's own JSON; of more, only their count (`links.files` is paged)."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One version of the same parent as others see it in lists; the record itself is among its neighbours."""

    id: str
    index: int
    state: State
    closed: bool
    """The record itself (not only its files) is restricted or embargoed: only `readers` may know of it."""
    hidden: bool = False
    """Withdrawn, and its tombstone is not to be shown."""
    publication_date: str = ""
    version: str = ""
    doi: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """See the module. JSON fields have InvenioRDM's API shape, links left out."""

    id: str
    parent_id: str
    index: int
    """Number of the version, from 1."""
    revision_id: int
    created: str
    """ISO 8601, UTC."""
    updated: str
    state: State
    access: Json
    """`{record, files, embargo: {active, until?, reason}, status}`"""
    metadata: Json
    """Terms resolved: `{"resource_type": {"id": …, "title": {…}}, …}`."""
    custom_fields: Json
    pids: Json
    parent: Json
    """`{id, access: {owned_by, settings}, communities, pids}`"""
    files: Json
    """`{enabled, order, default_preview?, count, total_bytes, entries}`; `entries` maps key to
    `{id, key, ext, size, mimetype, checksum ("md5:…"), sha256, storage_class, metadata, access: {hidden}}` and is empty
    where there are more than `ENTRIES_CARRIED`."""
    files_digest: str = ""
    """Digest of the whole list of files, an object of its own."""
    versions: tuple[Neighbour, ...] = ()
    readers: tuple[str, ...] = ()
    """Ids of the accounts that may read closed fields and files: the owner, later those with a grant."""
    tombstone: Json | None = None
    """`{removal_reason: {id}, note, citation_text, is_visible, removed_by, removal_date}`"""
    props: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None
    """Properties of the terms that are used: type → id → props (`datacite_general`, `schema.org`, `datacite`, …)."""
    origin: Json | None = None
    """Where an import took it from: `{source, identity, base_url?, identifier?, datestamp?, prefix?, namespace?,
    harvested?, provenance?}`; `harvested` is the responseDate, `provenance` a list, nearest first, of where the source
    had it from: `{base_url?, identifier?, datestamp?, namespace?, harvested?, altered?}`."""

    @property
    def title(self) -> str:
        return str(self.metadata.get("title", ""))

    @property
    def doi(self) -> str:
        return str(self.pids.get("doi", {}).get("identifier", ""))

    @property
    def closed(self) -> bool:
        return bool(self.access["record"] == "restricted")

    @property
    def files_closed(self) -> bool:
        return bool(self.access["record"] == "restricted" or self.access["files"] == "restricted")

    @property
    def files_listed(self) -> bool:
        """Whether anybody may list the files."""
        return bool(self.files.get("enabled")) and not self.files_closed

    def prop(self, vocabulary: str, term: str, name: str) -> str:
        """A property of a term that the record uses; empty where the term has none of that name."""
        return (self.props or {}).get(vocabulary, {}).get(term, {}).get(name, "")


def dump(snapshot: Snapshot) -> bytes:
    """Canonical JSON: equal snapshots give equal bytes."""
    return orjson.dumps(snapshot, option=orjson.OPT_SORT_KEYS)


def load(data: bytes) -> Snapshot:
    fields = orjson.loads(data)
    fields["versions"] = tuple(Neighbour(**entry) for entry in fields["versions"])
    fields["readers"] = tuple(fields["readers"])
    return Snapshot(**fields)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal, the name under which snapshots and lists of files are stored."""
    return hashlib.sha256(data).hexdigest()


def erased(snapshot: Snapshot, tombstone: Json) -> Snapshot:
    """What is left of a record after erasure: its ids, its place among the versions, and a bare tombstone."""
    return replace(
        snapshot,
        state="erased",
        metadata={},
        custom_fields={},
        pids={},
        files={"enabled": False, "order": [], "count": 0, "total_bytes": 0, "entries": {}},
        files_digest="",
        tombstone=tombstone,
        props=None,
        origin=None,
    )
