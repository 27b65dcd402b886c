"""A disk that fills up: 507, nothing broken, and all goes on once there is space again."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from repository.storage.objects.ownership import MARK
from tests.faults.disks import grow, small_disk
from tests.instances import body
from tests.servers.colophon import ColophonServer, running
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service

OCTETS = {"Content-Type": "application/octet-stream"}
SPACE = 6 << 20


def announced(server: ColophonServer, key: str) -> str:
    """A new draft's file; its address."""
    draft = server.request("POST", "/api/records", "owner", json={**body(), "files": {"enabled": True}}).json()
    files: str = draft["links"]["files"]
    assert server.request("POST", files, "owner", json=[{"key": key}]).status_code == 201
    return f"{files}/{key}"


def send(server: ColophonServer, address: str, content: bytes) -> httpx.Response:
    return server.request("PUT", f"{address}/content", "owner", content=content, headers=OCTETS)


def require_507(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["status"]) == (507, 507), answer.text
    assert "no more space" in answer.json()["message"]


def test_bytes_that_do_not_fit_leave_nothing(instance_template: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 3 << 20) as disk:
        objects = {"objects": f"file://{disk}"}
        with running(ColophonServer.over(instance_template, tmp_path / "instance", **objects)) as server:
            address = announced(server, "a.bin")
            require_507(send(server, address, b"x" * (4 << 20)))
            assert [path for path in disk.rglob("*") if path.is_file() and path.name != MARK] == []
            assert server.get(address, "owner").json()["status"] == "pending"
            assert send(server, address, b"y" * (2 << 20)).status_code == 200
            assert server.request("POST", f"{address}/commit", "owner").status_code == 200
            require_507(send(server, announced(server, "b.bin"), b"z" * (2 << 20)))
            assert server.get(f"{address}/content", "owner").content == b"y" * (2 << 20)
        assert_whole(server.home, server.overrides)


def test_a_full_instance_keeps_what_it_has_and_goes_on_with_more_space(instance_template: Path, tmp_path: Path) -> None:
    size = sum(path.stat().st_size for path in instance_template.rglob("*") if path.is_file()) + SPACE
    with small_disk(tmp_path / "disk", size) as disk:
        server = ColophonServer.over(instance_template, disk / "instance")
        server.log_folder = tmp_path
        with running(server):
            records, refused = fill(server)
            require_507(refused)
            assert server.status("/readyz") == 200
            for record_id, title in records.items():
                assert server.get(f"/api/records/{record_id}").json()["metadata"]["title"] == title
            grow(disk, size + (64 << 20))
            more, _none = fill(server, 5)
            assert len(more) == 5
            server.wait_for(lambda: all(reader["lag"] == 0 for reader in readers(server)))
            assert not any(reader["parked"] for reader in readers(server))
            total = server.get("/api/records", params={"size": 1}).json()["hits"]["total"]
            assert total == len(records) + len(more)
        assert_whole(server.home)
        shutil.rmtree(server.home)


def fill(server: ColophonServer, most: int = 5000) -> tuple[dict[str, str], Any]:
    """Publishes until something is refused: titles by id, and the refusal."""
    records: dict[str, str] = {}
    with httpx.Client(headers={"Authorization": f"Bearer {server.tokens['owner']}"}, timeout=60) as client:
        for number in range(most):
            title = f"Number {number}"
            request = body(title, description="word " * 2000)
            draft = client.post(f"{server.base}/api/records", json=request)
            if draft.status_code != 201:
                return records, draft
            answer = client.post(draft.json()["links"]["publish"])
            if answer.status_code != 202:
                return records, answer
            records[answer.json()["id"]] = title
    return records, None


def readers(server: ColophonServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/api/status").json()["projections"]
    return found
