"""Increments: they leave exactly what a full build would make, and touch only what has changed."""

import os
import signal
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from record_parts import person
from snapshots import minimal, with_metadata

from repository.records.snapshot import Neighbour, Snapshot, dump, erased
from repository.storage.changes import Change, after
from repository.storage.database import Database
from site_builder import axes, shards
from site_builder.building import Generation
from site_builder.projection import SiteProjection
from tests.following.contract import closed, files_closed, withdrawn
from tests.records_in_store import MOMENT, append
from tests.site.site_output import URL, build, built, changes, contents, increment, rebuilt, settings_in, tree

pytestmark = pytest.mark.long

DATES = ("2020-05-12", "2020-05-13", "2020-05", "2020", "2021-01-01/2021-02")


PEOPLE = (
    person("Holm", "Ada", orcid="0000-0002-1825-0097"),
    person("Holm", "A.", orcid="0000-0002-1825-0097"),
    *(person(name, affiliations=[{"name": f"Institute {name[0]}"}]) for name in ("Holm", "Hoeg", "Wang Wei", "中井")),
)


def record(number: int, date: str = DATES[0], title: str = "Rain", creator: int = 0) -> Snapshot:
    creators, subjects = [PEOPLE[creator]], [{"subject": f"rain {creator}"}, {"subject": title}]
    named = with_metadata(minimal(number), creators=creators, subjects=subjects) if creator else minimal(number)
    return with_metadata(named, publication_date=date, title=f"{title} {number}")


def superseded(state: Snapshot) -> Snapshot:
    """With a newer version, which is not among the records here."""
    newer = Neighbour(f"{state.id[:5]}-zzzzz", 2, "published", closed=False)
    return replace(state, versions=(*state.versions, newer))


def hidden(state: Snapshot) -> Snapshot:
    gone = withdrawn(state)
    return replace(gone, tombstone={**(gone.tombstone or {}), "is_visible": False})


def bare(state: Snapshot) -> Snapshot:
    return erased(state, {"note": "", "is_visible": True, "removal_date": "2024-06-01T00:00:00+00:00"})


FATES = (lambda state: state, closed, files_closed, withdrawn, hidden, bare, superseded)
STATES = st.builds(
    lambda number, date, title, creator, fate: FATES[fate](record(number, date, title, creator)),
    st.integers(0, 11),
    st.sampled_from(DATES),
    st.sampled_from(["Rain", "Snow"]),
    st.integers(0, len(PEOPLE) - 1),
    st.integers(0, len(FATES) - 1),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(STATES, min_size=1, max_size=8, unique_by=lambda state: state.id), max_size=5),
    st.sampled_from([("en",), ("cs", "en")]),
)
def test_increments_leave_what_a_full_build_makes(
    database: Database,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: Any,
    batches: list[list[Snapshot]],
    languages: tuple[str, ...],
) -> None:
    monkeypatch.setattr(shards, "LIMIT", 3)
    monkeypatch.setattr(axes, "LIMIT", 2)
    grown, whole = tmp_path_factory.mktemp("grown"), tmp_path_factory.mktemp("whole")
    chosen = {"site.languages": languages}
    projection = SiteProjection(settings_in(grown, **chosen), database)
    build(projection, [])
    last: dict[str, Change] = {}
    position = 1
    for batch in batches:
        made = changes(batch, position)
        increment(projection, made)
        position += len(batch)
        last |= {change.record_id: change for change in made}
    assert tree(grown) == rebuilt(database, whole, list(last.values()), **chosen)


def pages_of_changes(node: str) -> set[str]:
    return {f"changes/{node}.ttl", f"resourcesync/changes/{node}.xml", f"resourcesync/documents/changes/{node}.xml"}


def inodes(folder: Path) -> dict[str, int]:
    """Changes of them tell which files were written: a new file is renamed into the place of the old one."""
    root = (folder / "site" / "current").resolve()
    return {str(path.relative_to(root)): path.stat().st_ino for path in root.rglob("*") if path.is_file()}


