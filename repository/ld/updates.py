"""What is said to a SPARQL store to keep records in it: updates and queries as text, and the book that they keep.

The book is a named graph that no visitor's query sees (`query_text`). It has a node for each generation that exists,
and one for each record that was ever written: its graph, position and digest, and the generations that it is in. The
nodes are blank, so that nobody who asks for a description of an IRI is told of them.
Specified by: SPARQL 1.1 Update.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from repository.ld.record_graph import RecordGraph

_PREFIX = "PREFIX c: <urn:x-colophon:>\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the book knows of a graph."""

    position: int
    digest: str
    is_in: bool
    """In the generation that was asked about."""


UNKNOWN = Entry(0, "", is_in=False)
"""Of a graph that is not in the book, or was just entered."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with one graph, given what was seen of it."""

    graph: RecordGraph
    entry: Entry
    removed: Sequence[bytes] = ()
    """Lines of N-Triples that are in the graph and must not be."""
    added: Sequence[bytes] = ()


def generations() -> str:
    return f"{_PREFIX}SELECT ?name {{ GRAPH c:book {{ ?g c:generation ?name }} }}"


def leaks() -> str:
    """Whether what only the book holds is in the default graph too."""
    return f"{_PREFIX}ASK {{ ?g c:generation ?name }}"


def create(generation: str) -> str:
    exists = f'GRAPH c:book {{ ?g c:generation "{generation}" }}'
    return (
        f'{_PREFIX}INSERT {{ GRAPH c:book {{ [] c:generation "{generation}" }} }} '
        f"WHERE {{ FILTER NOT EXISTS {{ {exists} }} }}"
    )


def entries(names: Iterable[str], generation: str) -> str:
    """Rows of graphs that are in the book, and one without a graph if the generation exists."""
    return (
        f"{_PREFIX}SELECT ?name ?position ?digest ?in {{\n"
        f'{{ GRAPH c:book {{ ?g c:generation "{generation}" }} }} UNION {{\n'
        f"{_names(names)}\n"
        f"GRAPH c:book {{ ?b c:of ?name ; c:position ?position ; c:digest ?digest . "
        f'OPTIONAL {{ ?b c:in ?in FILTER(?in = "{generation}") }} }} }} }}'
    )


def only_in(generation: str, most: int) -> str:
    """Graphs that are in no other generation."""
    return (
        f'{_PREFIX}SELECT ?name {{ GRAPH c:book {{ ?b c:in "{generation}" ; c:of ?name\n'
        f'FILTER NOT EXISTS {{ ?b c:in ?other FILTER(?other != "{generation}") }} }} }} LIMIT {most}'
    )


def purge(names: Iterable[str], generation: str) -> bytes:
    """Takes graphs out, with what the book says of them, if they are in no other generation."""
    operations = []
    for name in names:
        entry = (
            f'GRAPH c:book {{ ?b c:of {_iri(name)} ; c:in "{generation}" '
            f'FILTER NOT EXISTS {{ ?b c:in ?x FILTER(?x != "{generation}") }} }}'
        )
        whole = "GRAPH c:book { ?b ?q ?v }"
        operations += [*_removal(name, entry), f"DELETE {{ {whole} }} WHERE {{ {entry} {whole} }}"]
    return (_PREFIX + " ;\n".join(operations)).encode()


def forget(generation: str) -> str:
    """Takes the generation itself out of the book."""
    return (
        f'{_PREFIX}DELETE WHERE {{ GRAPH c:book {{ ?b c:in "{generation}" }} }} ;\n'
        f'DELETE WHERE {{ GRAPH c:book {{ ?g c:generation "{generation}" }} }}'
    )


def contents(names: Iterable[str]) -> str:
    return f"SELECT ?name ?s ?p ?o {{ {_names(names)} GRAPH ?name {{ ?s ?p ?o }} }}"


def is_done(graph: RecordGraph, entry: Entry) -> bool:
    """Whether the book has the graph in the generation, as it is given or later."""
    if not entry.is_in:
        return False
    return entry.position > graph.position or (entry.position == graph.position and is_same(graph, entry))


def is_same(graph: RecordGraph, entry: Entry) -> bool:
    """Whether what was written is what is given: only the position may be another."""
    return entry.is_in and entry.digest == graph.digest().hex()


