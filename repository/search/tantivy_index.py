"""The writing side of the embedded search index: a folder for each generation, and a link to the current one.

```
<root>/lock          held by the process that writes
<root>/current       symbolic link to the generation that is searched
<root>/g2024…/       one Tantivy index
```
"""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import tantivy

from repository.errors import StoreFull, Unreachable
from repository.records.query_tree import HIGHEST, LOWEST
from repository.records.snapshot import Json
from repository.search import tantivy_listing, tantivy_schema
from repository.search.engine import Held
from repository.search.tantivy_schema import Row
from repository.storage.durability import sync_folder

_HEAP = 32_000_000
"""Bytes that a writer gathers before it writes a segment. Half of it makes so many small segments that merging them
takes three times the processor and more memory than is spared."""
_FILL_COMMIT = 20_000
"""Entries between two commits while a generation is filled: each makes a segment more, that has to be merged."""


class TantivyIndex:
    """Implements `search.engine.SearchIndex`. Used by one thread."""

    row = staticmethod(tantivy_schema.row)

    def __init__(self, root: Path) -> None:
        self._root = root
        self._writers: dict[str, _Writer] = {}

    def shape(self) -> str:
        return tantivy_schema.shape()

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        """Raises OSError where another process holds the lock."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                yield
            finally:
                for generation in list(self._writers):
                    self._close(generation)

    def write(self, entries: Sequence[Json], generation: str) -> None:
        self.put([self.row(entry) for entry in entries], generation)

    def put(self, rows: Sequence[Row], generation: str) -> None:
        writer = self._writers.get(generation) or self._open(generation)
        if generation != self._current():
            writer.fill(rows)
            return
        try:
            writer.put(writer.newer(rows))
            writer.commit()
        except BaseException:
            self._close(generation)  # which takes back what was put; the next write opens it again
            raise

    def create(self, generation: str) -> None:
        (self._root / generation).mkdir(parents=True)

    def activate(self, generation: str) -> None:
        writer = self._writers.get(generation)
        if generation == self._current():  # which is not opened here: its schema may be one that we can't write
            if writer is not None:
                writer.commit()
            return
        (writer or self._open(generation)).commit()
        link = self._root / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(generation)
        link.replace(self._root / "current")
        sync_folder(self._root)

    def drop(self, generation: str) -> None:
        self._close(generation)
        shutil.rmtree(self._root / generation, ignore_errors=True)

    def generations(self) -> list[str]:
        if not self._root.is_dir():
            return []
        return [path.name for path in self._root.iterdir() if path.name.startswith("g") and path.is_dir()]

    def held(self) -> Iterator[Held]:
        generation = self._current()
        if generation:
            with _store_errors():
                yield from tantivy_listing.listed(self._root / generation)

    def _current(self) -> str:
        with contextlib.suppress(OSError):
            return (self._root / "current").readlink().name
        return ""

    def _open(self, generation: str) -> "_Writer":
        with _store_errors():
            writer = _Writer(self._root / generation)
        self._writers[generation] = writer
        return writer

    def _close(self, generation: str) -> None:
        writer = self._writers.pop(generation, None)
        if writer is not None:
            writer.close()


class _Writer:
    """One generation that is open for writing."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index(tantivy_schema.schema(), path=str(folder))
        self._index.config_reader("manual")
        self._writer = self._index.writer(_HEAP, 1)
        self._waiting = 0
        self._index.reload()
        self._last = HIGHEST if self._index.searcher().num_docs else LOWEST
        """No key above it is there yet."""

    def newer(self, rows: Sequence[Row]) -> list[Row]:
        """The rows whose position is not below what the index has of the record."""
        with _store_errors():
            self._index.reload()
            searcher = self._index.searcher()
            known = tantivy.Query.term_set_query(self._index.schema, "key", [row.key for row in rows])
            found = searcher.search(known, limit=max(1, len(rows)), count=False)
            addresses = [address for _score, address in found.hits]
            positions = dict(
                zip(
                    searcher.fast_field_values("key", addresses),
                    searcher.fast_field_values("position", addresses),
                    strict=True,
                )
            )
        return [row for row in rows if (positions.get(row.key) or 0) <= row.position]

    def put(self, rows: Sequence[Row]) -> None:
        """Replaces what there is of these records; not before `commit` for readers."""
        with _store_errors():
            for row in rows:
                if row.key <= self._last:
                    self._writer.delete_documents_by_term("key", row.key)
                self._writer.add_json(row.content)
                self._last = max(self._last, row.key)
                self._waiting += 1

    def fill(self, rows: Sequence[Row]) -> None:
        """Into a generation that nobody reads and that is dropped if this process ends: in order, so without a look at
        what is there, and committed now and then."""
        try:
            self.put(rows)
        except ValueError:
            with _store_errors():  # not rolled back: earlier rows wait for their commit
                for row in rows:
                    self._writer.delete_documents_by_term("key", row.key)
            raise
        if self._waiting >= _FILL_COMMIT:
            self.commit()

    def commit(self) -> None:
        if self._waiting:
            with _store_errors():
                self._writer.commit()
            self._waiting = 0

    def close(self) -> None:
        """Gives the index's lock back. What was not committed is lost."""
        with contextlib.suppress(Exception):
            self._writer.rollback()
            self._writer.wait_merging_threads()


@contextlib.contextmanager
def _store_errors() -> Iterator[None]:
    """Tells what the disk says from what is wrong with an entry: Tantivy raises ValueError for both."""
    try:
        yield
    except ValueError as error:
        text = str(error)
        if "No space left" in text or "os error 28" in text:
            raise StoreFull(f"The search index has no more space: {text}") from error
        if "could not be parsed" in text or "invalid argument" in text:
            raise
        raise Unreachable(f"The search index can't be used: {text}") from error
