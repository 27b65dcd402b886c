"""The reader `ld`: keeps the graphs of all public records in the graph store."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar

from pyoxigraph import RdfFormat, serialize
from sqlalchemy import Connection

from repository.formats.format import source_digest
from repository.formats.rdf import triples
from repository.ld.record_graph import RecordGraph
from repository.ld.store import graph_store
from repository.records.identifiers import landing_iri
from repository.records.snapshot import Snapshot
from repository.records.visibility import is_public
from repository.settings import Settings
from repository.storage.changes import Change

_LAYOUT = "1"
"""How graphs lie in the store: another number makes a new generation."""


class LdProjection:
    """See the module. A `following.Projection`."""

    name: ClassVar[str] = "ld"
    in_database: ClassVar[bool] = False

    def __init__(self, settings: Settings) -> None:
        self._site = settings.site
        self._store = graph_store(settings.graph)
        # graphs are named by the site's address: with another one all is made anew
        shape = hashlib.sha256(f"{_LAYOUT} {self._site.url}".encode()).hexdigest()[:12]
        content = f"{source_digest(triples.__module__)} {self._site}"
        self._rules = f"{shape}:{hashlib.sha256(content.encode()).hexdigest()[:40]}"

    def rules(self) -> str:
        return self._rules

    def leading(self) -> AbstractContextManager[None]:
        return self._store.leading()

    def prepare(self, changes: Sequence[Change]) -> list[RecordGraph]:
        return [self._graph(change, self._triples(change.snapshot)) for change in changes]

    def write(self, prepared: Sequence[RecordGraph], generation: str, connection: Connection | None) -> None:
        self._store.write(prepared, generation)

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        self._store.write([self._graph(change, None) for change in changes], generation)

    def create(self, generation: str) -> None:
        self._store.create(generation)

    def activate(self, generation: str) -> None:
        self._store.activate(generation)

    def drop(self, generation: str) -> None:
        self._store.drop(generation)

    def generations(self) -> Iterable[str]:
        return self._store.generations()

    def _graph(self, change: Change, content: bytes | None) -> RecordGraph:
        return RecordGraph(landing_iri(self._site, change.record_id), change.position, content)

    def _triples(self, snapshot: Snapshot) -> bytes | None:
        if not is_public(snapshot):
            return None
        return serialize(triples(snapshot, self._site), format=RdfFormat.N_TRIPLES) or b""
