"""What an account has: its drafts and published records in one list, from the database, so that no index can lag.

Drafts are in no search index. So a query is answered by looking at each row of the account: as the query language says,
but in titles and few fields only. A record that is being edited appears once, as its draft.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select, exists, literal, select

from repository.auth.permissions import require
from repository.records.queries import parse
from repository.records.query_matching import matches
from repository.records.query_terms import Terms
from repository.records.query_values import Values, moment
from repository.records.snapshot import Json
from repository.records.visibility import Viewer, access_status
from repository.services.drafts import SELECT_DRAFT, Draft, stored_draft, view
from repository.services.instance import Instance
from repository.services.reading import Record, fill
from repository.storage.models import DraftRow, File, ParentRow, RecordRow

SORTS = ("bestmatch", "updated-desc", "updated-asc", "newest", "oldest", "version")
FIELDS = ("id", "title", "status", "type", "created", "updated", "is_published", "is_draft")
"""What a query may name, beside words."""
FACETS = ("access_status", "resource_type", "status")
STATUS = {"new": "draft", "version": "new_version_draft", "edit": "published"}
"""The word for a draft, by its kind; a record without a draft is `published` as well."""
_AT_ONCE = 500
"""Rows that are read at once; their bodies are not kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of the list."""

    text: str = ""
    selected: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Facet → keys: any of them must match, and every facet."""
    sort: str = "updated-desc"
    offset: int = 0
    size: int = 25
    shared: bool = False
    """Only what others share with the account: nothing, as long as records can't be shared."""


@dataclass(frozen=True, slots=True)
class Owned:
    total: int
    items: tuple[Draft | Record, ...]
    counts: Mapping[str, Mapping[str, int]]
    """Facet → key → how many, each counted without what is selected in it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the list knows of a draft or record before its page is chosen."""

    id: str
    is_draft: bool
    kind: str
    created: datetime
    updated: datetime
    number: int
    titles: tuple[str, ...]
    type_id: str
    above: str
    """The general type above its type."""
    access: str

    def keys(self) -> dict[str, set[str]]:
        """Facet → keys under which it is found; under the first of its type it is counted."""
        return {
            "access_status": {self.access},
            "resource_type": {self.type_id, self.above, f"{self.above}::{self.type_id}"} - {"", "::"},
            "status": {STATUS.get(self.kind, "published")},
        }

    def counted(self) -> dict[str, str]:
        nested = self.type_id if self.type_id == self.above else f"{self.above}::{self.type_id}"
        return {
            "access_status": self.access,
            "resource_type": nested,
            "status": STATUS.get(self.kind, "published"),
        }


def list_own(instance: Instance, viewer: Viewer, asked: Asked) -> Owned:
    """One page. Raises Forbidden for nobody; InvalidInput for a query that can't be asked or names another field."""
    require(viewer, "own_records.list")
    query = parse(asked.text, FIELDS, bare=True)
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    found: list[tuple[Any, str, bool]] = []
    with instance.database.read() as connection:
        for entry in () if asked.shared else _entries(connection, instance, viewer):
            if asked.text.strip() and not matches(query, _Terms(entry)):
                continue
            keys, counted = entry.keys(), entry.counted()
            missed = [name for name, chosen in asked.selected.items() if keys[name].isdisjoint(chosen)]
            for name in FACETS:
                if counted[name] and set(missed) <= {name}:
                    counts[name][counted[name]] += 1
            if not missed:
                found.append((_place(entry, asked.sort), entry.id, entry.is_draft))
        found.sort(key=lambda row: row[1])
        found.sort(key=lambda row: row[0], reverse=asked.sort not in ("updated-asc", "oldest"))
        page = found[asked.offset : asked.offset + asked.size]
        return Owned(len(found), _items(connection, instance, viewer, page), counts)


def _place(entry: _Entry, sort: str) -> Any:
    if sort == "version":
        return entry.number
    return entry.created if sort in ("newest", "oldest") else entry.updated