def write(steps: Sequence[Step], generation: str) -> bytes:
    """One update: for each graph that the book still has as it was seen, its new content, position and digest. What has
    changed since is left alone, so look again whether all `is_done`."""
    exists = f'?g c:generation "{generation}"'
    new = [step.graph.name for step in steps if step.entry is UNKNOWN]
    outside = [step.graph.name for step in steps if not step.entry.is_in]
    parts = [_PREFIX.encode()]
    if new:
        entry = 'GRAPH c:book { [] c:of ?name ; c:position 0 ; c:digest "" }'
        absent = "FILTER NOT EXISTS { GRAPH c:book { ?b c:of ?name } }"
        parts.append(_insert(entry, f"{_names(new)} GRAPH c:book {{ {exists} }} {absent}"))
    if outside:
        mark = f'GRAPH c:book {{ ?b c:in "{generation}" }}'
        parts.append(_insert(mark, f"{_names(outside)} GRAPH c:book {{ ?b c:of ?name . {exists} }}"))
    due = [step for step in steps if step.entry.position <= step.graph.position]
    for step in due:
        parts += _content(step, exists)
    # into the union by one copy of all: to read each triple twice would take a server half as long again
    added = [step.graph.name for step in due if step.added]
    if added:
        parts.append(_insert("?s ?p ?o", f"{_names(added)} GRAPH ?name {{ ?s ?p ?o }}"))
    if due:
        parts.append(_settling(due, exists))
    return b"".join(parts)


def _content(step: Step, exists: str) -> list[bytes]:
    """Operations that make a graph what is given. What no other graph states goes first out of the union, which is the
    default graph, then out of the graph."""
    name, seen = _iri(step.graph.name), step.entry
    guard = (
        f'GRAPH c:book {{ ?b c:of {name} ; c:position {seen.position} ; c:digest "{seen.digest}" . {exists} }}'
    ).encode()
    parts: list[bytes] = []
    if step.removed:
        rows = b"".join(b"(" + line.removesuffix(b" .\n") + b")\n" for line in step.removed)
        other = f"FILTER NOT EXISTS {{ GRAPH ?other {{ ?s ?p ?o }} FILTER(?other != {name}) }}".encode()
        parts += [b"DELETE { ?s ?p ?o } WHERE { ", guard, b" VALUES (?s ?p ?o) {\n", rows, b"} ", other, b" } ;\n"]
        gone = b"".join(step.removed)
        parts += [f"DELETE {{ GRAPH {name} {{\n".encode(), gone, b"} } WHERE { ", guard, b" } ;\n"]
    if step.added:
        parts += [f"INSERT {{ GRAPH {name} {{\n".encode(), *step.added, b"} } WHERE { ", guard, b" } ;\n"]
    return parts


def _insert(what: str, where: str) -> bytes:
    return f"INSERT {{ {what} }} WHERE {{ {where} }} ;\n".encode()


def _removal(name: str, guard: str) -> tuple[str, str]:
    """First out of the union what no other graph states, then out of the graph."""
    held = f"{guard} GRAPH {_iri(name)} {{ ?s ?p ?o }}"
    other = f"GRAPH ?other {{ ?s ?p ?o }} FILTER(?other != {_iri(name)})"
    return (
        f"DELETE {{ ?s ?p ?o }} WHERE {{ {held} FILTER NOT EXISTS {{ {other} }} }}",
        f"DELETE {{ GRAPH {_iri(name)} {{ ?s ?p ?o }} }} WHERE {{ {held} }}",
    )


def _settling(steps: Sequence[Step], exists: str) -> bytes:
    rows = " ".join(
        f'({_iri(step.graph.name)} {step.entry.position} "{step.entry.digest}" '
        f'{step.graph.position} "{step.graph.digest().hex()}")'
        for step in steps
    )
    return (
        "DELETE { GRAPH c:book { ?b c:position ?at ; c:digest ?old } }\n"
        "INSERT { GRAPH c:book { ?b c:position ?to ; c:digest ?new } }\n"
        f"WHERE {{ VALUES (?name ?at ?old ?to ?new) {{ {rows} }}\n"
        f"GRAPH c:book {{ ?b c:of ?name ; c:position ?at ; c:digest ?old . {exists} }} }} ;\n"
    ).encode()


def _names(names: Iterable[str]) -> str:
    return f"VALUES ?name {{ {' '.join(map(_iri, names))} }}"


def _iri(name: str) -> str:
    return str(NamedNode(name))
