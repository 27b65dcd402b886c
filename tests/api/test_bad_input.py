"""Whatever a client sends: a clear error in the API's form, nothing half-written, never a server error."""

import json
import threading
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.api.bodies import DEEPEST
from repository.records.visibility import SYSTEM
from repository.services import withdrawal
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.conftest import row_count
from tests.instances import body

JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}
TEN_BYTES = {"CONTENT_LENGTH": "10"}


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b'{"metadata":', 400),
        (b"\xff\xfe{}", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b'{"metadata": {"title": "\\ud800"}}', 400),
        (f'{{"metadata": {nested(DEEPEST)}}}'.encode(), 400),
        (f'{{"metadata": {nested(100_000)}}}'.encode(), 400),
        (b'{"metadata": {"title": "' + b"x" * 10_000_000 + b'"}}', 413),
    ],
    ids=["cut", "not UTF-8", "null", "list", "text", "surrogate", "deep", "very deep", "large"],
)
def test_a_body_that_is_no_draft_is_refused_and_nothing_is_stored(
    owner_calls: Caller, instance: Instance, data: bytes, status: int
) -> None:
    answer = owner_calls("POST", "records", data=data, headers=JSON)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["status"] == status
    assert answer.json["message"]
    assert row_count(instance.database, "drafts") == 0


def test_a_hundred_megabytes_of_json_are_refused_unread(owner_calls: Caller) -> None:
    class Endless:
        """A body that fails the test when it is read."""

        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    length = {"CONTENT_LENGTH": str(100_000_000), "wsgi.input": Endless()}
    answer = owner_calls("POST", "records", headers=JSON, environ_overrides=length)
    assert answer.status_code == 413


def test_control_characters_are_stripped_from_text(owner_calls: Caller) -> None:
    request = body("Rain\x00fall\x07 at the harbour")
    answer = owner_calls("POST", "records", json=request)
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["metadata"]["title"] == "Rainfall at the harbour"


def test_wrong_values_are_named_and_the_rest_is_saved(owner_calls: Caller) -> None:
    request = {**body(languages=[{"id": "nosuch"}], nonsense=1), "unknown": True}
    answer = owner_calls("POST", "records", json=request)
    assert answer.status_code == 201
    assert answer.json is not None
    assert {error["field"].split(".")[1] for error in answer.json["errors"]} == {"languages", "nonsense"}
    assert answer.json["metadata"]["title"] == request["metadata"]["title"]
    assert "unknown" not in answer.json


@pytest.mark.parametrize(
    "key",
    ["", "a" * 256, "a\x00b", "a\nb", "a\\b", "/a", "../a", "a/../b", "a/./b", ".", "..", "a\u007fb"],
)
def test_a_key_that_could_harm_is_refused_by_name(owner_calls: Caller, instance: Instance, key: str) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    answer = owner_calls("POST", draft["links"]["files"], json=[{"key": "good.txt"}, {"key": key}])
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errors"][0]["field"] == "1.key"
    assert row_count(instance.database, "files") == 0


def test_a_key_that_equals_another_after_normalisation_is_refused(owner_calls: Caller) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    assert owner_calls("POST", draft["links"]["files"], json=[{"key": "re\u0301sume\u0301.txt"}]).status_code == 201
    assert owner_calls("POST", draft["links"]["files"], json=[{"key": "r\u00e9sum\u00e9.txt"}]).status_code == 400


@pytest.mark.parametrize(
    "key", ["CON", "nul.txt", "🌧 rain.txt", "a  b.txt", "a//b", "..a", "a..", "%2e%2e", "-rf", "~"]
)
def test_odd_but_harmless_keys_come_back_unchanged(owner_calls: Caller, key: str) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    files = draft["links"]["files"]
    assert owner_calls("POST", files, json=[{"key": key}]).status_code == 201
    url = f"{files}/{quote(key, safe='')}"
    assert owner_calls("PUT", f"{url}/content", data=key.encode(), headers=BYTES).status_code == 200
    done = owner_calls("POST", f"{url}/commit")
    assert done.json is not None
    assert done.json["key"] == key
    assert owner_calls("GET", done.json["links"]["content"]).data == key.encode()


