"""The graph store that is a server, beyond what every store does: leaders that are late, servers that are away."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from repository.api.stores import OK, UNREACHABLE, Stores
from repository.errors import Unreachable
from repository.ld import updates
from repository.ld.endpoint import Endpoint, endpoint, post
from repository.ld.record_graph import RecordGraph
from repository.ld.remote import SparqlStore
from repository.ld.updates import UNKNOWN, Entry, Step
from repository.search.engines import open_engine
from repository.services.instance import Instance
from tests.instances import copy_instance
from tests.ld.graph_stores import GENERATION, NAMES, NEXT, TRIPLES, Scaled, lines, published, stored
from tests.servers.fuseki import FusekiServer

pytestmark = pytest.mark.service


@pytest.fixture
def kind(fuseki: FusekiServer) -> Scaled:
    fuseki.empty()
    return Scaled(fuseki)


@pytest.fixture
def store(kind: Scaled) -> Iterator[SparqlStore]:
    store = SparqlStore(kind.setting)
    with store.leading():
        store.create(GENERATION)
        yield store


def late(kind: Scaled, step: Step, generation: str = GENERATION) -> None:
    """What a leader sends that has looked before, and lost its lease meanwhile."""
    store: Endpoint = endpoint(kind.setting)
    headers = {"Content-Type": "application/sparql-update"}
    assert post(store.update, store, updates.write([step], generation), headers, 60, 10_000).status == 204


def test_a_late_update_of_an_old_leader_changes_nothing(store: SparqlStore, kind: Scaled) -> None:
    old, new = lines(TRIPLES[0]), lines(TRIPLES[1])
    first = RecordGraph(NAMES[0], 1, old)
    store.write([first, RecordGraph(NAMES[1], 4, None)], GENERATION)
    store.write([RecordGraph(NAMES[0], 3, new)], GENERATION)
    seen = Entry(1, first.digest().hex(), is_in=True)
    late(kind, Step(RecordGraph(NAMES[0], 2, lines(TRIPLES[2])), seen, [old], [lines(TRIPLES[2])]))
    late(kind, Step(RecordGraph(NAMES[1], 2, old), UNKNOWN, [], [old]))
    assert published(kind) == {NAMES[0]: {TRIPLES[1]}}
    store.write([RecordGraph(NAMES[1], 4, None)], GENERATION)
    assert published(kind) == {NAMES[0]: {TRIPLES[1]}}


def test_a_late_update_does_not_revive_a_generation(store: SparqlStore, kind: Scaled) -> None:
    store.create(NEXT)
    store.drop(NEXT)
    late(kind, Step(RecordGraph(NAMES[0], 1, lines(TRIPLES[0])), UNKNOWN, [], [lines(TRIPLES[0])]), NEXT)
    assert published(kind) == {}
    assert store.generations() == (GENERATION,)


def test_of_leaders_that_write_at_once_the_latest_position_wins(store: SparqlStore, kind: Scaled) -> None:
    dice = random.Random(5)
    positions = list(range(1, 41))
    dice.shuffle(positions)

    def write(position: int) -> None:
        graphs = [RecordGraph(name, position, lines(*TRIPLES[position % 5 : position % 5 + 3])) for name in NAMES]
        again = True
        while again:  # four at once is more than a lease ever lets happen
            again = False
            try:
                SparqlStore(kind.setting).write(graphs, GENERATION)
            except Unreachable as error:
                again = "Others change" in error.message

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, positions))
    assert published(kind) == {name: set(TRIPLES[:3]) for name in NAMES}  # of position 40


def test_a_dataset_that_somebody_empties_is_noticed(store: SparqlStore, kind: Scaled) -> None:
    store.write([RecordGraph(NAMES[0], 1, lines(TRIPLES[0]))], GENERATION)
    kind.server.empty()
    with pytest.raises(Unreachable, match="not in the graph store any more"):
        store.write([RecordGraph(NAMES[0], 2, lines(TRIPLES[1]))], GENERATION)
    with pytest.raises(Unreachable, match="not in the graph store any more"):
        store.activate(GENERATION)
    assert store.generations() == ()


def test_what_others_have_taken_out_is_there_again_after_a_rebuild(store: SparqlStore, kind: Scaled) -> None:
    graphs = [RecordGraph(NAMES[0], 1, lines(*TRIPLES[:3])), RecordGraph(NAMES[1], 2, lines(TRIPLES[4]))]
    store.write(graphs, GENERATION)
    kind.server.update(f"CLEAR GRAPH <{NAMES[0]}> ; CLEAR DEFAULT")
    store.create(NEXT)
    store.write(graphs, NEXT)
    store.activate(NEXT)
    store.drop(GENERATION)
    assert published(kind) == {NAMES[0]: set(TRIPLES[:3]), NAMES[1]: stored(lines(TRIPLES[4]))}


def test_a_default_graph_that_shows_named_graphs_is_refused(store: SparqlStore, kind: Scaled) -> None:
    kind.server.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")  # as a union would
    with pytest.raises(Unreachable, match="shows named graphs"):
        store.activate(GENERATION)


def test_what_others_have_added_to_a_graph_goes_with_its_next_change(store: SparqlStore, kind: Scaled) -> None:
    store.write([RecordGraph(NAMES[0], 1, lines(TRIPLES[0]))], GENERATION)
    other = (
        "<https://example.org/s> <https://example.org/q> 007 ; <https://example.org/r> [ <https://example.org/q> 1 ]"
    )
    kind.server.update(f"INSERT DATA {{ GRAPH <{NAMES[0]}> {{ {other} }} }}")
    store.write([RecordGraph(NAMES[0], 2, lines(TRIPLES[1]))], GENERATION)
    left = [quad for quad in kind.quads() if quad.graph_name == NamedNode(NAMES[0])]
    assert [quad.triple for quad in left if not str(quad).count("_:")] == [TRIPLES[1]]


def test_a_triple_that_the_server_does_not_take_is_its_records_fault(store: SparqlStore, kind: Scaled) -> None:
    with pytest.raises(ValueError, match="refuses an update with status 400"):
        store.write([RecordGraph(NAMES[0], 1, b"<a:a> <a:b> broken .\n")], GENERATION)
    assert published(kind) == {}


def test_a_server_that_is_away_is_the_stores_fault_and_the_status_says_so(
    fuseki: FusekiServer, tmp_path: Path, instance_template: Path
) -> None:
    words = []
    for url in (fuseki.setting, "sparql+http://127.0.0.1:9/ds", f"{fuseki.setting}?query=nothing"):
        instance: Instance = copy_instance(instance_template, tmp_path / f"i{len(words)}", graph=url)
        words.append(Stores(instance, open_engine(instance.settings.search)).words()["graph"])
        instance.close()
    assert words == [OK, UNREACHABLE, UNREACHABLE]
    with pytest.raises(Unreachable, match="does not answer"):
        SparqlStore("sparql+http://127.0.0.1:9/ds").generations()
