"""A running server reads its bytes back, stops in the middle of that, and is copied while people deposit."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from repository.services.accounts import find_account
from repository.services.instance import open_instance
from repository.settings import load
from tests.instances import body, published
from tests.servers.colophon import ColophonServer, running
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service


def blobs(server: ColophonServer) -> dict[str, int]:
    found: dict[str, int] = server.get("/api/status", "admin").json()["files"]
    return found


def deposit_before_the_start(server: ColophonServer, files: dict[str, bytes]) -> None:
    instance = open_instance(load(server.home, environment={}))
    owner = find_account(instance, "owner@example.org")
    assert owner is not None
    published(instance, owner.viewer, body(), files)
    instance.close()


def test_the_reader_process_reads_bytes_back_and_ends_in_the_middle(instance_template: Path, tmp_path: Path) -> None:
    """At this rate one small file takes ten seconds, and the second one would not be done for twenty."""
    server = ColophonServer.over(instance_template, tmp_path / "slow", files__check_rate=10_000)
    deposit_before_the_start(server, {"a.txt": b"a", "b.txt": b"b"})
    next(path for path in server.home.glob("objects/??/??/*") if path.read_bytes() == b"a").unlink()
    with running(server):
        server.wait_for(lambda: blobs(server)["checked"] == 1, 90)
        assert blobs(server)["blobs"] == 2
        assert server.stop() == [], "no process was left to be killed"
    server.overrides = {}
    with running(server):
        server.wait_for(lambda: blobs(server)["checked"] == 2, 90)
        assert blobs(server)["faulty"] == 1
        faults = server.get("/api/status/faults", "admin").json()["hits"]["hits"]
        assert [fault["fault"] for fault in faults] == ["missing"]
    assert '"event":"bytes are faulty"' in server.log.read_text()


def colophon(home: Path, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
    command = [Path(sys.executable).parent / "colophon", *arguments]
    subprocess.run(command, env={**environment, "COLOPHON_HOME": str(home)}, check=True, timeout=240)


def deposit(server: ColophonServer, name: str) -> None:
    """One record by REST, as a client does it."""
    request: dict[str, Any] = {**body(name), "files": {"enabled": True}}
    draft = server.request("POST", "/api/records", "owner", json=request).json()
    path = f"/api/records/{draft['id']}/draft"
    server.request("POST", f"{path}/files", "owner", json=[{"key": "a.txt"}])
    octets = {"Content-Type": "application/octet-stream"}
    server.request("PUT", f"{path}/files/a.txt/content", "owner", content=name.encode(), headers=octets)
    server.request("POST", f"{path}/files/a.txt/commit", "owner")
    assert server.request("POST", f"{path}/actions/publish", "owner").status_code == 202


def test_a_server_is_copied_while_people_deposit(instance_template: Path, tmp_path: Path) -> None:
    server = ColophonServer.over(instance_template, tmp_path / "busy")
    ended = threading.Event()
    failures: list[BaseException] = []
    done: list[str] = []

    def go_on(number: int) -> None:
        try:
            while not ended.is_set():
                deposit(server, f"{number} {len(done)}")
                done.append("")
        except BaseException as error:
            failures.append(error)

    with running(server):
        threads = [threading.Thread(target=go_on, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        try:
            server.wait_for(lambda: len(done) > 4)
            for _time in range(2):
                colophon(server.home, "backup", str(tmp_path / "copy"))
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    assert failures == []
    colophon(tmp_path / "other", "restore", str(tmp_path / "copy"))
    colophon(tmp_path / "other", "files", "check", "--all")
    assert_whole(tmp_path / "other")
    assert_whole(server.home, {"site.url": server.base})
