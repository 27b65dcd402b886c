"""Metrics of a real `colophon serve` with three workers: one number for all, whoever is asked, whoever dies."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from repository.api.worker_counts import FOLDER
from tests.servers.colophon import ColophonServer, Process, is_running, running

pytestmark = pytest.mark.service

WORKERS = 3
ROUTE = "/api/vocabularies/<kind>"
SENT = 60


@pytest.fixture(scope="module")
def server(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("measured") / "instance"
    with running(ColophonServer.over(instance_template, home, serve__workers=WORKERS)) as started:
        yield started


def web(server: ColophonServer) -> Process:
    return next(process for process in server.processes() if "processes web" in process.command)


def workers(server: ColophonServer) -> list[Process]:
    above = web(server).id
    return [process for process in server.processes() if process.parent == above and "tracker" not in process.command]


def folder(server: ColophonServer) -> Path:
    variables = Path(f"/proc/{web(server).id}/environ").read_bytes().split(b"\0")
    return Path(dict(entry.partition(b"=")[::2] for entry in variables)[FOLDER.encode()].decode())


def counting(server: ColophonServer) -> set[int]:
    """The processes whose files are there."""
    return {int(path.stem.rpartition("_")[2]) for path in folder(server).glob("counter_*.db")}


def counted(server: ColophonServer) -> float:
    families = text_string_to_metric_families(server.get("/metrics", "admin").text)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "colophon_requests_total" and sample.labels["route"] == ROUTE
    )


def send(server: ColophonServer) -> None:
    """Each request on a connection of its own, so that every worker gets some."""
    for _ in range(SENT):
        assert server.get("/api/vocabularies/licenses?size=1").status_code == 200


def test_counts_are_of_all_workers_and_outlive_them(server: ColophonServer) -> None:
    sent = 0
    while len(counting(server)) < WORKERS:
        send(server)
        sent += SENT
    assert [counted(server) for _ in range(6)] == [sent] * 6
    for _ in range(3):
        killed = workers(server)[0]
        before = {worker.id for worker in workers(server)}
        os.kill(killed.id, signal.SIGKILL)
        server.wait_for(lambda killed=killed: not is_running(killed))
        server.wait_for(lambda before=before: {worker.id for worker in workers(server)} - before)
        server.wait_for(lambda: server.status("/readyz") == 200)
        assert counted(server) >= sent
    send(server)
    assert counted(server) == sent + SENT
    alive = {worker.id for worker in workers(server)}
    server.wait_for(lambda: counting(server) <= alive | {0})
    assert 0 in counting(server)


def test_metrics_are_told_when_the_folder_of_counts_is_gone(server: ColophonServer) -> None:
    """As after a machine has cleared its temporary files."""
    away = folder(server).rename(server.home / "away")
    assert counted(server) == 0
    away.rename(folder(server))
    assert counted(server) > 0


def test_its_folder_goes_with_the_supervisor(server: ColophonServer) -> None:
    place = folder(server)
    assert place.is_dir()
    assert place.parent == server.home / "run"
    server.stop()
    assert not place.exists()
