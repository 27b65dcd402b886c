"""Whole builds: by processes beside, by other rules, and what may never be in them."""

import os
import signal
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path

import pytest
from snapshots import embargoed, files_closed, full, many_files, minimal, record_closed, with_files, with_metadata

from repository.errors import Unreachable
from repository.following import run_until_current
from repository.records.snapshot import Snapshot
from repository.storage.changes import after
from repository.storage.database import Database
from site_builder.output import Output
from site_builder.projection import SHAPE, SiteProjection
from tests.following.contract import QUICK, withdrawn
from tests.records_in_store import publish
from tests.site.site_output import build, built, changes, increment, rebuilt, settings_in, tree

pytestmark = pytest.mark.long

MANY = [with_metadata(minimal(number), title=f"Rain {number}") for number in range(250)]


def test_processes_beside_make_what_this_one_makes(database: Database, tmp_path: Path) -> None:
    states = [*MANY, full(900), withdrawn(minimal(1000)), record_closed(1001), with_files(1002)]
    trees = []
    for folder, processes in ((tmp_path / "beside", 2), (tmp_path / "here", 1)):
        where = {"database": database.url.render_as_string(), "site.processes": processes}
        where["site.languages"] = ("en", "cs")
        build(SiteProjection(settings_in(folder, **where), database), changes(states))
        trees.append(tree(folder))
    assert list((tmp_path / "beside/site/.builder/unfinished").iterdir()) == []
    beside, here = trees
    assert beside == here
    assert {f"records/{states[-1].id}/datacite.xml", f"cs/records/{states[-1].id}/index.html"} <= beside.keys()


def test_increments_during_a_rebuild_come_from_the_processes_too(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes(MANY))
    changed = [with_metadata(state, title="Snow") for state in MANY[:3]]
    with projection.leading():
        projection.activate("g1")
        projection.create("g2")
        projection.write(projection.prepare(changes(MANY)), "g2", None)
        later = changes([*changed, record_closed(7000)], 1000)
        for generation in ("g1", "g2"):
            projection.write(projection.prepare(later), generation, None)
        first = tree(tmp_path)
        projection.activate("g2")
    assert b"Snow" in first[f"records/{MANY[0].id}/index.html"]
    assert first == tree(tmp_path)


def test_a_build_goes_on_where_its_processes_are_killed(database: Database, tmp_path: Path) -> None:
    """While they render: one of them holds what it was given, the other one waits for more."""
    batch = changes(MANY)
    projection = SiteProjection(settings_in(tmp_path / "killed"), database)
    with projection.leading():
        projection.create("g1")
        lots = iter(projection.prepare(batch))
        projection.write([next(lots)], "g1", None)
        for child in active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
        projection.write(lots, "g1", None)
        projection.activate("g1")
    here = settings_in(tmp_path / "here", **{"site.processes": 1})
    build(SiteProjection(here, database), batch)
    assert tree(tmp_path / "killed") == tree(tmp_path / "here")


def test_a_record_that_cannot_be_rendered_beside_does_not_stop_the_others(database: Database, tmp_path: Path) -> None:
    bad = with_metadata(minimal(3000), languages=[{"no": "id"}])
    publish(database, [*MANY, bad])
    (outcome,) = run_until_current(database, [SiteProjection(settings_in(tmp_path), database)], pace=QUICK)
    assert (outcome.error, outcome.parked) == ("", 1)
    pages = [path for path in tree(tmp_path) if path.endswith("/record.ttl")]
    assert len(pages) == len(MANY)
    assert bad.id not in str(pages)


def test_other_settings_make_other_pages_of_all_records(database: Database, tmp_path: Path) -> None:
    """As after an upgrade: the reader passes over all records in the generation that it has."""
    publish(database, MANY[:5])
    (_,) = run_until_current(database, [SiteProjection(settings_in(tmp_path), database)], pace=QUICK)
    renamed = SiteProjection(settings_in(tmp_path, **{"site.name": "Second Name"}), database)
    generation = renamed.output.current()
    (outcome,) = run_until_current(database, [renamed], pace=QUICK)
    assert (outcome.error, renamed.output.current()) == ("", generation)
    served = tree(tmp_path)
    with database.read() as connection:
        log = after(connection, 0, 100)
    assert served == rebuilt(database, tmp_path / "new", log, **{"site.name": "Second Name"})
    pages = [data for path, data in served.items() if path.endswith(".html")]
    assert all(b"Second Name" in page and b"Example Repository" not in page for page in pages)


def test_rules_tell_settings_and_custom_fields_apart(database: Database, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    changed = [
        settings,
        replace(settings, site_name="Other"),
        replace(settings, site_url="https://other.example.org"),
        replace(settings, oai_domain="other.example.org"),
        replace(settings, custom_fields=()),
    ]
    rules = [SiteProjection(one, database).rules() for one in changed]
    assert len(set(rules)) == len(changed)
    assert all(len(rule) <= 64 and rule.startswith(f"{SHAPE}:") for rule in rules)
    assert SiteProjection(settings_in(tmp_path), database).rules() == rules[0]


def test_nothing_that_is_closed_is_in_any_file(database: Database, tmp_path: Path) -> None:
    """Whatever must not be shown has `SECRET` in these records."""
    marked = with_metadata(record_closed(), title="SECRET-TITLE", description="SECRET-DESCRIPTION")
    states: list[Snapshot] = [
        with_files(), files_closed(), embargoed(), marked, full(), many_files(1001),
        withdrawn(with_metadata(record_closed(77), title="SECRET-WITHDRAWN")),
    ]  # fmt: skip
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes(states))
    reopened = [replace(marked, access={**minimal().access}), replace(marked, access=marked.access)]
    increment(projection, changes([with_metadata(reopened[0], title="Open for a while", description="")], 50))
    assert f"records/{marked.id}/index.html" in tree(tmp_path)
    increment(projection, changes([reopened[1]], 60))
    served = tree(tmp_path)
    assert [path for path, data in served.items() if "SECRET" in path or b"SECRET" in data] == []
    assert [path for path, data in served.items() if marked.id in path or marked.id.encode() in data] == []
    assert f"records/{states[1].id}/index.html" in served


@pytest.mark.parametrize("state", [files_closed(), embargoed()], ids=["restricted", "embargoed"])
def test_closed_files_leave_page_and_formats(database: Database, tmp_path: Path, state: Snapshot) -> None:
    served = built(database, tmp_path, [state])
    assert {path.rpartition("/")[2] for path in served if path.startswith("records/")} == {
        "index.html", "schema.jsonld", "record.ttl", "datacite.xml", "record.bib", "linkset.json",
        "timemap",
    }  # fmt: skip


def test_a_tombstone_is_all_that_is_left_of_a_withdrawn_record(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    state = with_files()
    build(projection, changes([state]))
    increment(projection, changes([withdrawn(state)], 5))
    served = tree(tmp_path)
    assert [path for path in served if path.startswith("records/")] == [f"records/{state.id}/tombstone.html"]
    assert b"A citation" in served[f"records/{state.id}/tombstone.html"]
    increment(projection, changes([state], 9))
    assert f"records/{state.id}/tombstone.html" not in tree(tmp_path)
    assert f"records/{state.id}/index.html" in tree(tmp_path)


def test_while_one_process_writes_another_waits_for_its_turn(tmp_path: Path) -> None:
    """Unreachable is what a reader tries again after a pause."""
    first, second = Output(tmp_path), Output(tmp_path)
    with first.locked(), pytest.raises(Unreachable, match="Another process writes"), second.locked():
        pass
    with second.locked():
        pass
