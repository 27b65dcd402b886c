"""What operators see of the readers, and what they can ask of them."""

import os
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from repository.errors import NotFound
from repository.following import ask, request, run_until_current, status, wait
from repository.following.lease import acquire
from repository.storage.database import Database
from tests.following.contract import QUICK
from tests.following.notebook import TableNotebook, poisoned
from tests.following.readers import make
from tests.records_in_store import publish, snapshot


def test_a_reader_that_has_never_run_lags_by_the_whole_log(any_database: Database) -> None:
    assert status(any_database) == ()
    (empty,) = status(any_database, ["oai"])
    assert (empty.position, empty.lag, empty.lag_seconds, empty.updated) == (0, 0, 0.0, None)
    publish(any_database, [snapshot(1), snapshot(2)])
    with any_database.write() as connection:
        connection.execute(text("UPDATE changes SET at = '2024-01-01 00:00:00' WHERE position = 1"))
    (behind,) = status(any_database, ["oai"])
    assert (behind.name, behind.position, behind.head, behind.lag, behind.leader) == ("oai", 0, 2, 2, "")
    assert behind.lag_seconds > 365 * 24 * 3600


def test_status_shows_position_lag_parked_and_leader(any_database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, any_database, tmp_path)
    publish(any_database, [snapshot(1), poisoned(snapshot(2))])
    run_until_current(any_database, [notebook], pace=QUICK)
    (current,) = status(any_database, ["table"])
    assert (current.position, current.head, current.lag, current.lag_seconds, current.parked) == (2, 2, 0, 0.0, 1)
    assert current.generation.startswith("g")
    assert current.updated is not None
    publish(any_database, [snapshot(3)])
    time.sleep(1.1)
    lease = acquire(any_database, "table", QUICK)
    assert lease is not None
    (behind,) = status(any_database)
    assert (behind.position, behind.head, behind.lag) == (2, 3, 1)
    assert 0.9 < behind.lag_seconds < 60
    assert behind.leader.endswith(f":{os.getpid()}")
    assert [reader.name for reader in status(any_database, ["site", "table", "oai"])] == ["oai", "site", "table"]


def test_the_outcome_of_a_request_can_be_waited_for(any_database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, any_database, tmp_path)
    number = ask(any_database, "table", "rebuild")
    assert wait(any_database, number, timeout=0.01).status == "asked"
    stop = threading.Event()
    stop.set()
    assert wait(any_database, number, stop).status == "asked"
    run_until_current(any_database, [notebook], pace=QUICK)
    done = wait(any_database, number)
    assert (done.projection, done.action, done.status) == ("table", "rebuild", "done")
    assert done.finished is not None
    assert done.finished >= done.created
    with pytest.raises(NotFound):
        request(any_database, number + 1)


def test_finished_requests_are_forgotten_after_a_week(any_database: Database, tmp_path: Path) -> None:
    notebook = make(TableNotebook, any_database, tmp_path)
    old, recent = ask(any_database, "table", "rebuild"), ask(any_database, "table", "retry")
    run_until_current(any_database, [notebook], pace=QUICK)
    with any_database.write() as connection:
        connection.execute(text(f"UPDATE projection_requests SET finished = '2024-01-01 00:00:00' WHERE id = {old}"))
    ask(any_database, "table", "rebuild")
    run_until_current(any_database, [notebook], pace=QUICK)
    assert request(any_database, recent).status == "done"
    with pytest.raises(NotFound):
        request(any_database, old)
