"""The embedded graph store: Oxigraph, one folder a generation, opened for writing by the leader alone.

Each triple lies in its record's named graph and, once, in the default graph, which so is the union that queries see.
Oxigraph could make the union while it answers, but then counts a triple as often as graphs state it, and hides FROM.

What a write does to a graph is not one transaction: queries run on published copies, between writes, and a write that
is cut off comes again (`positions`).
"""

import contextlib
import fcntl
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, serialize

from repository.errors import Unreachable
from repository.ld.positions import Claim, Positions
from repository.ld.record_graph import RecordGraph
from repository.ld.snapshots import Publisher, published_generation

_GENERATION = re.compile(r"g[0-9a-f]+")
_BULK = 256_000
"""From so many bytes on, files are written beside and taken in, which is quicker than a transaction."""
_DEFAULT = DefaultGraph()


class OxigraphStore:
    """See the module. A `store.GraphStore`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Generation] = {}
        self._active = ""
        self._publisher: Publisher | None = None

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unreachable(f"Another process writes the graph store in {self._folder}.") from error
            self._active = published_generation(self._folder)
            self._publisher = Publisher(self._folder)
            try:
                yield
            finally:
                self._publisher.close()
                self._publisher = None
                for name in list(self._open):
                    self._close(name)

    def write(self, graphs: Sequence[RecordGraph], generation: str) -> None:
        store = self._generation(generation)
        claims = store.positions.claim(graphs)
        if not claims:
            return
        store.replace(claims)
        if generation == self._active:
            self._publish(wait=True)
        store.positions.settle(claims)

    def create(self, generation: str) -> None:
        (self._folder / generation).mkdir(parents=True)

    def activate(self, generation: str) -> None:
        self._generation(generation)
        self._active = generation
        # always: a process may have died after it wrote, and before it published
        self._publish(wait=False)

    def drop(self, generation: str) -> None:
        self._close(generation)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._folder / generation)

    def generations(self) -> tuple[str, ...]:
        if not self._folder.is_dir():
            return ()
        return tuple(path.name for path in self._folder.iterdir() if _GENERATION.fullmatch(path.name))

    def _generation(self, name: str) -> "_Generation":
        if name not in self._open:
            self._open[name] = _Generation(self._folder / name)
        return self._open[name]

    def _close(self, name: str) -> None:
        if name in self._open:
            self._open.pop(name).close()

    def _publish(self, wait: bool) -> None:
        if self._publisher is None:
            raise RuntimeError("the graph store is written outside of `leading`")
        if wait:
            self._publisher.wait_turn()
        self._publisher.publish(self._generation(self._active).store, self._active)
        self._publisher.prune()


class _Generation:
    """One store with its positions, open for writing."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "store")
        self.positions = Positions(folder / "positions.sqlite")

    def close(self) -> None:
        self.positions.close()
        del self.store

    def replace(self, claims: Sequence[Claim]) -> None:
        """Makes the store hold just what is claimed of these graphs. Removes before it adds: a literal may be given
        back in another spelling than it was taken (`+00:00` as `Z`), and is then taken out and put in again.

        All is loaded at once: how much memory that takes is decided by who cuts the batches (`following.pace`). Of many
        small loads the store makes many files, which it then has to merge."""
        lines: list[bytes] = []
        for claim in claims:
            triples = claim.graph.triples or b""
            if not claim.is_new:
                wanted = triples.splitlines(keepends=True)
                held = self._remove(claim.graph.name, frozenset(wanted))
                if claim.is_whole:
                    triples = b"".join(line for line in wanted if line not in held)
            # N-Triples become N-Quads by the graph before each end of line; no other line feed is in them, since
            # literals are escaped. As they are they go to the default graph, which takes each triple once.
            lines += triples.replace(b" .\n", f" <{claim.graph.name}> .\n".encode()), triples
        quads = b"".join(lines)
        if quads:
            take = self.store.bulk_load if len(quads) >= _BULK else self.store.load
            take(quads, format=RdfFormat.N_QUADS, lenient=True)

    def _remove(self, graph: str, wanted: frozenset[bytes]) -> frozenset[bytes]:
        """Takes out of a graph what is not wanted; returns what it held, as lines of N-Triples."""
        quads = list(self.store.quads_for_pattern(None, None, None, NamedNode(graph)))
        lines = (serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b"").splitlines(True)
        unwanted = [(line, quad) for line, quad in zip(lines, quads, strict=True) if line not in wanted]
        if unwanted:
            # one update is a transaction: each on its own would take 0.3 ms
            named = b"".join(line for line, _quad in unwanted).decode()
            union = b"".join(line for line, quad in unwanted if not self._stated_elsewhere(quad)).decode()
            self.store.update(f"DELETE DATA {{ GRAPH <{graph}> {{ {named} }} {union} }}")
        return frozenset(lines)

    def _stated_elsewhere(self, quad: Quad) -> bool:
        others = self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return any(other.graph_name not in (_DEFAULT, quad.graph_name) for other in others)
