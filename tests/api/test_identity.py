"""Tokens, sessions, CSRF: who is let in, and what everybody else is told."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.app import create_app
from repository.services.accounts import create_account
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.conftest import row_count
from tests.instances import body, copy_instance


@pytest.mark.parametrize("path", ["records", "records/aaaaa-bbbbb", "vocabularies/languages", "user/records", "ping"])
def test_a_wrong_token_is_told_everywhere(app: Flask, path: str) -> None:
    answer = app.test_client().get(f"/api/{path}", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json == {"status": 401, "message": "The access token is unknown or has expired."}


def test_tokens_and_passwords_are_stored_as_hashes_only(instance: Instance, owner_calls: Caller) -> None:
    with instance.database.read() as connection:
        for table in ("tokens", "accounts", "sessions"):
            rows = repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert owner_calls.token not in rows
            assert "correct horse" not in rows


def test_a_browser_signs_in_changes_things_with_its_csrf_token_and_signs_out(app: Flask, instance: Instance) -> None:
    create_account(instance, "owner@example.org", "correct horse")
    browser = app.test_client()
    answer = browser.post("/api/login", data={"email": "Owner@example.org", "password": "correct horse"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["email"] == "owner@example.org"
    cookies = answer.headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    csrf = browser.get_cookie("csrftoken")
    assert csrf is not None
    assert browser.post("/api/records", json=body()).status_code == 403
    assert browser.post("/api/records", json=body(), headers={"X-CSRFToken": "other"}).status_code == 403
    assert browser.post("/api/records", json=body(), headers={"X-CSRFToken": csrf.value}).status_code == 201
    assert browser.get("/api/me").status_code == 200
    assert browser.post("/api/logout", headers={"X-CSRFToken": csrf.value}).status_code == 200
    assert browser.get("/api/me").status_code == 401


ALIEN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://repository.test"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://repository.test:81"},
    {"Origin": "https://repository.test"},
    {"Origin": "http://repository.test.evil.example"},
]
OWN = [
    {},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://repository.test"},
    {"Origin": "http://repository.test"},
    {"Origin": "HTTP://Repository.Test"},
    {"Origin": "http://localhost"},
]
"""The last four: the browser's own word, the address of the settings, twice, and that of the request."""
PASSWORD = {"email": "owner@example.org", "password": "correct horse"}


def signed_in(browser: FlaskClient, headers: dict[str, str]) -> dict[str, str]:
    """Signs in; returns the headers by which its own pages may change something."""
    assert browser.post("/api/login", json=PASSWORD, headers=headers).status_code == 200
    csrf = browser.get_cookie("csrftoken")
    assert csrf is not None
    return {**headers, "X-CSRFToken": csrf.value}


def test_a_page_of_another_site_signs_nobody_in(app: Flask, instance: Instance) -> None:
    create_account(instance, "owner@example.org", "correct horse")
    for headers in ALIEN:
        as_form = app.test_client().post("/api/login", data=PASSWORD, headers=headers)
        as_json = app.test_client().post("/api/login", json=PASSWORD, headers=headers)
        for answer in (as_form, as_json):
            assert answer.status_code == 403, headers
            assert "Set-Cookie" not in answer.headers
    assert row_count(instance.database, "sessions") == 0


def test_a_page_of_another_site_signs_nobody_out(app: Flask, instance: Instance) -> None:
    create_account(instance, "owner@example.org", "correct horse")
    browser = app.test_client()
    own = signed_in(browser, {})
    for headers in ALIEN:
        for client, more in ((browser, own), (app.test_client(), {})):
            answer = client.post("/api/logout", headers={**more, **headers})
            assert answer.status_code == 403, headers
            assert "Set-Cookie" not in answer.headers
    assert browser.get("/api/me").status_code == 200


def test_pages_of_this_site_and_programs_sign_in_and_out(app: Flask, instance: Instance) -> None:
    create_account(instance, "owner@example.org", "correct horse")
    for headers in OWN:
        browser = app.test_client()
        own = signed_in(browser, headers)
        assert browser.get("/api/me").status_code == 200
        assert browser.post("/api/logout", headers=own).status_code == 200, headers
        assert browser.get("/api/me").status_code == 401


@pytest.mark.parametrize("behind", ["http://repository.test", "https://repository.test", "http://alias.test"])
def test_a_page_that_came_by_http_is_no_page_of_a_site_that_is_reached_by_https(
    instance_template: Path, tmp_path: Path, behind: str
) -> None:
    """Whether or not a proxy says that it has ended TLS."""
    host = behind.partition("://")[2]
    with closing(
        copy_instance(instance_template, tmp_path / "https", site__url="https://repository.test", site__hosts=host)
    ) as opened:
        create_account(opened, "owner@example.org", "correct horse")
        for origin, status in ((f"http://{host}", 403), (f"https://{host}", 200)):
            browser = create_app(opened).test_client()
            answer = browser.post("/api/login", json=PASSWORD, headers={"Origin": origin}, base_url=behind)
            assert answer.status_code == status, origin


@pytest.mark.parametrize(
    "login", [{"email": "owner@example.org", "password": "wrong"}, {"email": "x@y.z", "password": "p"}]
)
def test_a_failed_sign_in_does_not_tell_what_was_wrong(app: Flask, instance: Instance, login: dict[str, str]) -> None:
    create_account(instance, "owner@example.org", "correct horse")
    answer = app.test_client().post("/api/login", json=login)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errors"] == [{"field": "email", "messages": ["Unknown e-mail address or wrong password."]}]
    assert "Set-Cookie" not in answer.headers


def test_no_cookie_is_set_on_what_everybody_reads(anyone_calls: Caller) -> None:
    for path in ("records", "vocabularies/languages?size=1", "status", "ping"):
        assert "Set-Cookie" not in anyone_calls("GET", path).headers


def test_a_repeated_request_with_its_key_gets_the_first_answer(caller: Callable[..., Caller]) -> None:
    owner, other = caller("owner"), caller("other")
    key = {"Idempotency-Key": "k1"}
    first = owner("POST", "records", json=body(), headers=key)
    again = owner("POST", "records", json=body(), headers=key)
    assert again.json == first.json
    assert again.headers["ETag"] == first.headers["ETag"]
    stranger = other("POST", "records", json=body(), headers=key)
    assert stranger.json is not None
    assert first.json is not None
    assert stranger.json["id"] != first.json["id"]
    assert owner("POST", f"records/{first.json['id']}/draft/actions/publish", headers=key).status_code == 400


def test_every_route_answers_an_unknown_id_in_the_form_of_the_api(app: Flask, caller: Callable[..., Caller]) -> None:
    admin = caller("admin", admin=True)
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/"):
            continue
        path = re.sub(r"<(?:int:)number>", "1", re.sub(r"<any\(orcid\):scheme>", "orcid", rule.rule))
        path = re.sub(r"<[^>]+>", "aaaaa-bbbbb", path)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = admin(method, path, json={} if method in ("POST", "PUT") else None)
            assert answer.status_code < 500, (method, path, answer.get_data(as_text=True))
            if answer.status_code >= 400:
                assert answer.json is not None, (method, path)
                assert answer.json["status"] == answer.status_code
