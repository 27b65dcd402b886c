"""Who has a document already is told that it is still the same, and is sent no bytes. RFC 9110, 13.1.2 and 15.4.5."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.following import run_until_current
from repository.formats import suitable
from repository.records.visibility import SYSTEM, Viewer
from repository.services import drafts, editions, publishing, reading
from repository.services.accounts import create_token
from repository.services.instance import Instance
from site_builder.projection import open_projection
from tests.instances import METADATA, UNLIMITED, body, copy_instance, person, published
from tests.security.addresses import signed_in

LISTS = (
    "/feed.xml", "/ldes", "/sitemap.xml", "/opensearch.xml", "/resourcesync/recent.xml",
    "/resourcesync/resourcelist.xml", "/catalog.ttl", "/catalog.nt", "/catalog.rdf", "/catalog.jsonld",
    "/.well-known/void", "/.well-known/api-catalog", "/.well-known/resourcesync", "/vocabularies/languages/eng.ttl",
    "/vocabularies/languages/eng.jsonld", "/schemas/dcat-ap-v1.jsonld",
)  # fmt: skip
TITLE = "Another title"


@pytest.fixture
def instance(instance_template: Path, tmp_path: Path) -> Any:
    opened = copy_instance(instance_template, tmp_path / "instance", **UNLIMITED)
    yield opened
    opened.close()


@pytest.fixture
def owner(instance: Instance) -> Viewer:
    return person(instance, "owner")


@pytest.fixture
def record_id(instance: Instance, owner: Viewer) -> str:
    found = published(instance, owner, body(), {"a.csv": b"a"})
    build_site(instance)
    return found


def build_site(instance: Instance) -> None:
    (outcome,) = run_until_current(instance.database, [open_projection(instance)])
    assert outcome.error == ""


def documents(instance: Instance, record_id: str) -> list[str]:
    snapshot = reading.read(instance, SYSTEM, record_id).snapshot
    formats = [f"/records/{record_id}/{form.file_name}" for form in suitable(snapshot)]
    return [*LISTS, *formats, f"/records/{record_id}/timemap"]


def test_what_is_the_same_is_not_sent_again(instance: Instance, record_id: str, client: FlaskClient) -> None:
    for path in documents(instance, record_id):
        first = client.get(path)
        assert first.status_code == 200, path
        etag = first.headers.get("ETag", "")
        assert etag.startswith('"'), (path, "a strong one")
        assert client.head(path).headers["ETag"] == etag
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.data) == (304, b""), (path, known)
            for name in ("ETag", "Vary", "Cache-Control", "Content-Location", "Access-Control-Allow-Origin"):
                assert again.headers.get(name) == first.headers.get(name), (path, name)
        assert client.get(path, headers={"If-None-Match": '"other"'}).data == first.data
        assert client.get(path, headers={"If-Match": etag}).data == first.data
        assert client.get(path, headers={"If-Match": '"other"'}).status_code == 412


def test_pages_and_answers_of_the_api_that_are_the_same_are_not_sent_again(
    instance: Instance, record_id: str, app: Flask, client: FlaskClient
) -> None:
    record, turtle = f"/api/records/{record_id}", {"Accept": "text/turtle"}
    asked = [("/", {}), ("/browse/", {}), ("/about/", {}), (f"/records/{record_id}", {})]
    asked += [(record, turtle), ("/api/records", {}), ("/api/vocabularies/languages", {}), (f"{record}/files", {})]
    token = create_token(instance, "owner@example.org")
    for path, wish in asked:
        first = client.get(path, headers=wish)
        etag = first.headers.get("ETag", "")
        assert etag.startswith('"'), path
        again = client.get(path, headers={**wish, "If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b""), path
        for name in ("ETag", "Vary", "Cache-Control"):
            assert again.headers.get(name) == first.headers.get(name), (path, name)
        assert client.get(path, headers={**wish, "If-None-Match": '"other"'}).data == first.data
        known = {**wish, "If-None-Match": etag, "Authorization": f"Bearer {token}"}
        assert client.get(path, headers=known).status_code == 200
    revision = client.get(record).headers["ETag"]
    assert client.get(record, headers={"If-None-Match": revision}).status_code == 200, "serves If-Match only"
    assert "ETag" not in client.get("/oai?verb=Identify").headers
    assert "ETag" not in client.get("/nowhere").headers


def test_what_has_changed_is_sent(instance: Instance, owner: Viewer, record_id: str, client: FlaskClient) -> None:
    paths = ("/feed.xml", f"/records/{record_id}/record.ttl", f"/records/{record_id}/datacite.json")
    known = {path: client.get(path).headers["ETag"] for path in paths}
    draft = editions.edit(instance, owner, record_id)
    drafts.save(instance, owner, draft.id, {**draft.body, "metadata": {**METADATA, "title": TITLE}})
    publishing.publish(instance, owner, draft.id)
    build_site(instance)
    for path in paths:
        answer = client.get(path, headers={"If-None-Match": known[path]})
        assert answer.status_code == 200, path
        assert answer.headers["ETag"] != known[path]
        assert TITLE in answer.text


def test_the_same_bytes_as_another_type_are_another_document(record_id: str, client: FlaskClient) -> None:
    names = ("text/csv", "application/vnd.inveniordm.v1.simple+csv")
    first, second = (client.get(f"/records/{record_id}", headers={"Accept": name}) for name in names)
    assert first.data == second.data
    assert first.headers["ETag"] != second.headers["ETag"]


def test_what_is_made_for_somebody_is_never_the_same(
    instance: Instance, record_id: str, app: Flask, client: FlaskClient
) -> None:
    token = create_token(instance, "owner@example.org")
    browser, _csrf = signed_in(app)
    for path in (f"/records/{record_id}/record.ttl", f"/records/{record_id}/timemap", "/feed.xml"):
        known = {"If-None-Match": client.get(path).headers["ETag"]}
        for answer in (
            browser.get(path, headers=known),
            client.get(path, headers={**known, "Authorization": f"Bearer {token}"}),
            client.get(f"{path}?access_token={token}", headers=known),
        ):
            assert answer.status_code == 200
            assert "ETag" not in answer.headers
            assert answer.headers["Cache-Control"] == "private, no-store"
