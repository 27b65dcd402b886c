"""Headers that protect whoever reads an answer are on every answer."""

from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from repository.cli.serve import build_app
from repository.errors import WrongSetting
from repository.records.visibility import SYSTEM
from repository.services import withdrawal
from repository.services.accounts import create_token
from repository.services.instance import Instance
from repository.settings import load
from tests.instances import UNLIMITED, body, copy_instance, person, published
from tests.security.addresses import PLACES, SAFE, addresses, signed_in

FRAMED = "frame-ancestors 'none'"
SANDBOX = "sandbox"


def test_every_answer_is_protected(app: Flask, instance: Instance) -> None:
    """Errors too, and those of addresses that there are not."""
    record_id = published(instance, person(instance, "owner"), body(), {"a.txt": b"a"})
    for places in (PLACES, {**PLACES, "record_id": record_id}):
        for method, path in addresses(app, places):
            answer = app.test_client().open(path, method=method, buffered=True)
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'"), (method, path)
            assert FRAMED in policy or SANDBOX in policy, (method, path)
            assert "unsafe" not in policy, (method, path)
            assert answer.headers["X-Content-Type-Options"] == "nosniff", (method, path)
            assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin", (method, path)
            assert answer.headers["Cache-Control"], (method, path)
            assert "Strict-Transport-Security" not in answer.headers
            assert ("Set-Cookie" in answer.headers) <= (answer.headers["Cache-Control"] == "private, no-store")


def test_a_failure_is_protected_as_well(app: Flask) -> None:
    def fail() -> str:
        raise RuntimeError("a bug")

    app.add_url_rule("/api/fail", "fail", fail)
    answer = app.test_client().get("/api/fail")
    assert answer.status_code == 500
    assert FRAMED in answer.headers["Content-Security-Policy"]
    assert "a bug" not in answer.text


def test_with_https_cookies_are_secure_and_browsers_stay(instance_template: Path, tmp_path: Path) -> None:
    with closing(copy_instance(instance_template, tmp_path / "https", site__url="https://repository.test")) as instance:
        person(instance, "owner")
        app = build_app(instance)
        browser, _token = signed_in(app)
        for path in ("/", "/api/records", "/healthz"):
            assert browser.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"
        signing_in = {"email": "owner@example.org", "password": "correct horse"}
        cookies = app.test_client().post("/api/login", json=signing_in).headers.getlist("Set-Cookie")
        cookies += app.test_client().get("/login").headers.getlist("Set-Cookie")
    assert len(cookies) == 3
    for cookie in cookies:
        assert "Secure" in cookie
        assert "SameSite=Lax" in cookie
        assert ("HttpOnly" in cookie) == cookie.startswith("session="), (
            "a script reads the CSRF token, never the session"
        )
        assert "Domain" not in cookie


OF_SOMEBODY = ("/api", "/login", "/logout", "/uploads", "/deposit", "/metrics", "/healthz", "/readyz")
"""Where answers depend on who asks, or somebody signs in, or the operator looks; the rest is the same for everybody."""
SHOWN = {"Link", "Content-Location", "Memento-Datetime", "ETag", "Content-Range", "Content-Length"}


def names(answer: TestResponse, header: str) -> set[str]:
    return set(answer.headers.get(header, "").split(", "))


def test_other_sites_read_whatever_is_public_and_nothing_else(app: Flask, instance: Instance) -> None:
    """Pages, files, redirects, errors and tombstones; the API only where they are named."""
    pids = {"doi": {"identifier": "10.1234/rain", "provider": "external"}}
    record_id = published(instance, person(instance, "owner"), {**body(), "pids": pids}, {"a.txt": b"a"})
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    codes = set()
    for places in (PLACES, {**PLACES, "record_id": record_id, "doi": "10.1234/rain"}):
        for method, path in addresses(app, places):
            answer = app.test_client().open(path, method=method, headers=headers, buffered=True)
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            assert "Access-Control-Allow-Credentials" not in answer.headers
            if path.startswith(OF_SOMEBODY):
                assert allowed is None, (method, path)
            elif method in SAFE:
                codes.add(answer.status_code)
                assert allowed == "*", (method, path)
                assert names(answer, "Access-Control-Expose-Headers") >= SHOWN or path in OWN_WORDS, (method, path)
    assert codes >= {200, 302, 404}


OWN_WORDS = ("/sparql",)
"""Addresses that say for themselves what other sites may ask and see."""


