"""What every graph store does, embedded or a server: what it holds after any history, and through generations."""

from collections.abc import Mapping, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from repository.ld.record_graph import RecordGraph
from repository.ld.store import GraphStore
from tests.ld.graph_stores import GENERATION, NAMES, NEXT, TRIPLES, Kind, lines, opened, published, stored

contents = st.none() | st.sets(st.sampled_from(TRIPLES)).map(lambda triples: lines(*triples))
batches = st.lists(st.dictionaries(st.sampled_from(NAMES), contents, min_size=1), max_size=6)
NUMBERS = iter(range(1_000_000))


@given(batches)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_graphs_are_what_was_written_last_and_the_default_graph_is_their_union(
    kind: Kind, history: Sequence[Mapping[str, bytes | None]]
) -> None:
    store, model, position = opened(kind), dict[str, bytes | None](), 0
    generation = f"g{next(NUMBERS)}"
    with store.leading():
        for old in store.generations():  # of the example before
            store.drop(old)
        store.create(generation)
        for batch in history:
            position += 1
            store.write([RecordGraph(name, position, content) for name, content in batch.items()], generation)
            model.update(batch)
        store.activate(generation)
        assert published(kind) == {name: stored(content) for name, content in model.items() if content}


def test_an_older_position_is_passed_by_also_when_the_graph_is_gone(store: GraphStore, kind: Kind) -> None:
    name = NAMES[0]
    store.write([RecordGraph(name, 5, lines(TRIPLES[0]))], GENERATION)
    store.write([RecordGraph(name, 4, lines(TRIPLES[1]))], GENERATION)
    assert published(kind) == {name: {TRIPLES[0]}}
    store.write([RecordGraph(name, 6, None)], GENERATION)
    store.write([RecordGraph(name, 5, lines(TRIPLES[0]))], GENERATION)
    assert published(kind) == {}
    store.write([RecordGraph(name, 6, lines(TRIPLES[2]))], GENERATION)
    assert published(kind) == {name: {TRIPLES[2]}}


def test_a_change_that_changes_nothing_counts_against_older_ones(store: GraphStore, kind: Kind) -> None:
    name = NAMES[0]
    store.write([RecordGraph(name, 1, lines(TRIPLES[0]))], GENERATION)
    store.write([RecordGraph(name, 3, lines(TRIPLES[0]))], GENERATION)
    store.write([RecordGraph(name, 2, lines(TRIPLES[1]))], GENERATION)
    assert published(kind) == {name: {TRIPLES[0]}}


def test_large_and_small_batches_give_the_same(store: GraphStore, kind: Kind) -> None:
    many = [Triple(NamedNode(f"https://example.org/{number}"), NamedNode("https://example.org/p"), Literal("x" * 50))
            for number in range(3000)]  # fmt: skip
    store.write(
        [RecordGraph(NAMES[0], 1, lines(*many, TRIPLES[0])), RecordGraph(NAMES[1], 1, lines(*many))], GENERATION
    )
    store.write([RecordGraph(NAMES[2], 2, lines(TRIPLES[0]))], GENERATION)
    assert published(kind) == {NAMES[0]: {*many, TRIPLES[0]}, NAMES[1]: set(many), NAMES[2]: {TRIPLES[0]}}
    store.write([RecordGraph(NAMES[0], 3, lines(*many[:10]))], GENERATION)
    assert published(kind) == {NAMES[0]: set(many[:10]), NAMES[1]: set(many), NAMES[2]: {TRIPLES[0]}}


def test_a_new_generation_takes_the_place_of_the_old_one(store: GraphStore, kind: Kind) -> None:
    both, old, new = RecordGraph(NAMES[0], 1, lines(TRIPLES[0])), NAMES[1], NAMES[2]
    store.write([both, RecordGraph(old, 2, lines(TRIPLES[0], TRIPLES[1]))], GENERATION)
    store.create(NEXT)
    store.write([both, RecordGraph(new, 3, lines(TRIPLES[2]))], NEXT)
    assert set(store.generations()) == {GENERATION, NEXT}
    store.activate(NEXT)
    store.drop(GENERATION)
    store.drop(GENERATION)
    assert set(store.generations()) == {NEXT}
    assert published(kind) == {NAMES[0]: {TRIPLES[0]}, new: {TRIPLES[2]}}


def test_what_changed_while_a_generation_was_filled_is_not_set_back(store: GraphStore, kind: Kind) -> None:
    name = NAMES[0]
    store.write([RecordGraph(name, 1, lines(TRIPLES[0]))], GENERATION)
    store.create(NEXT)
    store.write([RecordGraph(name, 2, lines(TRIPLES[1]))], GENERATION)
    store.write([RecordGraph(name, 1, lines(TRIPLES[0]))], NEXT)
    store.write([RecordGraph(name, 2, lines(TRIPLES[1]))], NEXT)
    store.activate(NEXT)
    store.drop(GENERATION)
    assert published(kind) == {name: {TRIPLES[1]}}


def test_a_generation_that_was_never_finished_leaves_nothing_behind(store: GraphStore, kind: Kind) -> None:
    store.write([RecordGraph(NAMES[0], 1, lines(TRIPLES[0]))], GENERATION)
    store.create(NEXT)
    store.write([RecordGraph(NAMES[0], 1, lines(TRIPLES[0])), RecordGraph(NAMES[1], 2, lines(TRIPLES[1]))], NEXT)
    store.drop(NEXT)
    assert set(store.generations()) == {GENERATION}
    assert published(kind) == {NAMES[0]: {TRIPLES[0]}}
    store.activate(GENERATION)
    assert published(kind) == {NAMES[0]: {TRIPLES[0]}}


def test_a_generation_is_found_by_the_next_leader(kind: Kind) -> None:
    for position in (1, 2):
        store = opened(kind)
        with store.leading():
            if GENERATION not in store.generations():
                store.create(GENERATION)
            store.activate(GENERATION)
            store.write([RecordGraph(NAMES[position], position, lines(TRIPLES[position]))], GENERATION)
    assert published(kind) == {NAMES[1]: {TRIPLES[1]}, NAMES[2]: {TRIPLES[2]}}
