"""The scaled graph store: any server that speaks SPARQL 1.1 Query and Update, one dataset of it for us alone.

A record's graph is written under its public name, and generations are marks in a book that lies beside (`updates`).
What is in any generation is seen, so a generation that is being filled is not hidden: a record shows its new state as
soon as that is written, and one that only the old generation has goes when that is dropped.

Each update says on what it depends: the generation exists, and the book has the graph as it was seen. So a leader that
has lost its lease, and whose requests arrive late, can neither bring an old state back nor revive a dropped generation.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence

import orjson
from pyoxigraph import BlankNode, QueryResultsFormat, QuerySolutions, RdfFormat, Triple, parse_query_results, serialize

from repository.errors import StoreFull, Unreachable
from repository.ld import updates
from repository.ld.endpoint import Answer, AnswerTooLong, Endpoint, endpoint, post
from repository.ld.record_graph import RecordGraph
from repository.ld.updates import UNKNOWN, Entry, Step, is_done, is_same

_SECONDS = 120.0
"""For one request of a reader."""
_LOOK = 10.0
"""For its first one, which asks for nothing."""
_SHORT = 1.0
"""Seconds in which a store that is well says so."""
_OCTETS = 4_000_000
"""Of triples in one update."""
_MOST = 500
"""Graphs in one request."""
_ANSWER = 64_000_000
_TRIES = 5
_JSON = "application/sparql-results+json"


class SparqlStore:
    """See the module. A `store.GraphStore`."""

    def __init__(self, url: str) -> None:
        self._endpoint = endpoint(url)

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        reach(self._endpoint, _LOOK)
        yield

    def write(self, graphs: Sequence[RecordGraph], generation: str) -> None:
        for part in _parts(graphs):
            left = part
            # what another leader has changed since we looked is not written: look again until all is done
            for _try in range(_TRIES):
                known = self._entries(left, generation)
                left = [graph for graph in left if not is_done(graph, known[graph.name])]
                if not left:
                    break
                self._update(updates.write(self._steps(left, known), generation))
            else:
                raise Unreachable("Others change the graph store while we write to it.")

    def _steps(self, graphs: Sequence[RecordGraph], known: Mapping[str, Entry]) -> list[Step]:
        """What differs. In a generation that is being filled all is written again, which mends what was lost."""
        same = {graph.name for graph in graphs if is_same(graph, known[graph.name])}
        held = self._contents([graph.name for graph in graphs if known[graph.name].position and graph.name not in same])
        steps = []
        for graph in graphs:
            entry, lines = known[graph.name], (graph.triples or b"").splitlines(keepends=True)
            if graph.name in same:
                steps.append(Step(graph, entry))
                continue
            wanted, there = frozenset(lines), held.get(graph.name, frozenset())
            removed = [line for line in there if line not in wanted]
            steps.append(Step(graph, entry, removed, [line for line in lines if line not in there or not entry.is_in]))
        return steps

    def _contents(self, names: Collection[str]) -> dict[str, frozenset[bytes]]:
        """Lines of N-Triples by the name of their graph, as the store gives its terms back."""
        if not names:
            return {}
        headers = {"Content-Type": "application/sparql-query", "Accept": _JSON}
        answer = self._post(self._endpoint.query, updates.contents(names).encode(), headers)
        graphs: dict[str, list[Triple]] = {}
        try:
            rows = parse_query_results(answer.body, QueryResultsFormat.JSON)
            if not isinstance(rows, QuerySolutions):
                raise Unreachable("The graph store answers with something else than rows.")
            for name, *terms in rows:
                if not any(
                    isinstance(term, BlankNode) for term in terms
                ):  # ours have none, and it has no name to remove
                    graphs.setdefault(name.value, []).append(Triple(*terms))
        except (SyntaxError, ValueError) as error:
            raise Unreachable("The graph store answers with something else than JSON.") from error
        return {
            name: frozenset((serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True))
            for name, triples in graphs.items()
        }

    def create(self, generation: str) -> None:
        self._update(updates.create(generation).encode())

    def activate(self, generation: str) -> None:
        if generation not in self.generations():
            raise Unreachable(f"The generation {generation} is not in the graph store any more.")
        if self._query(updates.leaks())["boolean"]:
            raise Unreachable("The graph store shows named graphs in its default graph: configure it not to.")

    def drop(self, generation: str) -> None:
        query = updates.only_in(generation, _MOST)
        while names := [row["name"]["value"] for row in self._rows(query)]:
            self._update(updates.purge(names, generation))
        self._update(updates.forget(generation).encode())

    def generations(self) -> tuple[str, ...]:
        return tuple(row["name"]["value"] for row in self._rows(updates.generations()))

    def _entries(self, graphs: Sequence[RecordGraph], generation: str) -> dict[str, Entry]:
        rows = self._rows(updates.entries((graph.name for graph in graphs), generation))
        if not any("name" not in row for row in rows):
            # somebody has emptied the store, or another leader has dropped it: it is begun anew, or left alone
            raise Unreachable(f"The generation {generation} is not in the graph store any more.")
        known = {graph.name: UNKNOWN for graph in graphs}
        for row in rows:
            if "name" in row:
                is_in = row.get("in", {}).get("value") == generation
                known[row["name"]["value"]] = Entry(int(row["position"]["value"]), row["digest"]["value"], is_in)
        return known

    def _rows(self, query: str) -> list[dict[str, dict[str, str]]]:
        rows: list[dict[str, dict[str, str]]] = self._query(query)["results"]["bindings"]
        return rows

    def _query(self, query: str) -> dict[str, dict[str, list[dict[str, dict[str, str]]]]]:
        headers = {"Content-Type": "application/sparql-query", "Accept": _JSON}
        answer = self._post(self._endpoint.query, query.encode(), headers)
        try:
            found = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise Unreachable("The graph store answers with something else than JSON.") from error
        if not isinstance(found, dict):
            raise Unreachable("The graph store answers with something else than rows.")
        return found

    def _update(self, update: bytes) -> None:
        self._post(self._endpoint.update, update, {"Content-Type": "application/sparql-update"})

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            answer = post(url, self._endpoint, body, headers, _SECONDS, _ANSWER)
        except AnswerTooLong as error:
            raise Unreachable("The graph store answers with too much.") from error
        return _checked(answer)


def reach(store: Endpoint, seconds: float = _SHORT) -> None:
    """Raises Unreachable where the store does not take a query."""
    headers = {"Content-Type": "application/sparql-query", "Accept": _JSON}
    try:
        answer = post(store.query, store, b"ASK {}", headers, seconds, _ANSWER)
    except AnswerTooLong as error:
        raise Unreachable("The graph store answers with too much.") from error
    if answer.status != 200 or answer.media_type != _JSON:
        raise Unreachable(f"The graph store answers a query with status {answer.status}, {answer.media_type}.")


def _parts(graphs: Sequence[RecordGraph]) -> Iterator[list[RecordGraph]]:
    part: list[RecordGraph] = []
    size = 0
    for graph in graphs:
        octets = len(graph.triples or b"")
        if part and (size + octets > _OCTETS or len(part) == _MOST):
            yield part
            part, size = [], 0
        part.append(graph)
        size += octets
    if part:
        yield part


def _checked(answer: Answer) -> Answer:
    """Raises ValueError for what a change may be the cause of: the loop finds out which one."""
    if answer.status in (200, 201, 202, 204):
        return answer
    said = answer.body[:300].decode("utf-8", "replace").strip()
    if answer.status in (400, 413):
        raise ValueError(f"The graph store refuses an update with status {answer.status}: {said}")
    if answer.status == 507:
        raise StoreFull("The graph store has no more space.")
    raise Unreachable(f"The graph store answers with status {answer.status}: {said}")
