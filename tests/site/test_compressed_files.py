"""`.gz` and `.br` beside the files that are served: what they hold is what the file beside them holds, or they are not
there."""

import gzip
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import brotli
import pytest
from snapshots import files_closed, minimal, with_files, with_metadata

from repository.following import run_until_current
from repository.storage.database import Database
from site_builder.output import LEAST
from site_builder.projection import SiteProjection
from tests.following.contract import QUICK, withdrawn
from tests.following.processes import eventually
from tests.following.readers import following
from tests.records_in_store import append, publish
from tests.site.site_output import build, changes, settings_in, tree

pytestmark = pytest.mark.long

WAYS = {".gz": gzip.decompress, ".br": brotli.decompress}
STATES = [*(with_metadata(minimal(number), title=f"Rain {number}") for number in range(12)), with_files(50)]


def site(database: Database, folder: Path, *, compressed: bool = True) -> SiteProjection:
    return SiteProjection(settings_in(folder, **{"site.compressed": compressed}), database)


def compressed_in(served: Mapping[str, bytes]) -> set[str]:
    """Files that are there in all ways; each of them holds what the file has."""
    found = [path for path in served if path.endswith(tuple(WAYS))]
    for path in found:
        assert WAYS[path[-3:]](served[path]) == served[path[:-3]], path
    paths = {path[:-3] for path in found}
    assert {path + suffix for path in paths for suffix in WAYS} == set(found)
    return paths


def rest(projection: SiteProjection) -> None:
    while projection.idle():
        time.sleep(0.01)


def is_large(path: str, data: bytes) -> bool:
    return len(data) > LEAST and not path.endswith(tuple(WAYS))


def test_every_file_that_is_worth_it_is_there_in_all_ways(database: Database, tmp_path: Path) -> None:
    projection = site(database, tmp_path)
    build(projection, changes(STATES))
    assert compressed_in(tree(tmp_path)) == set()
    with projection.leading():
        projection.activate("g1")
        rest(projection)
    served = tree(tmp_path)
    assert compressed_in(served) == {path for path, data in served.items() if is_large(path, data)}
    assert "index.html" in served
    assert f"records/{STATES[0].id}/index.html.br" in served
    assert list((tmp_path / "site/.builder/unfinished").iterdir()) == []


def test_increments_leave_the_compressed_files_that_a_full_build_makes(database: Database, tmp_path: Path) -> None:
    grown, whole = site(database, tmp_path / "grown"), site(database, tmp_path / "whole")
    batch = changes(STATES)
    later = changes(
        [with_metadata(STATES[3], title="Snow"), withdrawn(STATES[4]), files_closed(60), minimal(61)], len(STATES) + 1
    )
    build(grown, batch)
    with grown.leading():
        grown.activate("g1")
        rest(grown)
        before = compressed_in(tree(tmp_path / "grown"))
        grown.write(grown.prepare(later), "g1", None)
        between = tree(tmp_path / "grown")
        left = compressed_in(between)
        rest(grown)
    changed = {f"records/{STATES[number].id}/index.html" for number in (3, 4)}
    assert changed < before
    assert not changed & left
    assert [path for path in between if path.startswith(f"records/{STATES[4].id}/")] == [
        f"records/{STATES[4].id}/tombstone.html"
    ]
    last = {change.record_id: change for change in [*batch, *later]}
    build(whole, list(last.values()))
    with whole.leading():
        whole.activate("g1")
        rest(whole)
    assert tree(tmp_path / "grown") == tree(tmp_path / "whole")
    assert compressed_in(tree(tmp_path / "whole"))


def test_what_changes_while_it_is_compressed_is_compressed_again(database: Database, tmp_path: Path) -> None:
    projection = site(database, tmp_path)
    build(projection, changes(STATES))
    path = f"records/{STATES[0].id}/index.html"
    with projection.leading():
        projection.activate("g1")
        assert projection.idle()
        eventually(lambda: "site compression" not in {thread.name for thread in threading.enumerate()})
        later = changes([with_metadata(STATES[0], title="Snow"), withdrawn(STATES[1])], 100)
        projection.write(projection.prepare(later), "g1", None)
        projection.idle()
        left = compressed_in(tree(tmp_path))
        assert "about/index.html" in left
        assert path not in left
        rest(projection)
    served = tree(tmp_path)
    assert path in compressed_in(served)
    assert b"Snow" in served[path]
    assert f"records/{STATES[1].id}/index.html.gz" not in served
    assert list((tmp_path / "site/.builder/unfinished").iterdir()) == []


def test_files_are_no_longer_compressed_where_that_is_not_wanted(database: Database, tmp_path: Path) -> None:
    for is_wanted in (True, False):
        projection = site(database, tmp_path, compressed=is_wanted)
        publish(database, STATES[:2]) if is_wanted else None
        run_until_current(database, [projection], pace=QUICK, at_rest=True)
        served = tree(tmp_path)
        assert bool(compressed_in(served)) == is_wanted
    assert f"records/{STATES[0].id}/index.html" in served


def holds(folder: Path, path: str) -> bytes:
    """The file's bytes, if both compressed ones are those of it."""
    root = folder / "site/current"
    try:
        data = (root / path).read_bytes()
        return data if all(way((root / (path + suffix)).read_bytes()) == data for suffix, way in WAYS.items()) else b""
    except FileNotFoundError:
        return b""


def test_a_running_reader_compresses_what_it_wrote_and_what_another_one_left(
    database: Database, tmp_path: Path
) -> None:
    publish(database, STATES[:3])
    run_until_current(database, [site(database, tmp_path)], pace=QUICK)
    left, later = (f"records/{STATES[number].id}/index.html" for number in (0, 1))
    assert not holds(tmp_path, left)
    with following(database, site(database, tmp_path)):
        eventually(lambda: holds(tmp_path, left))
        append(database, ("revised", with_metadata(STATES[1], title="Snow")))
        eventually(lambda: b"Snow" in holds(tmp_path, later))
