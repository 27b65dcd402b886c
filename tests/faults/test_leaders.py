"""Two processes run the readers of a scaled deployment: of each reader one leads, and nobody but it changes a store."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

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
ROUNDS = 3


@pytest.fixture
def server(instance_template: Path, tmp_path: Path, scaled: ScaledSet) -> Iterator[ColophonServer]:
    made = ColophonServer.over(instance_template, tmp_path / "instance", 1, **scaled.stores())
    with running(made):
        made.wait_for(lambda: set(leaders(made)) != {0})
        yield made


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


def leading_most(server: ColophonServer) -> tuple[int, set[str]]:
    """A process and its readers, but for that of the site: on one machine the lock on its folder is held by a process
    that is halted, and the other one waits."""
    found = leaders(server)
    process = max(set(found) - {0}, key=lambda one: len(found[one] - {"site"}))
    return process, found[process] - {"site"}


def wait_until_led_by_others(server: ColophonServer, process: int, led: set[str], seconds: float) -> None:
    def are_led() -> bool:
        found = leaders(server)
        return not led & (found.get(0, set()) | found.get(process, set()))

    server.wait_for(are_led, seconds)


def expect_whole(server: ColophonServer, load: Load) -> None:
    server.wait_for(lambda: is_current(server), 60)
    assert lost(server, load) == []
    assert load.errors == []
    assert_whole(server.home, {**server.overrides, "site.url": server.base})


def test_when_a_leader_is_killed_another_goes_on_within_ten_seconds(server: ColophonServer) -> None:
    with Load(server, clients=2) as load:
        for _round in range(ROUNDS):
            load.goes_on(2)
            killed, led = leading_most(server)
            os.kill(killed, signal.SIGKILL)
            wait_until_led_by_others(server, killed, led, TAKEN_OVER)
            for process in server.beside:
                if process.pid == killed:
                    process.wait()
                    server.beside = [server.run("projections", "run")]
            server.wait_for(lambda: len(both(server)) == 2)
        load.stop()
    expect_whole(server, load)
