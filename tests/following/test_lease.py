"""One leader for each projection, and what becomes of one that has lost its lease without noticing."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from repository.following.clock import moment
from repository.following.lease import LeaseLost, acquire
from repository.following.status import status
from repository.storage.database import Database
from repository.storage.models import Checkpoint
from tests.following.contract import QUICK, titled
from tests.following.notebook import FolderNotebook, TableNotebook, make_sleeping_folder, make_sleeping_table
from tests.following.processes import eventually, reader_process
from tests.following.readers import is_current
from tests.records_in_store import append, publish, snapshot

SHORT = replace(QUICK, lease=0.3)


def epoch_of(database: Database, projection: str) -> int:
    with database.read() as connection:
        return connection.execute(select(Checkpoint.epoch).where(Checkpoint.projection == projection)).scalar_one()


def test_only_one_can_hold_the_lease(any_database: Database) -> None:
    first = acquire(any_database, "oai", QUICK)
    assert first is not None
    assert acquire(any_database, "oai", QUICK) is None
    assert acquire(any_database, "search", QUICK) is not None


def test_a_lease_that_is_kept_does_not_expire(any_database: Database) -> None:
    lease = acquire(any_database, "oai", SHORT)
    assert lease is not None
    with lease.kept():
        time.sleep(3 * SHORT.lease)
        assert acquire(any_database, "oai", SHORT) is None
        lease.check()
    again = acquire(any_database, "oai", SHORT)
    assert again is not None
    assert again.epoch == lease.epoch + 1


def test_who_has_lost_the_lease_commits_nothing(any_database: Database) -> None:
    first = acquire(any_database, "oai", SHORT)
    assert first is not None
    second = eventually(lambda: acquire(any_database, "oai", SHORT))

    def write_as_if_still_leading() -> None:
        with any_database.write() as connection:
            connection.execute(update(Checkpoint).values(rules="mine"))
            first.hold(connection, position=99)

    with pytest.raises(LeaseLost):
        write_as_if_still_leading()
    with any_database.write() as connection:
        second.hold(connection, position=7)
    with any_database.read() as connection:
        assert connection.execute(select(Checkpoint.position, Checkpoint.rules)).one() == (7, "")
    with pytest.raises(LeaseLost):
        first.check()
    with pytest.raises(LeaseLost):
        first.renew()


def test_a_lease_that_was_taken_while_the_clock_was_ahead_is_not_waited_for(any_database: Database) -> None:
    """Its holder was killed, and the clock put right. One that lives on is fenced off as any other."""
    first = acquire(any_database, "oai", QUICK)
    assert first is not None
    with any_database.write() as connection:
        connection.execute(update(Checkpoint).values(expires=moment(connection, 3 * 3600)))
    assert [reader.leader for reader in status(any_database)] == [""]
    second = acquire(any_database, "oai", QUICK)
    assert second is not None
    assert second.epoch == first.epoch + 1
    with pytest.raises(LeaseLost):
        first.renew()
    assert acquire(any_database, "oai", QUICK) is None


def test_a_lease_that_expired_unnoticed_can_be_renewed_if_nobody_took_it(any_database: Database) -> None:
    lease = acquire(any_database, "oai", SHORT)
    assert lease is not None
    time.sleep(2 * SHORT.lease)
    assert [reader.leader for reader in status(any_database)] == [""]
    lease.check()
    assert [reader.leader for reader in status(any_database)] != [""]
    assert acquire(any_database, "oai", SHORT) is None


@pytest.mark.parametrize(
    ("kind", "make"),
    [(TableNotebook, make_sleeping_table), (FolderNotebook, make_sleeping_folder)],
    ids=["table", "folder"],
)
def test_a_leader_stopped_beyond_its_lease_writes_nothing_when_it_goes_on(
    kind: Any, make: Any, any_database: Database, tmp_path: Path
) -> None:
    """The first process is stopped with a prepared batch in its hands, the second takes over and goes further."""
    notebook = kind(any_database, tmp_path)
    state = snapshot(1)
    with reader_process(make, any_database, tmp_path, QUICK) as first:
        eventually(lambda: is_current(any_database, notebook))
        (tmp_path / "stop.txt").touch()
        publish(any_database, [titled(state, "Old")])
        stopped = tmp_path / "stopped.txt"
        assert eventually(lambda: stopped.exists() and stopped.read_text()) == str(first.pid)
        before = epoch_of(any_database, kind.name)
        with reader_process(make, any_database, tmp_path, QUICK) as second:
            append(any_database, ("revised", titled(state, "New")))
            eventually(lambda: notebook.contents() == {state.id: "NEW"})
            eventually(lambda: is_current(any_database, notebook))
            epoch = epoch_of(any_database, kind.name)
            assert epoch == before + 1
            writers = tmp_path / "writers.txt"
            assert set(writers.read_text().split()) == {str(second.pid)}
            os.kill(int(str(first.pid)), signal.SIGCONT)
            time.sleep(1)
            assert first.is_alive()
            assert notebook.contents() == {state.id: "NEW"}
            assert epoch_of(any_database, kind.name) == epoch
            if kind is FolderNotebook:
                assert set(writers.read_text().split()) == {str(second.pid)}
        append(any_database, ("revised", titled(state, "Newest")))
        eventually(lambda: notebook.contents() == {state.id: "NEWEST"})
        assert epoch_of(any_database, kind.name) == epoch + 1
