"""Readers that are killed by SIGKILL at chosen moments: the output is always that of an undisturbed run."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from repository.following import ask, parked, run_until_current
from repository.storage.database import Database
from tests.following.contract import QUICK, SMALL_STEPS, closed, titled, withdrawn
from tests.following.notebook import Deadly, FolderNotebook, TableNotebook, poisoned
from tests.following.readers import both_kinds, state_of
from tests.records_in_store import append, publish, snapshot

pytestmark = pytest.mark.long

STATES = [snapshot(number) for number in range(20)]
EXPECTED = {
    state.id: f"RECORD NUMBER {number}" if number % 2 else f"REVISED {number}"
    for number, state in enumerate(STATES)
    if number not in (3, 4, 5, 7)
}

_IN_ALL = (
    "write 1 before", "write 1 after", "write 3 before", "write 3 after", "hide 1 before", "hide 1 after",
    "activate 1 before", "activate 1 after",
)  # fmt: skip
_IN_FILLS = ("create 1 before", "create 1 after")
_IN_REBUILDS = (
    "write 6 before",
    "write 6 after",
    "activate 2 before",
    "activate 2 after",
    "drop 1 before",
    "drop 1 after",
)
MOMENTS = [
    *(("first fill", moment) for moment in _IN_ALL + _IN_FILLS),
    *(("increments", moment) for moment in _IN_ALL),
    *(("rebuild", moment) for moment in _IN_ALL + _IN_FILLS + _IN_REBUILDS),
]


def make_history(database: Database) -> None:
    append(database, *(("revised", titled(STATES[number], f"Revised {number}")) for number in range(0, 20, 2)))
    append(database, ("withdrawn", withdrawn(STATES[3])), ("revised", closed(STATES[4])))
    append(database, ("withdrawn", withdrawn(STATES[5])), ("withdrawn", withdrawn(poisoned(STATES[7]))))


def signal_that_ended(work: Callable[[], object]) -> int:
    """Runs the work in a forked process and returns the signal by which that was killed; 0 if it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("phase", "moment"), MOMENTS)
@both_kinds
def test_whenever_a_reader_is_killed_the_output_is_that_of_an_undisturbed_run(
    kind: type[TableNotebook | FolderNotebook], phase: str, moment: str, database: Database, tmp_path: Path
) -> None:
    publish(database, STATES)
    if phase != "first fill":
        run_until_current(database, [kind(database, tmp_path)], pace=QUICK)
    make_history(database)
    if phase == "rebuild":
        ask(database, kind.name, "rebuild")
    database.close()
    method, call, when = moment.split()

    def run_and_die() -> None:
        own = Database(database.url.render_as_string())
        deadly = Deadly(kind(own, tmp_path), method, int(call), when == "after")
        run_until_current(own, [deadly], pace=replace(SMALL_STEPS, lease=0.3))  # type: ignore[list-item]

    assert signal_that_ended(run_and_die) == signal.SIGKILL
    notebook = kind(database, tmp_path)
    (outcome,) = run_until_current(database, [notebook], pace=QUICK)
    assert outcome.error == ""
    assert notebook.contents() == EXPECTED
    assert [entry.record_id for entry in parked(database, kind.name)] == [STATES[7].id]
    assert list(notebook.generations()) == [state_of(database, notebook).generation]
    with database.read() as connection:
        unfinished = "SELECT count(*) FROM projection_requests WHERE status <> 'done'"
        assert connection.exec_driver_sql(unfinished).scalar() == 0