def test_one_change_touches_its_own_files_and_lists_only(database: Database, tmp_path: Path) -> None:
    states = [record(number, f"{2000 + number % 5}-0{number % 3 + 1}-11") for number in range(60)]
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes(states))
    before = inodes(tmp_path)
    increment(projection, changes([replace(record(7, "2002-02-11", "Hail"), updated="2025-01-01T00:00:00+00:00")], 100))
    touched = {path for path, inode in inodes(tmp_path).items() if before.get(path) != inode}
    names = ("index.html", "schema.jsonld", "record.ttl", "datacite.xml", "record.bib")
    own = {f"records/{states[7].id}/{name}" for name in names}
    lists = {"browse/2002/index.html", "browse/2002/02/index.html", "sitemap.xml", "sitemaps/2002-02.xml"}
    lists |= {"catalog/2002-02.ttl", "feed.xml", "resourcesync/resourcelist.xml", "resourcesync/changelist.xml", "ldes"}
    lists |= {"resourcesync/recent.xml", "resourcesync/documents/resources/2002-02.xml"}
    lists |= {f"resourcesync/documents/{name}.xml" for name in ("resourcelist", "changelist", "recent")}
    lists |= {f"browse/{key}/index.html" for key in ("types/dataset", "creators/name-josiah-carberry")}
    lists |= {"feeds/dataset.xml"}
    lists |= pages_of_changes("2024-05") | pages_of_changes("2024-08")
    assert touched == own | lists
    assert set(inodes(tmp_path)) - set(before) == pages_of_changes("2024-08")


def test_a_change_that_shows_nowhere_writes_only_that_there_was_one(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2)]))
    before = inodes(tmp_path)
    increment(projection, changes([replace(record(1), revision_id=7), record(2)], 10))
    touched = {path for path, inode in inodes(tmp_path).items() if before.get(path) != inode}
    summed_up = {"feed.xml", "feeds/dataset.xml", "resourcesync/recent.xml", "resourcesync/resourcelist.xml"}
    summed_up |= {"sitemap.xml", "sitemaps/2020-05.xml"}
    summed_up |= {f"resourcesync/documents/{name}.xml" for name in ("resourcelist", "recent", "resources/2020-05")}
    assert touched == summed_up | pages_of_changes("2024-05")


INDEXES_OF_PLACES = {"resourcesync/resourcelist.xml", "resourcesync/documents/resourcelist.xml"}
INDEXES_OF_CHANGES = {"resourcesync/changelist.xml", "resourcesync/documents/changelist.xml"}


def indexes_made(projection: SiteProjection, state: Snapshot, position: int, at: datetime) -> set[str]:
    """Which of the files that name every list are made anew, the same bytes or not, by a change of this time."""
    put, made = projection.output.put, set[str]()

    def noting(generation: str, path: str, data: bytes) -> bool:
        made.add(path)
        return put(generation, path, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projection.output, "put", noting)
        increment(projection, [replace(each, at=at) for each in changes([state], position)])
    assert f"records/{state.id}/index.html" in made
    return made & {"sitemap.xml", *INDEXES_OF_PLACES, *INDEXES_OF_CHANGES}


def test_an_index_is_made_anew_only_if_what_it_says_of_lists_changes(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, [replace(each, at=MOMENT) for each in changes([record(1), record(2)])])
    later, tomorrow, next_month = (MOMENT + timedelta(**{name: 1}) for name in ("hours", "days", "weeks"))
    next_month += timedelta(weeks=4)
    snow = record(1, title="Snow")
    assert indexes_made(projection, snow, 10, later) == {"sitemap.xml"}
    assert indexes_made(projection, record(2, title="Snow"), 11, later) == set()
    assert indexes_made(projection, snow, 11, tomorrow) == {"sitemap.xml"} | INDEXES_OF_PLACES
    assert indexes_made(projection, record(3), 12, tomorrow) == set()
    assert indexes_made(projection, record(4, "2021-03"), 13, tomorrow) == {"sitemap.xml"} | INDEXES_OF_PLACES
    every = {"sitemap.xml"} | INDEXES_OF_PLACES | INDEXES_OF_CHANGES
    assert indexes_made(projection, record(3), 14, next_month) == every
    assert indexes_made(projection, snow, 15, next_month) == set()


