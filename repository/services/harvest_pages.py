"""One page of a harvest: its documents imported, its deletions carried out."""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from repository.errors import NotFound
from repository.formats.reading import Known, read
from repository.formats.reading.oai_pages import Item, Page
from repository.formats.reading.xml_documents import DELETED
from repository.records.deposit import Deposit, Refusal
from repository.records.snapshot import Json
from repository.records.visibility import SYSTEM
from repository.services import harvest_states, withdrawal
from repository.services.harvest_states import Taken, Wanted
from repository.services.import_writing import Imported
from repository.services.importing import import_documents
from repository.services.instance import Instance
from repository.storage.database import in_parts
from repository.storage.models import RecordRow, Source


@dataclass(slots=True)
class Harvested:
    """What a harvest did, counted; `imported` as by an import."""

    imported: Imported = field(default_factory=Imported)
    withdrawn: int = 0
    """Records whose item the source has deleted."""
    restored: int = 0
    """Records of which it has one again."""
    broken_off: str = ""
    """Why the list was not read to its end; empty if it was."""


@dataclass(slots=True)
class Taking:
    """Takes pages of one harvest."""

    instance: Instance
    wanted: Wanted
    owner: str
    known: Known
    fill_missing: bool
    tell: Callable[[Refusal], None]
    done: Harvested = field(default_factory=Harvested)

    def take(self, page: Page) -> tuple[list[Taken], list[str]]:
        """Returns the items that are records now, and the identifiers of those that are no more."""
        deposits = list(self._documents(page))
        self._follow(deposits)
        sources = self._sources(deposits)
        deposits = list(self._one_item_a_record(deposits, sources))
        self._restore(deposits, sources)
        self._import(deposits)
        gone = [item.identifier for item in page.items if item.deleted]
        self._withdraw(gone)
        return list(self._taken(deposits, self._sources(deposits))), gone

    def refuse(self, refusal: Refusal) -> None:
        """Of something that came to no import."""
        self.done.imported.documents += 1
        self.done.imported.refused += 1
        self.tell(refusal)

    def not_here(self, items: Sequence[Item]) -> list[Item]:
        """Items that are not here under their present datestamp."""
        with self.instance.database.read() as connection:
            here = harvest_states.items(connection, self.wanted.base_url, [item.identifier for item in items])
        found = []
        for item in items:
            taken = here.get(item.identifier)
            if (taken is not None) if item.deleted else (taken is None or taken.datestamp != item.datestamp):
                found.append(item)
        return found

    def _documents(self, page: Page) -> Iterator[Deposit]:
        """What can't be read is refused at once; deletions are no documents."""
        if not page.items and len(page.parts) == 1 and not page.parts[0].place:
            return  # an empty list
        for part in page.parts:
            source = self.wanted.base_url
            for document in read(io.BytesIO(part.body), source, self.known, fill_missing=self.fill_missing):
                if isinstance(document, Deposit):
                    yield document
                elif document.field != DELETED:
                    place = document.source if document.source != source else source + part.place
                    self.refuse(Refusal(place, document.field, document.reason))

    def _sources(self, deposits: Sequence[Deposit]) -> Mapping[str, Any]:
        """What is here already of the documents: record_id, digest, state, tombstone by identity."""
        statement = select(Source.identity, Source.record_id, Source.digest, RecordRow.state, RecordRow.tombstone).join(
            RecordRow, RecordRow.id == Source.record_id
        )
        identities = [deposit.identity for deposit in deposits]
        with self.instance.database.read() as connection:
            return {
                row.identity: row
                for part in in_parts(identities)
                for row in connection.execute(statement.where(Source.identity.in_(part)))
            }

    def _follow(self, deposits: Sequence[Deposit]) -> None:
        """An item that has got a DOI since, or another one, is known by that as well: it stays the same record."""
        known = self._sources(deposits)
        identifiers = [_identifier(deposit) for deposit in deposits if deposit.identity not in known]
        with self.instance.database.read() as connection:
            here = harvest_states.items(connection, self.wanted.base_url, identifiers)
        news = {
            deposit.identity: here[_identifier(deposit)].record_id
            for deposit in deposits
            if deposit.identity not in known and _identifier(deposit) in here
        }
        if news:
            with self.instance.database.write() as connection:
                harvest_states.know(connection, news)

    def _one_item_a_record(self, deposits: Sequence[Deposit], sources: Mapping[str, Any]) -> Iterator[Deposit]:
        """Refuses items of which another one of the same source has the DOI: each would undo the other for ever."""
        ids = [row.record_id for row in sources.values()]
        with self.instance.database.read() as connection:
            holders = harvest_states.items_of(connection, self.wanted.base_url, ids)
        for deposit in deposits:
            row = sources.get(deposit.identity)
            holder = holders.get(row.record_id) if row is not None else None
            if holder is None or holder == _identifier(deposit):
                yield deposit
            else:
                reason = f"The item {holder} of the same source has the same identity {deposit.identity}."
                self.refuse(Refusal(deposit.source, "identity", reason))

    def _restore(self, deposits: Iterable[Deposit], sources: Mapping[str, Any]) -> None:
        """What was withdrawn because the source had deleted it, and what it has again."""
        for deposit in deposits:
            row = sources.get(deposit.identity)
            if row is None or row.state != "withdrawn" or not self._is_ours(row.tombstone):
                continue
            withdrawal.restore(self.instance, SYSTEM, row.record_id)
            self.done.restored += 1

    def _note(self, identifier: str) -> str:
        """Of the tombstone; a harvest knows its own withdrawals by it."""
        return f"Deleted at its source {self.wanted.base_url} ({identifier})."

    def _is_ours(self, tombstone: Json | None) -> bool:
        return str((tombstone or {}).get("note", "")).startswith(self._note("").removesuffix(")."))

    def _import(self, deposits: Iterable[Deposit]) -> None:
        done = import_documents(self.instance, deposits, owner=self.owner, refuse=self.tell)
        so_far = self.done.imported
        for name in ("documents", "added", "revised", "unchanged", "refused"):
            setattr(so_far, name, getattr(so_far, name) + getattr(done, name))
        so_far.changed += Counter(done.changed)

    def _withdraw(self, gone: Sequence[str]) -> None:
        """Only what a harvest from this source made, and what nobody has taken over since."""
        if not gone:
            return
        with self.instance.database.read() as connection:
            here = harvest_states.items(connection, self.wanted.base_url, gone)
            ids = [taken.record_id for taken in here.values()]
            statement = select(RecordRow.id, RecordRow.origin, RecordRow.state)
            records = {
                row.id: row
                for part in in_parts(ids)
                for row in connection.execute(statement.where(RecordRow.id.in_(part)))
            }
        for identifier, taken in here.items():
            record = records.get(taken.record_id)
            if record is None or record.state != "published" or (record.origin or {}).get("identifier") != identifier:
                continue
            try:
                withdrawal.withdraw(self.instance, SYSTEM, record.id, {"note": self._note(identifier)})
            except NotFound:  # somebody else withdrew it just now
                continue
            self.done.withdrawn += 1

    def _taken(self, deposits: Iterable[Deposit], sources: Mapping[str, Any]) -> Iterator[Taken]:
        for deposit in deposits:
            row = sources.get(deposit.identity)
            if row is not None and row.digest == deposit.digest and _identifier(deposit):
                yield Taken(_identifier(deposit), row.record_id, str(deposit.origin.get("datestamp", "")))


def _identifier(deposit: Deposit) -> str:
    """Of the item in which the document came."""
    return str(deposit.origin.get("identifier", ""))
