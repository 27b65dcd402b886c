"""Rebuilds beside the current generation, passes in place by new rules, and stores that were lost."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repository.following import ask, parked, request, run_until_current, wait
from repository.records.snapshot import Snapshot
from repository.storage.changes import Kind
from repository.storage.database import Database
from tests.following.contract import QUICK, SMALL_STEPS, titled, withdrawn
from tests.following.notebook import FolderNotebook, Notebook, TableNotebook, poisoned
from tests.following.processes import eventually
from tests.following.readers import both_kinds, following, is_current, make, rules_of, state_of, stop_after_first_write
from tests.records_in_store import append, publish, snapshot


def pause_in(notebook: Any, generation_is: Callable[[str], bool]) -> tuple[threading.Event, threading.Event]:
    """Holds the notebook up before it writes into such a generation: (it is there, let it go on)."""
    there, go_on = threading.Event(), threading.Event()
    write = notebook.write

    def wait_and_write(prepared: Any, generation: str, connection: Any) -> None:
        if generation_is(generation):
            there.set()
            assert go_on.wait(30)
        write(prepared, generation, connection)

    notebook.write = wait_and_write
    return there, go_on


def test_the_old_generation_serves_and_is_kept_up_to_date_while_the_new_one_is_filled(
    database: Database, tmp_path: Path
) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    states = [snapshot(number) for number in range(20)]
    publish(database, states)
    with following(database, notebook, SMALL_STEPS):
        eventually(lambda: is_current(database, notebook))
        old = state_of(database, notebook).generation
        there, go_on = pause_in(notebook, lambda generation: generation != old)
        number = ask(database, "folder", "rebuild")
        assert there.wait(30)
        assert request(database, number).status == "running"
        building = state_of(database, notebook)
        assert (building.generation, building.building_total) == (old, 20)
        assert building.building not in ("", old)
        append(database, ("withdrawn", withdrawn(states[0])), ("revised", titled(states[19], "Renamed")))
        publish(database, [snapshot(20)])
        assert len(notebook.contents()) == 20
        go_on.set()
        assert wait(database, number, timeout=30).message == "21 records, 0 parked"
        after = state_of(database, notebook)
    assert after.generation == building.building
    assert (after.building, after.building_done, after.building_total, after.lag) == ("", 0, 0, 0)
    assert notebook.generations() == [after.generation]
    expected = {state.id: f"RECORD NUMBER {number}" for number, state in enumerate(states) if number not in (0, 19)}
    assert notebook.contents() == {**expected, states[19].id: "RENAMED", snapshot(20).id: "RECORD NUMBER 20"}
    new = {record for generation, record in notebook.written if generation == after.generation}
    in_old = {record for generation, record in notebook.written if generation == old}
    assert snapshot(20).id in new & in_old


@both_kinds
def test_a_change_goes_into_the_current_generation_before_the_new_one_gets_it(
    kind: type[Notebook], any_database: Database, tmp_path: Path
) -> None:
    """Changes that come during a rebuild reach both generations, in the current one first."""
    notebook = make(kind, any_database, tmp_path)
    publish(any_database, [snapshot(number) for number in range(12)])
    run_until_current(any_database, [notebook], pace=QUICK)
    old = state_of(any_database, notebook).generation
    prepare, write = notebook.prepare, notebook.write
    # More than one batch, and the later records first: the pages of the fill run ahead of the current generation.
    revisions: list[tuple[Kind, Snapshot]] = [
        ("revised", titled(snapshot(number), f"Title {number}")) for number in reversed(range(12))
    ]
    order: list[tuple[str, str]] = []

    def append_and_prepare(batch: Any) -> Any:
        if revisions:
            append(any_database, *revisions)
            revisions.clear()
        return prepare(batch)

    def note_and_write(prepared: Any, generation: str, connection: Any) -> None:
        order.extend((generation, page) for _record, _position, page in prepared)
        write(prepared, generation, connection)

    notebook.prepare = append_and_prepare
    notebook.write = note_and_write
    ask(any_database, notebook.name, "rebuild")
    run_until_current(any_database, [notebook], pace=SMALL_STEPS)
    new = state_of(any_database, notebook).generation
    caught_up = [page for generation, page in order if generation == new and page.startswith("TITLE")]
    assert len(caught_up) == 12
    for page in caught_up:
        assert order.index((old, page)) < order.index((new, page))
    run_until_current(any_database, [notebook], pace=SMALL_STEPS)
    assert notebook.contents() == {snapshot(number).id: f"TITLE {number}" for number in range(12)}


@both_kinds
def test_new_rules_are_obeyed_in_place(kind: type[Notebook], any_database: Database, tmp_path: Path) -> None:
    notebook = make(kind, any_database, tmp_path)
    publish(any_database, [snapshot(number) for number in range(12)])
    run_until_current(any_database, [notebook], pace=QUICK)
    before = state_of(any_database, notebook)
    (tmp_path / "notebook" / "rules.txt").write_text("blue")
    append(any_database, ("withdrawn", withdrawn(snapshot(0))))
    run_until_current(any_database, [notebook], pace=SMALL_STEPS)
    assert notebook.contents() == {snapshot(number).id: f"RECORD NUMBER {number} (blue)" for number in range(1, 12)}
    after = state_of(any_database, notebook)
    assert (after.generation, after.building_total) == (before.generation, 0)
    assert rules_of(any_database, notebook) == "blue"


def test_a_running_reader_notices_that_its_rules_have_changed(database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    publish(database, [snapshot(1)])
    with following(database, notebook):
        eventually(lambda: is_current(database, notebook))
        (tmp_path / "notebook" / "rules.txt").write_text("blue")
        eventually(lambda: notebook.contents() == {snapshot(1).id: "RECORD NUMBER 1 (blue)"})


def test_an_interrupted_pass_by_new_rules_is_made_again(database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    publish(database, [snapshot(number) for number in range(12)])
    run_until_current(database, [notebook], pace=QUICK)
    (tmp_path / "notebook" / "rules.txt").write_text("blue")
    stop_after_first_write(database, notebook)
    assert rules_of(database, notebook) == "plain"
    assert len({page.endswith("(blue)") for page in notebook.contents().values()}) == 2
    notebook = make(FolderNotebook, database, tmp_path)
    run_until_current(database, [notebook], pace=QUICK)
    assert {page.endswith("(blue)") for page in notebook.contents().values()} == {True}


def test_what_the_new_rules_can_not_write_is_parked_and_what_they_can_is_parked_no_more(
    database: Database, tmp_path: Path
) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    forbidden = tmp_path / "notebook" / "forbidden.txt"
    forbidden.write_text("harbour")
    publish(database, [titled(snapshot(1), "The harbour"), titled(snapshot(2), "The town"), snapshot(3)])
    run_until_current(database, [notebook], pace=QUICK)
    assert [entry.record_id for entry in parked(database, "table")] == [snapshot(1).id]
    forbidden.write_text("town")
    (tmp_path / "notebook" / "rules.txt").write_text("blue")
    run_until_current(database, [notebook], pace=QUICK)
    assert [entry.record_id for entry in parked(database, "table")] == [snapshot(2).id]
    assert notebook.contents()[snapshot(1).id] == "THE HARBOUR (blue)"
    assert notebook.contents()[snapshot(2).id] == "THE TOWN"


@both_kinds
def test_rules_of_another_shape_make_a_new_generation(
    kind: type[Notebook], any_database: Database, tmp_path: Path
) -> None:
    """The old one can't be written by the new rules: it serves, and only loses what must not be seen."""
    notebook = make(kind, any_database, tmp_path)
    rules = tmp_path / "notebook" / "rules.txt"
    rules.write_text("1:red")
    publish(any_database, [snapshot(number) for number in range(12)])
    run_until_current(any_database, [notebook], pace=QUICK)
    old = state_of(any_database, notebook).generation
    rules.write_text("2:blue")
    append(any_database, ("withdrawn", withdrawn(snapshot(0))), ("revised", titled(snapshot(1), "Renamed")))
    notebook.written.clear()
    run_until_current(any_database, [notebook], pace=SMALL_STEPS)
    after = state_of(any_database, notebook)
    assert after.generation != old
    assert old not in {generation for generation, _record in notebook.written}
    assert list(notebook.generations()) == [after.generation]
    assert rules_of(any_database, notebook) == "2:blue"
    expected = {snapshot(number).id: f"RECORD NUMBER {number} (blue)" for number in range(2, 12)}
    assert notebook.contents() == {**expected, snapshot(1).id: "RENAMED (blue)"}


