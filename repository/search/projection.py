"""The reader `search`: keeps a search index in step with the change log."""

import contextlib
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from sqlalchemy import Connection

from repository.records.query_fields import FIELDS, UNFIELDED
from repository.search import documents
from repository.search.engine import SearchIndex
from repository.search.making import Row, making
from repository.storage.changes import Change


class SearchProjection:
    """Implements `following.Projection` with any engine's index."""

    name: ClassVar[str] = "search"
    in_database: ClassVar[bool] = False

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._making = making(index.row)
        self._filled = ""
        """The generation that was created and is not active yet."""
        made_by = f"{documents.FORM} {sorted(FIELDS.items())} {UNFIELDED} {unicodedata.unidata_version}"
        self._rules = f"{index.shape()}:{hashlib.sha256(made_by.encode()).hexdigest()[:32]}"

    def rules(self) -> str:
        return self._rules

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        with self._index.leading():
            try:
                yield
            finally:
                self._end_filling()

    def prepare(self, changes: Sequence[Change]) -> Iterable[list[Row]]:
        return self._making.lots(changes)

    def write(self, prepared: Iterable[list[Row]], generation: str, connection: Connection | None) -> None:
        if generation == self._filled:  # where nobody reads: while a lot is written, others are made
            for rows in prepared:
                self._index.put(rows, generation)
        else:
            self._index.put([row for rows in prepared for row in rows], generation)

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        self._index.write([documents.removed(change.record_id, change.position) for change in changes], generation)

    def create(self, generation: str) -> None:
        self._index.create(generation)
        self._filled = generation
        self._making.begin()

    def activate(self, generation: str) -> None:
        self._end_filling()
        self._index.activate(generation)

    def drop(self, generation: str) -> None:
        self._index.drop(generation)

    def _end_filling(self) -> None:
        self._filled = ""
        self._making.end()

    def generations(self) -> Iterable[str]:
        return self._index.generations()
