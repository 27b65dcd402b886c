"""The OpenAPI document: valid, and the same as the URL table; real answers are held against it by the `app` fixture."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from repository.api import contracts, openapi, urls
from repository.records.visibility import SYSTEM
from repository.services import withdrawal
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.api.document import DOCUMENT, PLACE
from tests.instances import add_files, body, published

AUTOMATIC = {"HEAD", "OPTIONS"}
BYTES = {"Content-Type": "application/octet-stream"}


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT.json).validate()


def test_every_url_of_the_api_is_in_the_document_and_no_other(app: Flask) -> None:
    served = {
        (method, PLACE.sub(r"{\1}", rule.rule.removeprefix("/api")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - AUTOMATIC
    }
    documented = {(method.upper(), path) for path, item in DOCUMENT.json["paths"].items() for method in item}
    assert sorted(served ^ documented) == []


def test_every_route_says_what_it_takes_and_answers() -> None:
    for route in urls.ROUTES:
        assert route.contract is not contracts.NONE, route.path


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for item in DOCUMENT.json["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


def test_examples_conform_to_their_schemas() -> None:
    schemas = DOCUMENT.json["components"]["schemas"]
    examples = {name: schema["example"] for name, schema in schemas.items() if "example" in schema}
    assert len(examples) > 5
    for name, example in examples.items():
        errors = DOCUMENT._validator(f"#/components/schemas/{name}").iter_errors(example)
        assert [error.message for error in errors] == [], name


def test_whoever_knows_the_api_finds_its_document(anyone_calls: Caller) -> None:
    answer = anyone_calls("GET", "/api/status")
    link = re.fullmatch(r'<([^>]+)>; rel="service-desc"; type="([^"]+)"', answer.headers["Link"])
    assert link is not None
    assert link[2] == openapi.MEDIA_TYPE
    document = anyone_calls("GET", link[1]).json
    assert document is not None
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "http://repository.test/api"}]
    for name, url in answer.get_json()["links"].items():
        assert anyone_calls("GET", url).status_code in (200, 401, 403), name


@pytest.mark.parametrize(
    ("status", "headers", "sent", "fault"),
    [
        (200, {"Content-Type": "application/json", "ETag": '"1"'}, b'{"id": 1}', "/api/records/a/draft: 200: "),
        (200, {"Content-Type": "application/json"}, b"{}", "without ETag"),
        (200, {"Content-Type": "text/html", "ETag": '"1"'}, b"", "with text/html"),
        (418, {}, b"", "418 is not documented"),
    ],
)
def test_an_answer_that_is_not_as_documented_is_found(status: int, headers: Any, sent: bytes, fault: str) -> None:
    assert fault in "\n".join(DOCUMENT.faults("GET", "/api/records/a/draft", status, headers, sent))


def test_whole_numbers_may_be_written_as_decimals(owner_calls: Caller) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    files = draft["links"]["files"]
    json_type = {"Content-Type": "application/json"}
    assert owner_calls("POST", files, data=b'[{"key": "a", "size": 3.0}]', headers=json_type).status_code == 201
    assert owner_calls("PUT", f"{files}/a/content", data=b"abc", headers=BYTES).status_code == 200
    assert owner_calls("POST", f"{files}/a/commit").status_code == 200
    assert owner_calls("POST", files, data=b'[{"key": "b", "size": 3.5}]', headers=json_type).status_code == 400
    days = b'{"secret_link_expiration": 30.0}'
    answer = owner_calls("PUT", draft["links"]["access"], data=days, headers=json_type)
    assert answer.get_json()["parent"]["access"]["settings"]["secret_link_expiration"] == 30


def test_errors_of_a_range_are_answered_in_the_form_of_the_api(owner_calls: Caller, instance: Instance) -> None:
    content = f"records/{published(instance, owner_calls.viewer, body(), {'a.csv': b'0123456789'})}/files/a.csv/content"
    beyond = owner_calls("GET", content, headers={"Range": "bytes=10-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */10")
    assert beyond.get_json()["status"] == 416
    other = owner_calls("GET", content, headers={"If-Match": '"other"'})
    assert other.status_code == 412
    assert other.get_json()["status"] == 412
    part = owner_calls("GET", content, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.data) == (206, b"234")
    same = owner_calls("GET", content, headers={"If-None-Match": part.headers["ETag"]})
    assert same.status_code == 304


def test_the_life_of_a_record_is_as_documented(caller: Callable[..., Caller], instance: Instance) -> None:
    """Walks through every state in which routes answer differently; the `app` fixture checks each answer."""
    owner, admin, anyone = caller("owner"), caller("admin", admin=True), caller()
    full = {**body("Rain"), "files": {"enabled": True}, "access": {"record": "public", "files": "public"}}
    draft = owner("POST", "records?expand=1", json=full).get_json()
    add_files(instance, owner.viewer, draft["id"], {"a.csv": b"a,b", "b/c.txt": b"c"})
    shapes = (None, "application/vnd.inveniordm.v1+json")
    for url in ("self", "files", "archive"):
        for shape in shapes:
            owner("GET", draft["links"][url], headers={"Accept": shape} if shape else {})
            anyone("GET", draft["links"][url])
    assert owner("POST", draft["links"]["publish"]).status_code == 202
    one = f"records/{draft['id']}"
    parent = owner("GET", one).get_json()["parent"]["id"]
    newer = owner("POST", f"{one}/versions").get_json()
    owner("PUT", newer["links"]["self"], json={**full, "metadata": {**full["metadata"], "title": "Rain again"}})
    owner("POST", f"{newer['links']['self']}/actions/files-import")
    assert owner("POST", newer["links"]["publish"]).status_code == 202
    reads = ["", "/files", "/files/a.csv", "/files/b%2Fc.txt/content", "/files-archive", "/versions"]
    reads += ["/versions/latest", "/revisions", "/revisions/1", "/draft"]
    for state in ("published", "withdrawn", "erased"):
        if state == "withdrawn":
            admin("DELETE", f"{one}/delete", json={"note": "Broken sensor"})
        if state == "erased":
            withdrawal.erase(instance, SYSTEM, draft["id"])
        for who in (owner, admin, anyone):
            for path in reads:
                who("GET", one + path)
                who("HEAD", one + path)
                who("GET", f"records/{parent}{path}")
            who("DELETE", one)
    for path in ("records", "user/records", "vocabularies/", "vocabularies/licenses?q=cc", "names", "status", "me"):
        for who in (owner, anyone):
            for shape in (*shapes, "text/csv"):
                who("GET", path, headers={"Accept": shape} if shape else {})
