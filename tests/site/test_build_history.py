"""The history of builds: what was asked for, what the reader does by itself, and what becomes of both."""

import threading
from pathlib import Path
from typing import Any

import pytest
from snapshots import minimal, with_metadata

from repository.errors import Conflict, NotFound
from repository.following import builds, requests, run_until_current
from repository.following.builds import Build
from repository.storage.database import Database
from site_builder.projection import SiteProjection
from tests.following.contract import QUICK, SMALL_STEPS
from tests.following.processes import eventually, reader_process
from tests.following.readers import following, is_current
from tests.records_in_store import publish
from tests.site.site_output import settings_in, tree

pytestmark = pytest.mark.long

STATES = [with_metadata(minimal(number), title=f"Rain {number}") for number in range(20)]


def site(database: Database, folder: Path) -> SiteProjection:
    return SiteProjection(settings_in(folder), database)


def history(database: Database) -> list[Build]:
    return builds.history(database, "site")[1]


def told(build: Build) -> str:
    return " ".join(line.text for line in build.log)


def test_a_first_fill_is_told_with_all_that_it_wrote(any_database: Database, tmp_path: Path) -> None:
    bad = with_metadata(minimal(3000), languages=[{"no": "id"}])
    publish(any_database, [*STATES, bad])
    (outcome,) = run_until_current(any_database, [site(any_database, tmp_path)], pace=QUICK)
    assert outcome.error == ""
    (first,) = history(any_database)
    assert (first.kind, first.state, first.asked_by, first.done, first.total) == ("full", "done", "", 21, 21)
    assert first.position == len(STATES) + 1
    assert first.seconds is not None
    files = tree(tmp_path)
    assert (first.files, first.octets) == (len(files), sum(map(len, files.values())))
    assert f"{bad.id} can't be written" in told(first)
    with pytest.raises(Conflict):
        builds.cancel(any_database, "site", first.id)


def test_one_that_waits_serves_all_who_ask_for_the_same(any_database: Database, tmp_path: Path) -> None:
    publish(any_database, STATES[:3])
    projection = site(any_database, tmp_path)
    run_until_current(any_database, [projection], pace=QUICK)
    generation = projection.output.current()
    asked = [builds.ask(any_database, "site", kind, "someone") for kind in ("full", "changed", "full", "changed")]
    assert [one.id for one in asked] == [asked[0].id, asked[1].id] * 2
    assert {one.state for one in asked} == {"waiting"}
    publish(any_database, STATES[3:5])
    run_until_current(any_database, [projection], pace=QUICK)
    changed, full, _first = history(any_database)
    assert [(one.kind, one.state, one.asked_by) for one in (full, changed)] == [
        ("full", "done", "someone"), ("changed", "done", "someone"),
    ]  # fmt: skip
    assert (full.done, full.total, full.position) == (5, 5, 5)
    assert full.files == len(tree(tmp_path))
    assert projection.output.current() != generation


def test_a_pass_by_changed_rules_is_told_though_nobody_asked(database: Database, tmp_path: Path) -> None:
    publish(database, STATES[:5])
    run_until_current(database, [site(database, tmp_path)], pace=QUICK)
    renamed = SiteProjection(settings_in(tmp_path, **{"site.name": "Second Name"}), database)
    run_until_current(database, [renamed], pace=QUICK)
    passed, _first = history(database)
    assert (passed.kind, passed.state, passed.done, passed.total) == ("rules", "done", 5, 5)
    assert 0 < passed.files <= len(tree(tmp_path))


