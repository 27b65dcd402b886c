"""From what is stored of a record to its snapshot, and from one record's change to those of its other versions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from repository.records.custom_fields import CustomFields
from repository.records.metadata_terms import resolve, term_props
from repository.records.snapshot import Json, Neighbour, Snapshot, State, load
from repository.records.visibility import access_status
from repository.records.vocabularies import Terms
from repository.storage import changes
from repository.storage.changes import Kind
from repository.storage.models import ParentRow, RecordRow, SnapshotRow

NO_FILES: Json = {"enabled": False, "order": [], "count": 0, "total_bytes": 0, "entries": {}}
DEFAULT_SETTINGS: Json = {
    "allow_user_requests": False,
    "allow_guest_requests": False,
    "accept_conditions_text": None,
    "secret_link_expiration": 0,
}


@dataclass(frozen=True, slots=True)
class Parent:
    """What ties the versions of a record together."""

    id: str
    owner: str
    """Account id; empty where nobody owns the record."""
    settings: Json
    pids: Json

    def in_json(self) -> Json:
        return {
            "id": self.id,
            "access": {"owned_by": {"user": self.owner} if self.owner else None, "settings": self.settings},
            "communities": {},
            "pids": self.pids,
        }


@dataclass(frozen=True, slots=True)
class Stored:
    """A record's own row, as far as its snapshot is made from it."""

    id: str
    index: int
    revision_id: int
    created: datetime
    updated: datetime
    state: State
    body: Json
    tombstone: Json | None = None
    origin: Json | None = None


def build(
    stored: Stored, parent: Parent, terms: Terms, fields: CustomFields, files: Json, files_digest: str
) -> Snapshot:
    """The snapshot of a record, its versions not yet known: see `settle`."""
    body = stored.body
    metadata, custom_fields = resolve(body["metadata"], body["custom_fields"], terms, fields)
    access = body["access"]
    return Snapshot(
        id=stored.id,
        parent_id=parent.id,
        index=stored.index,
        revision_id=stored.revision_id,
        created=stored.created.isoformat(),
        updated=stored.updated.isoformat(),
        state=stored.state,
        access={**access, "status": access_status(access, files["enabled"])},
        metadata=metadata,
        custom_fields=custom_fields,
        pids=body["pids"],
        parent=parent.in_json(),
        files=files,
        files_digest=files_digest,
        readers=(parent.owner,) if parent.owner else (),
        tombstone=stored.tombstone,
        props=term_props(body["metadata"], body["custom_fields"], terms, fields),
        origin=stored.origin,
    )


def neighbour(snapshot: Snapshot) -> Neighbour:
    """How the other versions know this one. What is closed shows only that it is there."""
    open_ = snapshot.state == "published" and not snapshot.closed
    return Neighbour(
        id=snapshot.id,
        index=snapshot.index,
        state=snapshot.state,
        closed=snapshot.closed,
        hidden=snapshot.state == "withdrawn" and not (snapshot.tombstone or {}).get("is_visible", True),
        publication_date=str(snapshot.metadata.get("publication_date", "")) if open_ else "",
        version=str(snapshot.metadata.get("version", "")) if open_ else "",
        doi=snapshot.doi if open_ else "",
    )


def versions_of(connection: Connection, parent_id: str) -> list[Snapshot]:
    """The last state of all versions of a parent, whatever became of them."""
    rows = connection.execute(
        select(SnapshotRow.body)
        .join(RecordRow, RecordRow.snapshot == SnapshotRow.digest)
        .where(RecordRow.parent_id == parent_id)
    )
    return [load(row.body) for row in rows]


def settle(snapshot: Snapshot, others: Sequence[Snapshot]) -> tuple[Snapshot, list[Snapshot]]:
    """The snapshot with its place among the versions, and the other versions that look different for it.

    A tombstone is one of these: it names the other versions and leads to the newest.
    """
    others = [other for other in others if other.id != snapshot.id]
    versions = tuple(
        sorted([neighbour(snapshot), *(neighbour(other) for other in others)], key=lambda version: version.index)
    )
    parent_pids = snapshot.parent["pids"]
    return replace(snapshot, versions=versions), [
        replace(other, versions=versions, parent=snapshot.parent)
        for other in others
        if other.versions != versions or other.parent["pids"] != parent_pids
    ]


def append(connection: Connection, kind: Kind, snapshot: Snapshot, revised: Sequence[Snapshot]) -> None:
    """The last statements of every transaction that changes what can be seen."""
    if revised:
        changes.point(connection, revised)
    changes.append(connection, [(kind, snapshot), *(("revised", other) for other in revised)])


_PARENT = select(ParentRow.id.label("parent_id"), ParentRow.owner_id, ParentRow.access_settings, ParentRow.pids)


def parent_of(connection: Connection, parent_id: str, *, lock: bool = False) -> Parent:
    """The parent; locked, no other transaction changes any of its versions until this one ends."""
    statement = _PARENT.where(ParentRow.id == parent_id)
    return parent_in(connection.execute(statement.with_for_update() if lock else statement).one())


def parent_in(row: Any) -> Parent:
    """The parent in a row that carries its columns beside others."""
    return Parent(row.parent_id, str(row.owner_id) if row.owner_id else "", row.access_settings, row.pids)