def test_what_must_not_be_seen_leaves_the_old_generation_before_the_new_shape_is_filled(
    database: Database, tmp_path: Path
) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    rules = tmp_path / "notebook" / "rules.txt"
    rules.write_text("1:red")
    publish(database, [snapshot(number) for number in range(12)])
    run_until_current(database, [notebook], pace=QUICK)
    old = state_of(database, notebook).generation
    rules.write_text("2:blue")
    append(database, ("withdrawn", withdrawn(poisoned(snapshot(0)))), ("revised", titled(snapshot(1), "Renamed")))
    written = 0

    def last_page(generation: str) -> bool:
        nonlocal written
        written += generation != old
        return written == 3

    there, go_on = pause_in(notebook, last_page)
    with following(database, notebook, SMALL_STEPS):
        assert there.wait(30)
        assert rules_of(database, notebook) == ""
        expected = {snapshot(number).id: f"RECORD NUMBER {number} (red)" for number in range(1, 12)}
        assert notebook.contents() == expected
        go_on.set()
        eventually(lambda: rules_of(database, notebook) == "2:blue")
    assert notebook.contents()[snapshot(1).id] == "RENAMED (blue)"


def test_a_rebuild_that_would_lose_most_records_is_given_up(database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    publish(database, [titled(snapshot(number), f"The harbour {number}") for number in range(60)])
    run_until_current(database, [notebook], pace=QUICK)
    before = state_of(database, notebook)
    (tmp_path / "notebook" / "forbidden.txt").write_text("harbour")
    number = ask(database, "folder", "rebuild")
    (outcome,) = run_until_current(database, [notebook], pace=SMALL_STEPS)
    assert outcome.error == ""
    assert request(database, number).status == "failed"
    assert "the word harbour is forbidden" in request(database, number).message
    after = state_of(database, notebook)
    assert (after.generation, after.building, after.building_total) == (before.generation, "", 0)
    assert notebook.generations() == [before.generation]
    assert len(notebook.contents()) == 60
    assert parked(database, "folder") == ()
    publish(database, [snapshot(60)])
    run_until_current(database, [notebook], pace=QUICK)
    assert len(notebook.contents()) == 61


def test_a_rebuild_whose_store_fails_leaves_the_old_generation(database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    publish(database, [snapshot(1)])
    run_until_current(database, [notebook], pace=QUICK)

    def fail(_generation: str) -> None:
        raise NotImplementedError("no new pages")

    notebook.create = fail
    number = ask(database, "folder", "rebuild")
    run_until_current(database, [notebook], pace=QUICK)
    assert (request(database, number).status, request(database, number).message) == (
        "failed",
        "NotImplementedError: no new pages",
    )
    assert len(notebook.contents()) == 1


@pytest.mark.parametrize("lost", ["generation", "store"])
def test_a_store_that_was_lost_is_filled_anew(lost: str, database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    publish(database, [snapshot(number) for number in range(7)])
    run_until_current(database, [notebook], pace=QUICK)
    old = state_of(database, notebook).generation
    shutil.rmtree(notebook.store / old if lost == "generation" else notebook.store)
    notebook = make(FolderNotebook, database, tmp_path)
    (outcome,) = run_until_current(database, [notebook], pace=QUICK)
    assert (outcome.error, outcome.taken) == ("", 7)
    assert len(notebook.contents()) == 7
    assert state_of(database, notebook).generation != old


def test_a_first_fill_writes_the_last_state_of_each_record_once(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    for number in range(10):
        publish(database, [snapshot(number)])
        append(database, ("revised", titled(snapshot(number), f"Title {number}")))
    run_until_current(database, [notebook], pace=replace(QUICK, batch=3, page=3))
    assert [record for _generation, record in notebook.written] == [snapshot(number).id for number in range(10)]
    assert state_of(database, notebook).position == 20
