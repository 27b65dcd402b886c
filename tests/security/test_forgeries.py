"""Nothing is changed by a page of another site, and nobody is led to one."""

import hashlib
import sqlite3
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url

from repository.services import drafts
from repository.services.instance import Instance
from tests.instances import add_files, body, person, published
from tests.security.addresses import PLACES, SAFE, addresses, signed_in

NOBODYS = {("POST", "/oai"), ("POST", "/oai2d"), ("POST", "/sparql")}
"""Never look at who asks, and change nothing."""
UNMATCHED = {("POST", "/api/nosuch")}
OTHER_SITE = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"})


def contents(instance: Instance) -> str:
    """Digest of the whole database, but for the moment that harvesters were last told."""
    path = make_url(instance.settings.database).database or ""
    with sqlite3.connect(path) as connection:
        lines = [line for line in connection.iterdump() if "oai_clock" not in line]
    connection.close()
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.fixture
def browser(app: Flask, instance: Instance) -> FlaskClient:
    """Of an admin, to whom everything is allowed."""
    person(instance, "owner", admin=True)
    return signed_in(app)[0]


def places_of(instance: Instance, browser: FlaskClient) -> list[dict[str, str]]:
    """The open places of URLs filled for a record and for a draft that are there."""
    owner = person(instance, "depositor")
    record_id = published(instance, owner, body(), {"a.txt": b"a"})
    draft = drafts.create(instance, owner, {**body(), "files": {"enabled": True}})
    add_files(instance, owner, draft.id, {"a.txt": b"a"})
    return [{**PLACES, "record_id": record_id}, {**PLACES, "record_id": draft.id}]


def test_no_address_lets_a_session_change_anything_without_its_token(
    app: Flask, instance: Instance, browser: FlaskClient
) -> None:
    all_places = places_of(instance, browser)
    before = contents(instance)
    token = browser.get_cookie("csrftoken")
    assert token is not None
    unsafe = {
        pair for places in all_places for pair in addresses(app, places) if pair[0] not in SAFE
    } - NOBODYS - UNMATCHED  # fmt: skip
    assert len(unsafe) > 50
    for method, path in sorted(unsafe):
        for given in (
            {"json": {}},
            {"json": {}, "headers": {"X-CSRFToken": ""}},
            {"json": {}, "headers": {"X-CSRFToken": f"{token.value}x"}},
            {"json": {"csrf_token": token.value}},
            {"data": {"csrf_token": "guessed"}},
            {"data": "{}", "content_type": "text/plain"},
        ):
            answer = browser.open(path, method=method, **given)
            assert answer.status_code == 403, (method, path, given)
            assert "Set-Cookie" not in answer.headers or path in ("/login", "/logout")
    assert contents(instance) == before


def test_no_cookie_is_its_own_token(app: Flask, instance: Instance, browser: FlaskClient) -> None:
    browser.delete_cookie("csrftoken")
    for headers in ({}, {"X-CSRFToken": ""}):
        assert browser.post("/api/records", json=body(), headers=headers).status_code == 403


def test_nothing_that_is_only_read_changes_anything(app: Flask, instance: Instance, browser: FlaskClient) -> None:
    all_places = places_of(instance, browser)
    before = contents(instance)
    for places in all_places:
        for method, path in addresses(app, places):
            if method in SAFE and path != "/api/logout":
                browser.open(path, method=method, buffered=True)
    assert contents(instance) == before


@pytest.mark.parametrize("headers", OTHER_SITE)
def test_another_site_signs_nobody_in_or_out(
    app: Flask, instance: Instance, browser: FlaskClient, headers: dict[str, str]
) -> None:
    before = contents(instance)
    fresh = app.test_client()
    for method, path in (("POST", "/api/login"), ("POST", "/login"), ("GET", "/api/logout"), ("POST", "/api/logout")):
        form = {"email": "owner@example.org", "password": "correct horse"}
        answer = fresh.open(path, method=method, data=form if method == "POST" else None, headers=headers)
        assert answer.status_code == 403, path
        assert "session=" not in "".join(answer.headers.getlist("Set-Cookie"))
    assert browser.get("/api/logout", headers=headers).status_code == 403
    assert contents(instance) == before


TARGETS = (
    "//evil.example", "///evil.example", "////evil.example", "https://evil.example", "http:evil.example", "https:/evil",
    "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example", "\t//evil.example",
    "%2f%2fevil.example", "/%2f/evil.example", "/%2fevil.example", "/%5cevil.example",
    "/%09/evil.example", "/.//evil.example", "/..//evil.example", "/@evil.example", "@evil.example", "/;//evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "/\u2028/evil.example", "\u2028//evil.example",
    "/\uff0fevil.example", "\uff0f\uff0fevil.example", "/\u00a0/evil.example", "/%0d%0aSet-Cookie:x=1",
    "/\r\nSet-Cookie:x=1", "/\x00", "/ /evil.example", "", " ", "evil.example", "?//evil.example",
    "/?next=//evil.example",
)  # fmt: skip


def as_browsers_read(location: str) -> str:
    """The host that a browser goes to. Specified by: URL Standard, 4.4."""
    for mark in "\t\r\n":
        location = location.replace(mark, "")
    return urlsplit(urljoin("http://repository.test/login", location.strip().replace("\\", "/"))).netloc


@pytest.mark.parametrize("target", TARGETS)
def test_signing_in_leads_to_this_site_only(app: Flask, instance: Instance, target: str) -> None:
    person(instance, "owner")
    client = app.test_client()
    form = client.get(f"/login?next={quote(target)}")
    token = client.get_cookie("csrftoken")
    assert token is not None
    assert 'name="next" value="/' in form.text
    filled = {"email": "owner@example.org", "password": "correct horse", "csrf_token": token.value, "next": target}
    answer = client.post("/login", data=filled)
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith("/")
    assert "x" not in [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]
    for read in (location, unquote(location)[:1] + location[1:]):
        assert as_browsers_read(read) == "repository.test"


@pytest.mark.parametrize("target", [target for target in TARGETS if target])
def test_no_address_leads_away(app: Flask, instance: Instance, target: str) -> None:
    """Whatever stands in the open places of its URL."""
    record_id = published(instance, person(instance, "owner"), body())
    for path in (
        f"/uploads/{quote(target, safe='')}", f"/doi/{quote(target)}", f"/oai/{quote(target)}",
        f"/records/{quote(target, safe='')}/latest", f"/records/{record_id}/latest?next={quote(target)}",
        f"/{quote(target)}", f"/api/records/{quote(target, safe='')}",
    ):  # fmt: skip
        answer = app.test_client().get(f"http://repository.test{path}")
        assert answer.status_code < 500, path
        assert "x=1" not in answer.headers.get("Set-Cookie", "")
        if "Location" in answer.headers:
            assert as_browsers_read(answer.headers["Location"]) == "repository.test", path
