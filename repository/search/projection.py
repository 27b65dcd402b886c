"""The reader `search`: keeps a search index in step with the change log."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar

from sqlalchemy import Connection

from repository.records.query_fields import FIELDS, UNFIELDED
from repository.records.snapshot import Json
from repository.search import documents
from repository.search.engine import SearchIndex
from repository.storage.changes import Change


class SearchProjection:
    """Implements `following.Projection` with any engine's index."""

    name: ClassVar[str] = "search"
    in_database: ClassVar[bool] = False

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        made_by = f"{documents.FORM} {sorted(FIELDS.items())} {UNFIELDED} {unicodedata.unidata_version}"
        self._rules = f"{index.shape()}:{hashlib.sha256(made_by.encode()).hexdigest()[:32]}"

    def rules(self) -> str:
        return self._rules

    def leading(self) -> AbstractContextManager[None]:
        return self._index.leading()

    def prepare(self, changes: Sequence[Change]) -> list[Json]:
        return [documents.document(change.snapshot, change.position) for change in changes]

    def write(self, prepared: list[Json], generation: str, connection: Connection | None) -> None:
        self._index.write(prepared, generation)

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        self._index.write([documents.removed(change.record_id, change.position) for change in changes], generation)

    def create(self, generation: str) -> None:
        self._index.create(generation)

    def activate(self, generation: str) -> None:
        self._index.activate(generation)

    def drop(self, generation: str) -> None:
        self._index.drop(generation)

    def generations(self) -> Iterable[str]:
        return self._index.generations()
