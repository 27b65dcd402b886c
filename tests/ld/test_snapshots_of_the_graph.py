"""Copies of the graph store: published, held, removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from repository.ld.snapshots import Publisher, held, newest, published_generation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "graph"


@pytest.fixture
def publisher(folder: Path) -> Iterator[Publisher]:
    publisher = Publisher(folder)
    yield publisher
    publisher.close()


def fact(number: int) -> Quad:
    iri = NamedNode(f"https://example.org/{number}")
    return Quad(iri, iri, Literal("x" * 200), NamedNode("https://example.org/graph"))


def copies(folder: Path) -> int:
    return len(list((folder / "snapshots").iterdir()))


def test_before_the_first_copy_there_is_none_to_hold(folder: Path) -> None:
    assert newest(folder) is None
    assert published_generation(folder) == ""
    with held(folder) as path:
        assert path is None


def test_the_newest_copy_is_held_and_older_ones_are_removed(folder: Path, publisher: Publisher) -> None:
    store = Store(str(folder / "store"))
    for number in range(3):
        store.add(fact(number))
        publisher.publish(store, "gab")
        publisher.prune()
        with held(folder) as path:
            assert path is not None
            assert len(Store.read_only(str(path))) == number + 1
        assert copies(folder) == 1
    assert published_generation(folder) == "gab"


def test_a_copy_stays_whole_as_long_as_somebody_holds_it(folder: Path, publisher: Publisher) -> None:
    """RocksDB opens files late: without the folder a query would go wrong in the middle."""
    store = Store(str(folder / "store"))
    for number in range(20):
        # each load makes files of its own
        store.bulk_load(f"{fact(number)} .\n", RdfFormat.N_QUADS)
    publisher.publish(store, "g1")
    with held(folder) as path:
        old = Store.read_only(str(path))
        store.bulk_load(f"{fact(99)} .\n", RdfFormat.N_QUADS)
        store.optimize()
        publisher.publish(store, "g1")
        publisher.prune()
        assert copies(folder) == 2
        assert {quad.subject for quad in old} == {fact(number).subject for number in range(20)}
        del old
    publisher.prune()
    assert copies(folder) == 1
    assert len(Store.read_only(str(newest(folder)))) == 21


def test_a_copy_that_was_cut_off_is_removed_and_its_number_not_used_again(folder: Path) -> None:
    (folder / "snapshots" / "g1.7.part").mkdir(parents=True)
    publisher = Publisher(folder)
    store = Store(str(folder / "store"))
    publisher.publish(store, "g1")
    publisher.prune()
    assert [path.name for path in (folder / "snapshots").iterdir()] == ["g1.8"]
    publisher.close()
