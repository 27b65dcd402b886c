"""The embedded graph store: what it holds after any history, and after a crash."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from repository.errors import Unreachable
from repository.ld.oxigraph import OxigraphStore
from repository.ld.positions import Positions
from repository.ld.record_graph import RecordGraph
from repository.ld.snapshots import held

NAMES = [f"https://repository.example.org/records/{number}" for number in range(4)]
GENERATION, NEXT = "g1", "g2"
TERMS = [
    *(Literal(f"shared {number}") for number in range(3)),
    Literal("2024-05-01T09:30:00+00:00", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")),
    Literal("007", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    Literal("quotes \" ' \\ and\nlines\r\tand { } <x> . #", language="en"),
    Literal("حكاية 𝒳 \u0007 \x7f"),
    NamedNode("https://example.org/a?b=c#d%20"),
]
TRIPLES = [Triple(NamedNode("https://example.org/s"), NamedNode("https://example.org/p"), term) for term in TERMS]


def lines(*triples: Triple) -> bytes:
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


def stored(content: bytes) -> set[Triple]:
    """Triples as the store gives them back: `+00:00` as `Z`, 007 as 7."""
    store = Store()
    store.load(content, RdfFormat.N_TRIPLES)
    return {quad.triple for quad in store}


def published(folder: Path) -> dict[str, set[Triple]]:
    """The graphs that queries see; checks that the default graph is their union."""
    graphs: dict[str, set[Triple]] = {}
    union: set[Triple] = set()
    with held(folder) as path:
        assert path is not None
        for quad in Store.read_only(str(path)):
            if isinstance(quad.graph_name, DefaultGraph):
                union.add(quad.triple)
            else:
                graphs.setdefault(quad.graph_name.value, set()).add(quad.triple)
    assert union == set().union(*graphs.values())
    return graphs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "graph"


@pytest.fixture
def store(folder: Path) -> Iterator[OxigraphStore]:
    """An empty store, led by this process."""
    store = OxigraphStore(folder)
    with store.leading():
        store.create(GENERATION)
        store.activate(GENERATION)
        yield store


contents = st.none() | st.sets(st.sampled_from(TRIPLES)).map(lambda triples: lines(*triples))
batches = st.lists(st.dictionaries(st.sampled_from(NAMES), contents, min_size=1), max_size=6)


@given(batches)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_graphs_are_what_was_written_last_and_the_default_graph_is_their_union(
    tmp_path_factory: pytest.TempPathFactory, history: Sequence[Mapping[str, bytes | None]]
) -> None:
    folder = tmp_path_factory.mktemp("store") / "graph"
    store, model, position = OxigraphStore(folder), dict[str, bytes | None](), 0
    with store.leading():
        store.create(GENERATION)
        for batch in history:
            position += 1
            store.write([RecordGraph(name, position, content) for name, content in batch.items()], GENERATION)
            model.update(batch)
        store.activate(GENERATION)
    assert published(folder) == {name: stored(content) for name, content in model.items() if content}


def test_an_older_position_is_passed_by_also_when_the_graph_is_gone(store: OxigraphStore, folder: Path) -> None:
    name = NAMES[0]
    store.write([RecordGraph(name, 5, lines(TRIPLES[0]))], GENERATION)
    store.write([RecordGraph(name, 4, lines(TRIPLES[1]))], GENERATION)
    assert published(folder) == {name: {TRIPLES[0]}}
    store.write([RecordGraph(name, 6, None)], GENERATION)
    store.write([RecordGraph(name, 5, lines(TRIPLES[0]))], GENERATION)
    assert published(folder) == {}
    store.write([RecordGraph(name, 6, lines(TRIPLES[2]))], GENERATION)
    assert published(folder) == {name: {TRIPLES[2]}}


def test_what_is_in_the_store_already_is_not_published_again(store: OxigraphStore, folder: Path) -> None:
    graph = RecordGraph(NAMES[0], 1, lines(*TRIPLES))
    store.write([graph], GENERATION)
    before = (folder / "current").readlink()
    store.write([graph, RecordGraph(NAMES[1], 2, None)], GENERATION)
    assert (folder / "current").readlink() == before


def test_large_and_small_batches_give_the_same(store: OxigraphStore, folder: Path) -> None:
    many = [Triple(NamedNode(f"https://example.org/{number}"), NamedNode("https://example.org/p"), Literal("x" * 50))
            for number in range(3000)]  # fmt: skip
    store.write(
        [RecordGraph(NAMES[0], 1, lines(*many, TRIPLES[0])), RecordGraph(NAMES[1], 1, lines(*many))], GENERATION
    )
    store.write([RecordGraph(NAMES[2], 2, lines(TRIPLES[0]))], GENERATION)
    assert published(folder) == {NAMES[0]: {*many, TRIPLES[0]}, NAMES[1]: set(many), NAMES[2]: {TRIPLES[0]}}
    store.write([RecordGraph(NAMES[0], 3, lines(*many[:10]))], GENERATION)
    assert published(folder) == {NAMES[0]: set(many[:10]), NAMES[1]: set(many), NAMES[2]: {TRIPLES[0]}}


def test_a_change_that_a_dead_process_had_claimed_is_written_when_it_comes_again(folder: Path) -> None:
    graph = RecordGraph(NAMES[0], 7, lines(*TRIPLES[:3]))
    store = OxigraphStore(folder)
    with store.leading():
        store.create(GENERATION)
        store.activate(GENERATION)
        store.write([RecordGraph(NAMES[0], 3, lines(TRIPLES[4]))], GENERATION)
    # the process dies: position noted, one triple in the named graph only, another in the union only
    positions = Positions(folder / GENERATION / "positions.sqlite")
    assert [claim.graph for claim in positions.claim([graph])] == [graph]
    positions.close()
    half = Store(str(folder / GENERATION / "store"))
    half.add(Quad(*TRIPLES[0], NamedNode(NAMES[0])))
    half.add(Quad(*TRIPLES[1], DefaultGraph()))
    half.flush()
    del half
    store = OxigraphStore(folder)
    with store.leading():
        store.activate(GENERATION)
        store.write([RecordGraph(NAMES[0], 5, lines(TRIPLES[5]))], GENERATION)
        store.write([graph], GENERATION)
    assert published(folder) == {NAMES[0]: set(TRIPLES[:3])}


def test_a_generation_is_seen_once_it_is_activated_and_the_old_one_can_go(store: OxigraphStore, folder: Path) -> None:
    store.write([RecordGraph(NAMES[0], 1, lines(TRIPLES[0]))], GENERATION)
    store.create(NEXT)
    store.write([RecordGraph(NAMES[1], 2, lines(TRIPLES[1]))], NEXT)
    assert published(folder) == {NAMES[0]: {TRIPLES[0]}}
    store.activate(NEXT)
    assert published(folder) == {NAMES[1]: {TRIPLES[1]}}
    assert set(store.generations()) == {GENERATION, NEXT}
    store.drop(GENERATION)
    store.drop(GENERATION)
    assert set(store.generations()) == {NEXT}
    assert published(folder) == {NAMES[1]: {TRIPLES[1]}}


def test_what_was_written_before_a_crash_is_published_by_the_next_leader(store: OxigraphStore, folder: Path) -> None:
    """Dead between writing and publishing."""
    (folder / "current").unlink()
    store.activate(GENERATION)
    assert published(folder) == {}


def test_only_one_process_writes(store: OxigraphStore, folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from repository.ld.oxigraph import OxigraphStore\n"
        "with OxigraphStore(Path(sys.argv[1])).leading(): pass"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Unreachable: Another process writes the graph store" in done.stderr
    with pytest.raises(Unreachable), OxigraphStore(folder).leading():
        pass


def test_a_damaged_file_of_positions_is_the_stores_fault_and_no_records(folder: Path) -> None:
    store = OxigraphStore(folder)
    with store.leading():
        store.create(GENERATION)
        (folder / GENERATION / "positions.sqlite").write_bytes(b"no database" * 1000)
        with pytest.raises(Unreachable):
            store.activate(GENERATION)


def test_the_lines_of_a_graph_are_split_only_where_triples_end() -> None:
    """What the store relies on: canonical N-Triples has no other line feed, and parses back."""
    text = lines(*TRIPLES)
    assert len(text.splitlines(True)) == text.count(b" .\n") == len(TRIPLES)
    assert [quad.triple for quad in parse(text, RdfFormat.N_TRIPLES)] == TRIPLES
