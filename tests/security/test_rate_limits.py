"""Who asks too often is told so, whichever process answers; who is somebody else is not."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from repository.cli.serve import build_app
from repository.errors import WrongSetting
from repository.services.accounts import create_token
from repository.services.instance import Instance
from repository.settings import Limit, load
from repository.storage import counters
from tests.instances import body, copy_instance, person, published
from tests.servers.colophon import ColophonServer, running
from tests.servers.processes import kill

FORM = {"email": "owner@example.org", "password": "wrong"}
Limited = Callable[..., Flask]


@pytest.fixture
def limited(instance_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Limited]:
    """Makes an application with limits of its own, for which no time passes."""
    monkeypatch.setattr(counters, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    opened: list[Instance] = []

    def make(**settings: Any) -> Flask:
        opened.append(copy_instance(instance_template, tmp_path / f"limited{len(opened)}", **settings))
        person(opened[-1], "owner")
        person(opened[-1], "other")
        return build_app(opened[-1])

    yield make
    for instance in opened:
        instance.close()


def bearer(app: Flask, who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(app.extensions['colophon'].instance, f'{who}@example.org')}"}


def statuses(app: Flask, path: str, times: int, **options: Any) -> list[int]:
    return [app.test_client().get(path, **options).status_code for _ in range(times)]


def test_the_numbers_are_those_of_inveniordm(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings.limits_guest == Limit(500, 5000)
    assert settings.limits_account == Limit(1000, 25000)
    assert settings.limits_login == Limit(10, 0)


def test_answers_tell_what_is_left_and_when_to_ask_again(limited: Limited) -> None:
    client = limited(limits__guest="2/minute,100/hour").test_client()
    answers = [client.get("/api/records") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    for answer in answers:
        assert answer.headers["X-RateLimit-Limit"] == "2"
        assert answer.headers["X-RateLimit-Reset"] == "1800000060"
    assert [answer.headers.get("Retry-After") is not None for answer in answers] == [False, False, True]
    told = answers[2].get_json()
    assert told["status"] == 429
    assert "2 requests" in told["message"]
    assert client.get("/api/nosuch").status_code == 404


def test_the_hour_ends_what_many_minutes_allow(limited: Limited) -> None:
    app = limited(limits__guest="100/minute,2/hour")
    assert statuses(app, "/api/ping", 3) == [200, 200, 429]
    refused = app.test_client().get("/api/ping")
    assert (refused.headers["X-RateLimit-Limit"], refused.headers["X-RateLimit-Reset"]) == ("2", "1800003600")


def test_accounts_are_counted_apart_from_their_address(limited: Limited) -> None:
    app = limited(limits__guest="1/hour", limits__account="2/hour")
    owner, other = bearer(app, "owner"), bearer(app, "other")
    assert statuses(app, "/api/ping", 2) == [200, 429]
    assert statuses(app, "/api/ping", 3, headers=owner) == [200, 200, 429]
    assert statuses(app, "/api/ping", 3, headers=other) == [200, 200, 429]


def test_a_session_counts_for_its_account(limited: Limited) -> None:
    app = limited(limits__guest="5/hour", limits__account="2/hour")
    browser = app.test_client()
    assert browser.post("/api/login", json={**FORM, "password": "correct horse"}).status_code == 200
    assert [browser.get("/api/me").status_code for _ in range(3)] == [200, 200, 429]


def test_wrong_tokens_count_for_the_address(limited: Limited) -> None:
    app = limited(limits__guest="2/hour")
    guesses = [app.test_client().get("/api/me", headers={"Authorization": f"Bearer {n}"}) for n in range(3)]
    assert [answer.status_code for answer in guesses] == [401, 401, 429]


def test_no_limit_is_on_what_is_not_the_api_or_carries_files(limited: Limited) -> None:
    app = limited(limits__guest="1/hour", limits__account="1/hour")
    opened = app.extensions["colophon"].instance
    record_id = published(opened, person(opened, "third"), body(), {"a.txt": b"a"})
    assert statuses(app, "/api/ping", 2) == [200, 429]
    for path in (
        "/", f"/records/{record_id}", f"/records/{record_id}/datacite.xml", f"/records/{record_id}/files/a.txt",
        "/oai?verb=Identify", "/sparql", "/search/results", "/sitemap.xml", "/healthz", "/readyz", "/login",
        f"/api/records/{record_id}/files/a.txt/content", f"/api/records/{record_id}/files-archive",
    ):  # fmt: skip
        answer = app.test_client().get(path, buffered=True)
        assert answer.status_code == 200, path
        assert "X-RateLimit-Limit" not in answer.headers, path


def test_limits_can_be_switched_off(limited: Limited) -> None:
    app = limited(limits__guest="")
    answers = [app.test_client().get("/api/ping") for _ in range(600)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


def sign_in(app: Flask, address: str = "192.0.2.1", **form: str) -> TestResponse:
    environ = {"REMOTE_ADDR": address}
    return app.test_client().post("/api/login", json={**FORM, **form}, environ_base=environ)


def test_signing_in_is_limited_by_address_in_both_forms(limited: Limited) -> None:
    app = limited(limits__login="3/minute", limits__login_account="")
    assert [sign_in(app, email=f"{n}@example.org").status_code for n in range(4)] == [400, 400, 400, 429]
    client = app.test_client()
    client.get("/login")
    token = client.get_cookie("csrftoken")
    assert token is not None
    page = client.post("/login", data={**FORM, "csrf_token": token.value}, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert page.status_code == 429
    assert "Try again in" in page.text
    assert page.headers["Retry-After"]
    assert sign_in(app, password="correct horse").status_code == 429, "the right word neither"


def test_nobody_locks_somebody_elses_account(limited: Limited) -> None:
    app = limited(limits__login="100/minute", limits__login_account="3/hour")
    guesses = [sign_in(app, email=email).status_code for email in ("owner@example.org", " OWNER@example.org ") * 2]
    assert guesses == [400, 400, 400, 429]
    assert sign_in(app, email="other@example.org").status_code == 400
    assert sign_in(app, "192.0.2.2", password="correct horse").status_code == 200, "its owner, elsewhere"


def test_an_address_counts_only_if_a_trusted_proxy_says_it(limited: Limited) -> None:
    for proxies, headers, expected in (
        (0, ["192.0.2.1", "192.0.2.2"], [200, 429]),
        (1, ["192.0.2.1", "192.0.2.2"], [200, 200]),
        (1, ["198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1"], [200, 429]),
        (2, ["198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1"], [200, 200]),
    ):
        app = limited(limits__guest="1/hour", serve__proxies=proxies)
        answers = [app.test_client().get("/api/ping", headers={"X-Forwarded-For": header}) for header in headers]
        assert [answer.status_code for answer in answers] == expected, (proxies, headers)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("no:address", "no:address", True),
    ],
)
def test_of_ipv6_a_network_counts(limited: Limited, first: str, second: str, same: bool) -> None:
    app = limited(limits__guest="1/hour")
    got = [app.test_client().get("/api/ping", environ_base={"REMOTE_ADDR": one}).status_code for one in (first, second)]
    assert got == [200, 429 if same else 200]


@pytest.mark.parametrize(
    "wrong", ["500", "0/minute", "5/second", "5/minute,6/minute", "-1/hour", "many/hour", "5 / hour"]
)
def test_a_limit_that_is_none_is_no_setting(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(WrongSetting, match=r"limits\.guest"):
        load(tmp_path, {"COLOPHON_LIMITS_GUEST": wrong})


@pytest.mark.service
def test_three_workers_count_together_and_outlive_one_another(instance_template: Path, tmp_path: Path) -> None:
    """Whichever of them answers, and when one of them is killed."""
    limits = {"limits__guest": "60/hour", "limits__login": "5/hour"}
    server = ColophonServer.over(instance_template, tmp_path / "served", serve__workers=3, **limits)
    if time.time() % 3600 > 3480:
        time.sleep(3600 - time.time() % 3600)  # the count of an hour must not end in the middle
    with running(server), ThreadPoolExecutor(12) as clients:
        tries = list(clients.map(lambda _: server.request("POST", "/api/login", json=FORM).status_code, range(12)))
        assert sorted(tries) == [400] * 5 + [429] * 7
        got = list(clients.map(lambda _: server.get("/api/ping").status_code, range(100)))
        assert sorted(got) == [200] * 48 + [429] * 52
        web = next(process.id for process in server.processes() if " web " in process.command)
        workers = [process for process in server.processes() if process.parent == web]
        for worker in workers[:2]:
            kill(worker)
        server.wait_for(lambda: server.status("/readyz") == 200)
        assert set(clients.map(lambda _: server.get("/api/ping").status_code, range(20))) == {429}
        assert server.get("/api/ping", "owner").status_code == 200


def test_the_counters_are_in_the_instance_and_do_not_grow(limited: Limited) -> None:
    app = limited()
    for number in range(300):
        app.test_client().get("/api/ping", environ_base={"REMOTE_ADDR": f"192.0.{number % 200}.{number}"})
    with closing(app.extensions["colophon"].instance) as opened:
        file = opened.settings.home / "run" / counters.FILE_NAME
        assert file.stat().st_size == counters.SIZE
        assert file.stat().st_mode & 0o077 == 0
        assert b"192.0." not in file.read_bytes()