def test_a_running_build_that_is_cancelled_leaves_the_old_site(database: Database, tmp_path: Path) -> None:
    publish(database, STATES)
    projection = site(database, tmp_path)
    write, there, go_on = projection.write, threading.Event(), threading.Event()
    run_until_current(database, [projection], pace=QUICK)
    generation, before = projection.output.current(), tree(tmp_path)

    def wait_and_write(prepared: Any, name: str, connection: Any) -> None:
        write(prepared, name, connection)
        there.set()
        assert go_on.wait(30)

    projection.write = wait_and_write  # type: ignore[method-assign]
    with following(database, projection, SMALL_STEPS):
        asked = builds.ask(database, "site", "full")
        assert there.wait(30)
        cancelled = builds.cancel(database, "site", asked.id)
        assert (cancelled.state, cancelled.is_given_up) == ("running", True)
        go_on.set()
        done = eventually(lambda: (found := builds.build(database, "site", asked.id)).ended and found)
        assert done.state == "cancelled"
        eventually(lambda: projection.output.generations() == [generation])
        assert (projection.output.current(), tree(tmp_path)) == (generation, before)
        again = builds.ask(database, "site", "full")
        eventually(lambda: builds.build(database, "site", again.id).state == "done")
    assert projection.output.current() != generation


def test_a_build_that_waits_is_cancelled_at_once(any_database: Database, tmp_path: Path) -> None:
    projection = site(any_database, tmp_path)
    run_until_current(any_database, [projection], pace=QUICK)
    generation = projection.output.current()
    asked = builds.ask(any_database, "site", "full")
    assert builds.cancel(any_database, "site", asked.id).state == "cancelled"
    run_until_current(any_database, [projection], pace=QUICK)
    assert projection.output.current() == generation
    with pytest.raises(Conflict, match="cancelled"):
        builds.cancel(any_database, "site", asked.id)
    with pytest.raises(NotFound):
        builds.cancel(any_database, "site", 4000)


def test_a_build_that_is_killed_is_made_by_the_next_process(database: Database, tmp_path: Path) -> None:
    """The old generation is served whole meanwhile."""
    publish(database, STATES)
    projection = site(database, tmp_path)
    run_until_current(database, [projection], pace=QUICK)
    generation, before = projection.output.current(), tree(tmp_path)
    asked = builds.ask(database, "site", "full")
    with reader_process(site, database, tmp_path, SMALL_STEPS) as process:
        eventually(lambda: builds.build(database, "site", asked.id).done)
        process.kill()
        process.join()
    killed = builds.build(database, "site", asked.id)
    assert killed.state == "running"
    assert killed.done < killed.total
    assert (projection.output.current(), tree(tmp_path)) == (generation, before)
    with following(database, projection):
        made = eventually(lambda: (found := builds.build(database, "site", asked.id)).ended and found)
        eventually(lambda: is_current(database, projection))
    assert (made.state, made.done, made.files) == ("done", 20, len(before))
    assert "begins again" in told(made)
    assert projection.output.current() != generation
    assert tree(tmp_path) == before


def test_a_pass_that_is_killed_has_failed_and_another_one_is_made(database: Database, tmp_path: Path) -> None:
    with database.write() as connection:
        (left,) = builds.begin(connection, "site", "rules", (), 7)
    run_until_current(database, [site(database, tmp_path)], pace=QUICK)
    assert builds.build(database, "site", left).state == "failed"


def test_what_a_leader_of_the_version_before_has_done_is_over(database: Database, tmp_path: Path) -> None:
    """It knows of the request only."""
    asked = builds.ask(database, "site", "changed")
    with database.write() as connection:
        requests.finish(connection, requests.pending(connection, "site"), "done", "")
    run_until_current(database, [site(database, tmp_path)], pace=QUICK)
    assert builds.build(database, "site", asked.id).state == "done"


def test_only_the_newest_builds_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "KEPT", 3)
    waits = builds.ask(database, "site", "changed")
    asked = []
    for _number in range(6):
        asked.append(builds.ask(database, "site", "full").id)
        builds.cancel(database, "site", asked[-1])
    total, found = builds.history(database, "site", 1, 2)
    assert total == 4
    assert [one.id for one in found] == asked[-2:-4:-1]
    assert builds.build(database, "site", waits.id).state == "waiting"
