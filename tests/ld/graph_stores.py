"""The graph stores that there are, each with a way to see what it shows to queries; and triples to put into them."""

from pathlib import Path
from typing import Protocol

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from repository.ld.snapshots import held
from repository.ld.store import GraphStore, graph_store
from tests.servers.fuseki import FusekiServer

BOOK = "urn:x-colophon:book"
NAMES = [f"https://repository.example.org/records/{number}" for number in range(4)]
GENERATION, NEXT = "g1", "g2"
TERMS = [
    *(Literal(f"shared {number}") for number in range(3)),
    Literal("2024-05-01T09:30:00+00:00", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")),
    Literal("007", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    Literal("quotes \" ' \\ and\nlines\r\tand { } <x> . # ?v $v \\u0041 \\", language="en"),
    Literal("حكاية 𝒳 \u0007 \x7f"),
    NamedNode("https://example.org/a?b=c#d%20"),
]
TRIPLES = [Triple(NamedNode("https://example.org/s"), NamedNode("https://example.org/p"), term) for term in TERMS]


def lines(*triples: Triple) -> bytes:
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


def stored(content: bytes) -> set[Triple]:
    """Triples as Oxigraph gives them back: `+00:00` as `Z`, 007 as 7."""
    store = Store()
    store.load(content, RdfFormat.N_TRIPLES)
    return {quad.triple for quad in store}


class Kind(Protocol):
    """A kind of store, empty at first."""

    setting: str

    def quads(self) -> list[Quad]:
        """All that queries may see, and what is only ours."""
        ...


class Embedded:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.setting = f"oxigraph://{folder}"

    def quads(self) -> list[Quad]:
        with held(self.folder) as path:
            return list(Store.read_only(str(path))) if path else []


class Scaled:
    def __init__(self, server: FusekiServer) -> None:
        self.server = server
        self.setting = server.setting

    def quads(self) -> list[Quad]:
        store = Store()
        store.load(self.server.quads(), RdfFormat.N_QUADS)
        return list(store)


def opened(kind: Kind) -> GraphStore:
    """As by another process."""
    return graph_store(kind.setting)


def published(kind: Kind) -> dict[str, set[Triple]]:
    """The graphs that queries see; checks that the default graph is their union."""
    graphs: dict[str, set[Triple]] = {}
    union: set[Triple] = set()
    for quad in kind.quads():
        if isinstance(quad.graph_name, DefaultGraph):
            union.add(quad.triple)
        elif quad.graph_name.value != BOOK:
            graphs.setdefault(quad.graph_name.value, set()).add(quad.triple)
    assert union == set().union(*graphs.values()), "the default graph is not the union of the others"
    return graphs
