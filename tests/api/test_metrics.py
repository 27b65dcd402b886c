"""Prometheus metrics and the ids and lines of requests, in one process; over workers in tests/system."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, update

from repository import __version__
from repository.api import metrics
from repository.api.observation import observe
from repository.app import create_app
from repository.errors import Unreachable
from repository.records.visibility import Viewer
from repository.services.instance import Instance
from repository.storage.models import Blob, ParkedChange, RecordRow
from tests.api.conftest import Caller
from tests.instances import body, copy_instance, published

Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture
def observed(instance: Instance) -> FlaskClient:
    app = create_app(instance, readers=("oai", "search"))
    observe(app)
    return app.test_client()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, object]]]]:
    """The log as a web worker writes it."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    structlog.configure(**before)


def samples(text: str) -> dict[Sample, float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def requests(found: dict[Sample, float], **labels: str) -> float:
    return found.get(("colophon_requests_total", frozenset(labels.items())), 0)


def read(client: FlaskClient, token: str) -> dict[Sample, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == metrics.CONTENT_TYPE
    return samples(answer.get_data(as_text=True))


def test_metrics_are_for_admins(observed: FlaskClient, caller: Callable[..., Caller]) -> None:
    assert observed.get("/metrics").status_code == 403
    assert observed.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert observed.get("/metrics", headers={"Authorization": f"Bearer {caller('owner').token}"}).status_code == 403
    assert read(observed, caller("admin", admin=True).token)


def test_metrics_are_for_everybody_where_the_setting_says_so(instance_template: Path, tmp_path: Path) -> None:
    opened = copy_instance(instance_template, tmp_path / "public", metrics__public="true")
    assert create_app(opened).test_client().get("/metrics").status_code == 200
    opened.close()


def test_requests_are_counted_by_method_rule_and_status(observed: FlaskClient, caller: Callable[..., Caller]) -> None:
    token = caller("admin", admin=True).token
    before = read(observed, token)
    for name in ("aaaaa-aaaaa", "bbbbb-bbbbb"):
        observed.get(f"/api/records/{name}?access_token=secret-{name}")
        observed.get(f"/nowhere/{name}")
    observed.open("/api/ping", method="BREW")
    after = read(observed, token)
    rule = {"method": "GET", "route": "/api/records/<record_id>", "status": "401"}
    assert requests(after, **rule) - requests(before, **rule) == 2
    unknown = {"method": "GET", "route": "unknown", "status": "404"}
    assert requests(after, **unknown) - requests(before, **unknown) == 2
    odd = {"method": "other", "route": "unknown", "status": "405"}
    assert requests(after, **odd) - requests(before, **odd) == 1
    seconds = ("colophon_request_seconds_count", frozenset({("method", "GET"), ("route", "/api/records/<record_id>")}))
    assert after[seconds] - before.get(seconds, 0) == 2
    assert not [labels for _name, labels in after if "secret" in str(labels) or "aaaaa" in str(labels)]


def test_the_state_of_the_instance_is_measured(
    observed: FlaskClient, caller: Callable[..., Caller], instance: Instance, owner: Viewer
) -> None:
    first = published(instance, owner, body(), {"a.csv": b"12345"})
    published(instance, owner, body())
    now = datetime.now(UTC)
    parked = {"position": 1, "error": "x", "attempts": 1, "since": now - timedelta(hours=1), "next_try": now}
    with instance.database.write() as connection:
        connection.execute(update(Blob).values(fault="other bytes"))
        connection.execute(insert(ParkedChange).values(projection="oai", record_id=first, **parked))
        due = (now - timedelta(days=2)).date()
        connection.execute(update(RecordRow).where(RecordRow.id == first).values(embargo_until=due))
    found = read(observed, caller("admin", admin=True).token)
    plain = {name: value for (name, labels), value in found.items() if not labels}
    by_label = {(name, value): number for (name, labels), number in found.items() for _label, value in labels}
    assert plain["colophon_log_position"] == 2
    assert (plain["colophon_blobs"], plain["colophon_blob_bytes"], plain["colophon_blob_faults"]) == (1, 5, 1)
    assert by_label["colophon_records", "published"] == 2
    assert by_label["colophon_info", __version__] == 1
    assert by_label["colophon_reader_lag_positions", "search"] == 2
    assert 3600 <= by_label["colophon_oldest_seconds", "parked"] < 3700
    assert by_label["colophon_oldest_seconds", "embargo"] >= 2 * 24 * 3600
    assert by_label["colophon_oldest_seconds", "request"] == 0
    assert (by_label["colophon_store_up", "objects"], by_label["colophon_store_up", "sparql"]) == (1, 0)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("0123-abc.DEF_9", True), ("short", False), ("a" * 65, False), ("with space", False), ("", False)],
)
def test_the_id_of_a_request_is_the_callers_if_it_is_well_formed(observed: FlaskClient, sent: str, kept: bool) -> None:
    given = observed.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert (given == sent) is kept
    assert len(given) >= 8


def test_a_request_leaves_one_line_with_its_id_and_without_what_it_carried(
    observed: FlaskClient, lines: Callable[[], list[dict[str, object]]]
) -> None:
    sent = {"X-Request-ID": "request-0001", "Authorization": "Bearer canary-token"}
    structlog.contextvars.bind_contextvars(left="by another request of the thread")
    observed.get("/api/records/canary-id?access_token=canary&q=canary@example.org", headers=sent)
    observed.post("/api/login", json={"email": "canary@example.org", "password": "canary"})
    first, second = lines()
    assert first.pop("ms") >= 0  # type: ignore[operator]
    assert first == {
        "event": "request", "method": "GET", "route": "/api/records/<record_id>", "status": 401,
        "request_id": "request-0001",
    }  # fmt: skip
    assert second["request_id"] != "request-0001"
    assert "canary" not in str(second)


@pytest.mark.parametrize(("error", "status"), [(ValueError("odd"), 500), (Unreachable("The store is down."), 503)])
def test_a_server_error_names_the_id_under_which_the_log_tells_of_it(
    instance: Instance, lines: Callable[[], list[dict[str, object]]], error: Exception, status: int
) -> None:
    def fail() -> None:
        password = "canary"  # noqa: F841 — the traceback must not show it
        raise error

    app: Flask = create_app(instance)
    app.add_url_rule("/api/fail", "fail", fail)
    observe(app)
    answer = app.test_client().get("/api/fail")
    assert answer.status_code == status
    request_id = answer.headers["X-Request-ID"]
    assert answer.get_json()["error_id"] == request_id
    told, request = lines()
    assert (told["request_id"], request["request_id"]) == (request_id, request_id)
    assert "canary" not in str(told)
    assert ("Traceback" in str(told)) is (status == 500)
