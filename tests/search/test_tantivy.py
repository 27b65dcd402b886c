"""The embedded engine passes the contract suite, and what is particular to it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import tantivy

from repository.errors import Unreachable
from repository.search.documents import document
from repository.search.engine import Search
from repository.search.tantivy_engine import TantivyEngine
from repository.search.tantivy_index import TantivyIndex
from repository.search.tantivy_schema import id_of, key_of
from tests.search.contract import RULES
from tests.search.kit import Kit, found, indexed, record, seven

KIT = Kit(make=lambda folder: (TantivyIndex(folder / "search"), TantivyEngine(folder / "search")))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_tantivy(rule: Callable[[Kit, Path], None], tmp_path: Path) -> None:
    rule(KIT, tmp_path)


def test_a_second_writer_is_kept_out_until_the_first_ends(tmp_path: Path) -> None:
    with indexed(KIT, tmp_path, seven()) as (index, engine):
        other = TantivyIndex(tmp_path / "search")
        with pytest.raises(BlockingIOError), other.leading():
            pass
        index.write([document(record(9), 9)], "g1")
        assert len(found(engine)) == 8
    with other.leading():
        other.activate("g1")
        other.write([document(record(10), 10)], "g1")
        assert len(found(engine)) == 9


def test_a_damaged_index_is_unreachable_and_recovers(tmp_path: Path) -> None:
    with indexed(KIT, tmp_path, seven()):
        pass
    meta = tmp_path / "search" / "g1" / "meta.json"
    body = meta.read_bytes()
    meta.unlink()
    engine = TantivyEngine(tmp_path / "search")
    with pytest.raises(Unreachable):
        engine.search(Search())
    meta.write_bytes(body)
    assert len(found(engine)) == 7


def test_an_index_of_another_version_is_unreachable_until_it_is_made_anew(tmp_path: Path) -> None:
    index, engine = KIT.make(tmp_path)
    with index.leading():
        index.create("g0")
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("other")
        tantivy.Index(builder.build(), path=str(tmp_path / "search" / "g0"))
        (tmp_path / "search" / "current").symlink_to("g0")
        index.activate("g0")  # as whoever begins to lead does with the current one, whatever its schema
        for search in (Search(), Search("rain"), Search(facets=False, sort="oldest")):
            with pytest.raises(Unreachable, match="another version"):
                engine.search(search)
        with pytest.raises(Unreachable):
            index.write([document(record(1), 1)], "g0")
        index.create("g1")
        index.write([document(record(1), 1)], "g1")
        index.activate("g1")
        index.drop("g0")
        assert found(engine) == [record(1).id]


def test_a_lost_folder_is_a_fault_of_the_store(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "search")
    with index.leading(), pytest.raises(Unreachable):
        index.write([document(record(1), 1)], "g1")


def test_only_committed_generations_are_linked(tmp_path: Path) -> None:
    index, engine = KIT.make(tmp_path)
    with index.leading():
        index.create("g1")
        index.write([document(state, 1) for state in seven()], "g1")
        assert found(engine) == []
        assert not (tmp_path / "search" / "current").exists()
        index.activate("g1")
        assert (tmp_path / "search" / "current").readlink().name == "g1"
        assert len(found(engine)) == 7


@pytest.mark.parametrize("record_id", ["00000-00000", "zzzzz-zzzzz", "0a1b2-c3d45"])
def test_ids_are_ordered_as_their_keys(record_id: str) -> None:
    assert id_of(key_of(record_id)) == record_id
    assert key_of("00000-00001") <= key_of(record_id) or record_id == "00000-00000"
    assert key_of(record_id) < 2**64