def times_told(data: bytes) -> dict[str, str]:
    """Address → `lastmod` of a sitemap or of the index of them."""
    entries = [(entry.findtext("{*}loc"), entry.findtext("{*}lastmod")) for entry in etree.fromstring(data)]
    return {address: at for address, at in entries if address and at}


def test_crawlers_are_told_that_a_page_changed_by_what_is_no_change_of_its_record(
    database: Database, tmp_path: Path
) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2)]))
    old, before = f"{URL}/records/{record(1).id}", tree(tmp_path)
    increment(projection, changes([superseded(record(1))], 10))
    after = tree(tmp_path)
    page = f"records/{record(1).id}/index.html"
    assert before[page] != after[page]
    assert times_told(before["sitemaps/2020-05.xml"])[old] == "2024-05-02T12:00:00Z"
    other = f"{URL}/records/{record(2).id}"
    told = {old: "2024-05-11T12:00:00Z", other: "2024-05-03T12:00:00Z"}
    assert times_told(after["sitemaps/2020-05.xml"]) == told
    assert times_told(after["sitemap.xml"]) == {f"{URL}/sitemaps/2020-05.xml": told[old]}


def test_what_was_written_already_is_not_written_again(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    batch = changes([record(1), withdrawn(record(2))])
    build(projection, batch)
    before = inodes(tmp_path)
    increment(projection, batch)
    assert inodes(tmp_path) == before


def test_lists_are_split_and_joined_again(database: Database, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(shards, "LIMIT", 2)
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2)]))
    assert "browse/2020/05/12/index.html" not in tree(tmp_path)
    increment(projection, changes([record(3)], 10))
    split = tree(tmp_path)
    assert b"/browse/2020/05/12/" in split["browse/2020/05/index.html"]
    leaves = [path for path in split if path.startswith("browse/2020/05/12/") and b'class="entry"' in split[path]]
    assert sum(split[path].count(b'class="entry"') for path in leaves) == 3
    increment(projection, changes([withdrawn(record(3))], 20))
    assert not [path for path in tree(tmp_path) if path.startswith("browse/2020/05/12")]
    assert "sitemaps/2020-05.xml" in tree(tmp_path)


def test_a_list_of_which_the_last_record_goes_is_removed(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2, "2021-01")]))
    increment(projection, changes([closed(record(2, "2021-01"))], 10))
    served = tree(tmp_path)
    assert not [path for path in served if path.startswith(("browse/2021", "sitemaps/2021"))]
    assert b"2021" not in served["index.html"] + served["browse/index.html"] + served["sitemap.xml"]


def test_an_older_version_is_in_no_list_but_in_the_sitemap(database: Database, tmp_path: Path) -> None:
    old = superseded(record(1))
    served = built(database, tmp_path, [old, record(2)])
    assert f"records/{old.id}/index.html" in served
    assert old.id.encode() in served["sitemaps/2020-05.xml"]
    shown = [path for path in served if path.startswith(("browse", "index")) and old.id.encode() in served[path]]
    assert shown == []


def test_lists_that_a_killed_process_did_not_make_are_made_when_it_comes_again(
    database: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2)]))
    batch = changes([withdrawn(record(1)), record(2, "2021-03"), record(3)], 10)
    with monkeypatch.context() as patch:
        patch.setattr(Generation, "_make_lists", _killed)
        with pytest.raises(KeyboardInterrupt):
            increment(projection, batch)
    assert record(1).id.encode() in tree(tmp_path)["browse/2020/index.html"]
    again = SiteProjection(settings_in(tmp_path), database)
    increment(again, [])
    assert record(1).id.encode() not in tree(tmp_path)["browse/2020/index.html"]
    increment(again, batch)
    assert tree(tmp_path) == rebuilt(database, tmp_path / "whole", batch)


def test_a_generation_of_another_shape_is_served_as_it_is(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2)]))
    opened = Generation(projection.output, "g1", projection._freezer)
    with opened.catalogue.transaction():
        opened.catalogue.note("rules", "1:of before")
    opened.close()
    (tmp_path / "site/current/index.html").write_bytes(b"as it was")
    again = SiteProjection(settings_in(tmp_path), database)
    with again.leading():
        again.activate("g1")
    assert tree(tmp_path)["index.html"] == b"as it was"


