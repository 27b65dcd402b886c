"""Rules of the contract suite: what the writing side promises."""

from pathlib import Path

import pytest

from repository.records.visibility import SYSTEM
from repository.search.documents import document, removed
from tests.search.kit import Kit, found, indexed, record, seven


def an_older_position_never_comes_back(kit: Kit, folder: Path) -> None:
    first = record(1, {"title": "older"})
    second = record(1, {"title": "newer"})
    with indexed(kit, folder, [record(0)]) as (index, engine):
        index.write([document(second, 9)], "g1")
        index.write([document(first, 8), document(record(2), 7)], "g1")
        assert found(engine, "newer") == [first.id]
        assert found(engine, "older") == []
        assert len(found(engine)) == 3
        index.write([removed(first.id, 12)], "g1")
        assert found(engine, "newer OR older", viewer=SYSTEM) == []
        index.write([document(second, 11)], "g1")
        assert found(engine, "newer", viewer=SYSTEM) == []
        index.write([document(second, 12)], "g1")  # the same change again
        index.write([document(second, 12)], "g1")
        assert found(engine, "newer") == [first.id]
    index, engine = kit.make(folder)
    with index.leading():
        index.activate("g1")
        index.write([document(first, 11)], "g1")
        assert found(engine, "newer") == [first.id]


def an_entry_that_can_not_be_indexed_changes_nothing(kit: Kit, folder: Path) -> None:
    bad = document(record(5), 10)
    bad["numbers"]["created"] = "yesterday"
    with indexed(kit, folder, seven()) as (index, engine):
        before = found(engine)
        with pytest.raises(ValueError):
            index.write([document(record(1, {"title": "changed"}), 9), bad], "g1")
        assert found(engine) == before
        assert found(engine, "changed") == []
        index.create("g2")
        index.write([document(record(8), 8)], "g2")
        with pytest.raises(ValueError):
            index.write([document(record(9), 9), bad], "g2")
        index.write([document(record(9), 9)], "g2")
        index.activate("g2")
        assert sorted(found(engine)) == [record(8).id, record(9).id]


def a_new_generation_takes_over_at_once(kit: Kit, folder: Path) -> None:
    with indexed(kit, folder, seven()) as (index, engine):
        _other, elsewhere = kit.make(folder)
        assert len(found(elsewhere)) == 7
        index.create("g2")
        index.write([document(state, 1) for state in seven()[:3]], "g2")
        index.write([document(record(30), 8)], "g1")
        assert len(found(engine)) == len(found(elsewhere)) == 8
        index.write([document(record(1, {"title": "caught up"}), 9)], "g2")
        index.activate("g2")
        index.drop("g1")
        assert list(index.generations()) == ["g2"]
        for reader in (engine, elsewhere):
            assert sorted(found(reader)) == [state.id for state in seven()[:3]]
            assert found(reader, "caught") == [record(1).id]
        index.activate("g2")
        index.write([removed(record(1).id, 10)], "g2")
        assert len(found(elsewhere)) == 2
        index.drop("g1")
