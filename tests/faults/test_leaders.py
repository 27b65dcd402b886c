"""Two processes run the readers of a scaled deployment: of each reader one leads, and nobody but it changes a store."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from repository.following import status
from repository.projections import NAMES
from repository.storage.database import Database
from tests.faults.load import Load, lost
from tests.servers.colophon import ColophonServer, running
from tests.servers.scaled import ScaledSet
from tests.wholeness import assert_whole

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

TAKEN_OVER = 10.0
"""Seconds after the end of a leader within which another one goes on."""
ROUNDS = 2
SUPERSEDED = 30.0
"""Seconds after a leader was halted within which another one goes on: the lease, and the transaction it is in."""
_TRIES = 200
_HELD = text(
    "SELECT pg_stat_activity.pid, state_change FROM pg_stat_activity JOIN pg_locks USING (pid)"
    " WHERE datname = current_database() AND state = 'idle in transaction' AND mode = 'RowExclusiveLock'"
    " AND relation IN ('checkpoints'::regclass, 'oai_clock'::regclass, 'oai_renderings'::regclass)"
)


@pytest.fixture(scope="module")
def server(
    instance_template: Path, tmp_path_factory: pytest.TempPathFactory, scaled: ScaledSet
) -> Iterator[ColophonServer]:
    """Whatever was done to its readers, it is whole at the end."""
    home = tmp_path_factory.mktemp("leaders") / "instance"
    made = ColophonServer.over(instance_template, home, 1, **scaled.stores())
    with running(made):
        made.wait_for(lambda: 0 not in leaders(made) and are_ready(made), 90)
        yield made
        assert made.run("search", "check").wait(60) == 0, made.end_of_log()
        assert_whole(home, {**made.overrides, "site.url": made.base})


def leaders(server: ColophonServer) -> dict[int, set[str]]:
    """Process → readers that it leads; 0 leads those that nobody does."""
    found: dict[int, set[str]] = {}
    database = Database(server.overrides["database"])
    for reader in status(database, NAMES):
        process = int((reader.leader or ":0").rpartition(":")[2])
        found.setdefault(process, set()).add(reader.name)
    database.close()
    return found


def is_current(server: ColophonServer) -> bool:
    return all(reader["lag"] == 0 for reader in server.get("/api/status").json()["projections"])


def both(server: ColophonServer) -> set[int]:
    """The processes that run readers, leading or not."""
    return {
        process.id for process in server.processes() if "readers" in process.command or "projections" in process.command
    }


def are_ready(server: ColophonServer) -> bool:
    """Both, with a thread for each reader, and not only begun."""
    threads = [len(list(Path(f"/proc/{process}/task").iterdir())) for process in both(server)]
    return len(threads) == 2 and min(threads) > len(NAMES)


def leading_most(server: ColophonServer) -> tuple[int, set[str]]:
    """A process and its readers, but for that of the site: on one machine a process that is halted holds the lock on
    its folder, and the other one waits."""
    found = leaders(server)
    process = max(set(found) - {0}, key=lambda one: len(found[one] - {"site"}))
    return process, found[process] - {"site"}


def wait_until_led_by_others(server: ColophonServer, process: int, led: set[str], seconds: float) -> None:
    def are_led() -> bool:
        found = leaders(server)
        return not led & (found.get(0, set()) | found.get(process, set()))

    server.wait_for(are_led, seconds)


def expect_nothing_lost(server: ColophonServer, load: Load) -> None:
    server.wait_for(lambda: is_current(server), 60)
    assert lost(server, load) == []
    assert load.errors == []


def test_when_a_leader_is_killed_another_goes_on_within_ten_seconds(server: ColophonServer) -> None:
    with Load(server, clients=1) as load:
        for _round in range(ROUNDS):
            load.goes_on(2)
            killed, led = leading_most(server)
            os.kill(killed, signal.SIGKILL)
            wait_until_led_by_others(server, killed, led, TAKEN_OVER)
            for process in server.beside:
                if process.pid == killed:
                    process.wait()
                    server.beside = [server.run("projections", "run")]
            server.wait_for(lambda: are_ready(server), 90)
        load.stop()
    expect_nothing_lost(server, load)


@contextlib.contextmanager
def halted(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def held(server: ColophonServer) -> set[tuple[object, ...]]:
    """Transactions that have written as a leader does, and say nothing at this moment."""
    database = Database(server.overrides["database"])
    with database.read() as connection:
        found = {tuple(row) for row in connection.execute(_HELD)}
    database.close()
    return found


@contextlib.contextmanager
def halted_in_a_transaction(server: ColophonServer, process: int) -> Iterator[None]:
    """Its locks are held, and nobody says so to the database."""
    for _try in range(_TRIES):
        with halted(process):
            found = held(server)
            time.sleep(0.2 if found else 0)
            if found & held(server):
                yield
                return
        time.sleep(0.05)
    raise AssertionError("it was never found within a transaction")


@pytest.mark.parametrize("where", ["anywhere", "in a transaction"])
def test_a_leader_that_was_halted_beyond_its_lease_does_no_harm(server: ColophonServer, where: str) -> None:
    """The other one goes further, and then it wakes up in the middle of what it did, whatever that was."""
    with Load(server, clients=1) as load:
        load.goes_on(3)
        process, led = leading_most(server)
        with halted(process) if where == "anywhere" else halted_in_a_transaction(server, process):
            wait_until_led_by_others(server, process, led, SUPERSEDED)
            load.goes_on(5)
        load.goes_on(5)
        assert process in both(server), "it should wait in its turn"
        assert not led & leaders(server).get(process, set())
        load.stop()
    expect_nothing_lost(server, load)
