"""A running reader: what comes is taken, what can't be taken is parked, a store that is away costs only lag."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from repository.following import ask, parked, request, run_until_current, wait
from repository.following.batches import increment, retry
from repository.following.clock import moment
from repository.following.leading import Leading
from repository.following.lease import acquire
from repository.storage.database import Database
from repository.storage.models import ParkedChange
from tests.following.contract import QUICK, titled, withdrawn
from tests.following.notebook import FolderNotebook, Notebook, TableNotebook, poisoned
from tests.following.processes import eventually
from tests.following.readers import both_kinds, following, is_current, make, state_of, stop_after_first_write
from tests.records_in_store import append, publish, snapshot


@both_kinds
def test_a_running_reader_takes_what_is_appended(kind: type[Notebook], any_database: Database, tmp_path: Path) -> None:
    notebook = make(kind, any_database, tmp_path)
    with following(any_database, notebook):
        eventually(lambda: is_current(any_database, notebook))
        assert notebook.contents() == {}
        publish(any_database, [snapshot(1), snapshot(2)])
        eventually(lambda: len(notebook.contents()) == 2)
        append(any_database, ("withdrawn", withdrawn(snapshot(1))))
        eventually(lambda: notebook.contents() == {snapshot(2).id: "RECORD NUMBER 2"})
    assert state_of(any_database, notebook).leader == ""


def test_exactly_the_poisoned_ones_among_many_are_parked(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    run_until_current(database, [notebook], pace=QUICK)
    states = [snapshot(number) for number in range(300)]
    bad = {0, 77, 78, 79, 299}
    publish(database, [poisoned(state) if number in bad else state for number, state in enumerate(states)])
    (outcome,) = run_until_current(database, [notebook], pace=QUICK)
    assert (outcome.error, outcome.position, outcome.taken, outcome.parked) == ("", 300, 295, 5)
    assert {entry.record_id for entry in parked(database, "table")} == {states[number].id for number in bad}
    assert len(notebook.contents()) == 295


def test_a_later_change_of_a_parked_record_that_fails_too_replaces_it(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    publish(database, [poisoned(snapshot(1)), snapshot(2)])
    run_until_current(database, [notebook], pace=QUICK)
    append(database, ("revised", poisoned(snapshot(1, revision_id=2))))
    run_until_current(database, [notebook], pace=QUICK)
    assert [(entry.position, entry.attempts) for entry in parked(database, "table")] == [(3, 1)]


@both_kinds
def test_a_parked_change_is_tried_again_until_its_cause_is_mended(
    kind: type[Notebook], any_database: Database, tmp_path: Path
) -> None:
    notebook = make(kind, any_database, tmp_path)
    forbidden = tmp_path / "notebook" / "forbidden.txt"
    forbidden.write_text("harbour")
    pace = replace(QUICK, first_retry=0.05, last_retry=0.1)
    with following(any_database, notebook, pace):
        publish(any_database, [titled(snapshot(1), "The harbour"), titled(snapshot(2), "The town")])
        eventually(lambda: [entry for entry in parked(any_database, notebook.name) if entry.attempts >= 3])
        assert notebook.contents() == {snapshot(2).id: "THE TOWN"}
        forbidden.unlink()
        eventually(lambda: parked(any_database, notebook.name) == ())
        assert notebook.contents() == {snapshot(1).id: "THE HARBOUR", snapshot(2).id: "THE TOWN"}


def test_pauses_grow_from_try_to_try(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    publish(database, [poisoned(snapshot(1)), snapshot(2)])
    pauses = []
    for _attempt in range(3):
        run_until_current(database, [notebook], pace=QUICK)
        (entry,) = parked(database, "table")
        pauses.append((entry.next_try - entry.since).total_seconds())
        ask(database, "table", "retry")
    assert entry.attempts == 3
    assert pauses[0] == pytest.approx(600, abs=5)
    assert pauses[1] >= 1200
    assert pauses[2] >= 2400


def test_a_pause_that_began_while_the_clock_was_ahead_is_over(any_database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, any_database, tmp_path)
    publish(any_database, [poisoned(snapshot(1))])
    run_until_current(any_database, [notebook], pace=QUICK)

    def attempts() -> int:
        (entry,) = parked(any_database, "table")
        return entry.attempts

    for ahead, tried in ((QUICK.last_retry / 2, 1), (3 * QUICK.last_retry, 2)):
        with any_database.write() as connection:
            connection.execute(update(ParkedChange).values(next_try=moment(connection, ahead)))
        with following(any_database, notebook, QUICK):
            publish(any_database, [snapshot(2)])
            eventually(lambda: is_current(any_database, notebook))
            if tried > 1:
                eventually(lambda: attempts() == 2)
        assert attempts() == tried


def test_a_retry_takes_the_last_state_and_not_the_parked_one(database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    forbidden = tmp_path / "notebook" / "forbidden.txt"
    forbidden.write_text("harbour")
    publish(database, [titled(snapshot(1), "The harbour"), snapshot(2)])
    append(database, ("revised", titled(snapshot(1), "The old harbour")))
    run_until_current(database, [notebook], pace=QUICK)
    assert [entry.position for entry in parked(database, "folder")] == [3]
    forbidden.unlink()
    number = ask(database, "folder", "retry")
    with following(database, notebook):
        assert wait(database, number, timeout=30).message == "1 of 1 taken"
    assert notebook.contents()[snapshot(1).id] == "THE OLD HARBOUR"


def test_a_state_behind_which_the_checkpoint_is_yet_to_come_is_left_to_the_increments(
    database: Database, tmp_path: Path
) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    publish(database, [poisoned(snapshot(1)), snapshot(2)])
    run_until_current(database, [notebook], pace=QUICK)
    append(database, ("revised", titled(snapshot(1), "First")), ("revised", snapshot(2)))
    append(database, ("revised", titled(snapshot(1), "Second")))
    lease = acquire(database, "table", QUICK)
    assert lease is not None
    generation = state_of(database, notebook).generation
    term = Leading(
        database, notebook, lease, threading.Event(), QUICK, lambda: None, 2, generation, parked={snapshot(1).id}
    )
    notebook.written.clear()
    assert retry(term, [snapshot(1).id]) == 0
    assert notebook.written == []
    increment(term)
    assert notebook.contents()[snapshot(1).id] == "SECOND"
    assert parked(database, "table") == ()


def test_a_store_that_is_away_costs_only_lag(database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, database, tmp_path)
    publish(database, [snapshot(1)])
    with following(database, notebook):
        eventually(lambda: is_current(database, notebook))
        before = state_of(database, notebook)
        notebook.store.rename(tmp_path / "unmounted")
        publish(database, [snapshot(2), snapshot(3)])
        append(database, ("withdrawn", withdrawn(snapshot(1))))
        eventually(lambda: state_of(database, notebook).leader == "")
        lagging = state_of(database, notebook)
        assert (lagging.lag, lagging.parked, lagging.position) == (3, 0, before.position)
        (tmp_path / "unmounted").rename(notebook.store)
        eventually(lambda: is_current(database, notebook))
    assert set(notebook.contents()) == {snapshot(2).id, snapshot(3).id}
    assert state_of(database, notebook).generation == before.generation
    assert parked(database, "folder") == ()


class NeverHiding:
    """A notebook that can't take pages out."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self.can_hide = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._notebook, name)

    def hide(self, *arguments: Any) -> None:
        if not self.can_hide:
            raise ValueError("the page is glued in")
        self._notebook.hide(*arguments)


