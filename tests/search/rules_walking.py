"""Rules of the contract suite: a search that goes on behind a hit."""

from pathlib import Path

from repository.search.documents import document, removed
from repository.search.engine import SORTS, WINDOW, Search, SearchEngine
from tests.search.kit import Kit, indexed, record, seven


def walk(engine: SearchEngine, sort: str, size: int, text: str = "") -> list[str]:
    """All hits, page by page; the totals must not shrink on the way."""
    ids: list[str] = []
    after = None
    while True:
        hits = engine.search(Search(text, sort=sort, size=size, after=after, facets=False))
        ids += hits.ids
        if not hits.ids:
            assert hits.last is None
            return ids
        assert hits.last is not None
        assert hits.last[1] == hits.ids[-1]
        after = hits.last


def a_walk_by_keys_meets_each_hit_once(kit: Kit, folder: Path) -> None:
    """Ties too: many records have the same number."""
    states = [record(n, created=f"2024-05-0{1 + n % 3}T00:00:00+00:00", index=1 + n % 2) for n in range(17)]
    with indexed(kit, folder, states) as (_index, engine):
        for sort in SORTS:
            whole = list(engine.search(Search(sort=sort, size=100)).ids)
            assert len(whole) == 17
            for size in (1, 2, 3, 4, 17, 25):
                assert walk(engine, sort, size) == whole, (sort, size)
        first = engine.search(Search("record", sort="newest", size=5))
        then = engine.search(Search("record", sort="newest", size=5, after=first.last, page=2))
        assert (then.total, then.facets) == (first.total, first.facets)
        assert engine.search(Search("record", size=5)).last is None  # ranked: no place to go on from


def a_walk_goes_past_the_window(kit: Kit, folder: Path) -> None:
    """The place counts, not the page: the number of the page may be beyond the window."""
    states = seven()
    with indexed(kit, folder, states) as (_index, engine):
        first = engine.search(Search(sort="oldest", size=3))
        hits = engine.search(Search(sort="oldest", size=3, after=first.last, page=WINDOW))
        assert list(hits.ids) == [state.id for state in states[3:6]]
        assert (hits.total, Search(after=first.last, page=WINDOW).limit) == (7, 25)


def a_walk_goes_on_while_records_come_and_go(kit: Kit, folder: Path) -> None:
    """What stays is met once, whatever is put in or taken away in front of the walker."""
    states = [record(number) for number in range(10)]
    with indexed(kit, folder, states) as (index, engine):
        first = engine.search(Search(sort="newest", size=4))
        assert list(first.ids) == [state.id for state in states[:5:-1]]
        index.write([removed(states[6].id, 20), document(record(30), 21), removed(states[9].id, 22)], "g1")
        then = engine.search(Search(sort="newest", size=4, after=first.last))
        assert list(then.ids) == [state.id for state in states[5:1:-1]]
        assert then.total == 9
