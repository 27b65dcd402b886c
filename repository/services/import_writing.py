"""What an import writes: the rows of many documents in one transaction, the log's last."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from repository.records.deposit import Deposit
from repository.records.identifiers import doi_key, managed_pid, new_id
from repository.records.snapshot import Json, Snapshot
from repository.records.structure import check_record
from repository.records.visibility import SYSTEM
from repository.records.vocabularies import Terms
from repository.services import dois
from repository.services.instance import Instance
from repository.services.publishing import record_row, record_values, revision_row, with_identifiers
from repository.services.states import DEFAULT_SETTINGS, NO_FILES, Parent, Stored, build, parent_of, settle, versions_of
from repository.storage import changes
from repository.storage.changes import Kind
from repository.storage.models import ParentRow, Pid, RecordRow, Revision, Source


@dataclass(slots=True)
class Imported:
    """What an import did, counted."""

    documents: int = 0
    added: int = 0
    revised: int = 0
    unchanged: int = 0
    refused: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    """What had to be altered to take the documents that were added or revised, by kind."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the instance has already of the documents of one batch."""

    sources: dict[str, Any]
    """identity → row of `sources`"""
    dois: dict[str, str]
    """DOI in lower case → its holder"""
    terms: Terms

    def is_tied(self, deposit: Deposit) -> bool:
        """Whether it is known, or one of several versions: then it is written under the lock of its parent."""
        return bool(deposit.parent) or deposit.identity in self.sources


_MEET = (
    update(Source).where(Source.identity == bindparam("known")).values(digest=bindparam("digest"), run=bindparam("run"))
)