@given(key=st.text(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_key_is_taken_or_refused_and_nothing_else(owner_calls: Caller, key: str) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    try:
        data = json.dumps([{"key": key}], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        data = json.dumps([{"key": key}]).encode()
    answer = owner_calls("POST", draft["links"]["files"], data=data, headers=JSON)
    assert answer.status_code in (201, 400)
    if answer.status_code == 201 and answer.json is not None:
        assert answer.json["entries"][0]["key"] == key


def test_an_upload_that_was_cut_off_is_refused_and_changes_nothing(owner_calls: Caller, instance: Instance) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    content = f"{draft['links']['files']}/a.txt/content"
    owner_calls("POST", draft["links"]["files"], json=[{"key": "a.txt"}])
    owner_calls("PUT", content, data=b"whole", headers=BYTES)
    answer = owner_calls("PUT", content, data=b"cut", headers=BYTES, environ_overrides=TEN_BYTES)
    assert answer.status_code == 400
    assert "cut off after" in answer.get_data(as_text=True)
    assert owner_calls("GET", content).data == b"whole"
    assert row_count(instance.database, "blobs") == 1
    assert list(instance.settings.home.glob("objects/incoming/*")) == []


def test_other_bytes_than_announced_are_refused_at_commit(owner_calls: Caller) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    files = draft["links"]["files"]
    announced = "md5:5d41402abc4b2a76b9719d911017c592"
    owner_calls("POST", files, json=[{"key": "a.txt", "size": 5, "checksum": announced}])
    owner_calls("PUT", f"{files}/a.txt/content", data=b"jello", headers=BYTES)
    answer = owner_calls("POST", f"{files}/a.txt/commit")
    assert answer.status_code == 400
    assert announced in answer.get_data(as_text=True)
    one = owner_calls("GET", f"{files}/a.txt").json
    assert one is not None
    assert one["status"] == "pending"


@pytest.mark.parametrize(
    "entry",
    [
        {"key": 1},
        {"size": 1},
        {"key": "a", "size": -1},
        {"key": "a", "size": 1e30},
        {"key": "a", "checksum": 1},
        "a",
        None,
        [],
    ],
)
def test_a_file_that_is_not_described_right_is_refused(owner_calls: Caller, entry: Any) -> None:
    draft = owner_calls("POST", "records", json={}).json
    assert draft is not None
    answer = owner_calls("POST", draft["links"]["files"], json=[entry])
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errors"][0]["field"].startswith("0")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["title", "creators", "resource_type", "rights", "dates", "funding", "locations", "subjects", "identifiers"]
)


@given(metadata=st.dictionaries(FIELDS, JSON_VALUES, max_size=6), other=JSON_VALUES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_draft_body_makes_a_server_error(owner_calls: Caller, metadata: Any, other: Any) -> None:
    data = json.dumps({"metadata": metadata, "access": other, "pids": other, "files": other, "custom_fields": other})
    answer = owner_calls("POST", "records", data=data, headers=JSON)
    assert answer.status_code in (201, 400)


@pytest.mark.parametrize(
    "path",
    ["records/%00", "records/a%00/draft", "vocabularies/languages?q=%00", "subjects?suggest=a%00", "names/orcid/%00"],
)
def test_a_nul_in_the_url_is_refused(owner_calls: Caller, path: str) -> None:
    answer = owner_calls("GET", path)
    assert answer.status_code == 400
    assert answer.json is not None
    assert "NUL" in answer.json["message"]


@pytest.mark.parametrize("header", ["²", "9" * 5000, "abc", '"-1"'])
def test_an_if_match_that_is_no_revision_matches_none(owner_calls: Caller, header: str) -> None:
    draft = owner_calls("POST", "records", json=body()).json
    assert draft is not None
    answer = owner_calls(
        "PUT", draft["links"]["self"], json=body(), headers={"If-Match": header.encode().decode("latin-1")}
    )
    assert answer.status_code == 412


def test_keyed_requests_at_once_make_one_draft(owner_calls: Caller, instance: Instance) -> None:
    found: list[int] = []

    def send() -> None:
        found.append(owner_calls("POST", "records", json=body(), headers={"Idempotency-Key": "one"}).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) <= {201, 409}
    assert 201 in found
    assert row_count(instance.database, "drafts") == 1


def test_another_body_under_the_same_key_is_refused(owner_calls: Caller) -> None:
    key = {"Idempotency-Key": "k"}
    assert owner_calls("POST", "records", json=body(), headers=key).status_code == 201
    assert owner_calls("POST", "records", json=body("Another"), headers=key).status_code == 400


def test_erased_content_is_in_no_repeated_answer(owner_calls: Caller, instance: Instance) -> None:
    draft = owner_calls("POST", "records", json=body("Canary")).json
    assert draft is not None
    key = {"Idempotency-Key": "p"}
    owner_calls("POST", draft["links"]["publish"], headers=key)
    withdrawal.erase(instance, SYSTEM, draft["id"])
    assert "Canary" not in owner_calls("POST", draft["links"]["publish"], headers=key).get_data(as_text=True)
