"""The counts of web workers on a disk without room: requests are answered, no worker ends, a new one starts."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.disks import small_disk
from tests.servers.colophon import ColophonServer, Process, is_running, running
from tests.servers.processes import below, process_of

pytestmark = pytest.mark.service

PAGE = 4096
PATHS = (
    "/api/ping", "/api/records", "/api/records/aaaaa-aaaaa", "/api/records/aaaaa-aaaaa/files", "/api/status",
    "/api/records/aaaaa-aaaaa/versions", "/api/vocabularies/", "/api/vocabularies/licenses", "/api/openapi.json",
    "/api/me", "/api/user/records", "/api/affiliations", "/api/subjects", "/healthz", "/readyz", "/metrics", "/browse/",
    "/oai?verb=Identify", "/records/aaaaa-aaaaa", "/search/results", "/login", "/about/", "/sitemap.xml", "/nowhere",
    "/api/records/aaaaa-aaaaa/draft", "/api/records/aaaaa-aaaaa/files/a/content", "/api/records/aaaaa-aaaaa/revisions",
)  # fmt: skip


@pytest.fixture
def server(instance_template: Path, tmp_path: Path) -> Iterator[ColophonServer]:
    """One whose counts have a small disk, beside the fixed file of the limits of requests."""
    made = ColophonServer.over(instance_template, tmp_path / "instance")
    shutil.rmtree(made.home / "run", ignore_errors=True)
    with small_disk(made.home / "run", 4 << 20), running(made) as started:
        yield started


@pytest.fixture
def disk(server: ColophonServer) -> Path:
    return server.home / "run"


def fill(disk: Path) -> None:
    """To the last page."""
    with (disk / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError:
            return


def folder(disk: Path) -> Path:
    (found,) = disk.glob("metrics-*")
    return found


def worker(server: ColophonServer) -> Process:
    found: Process = server.wait_for(
        lambda: next((one for one in below(server, process_of(server, "web")) if "tracker" not in one.command), None)
    )
    return found


def ask_for_everything(server: ColophonServer) -> None:
    for path in PATHS:
        for who in ("", "admin"):
            assert server.get(path, who).status_code < 500, path


def counted(server: ColophonServer, route: str) -> float:
    answer = server.get("/metrics", "admin")
    assert answer.status_code == 200
    return sum(
        sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "colophon_requests_total" and sample.labels["route"] == route
    )


def killed(server: ColophonServer) -> None:
    """The worker is; another one takes its place."""
    before = worker(server)
    os.kill(before.id, signal.SIGKILL)
    server.wait_for(lambda: not is_running(before))
    server.wait_for(lambda: server.status("/readyz") == 200)


def test_no_worker_ends_because_its_counts_have_no_room(server: ColophonServer, disk: Path) -> None:
    server.get("/api/ping")
    first = worker(server)
    fill(disk)
    ask_for_everything(server)
    assert worker(server).id == first.id
    before = counted(server, "/api/ping")
    assert before >= 2
    killed(server)
    second = worker(server)
    ask_for_everything(server)
    assert worker(server).id == second.id
    assert counted(server, "/api/ping") >= before
    (disk / "filling").unlink()
    killed(server)
    server.get("/api/ping")
    assert counted(server, "/api/ping") == before + 1


def test_broken_files_of_counts_keep_no_worker_from_starting(server: ColophonServer, disk: Path) -> None:
    server.get("/api/ping")
    for name, content in (("counter_0", b""), ("counter_4194400", b""), ("histogram_4194401", b"\xff" * 99)):
        (folder(disk) / f"{name}.db").write_bytes(content)
    assert counted(server, "/api/ping") == 1
    killed(server)
    assert counted(server, "/api/ping") == 1
    assert not list(folder(disk).glob("*_41944*.db"))