class Writing:
    """One transaction: rows are collected per table, written with one statement each, and counted once committed."""

    def __init__(self, instance: Instance, owner: str, run: str, known: Known, done: Imported) -> None:
        self._instance = instance
        self._owner = owner
        self._run = run
        self._known = known
        self._done = done
        self._now = datetime.now(UTC)
        self._rows: dict[type[Any], list[dict[str, Any]]] = {
            table: [] for table in (ParentRow, RecordRow, Revision, Pid, Source)
        }
        self._met: list[dict[str, Any]] = []
        self._changes: list[tuple[Kind, Snapshot]] = []
        self._added = self._revised = self._unchanged = 0
        self._altered: Counter[str] = Counter()

    def write(self, taken: Sequence[tuple[Deposit, Json]], met: Sequence[Deposit] = ()) -> None:
        """Writes documents that are news; of those that were only `met` again, that this run has met them.

        Raises IntegrityError, InvalidInput, OperationalError; then nothing of it is written or counted.
        """
        for deposit in met:
            self._leave(deposit)
        tied = []
        for deposit, body in taken:
            if self._known.is_tied(deposit):
                tied.append((deposit, body))
            else:  # needs no look at the database: made before the transaction begins
                self._add(deposit, body, Parent(new_id(), self._owner, DEFAULT_SETTINGS, {}), 1, [])
        if tied or self._changes or self._met:
            with self._instance.database.write() as connection:
                for deposit, body in tied:
                    self._one(connection, deposit, body)
                self._flush(connection)
        self._done.added += self._added
        self._done.revised += self._revised
        self._done.unchanged += self._unchanged
        self._done.changed.update(self._altered)

    def _leave(self, deposit: Deposit) -> None:
        """A document that is here already as it is: only that this run has met it is noted."""
        source = self._known.sources.get(deposit.identity)
        if source is not None and source.run != self._run and source.digest == deposit.digest:
            self._meet(deposit)
        self._unchanged += 1

    def _one(self, connection: Connection, deposit: Deposit, body: Json) -> None:
        """A document that is known already, or that is one of several versions."""
        source = self._known.sources.get(deposit.identity)
        if source is not None:
            self._revise(connection, deposit, body, source.record_id)
            return
        if connection.dialect.name == "postgresql":  # two imports must not both find that a parent is missing
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(deposit.parent))))
        sibling = connection.execute(
            select(RecordRow.parent_id)
            .join(Source, Source.record_id == RecordRow.id)
            .where(Source.parent_key == deposit.parent)
            .limit(1)
        ).scalar()
        if sibling is None:
            parent = Parent(new_id(), self._owner, DEFAULT_SETTINGS, {})
            self._add(deposit, body, parent, max(deposit.index, 1), [])
            return
        parent = parent_of(connection, sibling, lock=True)
        others = versions_of(connection, sibling)
        numbers = {other.index for other in others}
        number = deposit.index if deposit.index > 0 and deposit.index not in numbers else max(numbers) + 1
        self._add(deposit, body, parent, number, others)

    def _add(self, deposit: Deposit, body: Json, parent: Parent, number: int, others: Sequence[Snapshot]) -> None:
        record_id = new_id()
        if not others:
            parent = self._new_parent(parent, body)
        stored = self._stored(record_id, number, 1, self._now, body, deposit.origin)
        snapshot, revised = settle(self._build(stored, parent), others)
        self._rows[RecordRow].append({**record_row(stored, parent.id), **record_values(stored, snapshot)})
        self._rows[Revision].append(revision_row(stored, SYSTEM))
        self._hold(stored.body, record_id)
        self._rows[Source].append(
            {
                "identity": deposit.identity,
                "record_id": record_id,
                "digest": deposit.digest,
                "parent_key": deposit.parent,
                "run": self._run,
            }
        )
        self._changes += [("published", snapshot), *(("revised", other) for other in revised)]
        self._added += 1
        self._altered.update(deposit.changed)

    def _revise(self, connection: Connection, deposit: Deposit, body: Json, record_id: str) -> None:
        """The record as its source now has it; who may see it stays as it was decided here."""
        known = select(RecordRow.parent_id, RecordRow.body).where(RecordRow.id == record_id)
        parent = parent_of(connection, connection.execute(known).one().parent_id, lock=True)
        body = {**body, "access": connection.execute(known).one().body.get("access") or body["access"]}
        others = versions_of(connection, parent.id)
        before = next(other for other in others if other.id == record_id)
        if before.state != "published":  # withdrawn or erased here: what the source says does not bring it back
            self._meet(deposit)
            self._unchanged += 1
            return
        created = datetime.fromisoformat(before.created)
        stored = self._stored(record_id, before.index, before.revision_id + 1, created, body, deposit.origin)
        snapshot, revised = settle(self._build(stored, parent), others)
        values = {**record_values(stored, snapshot), "origin": stored.origin}
        connection.execute(update(RecordRow).where(RecordRow.id == record_id).values(**values))
        self._rows[Revision].append(revision_row(stored, SYSTEM))
        if before.doi != snapshot.doi:
            dois.release(connection, record_id)
            self._hold(stored.body, record_id)
        self._meet(deposit)
        self._changes += [("revised", snapshot), *(("revised", other) for other in revised)]
        self._revised += 1
        self._altered.update(deposit.changed)

    def _build(self, stored: Stored, parent: Parent) -> Snapshot:
        return build(stored, parent, self._known.terms, self._instance.rules.custom_fields, NO_FILES, "")

    def _stored(
        self, record_id: str, number: int, revision: int, created: datetime, body: Json, origin: Json
    ) -> Stored:
        full = with_identifiers(body, record_id, self._instance.settings)
        check_record(full)
        return Stored(record_id, number, revision, created, self._now, "published", full, origin=origin)

    def _new_parent(self, parent: Parent, body: Json) -> Parent:
        """The row of a parent; with a DOI of its own where its versions have managed ones."""
        prefix = self._instance.settings.doi_prefix
        pids: Json = {}
        if prefix and body["pids"].get("doi", {}).get("provider", "datacite") == "datacite":
            pids["doi"] = managed_pid(prefix, parent.id)
            self._hold({"pids": pids}, parent.id)
        owner = int(parent.owner) if parent.owner else None
        row = {"id": parent.id, "owner_id": owner, "access_settings": parent.settings, "pids": pids}
        self._rows[ParentRow].append({**row, "created": self._now})
        return Parent(parent.id, parent.owner, parent.settings, pids)

    def _hold(self, body: Json, holder: str) -> None:
        doi = body["pids"].get("doi")
        if doi:
            status = "external" if doi["provider"] == "external" else "unregistered"
            value = doi_key(doi["identifier"])
            row = {"scheme": "doi", "value": value, "holder": holder, "provider": doi["provider"], "status": status}
            self._rows[Pid].append(row)

    def _meet(self, deposit: Deposit) -> None:
        """That this run has met a document that is known, and what it is now."""
        self._met.append({"known": deposit.identity, "digest": deposit.digest, "run": self._run})

    def _flush(self, connection: Connection) -> None:
        """Writes what was collected; the log comes last.

        Keys that come from documents are written in their order, so that two imports at once wait for each other but
        never in a circle.
        """
        self._rows[Pid].sort(key=lambda row: (row["scheme"], row["value"]))
        self._rows[Source].sort(key=lambda row: row["identity"])
        self._met.sort(key=lambda row: row["known"])
        for table, rows in self._rows.items():
            if rows:
                connection.execute(insert(table), rows)
                rows.clear()
        if self._met:
            connection.execute(_MEET, self._met)
            self._met.clear()
        if self._changes:
            revised = [snapshot for kind, snapshot in self._changes if kind == "revised"]
            if revised:
                changes.point(connection, revised)
            changes.append(connection, self._changes)
            self._changes.clear()
