"""`colophon projections rebuild` and `retry` beside a running server: its readers do it, and it goes on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from repository.following import status
from repository.services.instance import open_instance
from repository.settings import load
from repository.storage.models import ParkedChange
from tests.instances import body
from tests.servers.colophon import ColophonServer, running
from tests.servers.processes import kill, process_of
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service


@pytest.fixture
def server(instance_template: Path, tmp_path: Path) -> Iterator[ColophonServer]:
    with running(ColophonServer.over(instance_template, tmp_path / "instance")) as started:
        yield started


def publish(server: ColophonServer, title: str) -> str:
    draft = server.request("POST", "/api/records", "owner", json=body(title)).json()
    return str(server.request("POST", draft["links"]["publish"], "owner").json()["id"])


def reader(server: ColophonServer, name: str) -> dict[str, Any]:
    shown = server.get("/api/status").json()["projections"]
    return next(dict(one) for one in shown if one["name"] == name)


def leader(server: ColophonServer, name: str) -> str:
    """Host and number of the process; empty if none leads."""
    instance = open_instance(load(server.home, environment={}))
    found = next(one.leader for one in status(instance.database) if one.name == name)
    instance.close()
    return found


def errand(server: ColophonServer, action: str, name: str) -> dict[str, Any]:
    """What the command says when it has ended."""
    command = (Path(sys.executable).parent / "colophon", "projections", action, name, "--json")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
    done = subprocess.run(
        command, env={**environment, "COLOPHON_HOME": str(server.home)}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def park(server: ColophonServer, name: str, record_id: str) -> None:
    """As if the reader could not take the record's change, and were to try it again in an hour; a reader learns of that
    when it begins to lead."""
    now = datetime.now(UTC)
    values = {"position": 1, "error": "x", "attempts": 1, "since": now, "next_try": now + timedelta(minutes=50)}
    instance = open_instance(load(server.home, environment={}))
    with instance.database.write() as connection:
        connection.execute(insert(ParkedChange).values(projection=name, record_id=record_id, **values))
    instance.close()
    killed = leader(server, name)
    kill(process_of(server, "readers"))
    server.wait_for(lambda: leader(server, name) not in ("", killed), 90)


def test_a_running_server_rebuilds_and_retries_when_it_is_told_to(server: ColophonServer) -> None:
    first = publish(server, "Rain")
    server.wait_for(lambda: reader(server, "search")["lag"] == 0 and leader(server, "search"))
    before, leading = reader(server, "search"), leader(server, "search")
    assert errand(server, "rebuild", "search")["status"] == "done"
    after = reader(server, "search")
    assert after["generation"] != before["generation"]
    assert leader(server, "search") == leading, "the server's readers have done it"
    park(server, "search", first)
    assert reader(server, "search")["parked"] == 1
    leading = leader(server, "search")
    assert errand(server, "retry", "search") | {"projection": "search"} == {
        "projection": "search", "action": "retry", "status": "done", "message": "1 of 1 taken",
    }  # fmt: skip
    assert (reader(server, "search")["parked"], leader(server, "search")) == (0, leading)
    second = publish(server, "Snow")
    server.wait_for(lambda: reader(server, "search")["lag"] == 0)
    hits = server.get("/api/records").json()["hits"]["hits"]
    assert {hit["id"] for hit in hits} == {first, second}
    server.stop()
    assert_whole(server.home)
