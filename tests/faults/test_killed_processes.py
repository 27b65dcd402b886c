"""SIGKILL to processes of a real server under load: nothing acknowledged is lost, nothing is done twice."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from repository import settings
from repository.services import fixity
from repository.services.instance import open_instance
from repository.services.sweeping import sweep
from repository.storage.models import Blob
from repository.storage.objects.s3 import PART
from tests.faults.load import Load, lost, published_twice
from tests.servers.ceph import CephServer
from tests.servers.colophon import ColophonServer, running
from tests.servers.postgres import PostgresServer
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
    assert published_twice(server.home, dict(server.overrides)) == []
    assert_whole(server.home, server.overrides)


@pytest.fixture
def scaled_server(
    instance_template: Path, tmp_path: Path, ceph: CephServer, postgres: PostgresServer, postgres_instance_template: str
) -> Iterator[ColophonServer]:
    stores = {
        "database": postgres.create_database(template=postgres_instance_template),
        "objects": f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}",
    }
    server = ColophonServer.over(instance_template, tmp_path / "instance", serve__workers=2, **stores)
    with running(server) as started:
        yield started


@pytest.mark.timeout(900)
@pytest.mark.parametrize("whole", [False, True], ids=["web workers", "all processes"])
def test_killed_while_it_uploads_to_s3_nothing_is_lost(scaled_server: ColophonServer, whole: bool) -> None:
    """Files go to the bucket in parts: by the server, and by the clients themselves. The sweep finds what broke off
    half-way, and nothing but that."""
    server, chance = scaled_server, random.Random(whole)
    with Load(server, clients=2, size=PART + 3_000_000, parts=2) as load:
        for _round in range(ROUNDS // 2):
            load.goes_on(2, 180)
            time.sleep(chance.random())
            if whole:
                server.kill()
                server.start()
            else:
                for child in below(server, process_of(server, "web")):
                    kill(child)
        load.goes_on(2, 180)
    expect_whole(server, load)
    instance = open_instance(settings.load(server.home, environment={}, overrides=server.overrides))
    sweep(instance, datetime.now(UTC) + timedelta(days=2))
    with instance.database.read() as connection:
        named = set(connection.execute(select(Blob.location)).scalars())
    assert {location for location, _written in instance.objects.locations()} == named
    assert {checked.fault for checked in fixity.check(instance, everything=True)} == {""}
    instance.close()


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
