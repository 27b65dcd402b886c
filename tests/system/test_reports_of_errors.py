"""A real server that reports to Sentry: the report has what failed and where, and nothing of anybody."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from repository.following import ask
from repository.records.snapshot import Json
from repository.services.instance import open_instance
from repository.settings import load
from repository.storage.models import ChangeRow, SnapshotRow
from tests.instances import METADATA
from tests.servers.colophon import ColophonServer, running
from tests.servers.sentry import SentryListener

pytestmark = pytest.mark.service

SECRETS = (
    "zqtitleqz",
    "zqtokenqz",
    "zqcookieqz",
    "zqqueryqz",
    "zqbodyqz",
    "zqagentqz",
    "zqvalueqz",
    "owner@example.org",
)
"""Words of a depositor and of a request, each of which appears nowhere else."""


@pytest.fixture(scope="module")
def sentry() -> Iterator[SentryListener]:
    with SentryListener() as listener:
        yield listener


@pytest.fixture(scope="module")
def server(
    sentry: SentryListener, instance_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("reported") / "instance"
    with running(ColophonServer.over(instance_template, home, sentry__dsn=sentry.dsn)) as started:
        yield started


@pytest.fixture(scope="module")
def broken(server: ColophonServer) -> str:
    """The id of a record whose snapshot somebody has damaged in the database, so that whatever reads it fails; the
    error names a value of it."""
    body = {"metadata": {**METADATA, "title": "zqtitleqz"}, "files": {"enabled": False}}
    links = server.request("POST", "/api/records", "owner", json=body).json()["links"]
    record_id = str(server.request("POST", links["publish"], "owner").json()["id"])
    server.wait_for(lambda: all(reader["lag"] == 0 for reader in server.get("/api/status").json()["projections"]))
    instance = open_instance(load(server.home, environment={}, overrides=server.overrides))
    with instance.database.write() as connection:
        digest = select(ChangeRow.snapshot).where(ChangeRow.record_id == record_id).scalar_subquery()
        stored = connection.execute(select(SnapshotRow.body).where(SnapshotRow.digest == digest)).scalar_one()
        damaged: Json = {**json.loads(stored), "zqvalueqz": 1}
        wrong = update(SnapshotRow).where(SnapshotRow.digest == digest).values(body=json.dumps(damaged).encode())
        assert connection.execute(wrong).rowcount == 1
    instance.close()
    return record_id


def failing(server: ColophonServer, broken: str, **more: str) -> httpx.Response:
    headers = {"Cookie": "zqcookieqz=1", "User-Agent": "zqagentqz", "Authorization": "Bearer zqtokenqz", **more}
    if not more:
        headers["Authorization"] = f"Bearer {server.tokens['owner']}"
    return server.request("GET", f"/api/records/{broken}?q=zqqueryqz", headers=headers)


def test_the_error_id_of_an_answer_is_that_of_its_report(
    server: ColophonServer, sentry: SentryListener, broken: str
) -> None:
    answer = failing(server, broken)
    assert answer.status_code == 500
    error_id = answer.json()["error_id"]
    server.wait_for(lambda: any(event["event_id"] == error_id for event in sentry.events))
    (event,) = [event for event in sentry.events if event["event_id"] == error_id]
    assert event["tags"]["request_id"] == answer.headers["X-Request-ID"]
    assert event["exception"]["values"][-1]["type"] == "TypeError"
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["module"] == "repository.records.snapshot"
    assert event["release"].startswith("colophon@")
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if error_id in line]
    assert [line["event"] for line in lines][:1] == ["unexpected error"]
    assert "zqvalueqz" in lines[0]["exception"]  # what the report leaves out can be looked up here


def test_a_report_has_nothing_of_a_person_a_record_or_a_request(
    server: ColophonServer, sentry: SentryListener, broken: str
) -> None:
    before = len(sentry.events)
    failing(server, broken)
    server.request(
        "POST", f"/api/records/{broken}/draft", "owner", json={"metadata": {"title": "zqbodyqz"}},
        headers={"User-Agent": "zqagentqz"},
    )  # fmt: skip
    server.wait_for(lambda: len(sentry.events) > before)
    whole = "\n".join(sentry.received)
    for word in (*SECRETS, *server.tokens.values(), broken, METADATA["publisher"]):
        assert word not in whole, word


def test_a_reader_that_fails_is_reported_by_its_name(
    server: ColophonServer, sentry: SentryListener, broken: str
) -> None:
    instance = open_instance(load(server.home, environment={}, overrides=server.overrides))
    ask(instance.database, "search", "rebuild")
    instance.close()
    server.wait_for(lambda: any(event["tags"].get("projection") == "search" for event in sentry.events))
