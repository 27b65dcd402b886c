"""Which position of the change log each graph of an embedded store is at.

They can't lie in the store itself: whatever is in it, queries see. So they are claimed, durably, before the store is
written, and settled, with the digest of what was written, once that is durable. A claim that was never settled means
that a process died in between: the graph may be half written, and is written whole when its change comes again.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from repository.errors import StoreFull, Unreachable
from repository.ld.record_graph import RecordGraph

_UNSETTLED = b""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """A graph that must be written, and what the store may hold of it."""

    graph: RecordGraph
    digest: bytes
    """Of the graph."""
    is_new: bool
    """Nothing was ever written under this name."""
    is_whole: bool
    """What the store holds was written to its end: only what differs needs to be written."""


class Positions:
    """A small SQLite file beside the store. Raises Unreachable or StoreFull where it can't be used."""

    def __init__(self, path: Path) -> None:
        with _translated():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-4000"):
                self._connection.execute(f"PRAGMA {pragma}").fetchall()
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS graphs "
                "(name TEXT PRIMARY KEY, position INTEGER NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID"
            )

    def claim(self, graphs: Sequence[RecordGraph]) -> list[Claim]:
        """Notes the positions and returns what must be written: not what is older than what the store holds, nor what
        is in it already."""
        with _translated(), self._transaction():
            known = self._known([graph.name for graph in graphs])
            claims, rows = [], []
            for graph in graphs:
                position, digest = known.get(graph.name, (0, _UNSETTLED))
                if position > graph.position:
                    continue
                is_new = graph.name not in known
                wanted = graph.digest()
                if digest == wanted or (is_new and graph.triples is None):
                    rows.append((graph.name, graph.position, wanted))
                else:
                    claims.append(Claim(graph, wanted, is_new, digest != _UNSETTLED))
                    rows.append((graph.name, graph.position, _UNSETTLED))
            self._connection.executemany(
                "INSERT INTO graphs VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET position = excluded.position, digest = excluded.digest",
                rows,
            )
        return claims

    def settle(self, claims: Sequence[Claim]) -> None:
        """Notes that the graphs are in the store, durably."""
        with _translated(), self._transaction():
            self._connection.executemany(
                "UPDATE graphs SET digest = ? WHERE name = ?",
                [(claim.digest, claim.graph.name) for claim in claims],
            )

    def close(self) -> None:
        self._connection.close()

    def _known(self, names: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        found: dict[str, tuple[int, bytes]] = {}
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            rows = self._connection.execute(
                f"SELECT name, position, digest FROM graphs WHERE name IN ({marks})",  # noqa: S608 — only marks
                chunk,
            )
            found |= {name: (position, digest) for name, position, digest in rows}
        return found

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if "disk is full" in str(error):
            raise StoreFull("The graph store has no more space.") from error
        raise Unreachable(f"The positions of the graph store can't be used: {error}") from error