@both_kinds
def test_a_reader_stops_before_what_it_can_neither_write_nor_hide(
    kind: type[Notebook], any_database: Database, tmp_path: Path
) -> None:
    notebook = make(kind, any_database, tmp_path)
    glued = NeverHiding(notebook)
    publish(any_database, [snapshot(1), snapshot(2)])
    run_until_current(any_database, [glued], pace=QUICK)  # type: ignore[list-item]
    append(
        any_database,
        ("revised", titled(snapshot(2), "Renamed")),
        ("withdrawn", withdrawn(poisoned(snapshot(1)))),
        ("published", snapshot(3)),
    )
    with following(any_database, glued):
        shown = eventually(lambda: parked(any_database, notebook.name))
        assert (shown[0].record_id, shown[0].position) == (snapshot(1).id, 4)
        assert "not hidden either: ValueError: the page is glued in" in shown[0].error
        assert state_of(any_database, notebook).position == 3
        assert snapshot(3).id not in notebook.contents()
        glued.can_hide = True
        eventually(lambda: state_of(any_database, notebook).position == 5)
    assert notebook.contents() == {snapshot(2).id: "RENAMED", snapshot(3).id: "RECORD NUMBER 3"}


def test_batches_are_bounded_by_the_size_of_their_snapshots(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    sizes: list[int] = []
    prepare = notebook.prepare

    def measure_and_prepare(batch: Any) -> Any:
        sizes.append(len(batch))
        return prepare(batch)

    notebook.prepare = measure_and_prepare
    run_until_current(database, [notebook], pace=QUICK)
    publish(database, [titled(snapshot(number), "x" * 10_000) for number in range(9)])
    pace = replace(QUICK, octets=25_000)
    run_until_current(database, [notebook], pace=pace)
    assert sizes == [2, 2, 2, 2, 1]
    ask(database, "table", "rebuild")
    sizes.clear()
    run_until_current(database, [notebook], pace=pace)
    assert sizes == [2, 2, 2, 2, 1]
    assert len(notebook.contents()) == 9


def test_follow_does_not_raise_for_an_error_of_its_own(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    create = notebook.create
    calls: list[str] = []

    def fail_twice(generation: str) -> None:
        calls.append(generation)
        if len(calls) < 3:
            raise ZeroDivisionError
        create(generation)

    notebook.create = fail_twice
    publish(database, [snapshot(1)])
    with following(database, notebook):
        eventually(lambda: is_current(database, notebook))
    assert len(calls) == 3


def test_stop_ends_a_reader_in_the_middle_of_a_fill(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    publish(database, [snapshot(number) for number in range(50)])
    stop_after_first_write(database, notebook)
    assert state_of(database, notebook).generation == ""
    assert state_of(database, notebook).leader == ""
    (outcome,) = run_until_current(database, [make(TableNotebook, database, tmp_path)], pace=QUICK)
    assert (outcome.error, len(notebook.contents())) == ("", 50)
    assert len(list(notebook.generations())) == 1


def test_one_request_serves_all_who_ask_before_it_begins(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    publish(database, [snapshot(1)])
    first = ask(database, "table", "rebuild")
    assert ask(database, "table", "rebuild") == first
    other = ask(database, "table", "retry")
    assert other != first
    assert request(database, first).status == "asked"
    run_until_current(database, [notebook], pace=QUICK)
    assert request(database, first).status == request(database, other).status == "done"
    assert ask(database, "table", "rebuild") != first