def test_what_must_not_be_seen_leaves_a_generation_of_an_older_shape(database: Database, tmp_path: Path) -> None:
    """As it was before records were browsed by keys: served until a new one is filled."""
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2)]))
    before = sqlite3.connect(projection.output.catalogue("g1"), isolation_level=None)
    before.executescript(
        "DROP INDEX fed_by_kind; ALTER TABLE changed DROP COLUMN kind; ALTER TABLE entries DROP COLUMN keys;"
        "DROP TABLE named; DROP TABLE kept; DROP TABLE stirred; UPDATE facts SET value = '7:x' WHERE name = 'rules'"
    )
    before.close()
    again = SiteProjection(settings_in(tmp_path), database)
    with again.leading():
        again.activate("g1")
        again.hide([replace(change, position=9) for change in changes([record(1)])], "g1", None)
    assert not [path for path in tree(tmp_path) if path.startswith(f"records/{record(1).id}/")]
    assert f"records/{record(2).id}/index.html" in tree(tmp_path)


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("number", range(0, 30, 4))
def test_kill_9_while_files_are_written_leaves_nothing_that_is_not_mended(
    database: Database, tmp_path: Path, number: int
) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1), record(2), record(4)]))
    batch = changes([withdrawn(record(1)), record(2, "2021-03", "Snow"), record(3)], 10)

    def write_and_die() -> None:
        put, left = projection.output.put, iter(range(number))

        def dying(*arguments: Any) -> bool:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return put(*arguments)

        projection.output.put = dying  # type: ignore[method-assign]
        increment(projection, batch)

    child = get_context("fork").Process(target=write_and_die)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    increment(SiteProjection(settings_in(tmp_path), database), batch)
    expected = [*batch, changes([record(4)], 3)[0]]
    assert tree(tmp_path) == rebuilt(database, tmp_path / "whole", expected)


def test_what_a_fall_of_the_machine_took_is_written_again(database: Database, tmp_path: Path, monkeypatch: Any) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    append(database, ("published", record(1)), ("published", record(2)))
    with database.read() as connection:
        build(projection, after(connection, 0, 9))
    append(database, ("revised", record(1, title="Snow")))
    with monkeypatch.context() as patch:
        patch.setattr("site_builder.syncing.Syncing.finish", lambda *_: None)
        patch.setattr("site_builder.syncing.Syncing.look", lambda *_: None)
        with database.read() as connection:
            increment(projection, after(connection, 2, 9))
    expected = tree(tmp_path)
    (tmp_path / "site/current/records" / record(1).id / "index.html").write_bytes(b"")
    (tmp_path / "site/current/browse/2020/05/index.html").unlink()
    monkeypatch.setattr("site_builder.syncing.boot", lambda: "another start of the machine")
    monkeypatch.setattr("site_builder.projection.boot", lambda: "another start of the machine")
    increment(SiteProjection(settings_in(tmp_path), database), [])
    assert tree(tmp_path) == expected


def test_nothing_is_left_to_be_synced_when_a_leader_has_ended(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1)]))
    increment(projection, changes([record(1, title="Snow")], 5))
    opened = Generation(projection.output, "g1", projection._freezer)
    assert opened.catalogue.unsynced() == []
    opened.close()


def test_a_hidden_record_is_in_no_file(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    state = record(5)
    build(projection, changes([record(1), state]))
    change = Change(10, state.id, "revised", changes([state])[0].at, dump(state))
    with projection.leading():
        projection.activate("g1")
        projection.hide([change], "g1", None)
    assert [path for path, data in tree(tmp_path).items() if state.id in path or state.id.encode() in data] == []
    increment(projection, [change])
    assert set(contents(tmp_path)) == {record(1).id, state.id}


def test_the_link_current_is_switched_and_the_old_generation_dropped(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(1)]))
    build(projection, changes([record(2)]), "g2")
    assert str((tmp_path / "site/current").readlink()) == "g2"
    assert set(projection.generations()) == {"g1", "g2"}
    with projection.leading():
        projection.drop("g1")
    assert set(projection.generations()) == {"g2"}
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == [".builder", "current", "g2", "hosting"]
