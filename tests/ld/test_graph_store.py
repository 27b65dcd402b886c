"""The embedded graph store, beyond what every store does: copies, crashes, and who may write."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

from repository.errors import Unreachable
from repository.ld.oxigraph import OxigraphStore
from repository.ld.positions import Positions
from repository.ld.record_graph import RecordGraph
from tests.ld.graph_stores import GENERATION, NAMES, NEXT, TRIPLES, Embedded, lines, published


def shown(folder: Path) -> dict[str, set[Triple]]:
    return published(Embedded(folder))


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


def test_what_is_in_the_store_already_is_not_published_again(store: OxigraphStore, folder: Path) -> None:
    graph = RecordGraph(NAMES[0], 1, lines(*TRIPLES))
    store.write([graph], GENERATION)
    before = (folder / "current").readlink()
    store.write([graph, RecordGraph(NAMES[1], 2, None)], GENERATION)
    assert (folder / "current").readlink() == before


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
    assert shown(folder) == {NAMES[0]: set(TRIPLES[:3])}


def test_a_generation_is_seen_once_it_is_activated_and_the_old_one_can_go(store: OxigraphStore, folder: Path) -> None:
    store.write([RecordGraph(NAMES[0], 1, lines(TRIPLES[0]))], GENERATION)
    store.create(NEXT)
    store.write([RecordGraph(NAMES[1], 2, lines(TRIPLES[1]))], NEXT)
    assert shown(folder) == {NAMES[0]: {TRIPLES[0]}}
    store.activate(NEXT)
    assert shown(folder) == {NAMES[1]: {TRIPLES[1]}}
    assert set(store.generations()) == {GENERATION, NEXT}
    store.drop(GENERATION)
    store.drop(GENERATION)
    assert set(store.generations()) == {NEXT}
    assert shown(folder) == {NAMES[1]: {TRIPLES[1]}}


def test_what_was_written_before_a_crash_is_published_by_the_next_leader(store: OxigraphStore, folder: Path) -> None:
    """Dead between writing and publishing."""
    (folder / "current").unlink()
    store.activate(GENERATION)
    assert shown(folder) == {}


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