def test_errors_and_parts_of_files_are_readable_too(app: Flask, instance: Instance) -> None:
    owner = person(instance, "owner")
    kept, gone = (published(instance, owner, body(), {"a.txt": b"rain"}) for _ in range(2))
    withdrawal.withdraw(instance, SYSTEM, gone, {})
    for path, asked, status in (
        (f"/records/{gone}", {}, 410),
        (f"/records/{kept}", {"Accept": "image/png"}, 406),
        (f"/records/{kept}/timegate", {"Accept-Datetime": "no date"}, 400),
        (f"/records/{kept}/files/a.txt", {"Range": "bytes=1-2"}, 206),
        (f"/records/{kept}/files/a.txt", {"Range": "bytes=9-"}, 416),
        (f"/records/{kept}/files/a.txt", {"If-Match": '"other"'}, 412),
    ):
        answer = app.test_client().get(path, headers={"Origin": "null", **asked}, buffered=True)
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (status, "*"), path
        assert names(answer, "Access-Control-Expose-Headers") >= SHOWN


@pytest.mark.parametrize("page", ["/records/{}", "/records/{}/record.ttl", "/records/{}/files/a.txt", "/doi/10.1/x"])
def test_other_sites_may_ask_for_a_format_a_time_or_a_part(app: Flask, instance: Instance, page: str) -> None:
    record_id = published(instance, person(instance, "owner"), body(), {"a.txt": b"a"})
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    answer = app.test_client().options(page.format(record_id), headers=asked)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert names(answer, "Access-Control-Allow-Headers") >= {"Accept", "Accept-Datetime", "Range", "If-None-Match"}
    assert "Authorization" not in names(answer, "Access-Control-Allow-Headers")
    assert names(answer, "Access-Control-Allow-Methods") == {"GET", "HEAD", "OPTIONS"}


def test_what_is_read_by_somebody_is_not_for_other_sites(app: Flask, instance: Instance) -> None:
    record_id = published(instance, person(instance, "owner"), body(), {"a.txt": b"a"})
    token = create_token(instance, "owner@example.org")
    browser, _csrf = signed_in(app)
    for page in ("", "/record.ttl", "/files/a.txt", "/timegate", "/timemap", "/nosuch"):
        path = f"/records/{record_id}{page}"
        for answer in (
            browser.get(path, buffered=True),
            app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}, buffered=True),
            app.test_client().get(f"{path}?access_token={token}", buffered=True),
        ):
            assert "Access-Control-Allow-Origin" not in answer.headers, path
        assert app.test_client().get(path, buffered=True).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("setting", ["https://app.example,http://localhost:3000", "*"])
def test_sites_that_are_named_use_the_api_with_a_token(instance_template: Path, tmp_path: Path, setting: str) -> None:
    with closing(copy_instance(instance_template, tmp_path / "open", api__origins=setting, **UNLIMITED)) as instance:
        app = build_app(instance)
        for origin in ("https://app.example", "http://localhost:3000", "https://evil.example", "null"):
            may = setting == "*" or origin in setting
            shown = "*" if setting == "*" else origin
            for method, path in addresses(app):
                answer = app.test_client().open(path, method=method, headers={"Origin": origin}, buffered=True)
                if not path.startswith("/api"):
                    continue
                assert answer.headers.get("Access-Control-Allow-Origin") == (shown if may else None), (method, path)
                assert "Access-Control-Allow-Credentials" not in answer.headers
                assert "Origin" in answer.vary
                if may:
                    assert {"ETag", "Link", "X-RateLimit-Limit"} <= set(
                        answer.headers["Access-Control-Expose-Headers"].split(", ")
                    )
            asked = {"Origin": origin, "Access-Control-Request-Method": "PUT",
                     "Access-Control-Request-Headers": "authorization, content-type, if-match"}  # fmt: skip
            preflight = app.test_client().options("/api/records/aaaaa-bbbbb/draft", headers=asked)
            assert preflight.status_code == 200
            assert ("PUT" in preflight.headers.get("Access-Control-Allow-Methods", "")) == may
            assert ("If-Match" in preflight.headers.get("Access-Control-Allow-Headers", "")) == may


@pytest.mark.parametrize("wrong", ["app.example", "https://app.example/", "https://*.example", "ftp://app.example"])
def test_an_origin_that_is_none_is_no_setting(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(WrongSetting, match=r"api\.origins"):
        load(tmp_path, {"COLOPHON_API_ORIGINS": wrong})
