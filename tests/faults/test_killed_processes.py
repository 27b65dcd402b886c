"""SIGKILL to processes of a real server under load: nothing acknowledged is lost, nothing is done twice."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.load import Load, lost, published_twice
from tests.servers.colophon import ColophonServer, running
from tests.servers.processes import below, comes_back, kill, process_of
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service

ROUNDS = 4


@pytest.fixture
def server(instance_template: Path, tmp_path: Path) -> Iterator[ColophonServer]:
    with running(ColophonServer.over(instance_template, tmp_path / "instance", serve__workers=2)) as started:
        yield started


def expect_whole(server: ColophonServer, load: Load) -> None:
    assert lost(server, load) == []
    assert load.errors == []
    server.stop()
    assert published_twice(server.home) == []
    assert_whole(server.home)


@pytest.mark.parametrize("role", ["web", "readers", "sparql"])
def test_killed_under_load_nothing_is_lost(server: ColophonServer, role: str) -> None:
    chance = random.Random(role)
    with Load(server) as load:
        for _round in range(ROUNDS):
            load.goes_on(3)
            time.sleep(chance.random() / 2)
            if role == "readers":
                killed = process_of(server, role)
                kill(killed)
                comes_back(server, killed, role)
            else:
                for child in below(server, process_of(server, role)):
                    kill(child)
            load.goes_on(3)
    expect_whole(server, load)