def _items(
    connection: Connection, instance: Instance, viewer: Viewer, page: Sequence[tuple[Any, str, bool]]
) -> tuple[Draft | Record, ...]:
    drafts = [record_id for _place_, record_id, is_draft in page if is_draft]
    shown: dict[str, Draft | Record] = {
        row.id: view(connection, instance, stored_draft(row))
        for row in connection.execute(SELECT_DRAFT.where(DraftRow.id.in_(drafts)))
    }
    records = [record_id for _place_, record_id, is_draft in page if not is_draft]
    shown |= {record.snapshot.id: record for record in fill(connection, viewer, records)}
    return tuple(shown[record_id] for _place_, record_id, _is_draft in page if record_id in shown)


def _entries(connection: Connection, instance: Instance, viewer: Viewer) -> Iterator[_Entry]:
    above: dict[str, str] = {}
    for statement in _statements(viewer):
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(statement):
            metadata: Json = row.body["metadata"]
            type_id = str((metadata.get("resource_type") or {}).get("id") or "")
            if type_id not in above:
                above[type_id] = _above(connection, instance, type_id)
            more = (entry.get("title") for entry in metadata.get("additional_titles") or ())
            has_files = bool(row.body["files"]["enabled"]) and bool(row.has_files)
            yield _Entry(
                row.id,
                row.is_draft,
                row.kind,
                row.created,
                row.updated,
                row.number,
                tuple(str(title) for title in (metadata.get("title"), *more) if title),
                type_id,
                above[type_id],
                access_status(row.body["access"], has_files),
            )


def _above(connection: Connection, instance: Instance, type_id: str) -> str:
    reference = ("resourcetypes", type_id)
    term = instance.terms.lookup(connection, [reference]).get(reference, {})
    return str((term.get("props") or {}).get("type") or type_id.partition("-")[0])


def _statements(viewer: Viewer) -> tuple[Select[Any], ...]:
    """Drafts, then the records that have none."""
    owner = int(viewer.account) if viewer.account else None
    has_files = exists().where(File.record_id == DraftRow.id)
    drafts = select(
        DraftRow.id, DraftRow.updated, DraftRow.created, DraftRow.number, DraftRow.body, DraftRow.kind,
        has_files.label("has_files"), literal(True).label("is_draft"),
    )  # fmt: skip
    records = select(
        RecordRow.id, RecordRow.updated, RecordRow.created, RecordRow.number, RecordRow.body, literal("").label("kind"),
        literal(True).label("has_files"), literal(False).label("is_draft"),
    )  # fmt: skip
    return (
        drafts.join(ParentRow, ParentRow.id == DraftRow.parent_id).where(ParentRow.owner_id == owner),
        records.join(ParentRow, ParentRow.id == RecordRow.parent_id)
        .where(ParentRow.owner_id == owner, RecordRow.state == "published")
        .where(RecordRow.id.not_in(select(DraftRow.id))),
    )


class _Terms(Terms):
    """An entry as queries see it."""

    def __init__(self, entry: _Entry) -> None:
        self._entry = entry
        self._lines = {}
        self._whole = {}

    @cached_property
    def values(self) -> Values:
        entry = self._entry
        found: Values = {
            "id": [entry.id],
            "status": [STATUS.get(entry.kind, "published")],
            "created": [moment(entry.created.isoformat())],
            "updated": [moment(entry.updated.isoformat())],
            "is_published": ["true" if entry.kind in ("", "edit") else "false"],
            "is_draft": ["true" if entry.is_draft else "false"],
            "metadata.title": list(entry.titles[:1]),
            "metadata.additional_titles.title": list(entry.titles[1:]),
            "metadata.resource_type.id": [entry.type_id],
            "metadata.resource_type.props.type": [entry.above],
        }
        return {path: values for path, values in found.items() if any(values)}
