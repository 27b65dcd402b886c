"""What a store of the public graphs must do, whether it is embedded or a server: one named graph a record."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from repository.ld.oxigraph import OxigraphStore
from repository.ld.places import graph_folder, is_embedded
from repository.ld.record_graph import RecordGraph
from repository.ld.remote import SparqlStore


class GraphStore(Protocol):
    """Generations of graphs, written by one leader from one thread.

    The default graph of a query is the union of the named graphs: each triple once, however many graphs state it.
    Connection errors are raised as OSError or `errors.Unreachable`.
    """

    def leading(self) -> AbstractContextManager[None]:
        """Held while this process writes; an embedded store is opened, under an operating system lock, and closed."""
        ...

    def write(self, graphs: Sequence[RecordGraph], generation: str) -> None:
        """Makes graphs what is given, unless a later position of the same graph has been written before.

        In the active generation it is durable and seen by queries when this returns; in one that is being filled, when
        `activate` does.
        """
        ...

    def create(self, generation: str) -> None: ...

    def activate(self, generation: str) -> None:
        """Queries see this generation from now on. Harmless for the one that is active."""
        ...

    def drop(self, generation: str) -> None: ...

    def generations(self) -> Iterable[str]: ...


def graph_store(url: str) -> GraphStore:
    """The store of the setting `graph`: `oxigraph:///folder`, or `sparql+http://host/dataset`."""
    return OxigraphStore(graph_folder(url)) if is_embedded(url) else SparqlStore(url)
