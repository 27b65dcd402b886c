"""The reader `search` keeps the contract of projections."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repository.errors import WrongSetting
from repository.records.snapshot import Snapshot
from repository.records.visibility import SYSTEM
from repository.search.documents import is_removed, removed
from repository.search.engine import Search, SearchEngine
from repository.search.engines import open_engine, open_projection
from repository.search.projection import SearchProjection
from repository.storage.database import Database
from tests.following.contract import RULES, Reader


def _url(folder: Path) -> str:
    return f"tantivy://{folder / 'search'}"


def make(_database: Database, folder: Path) -> SearchProjection:
    projection = open_projection(_url(folder))
    _FOLDERS[id(projection)] = (projection, folder)
    return projection


_FOLDERS: dict[int, tuple[SearchProjection, Path]] = {}


def contents(projection: Any) -> Mapping[str, Any]:
    folder = _FOLDERS[id(getattr(projection, "_projection", projection))][1]
    return words_of_titles(open_engine(_url(folder)))


def words_of_titles(engine: SearchEngine) -> dict[str, list[str]]:
    """Who is found, and by which words of the titles that the suite gives."""
    found: dict[str, list[str]] = {record_id: [] for record_id in engine.search(Search(size=1000)).ids}
    for word in ("revised", "innocent", "mended", "record", "number", "older", "newer"):
        for record_id in engine.search(Search(f"title:{word}", size=1000)).ids:
            found[record_id].append(word)
    return found


def poisoned(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, created="never")


READER = Reader(make=make, contents=contents, poisoned=poisoned)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_search_projection(rule: Callable[[Reader, Database, Path], None], database: Database, tmp_path: Path) -> None:
    rule(READER, database, tmp_path)


def test_rules_begin_with_the_shape_of_the_index(tmp_path: Path) -> None:
    projection = open_projection(_url(tmp_path))
    shape, _separator, digest = projection.rules().partition(":")
    assert shape
    assert digest
    assert len(projection.rules()) <= 64
    assert projection.rules() == open_projection(_url(tmp_path / "other")).rules()


def test_what_is_left_of_a_removed_record_is_its_position() -> None:
    assert removed("00001-00000", 5) == {"id": "00001-00000", "position": 5}
    assert is_removed(removed("00001-00000", 5))


def test_an_unknown_engine_is_a_wrong_setting() -> None:
    for url in ("nosuch:///x", "tantivy", ""):
        with pytest.raises(WrongSetting):
            open_engine(url)
        with pytest.raises(WrongSetting):
            open_projection(url)
    assert open_engine("tantivy:///nowhere").search(Search(viewer=SYSTEM)).total == 0
