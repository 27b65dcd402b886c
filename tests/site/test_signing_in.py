"""Signing in and out by plain forms."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.cli.serve import build_app
from repository.records.visibility import Viewer
from repository.services.instance import Instance
from tests.instances import body, published
from tests.site.site_output import assets_of, parsed

CLOSED = {"record": "restricted", "files": "restricted"}


@pytest.fixture
def client(instance: Instance) -> FlaskClient:
    return build_app(instance).test_client()


def token_of(client: FlaskClient, path: str = "/login") -> str:
    (field,) = parsed(client.get(path).data).xpath("//input[@name='csrf_token']/@value")
    return str(field)


def sign_in(client: FlaskClient, password: str = "correct horse", **more: str) -> TestResponse:
    form = {"email": "owner@example.org", "password": password, "csrf_token": token_of(client), **more}
    return client.post("/login", data=form)


def test_signing_in_leads_back_to_the_page(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, {**body("Kept secret"), "access": CLOSED})
    path = f"/records/{record_id}"
    (link,) = parsed(client.get(path).data).xpath("//main//a[starts-with(@href, '/login')]/@href")
    form = client.get(link)
    assert form.headers["Cache-Control"] == "private, no-store"
    assert parsed(form.data).xpath("//input[@name='next']/@value") == [path]
    answer = sign_in(client, next=path)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert answer.headers["Cache-Control"] == "private, no-store"
    session = next(cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    seen = client.get(path)
    assert "Kept secret" in seen.text
    assert "Sign out" in seen.text
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in seen.headers


def test_everything_is_personal_where_a_session_was_read(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    record_id = published(instance, owner, body())
    sign_in(client)
    for path in (
        "/",
        "/browse/",
        f"/records/{record_id}",
        f"/records/{record_id}/record.ttl",
        "/nothing",
        "/robots.txt",
    ):
        assert client.get(path).headers["Cache-Control"] == "private, no-store", path


def test_assets_are_the_same_for_everybody(owner: Viewer, client: FlaskClient) -> None:
    sign_in(client)
    for asset in assets_of(client.application):
        answer = client.get(asset.path)
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Vary" not in answer.headers


def test_wrong_words_are_refused_alike(owner: Viewer, client: FlaskClient) -> None:
    wrong = sign_in(client, "wrong horse")
    unknown = sign_in(client, email="nobody@example.org")
    for answer in (wrong, unknown):
        assert answer.status_code == 400
        assert "Unknown e-mail address or wrong password." in answer.text
        assert not any(cookie.startswith("session=") for cookie in answer.headers.getlist("Set-Cookie"))
    assert 'value="owner@example.org"' in wrong.text
    assert sign_in(client, "").status_code == 400


def test_a_form_of_another_site_is_refused(owner: Viewer, client: FlaskClient) -> None:
    form = {"email": "owner@example.org", "password": "correct horse"}
    token_of(client)
    for data in (form, {**form, "csrf_token": "guessed"}, {**form, "csrf_token": ""}):
        answer = client.post("/login", data=data)
        assert answer.status_code == 403
        assert "Allow cookies" in answer.text
        assert "session=" not in "".join(answer.headers.getlist("Set-Cookie"))


def test_signing_out_needs_the_form_too(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, {**body(), "access": CLOSED})
    sign_in(client)
    assert client.post("/logout").status_code == 403
    assert client.get("/logout").status_code == 200
    assert client.get(f"/records/{record_id}").status_code == 200
    answer = client.post("/logout", data={"csrf_token": token_of(client, "/logout")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get(f"/records/{record_id}").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil",
        "/\t/evil.example", "/\n/evil.example", "///evil.example", "http:evil", "", " //evil.example", "/\x00",
    ],
)  # fmt: skip
def test_no_form_leads_to_another_site(owner: Viewer, client: FlaskClient, target: str) -> None:
    assert sign_in(client, next=target).headers["Location"] == "/"
    (field,) = parsed(client.get(f"/login?next={quote(target)}").data).xpath("//input[@name='next']/@value")
    assert field == "/"


def test_a_path_with_a_query_is_kept(owner: Viewer, client: FlaskClient) -> None:
    assert sign_in(client, next="/search/results?q=a&page=2").headers["Location"] == "/search/results?q=a&page=2"


def test_a_wrong_access_token_is_told(client: FlaskClient) -> None:
    answer = client.get("/about/?access_token=wrong")
    assert answer.status_code == 401
    assert "The access token is unknown or has expired." in answer.text
