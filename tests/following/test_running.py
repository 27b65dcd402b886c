"""Several readers at once: in the reader process, and for a command that waits until they are current."""

import threading
from pathlib import Path
from typing import Any

from repository.following import ReaderStatus, follow_all, run_until_current
from repository.storage.database import Database
from tests.following.contract import QUICK
from tests.following.notebook import FolderNotebook, TableNotebook, poisoned
from tests.following.processes import eventually
from tests.following.readers import following, is_current, make, state_of
from tests.records_in_store import publish, snapshot


def test_readers_that_nobody_leads_are_led_until_they_are_current(any_database: Database, tmp_path: Path) -> None:
    table, folder = make(TableNotebook, any_database, tmp_path), make(FolderNotebook, any_database, tmp_path)
    publish(any_database, [snapshot(1), poisoned(snapshot(2))])
    outcomes = run_until_current(any_database, [table, folder], pace=QUICK)
    assert [(one.name, one.position, one.head, one.taken, one.parked, one.led) for one in outcomes] == [
        ("table", 2, 2, 1, 1, True),
        ("folder", 2, 2, 1, 1, True),
    ]
    assert [state_of(any_database, reader).leader for reader in (table, folder)] == ["", ""]
    assert run_until_current(any_database, [], pace=QUICK) == ()


def test_a_command_waits_for_the_leader_elsewhere(any_database: Database, tmp_path: Path) -> None:
    notebook = make(FolderNotebook, any_database, tmp_path)
    with following(any_database, notebook):
        eventually(lambda: is_current(any_database, notebook))
        publish(any_database, [snapshot(number) for number in range(30)])
        (outcome,) = run_until_current(any_database, [make(FolderNotebook, any_database, tmp_path)], pace=QUICK)
        assert (outcome.error, outcome.led, outcome.taken, outcome.position) == ("", False, 0, 30)
        assert len(notebook.contents()) == 30


def test_a_command_gives_up_a_store_that_does_not_answer_and_runs_the_others(
    database: Database, tmp_path: Path
) -> None:
    table, folder = make(TableNotebook, database, tmp_path), make(FolderNotebook, database, tmp_path)
    publish(database, [snapshot(1)])
    folder.store.rename(tmp_path / "unmounted")
    first, second = run_until_current(database, [folder, table], pace=QUICK)
    assert first.unreachable
    assert first.error.startswith("FileNotFoundError")
    assert (second.error, second.position) == ("", 1)
    assert state_of(database, folder).position == 0


def test_a_command_gives_up_a_reader_that_fails_by_itself(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)

    def fail() -> str:
        raise LookupError("no rules")

    notebook.rules = fail
    (outcome,) = run_until_current(database, [notebook], pace=QUICK)
    assert (outcome.error, outcome.unreachable) == ("LookupError: no rules", False)


def test_a_command_that_is_stopped_says_so(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    publish(database, [snapshot(1)])
    stop = threading.Event()
    stop.set()
    write = notebook.write

    def write_late(*arguments: Any) -> None:
        write(*arguments)

    notebook.write = write_late
    (outcome,) = run_until_current(database, [notebook], stop, QUICK)
    assert outcome.error in ("", "stopped before it was current")
    assert (outcome.error == "") == (outcome.position == 1)


def test_a_command_shows_progress(database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, database, tmp_path)
    publish(database, [snapshot(1)])
    seen: list[tuple[ReaderStatus, ...]] = []
    go_on = threading.Event()
    prepare = notebook.prepare

    def wait_and_prepare(batch: Any) -> Any:
        assert go_on.wait(30)
        return prepare(batch)

    def show(readers: tuple[ReaderStatus, ...]) -> None:
        seen.append(readers)
        if len(seen) > 2:
            go_on.set()

    notebook.prepare = wait_and_prepare
    run_until_current(database, [notebook], pace=QUICK, progress=show)
    assert len(seen) > 2
    assert {reader.name for readers in seen for reader in readers} == {"table"}


def test_a_reader_that_fails_does_not_end_the_others(database: Database, tmp_path: Path) -> None:
    table, folder = make(TableNotebook, database, tmp_path), make(FolderNotebook, database, tmp_path)

    def fail(_batch: Any) -> None:
        raise SystemError

    def fail_rules() -> str:
        raise SystemError

    table.prepare = fail
    table.rules = fail_rules
    stop = threading.Event()
    process = threading.Thread(target=follow_all, args=(database, [table, folder], stop, QUICK))
    process.start()
    publish(database, [snapshot(1)])
    eventually(lambda: is_current(database, folder) and len(folder.contents()) == 1)
    publish(database, [snapshot(2)])
    eventually(lambda: len(folder.contents()) == 2)
    stop.set()
    process.join(30)
    assert not process.is_alive()
    assert state_of(database, folder).leader == ""
