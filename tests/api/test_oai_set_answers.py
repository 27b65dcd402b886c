"""`/api/oaipmh`: sets that admins define over REST, and what harvesters then get. Every answer is held to OpenAPI."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import text

from repository.following import run_until_current
from repository.oai.projection import OaiProjection
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.instances import body, published

SETS = "/api/oaipmh/sets"
DATA = {"spec": "data", "name": "Data", "search_pattern": "type:dataset"}
OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture
def admin_calls(caller: Callable[..., Caller]) -> Caller:
    return caller("admin2", admin=True)


def defined(calls: Caller, **fields: Any) -> dict[str, Any]:
    answer = calls("POST", SETS, json=DATA | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def messages(calls: Caller, **fields: Any) -> dict[str, str]:
    """What is said of each field when such a set is to be defined."""
    answer = calls("POST", SETS, json=DATA | fields)
    assert answer.status_code == 400
    assert answer.json["message"] == "A validation error occurred."
    return {error["field"]: " ".join(error["messages"]) for error in answer.json["errors"]}


def test_set_is_defined_read_changed_and_deleted(admin_calls: Caller) -> None:
    made = defined(admin_calls, description="All data")
    url = made["links"]["self"]
    assert made | {"created": "", "updated": "", "links": {}} == {
        **DATA, "id": made["id"], "description": "All data", "system_created": False, "created": "", "updated": "",
        "revision_id": 1, "links": {},
    }  # fmt: skip
    answer = admin_calls("GET", url)
    assert (answer.json, answer.headers["ETag"]) == (made, '"1"')
    changed = admin_calls("PUT", url, json={**made, "name": "Datasets", "search_pattern": "type:dataset OR type:image"})
    assert changed.status_code == 200, changed.text
    assert changed.json["name"] == "Datasets"
    assert changed.json["revision_id"] == 2
    assert changed.json["created"] == made["created"] < changed.json["updated"]
    assert admin_calls("GET", url).json == changed.json
    assert admin_calls("DELETE", url).status_code == 204
    for method in ("GET", "PUT", "DELETE"):
        assert admin_calls(method, url, json=DATA if method == "PUT" else None).status_code == 404
    assert defined(admin_calls)["id"] > made["id"], "an address is never given to another set"


def test_links_of_a_set_lead_to_its_lists(admin_calls: Caller, instance: Instance) -> None:
    record_id = published(instance, admin_calls.viewer, body())
    links = defined(admin_calls)["links"]
    (outcome,) = run_until_current(instance.database, [OaiProjection(instance.database, instance.settings.site)])
    assert outcome.error == ""
    with instance.database.write() as connection:  # a list ends a second before its moment
        connection.execute(text("UPDATE oai_clock SET stamp = stamp + 5"))
    for name in ("oai-listrecords", "oai-listidentifiers"):
        root = etree.fromstring(admin_calls("GET", links[name]).data)
        (header,) = root.iter(f"{OAI}header")
        assert header.findtext(f"{OAI}identifier", "").endswith(record_id)
        assert "data" in [element.text for element in header.iter(f"{OAI}setSpec")]


def test_list_of_sets_is_sorted_and_cut_in_pages(admin_calls: Caller) -> None:
    for spec, name in (("c", "Alpha"), ("a", "Gamma"), ("b", "Beta")):
        defined(admin_calls, spec=spec, name=name)

    def specs(**query: Any) -> list[str]:
        answer = admin_calls("GET", SETS, query_string=query)
        assert answer.status_code == 200, answer.text
        assert answer.json["hits"]["total"] == 3
        return [hit["spec"] for hit in answer.json["hits"]["hits"]]

    assert specs() == ["c", "b", "a"]
    assert specs(sort="spec") == ["a", "b", "c"]
    assert specs(sort="spec", sort_direction="desc") == ["c", "b", "a"]
    assert specs(sort="created") == ["c", "a", "b"]
    assert specs(sort="updated", sort_direction="desc", size=2) == ["b", "a"]
    page = admin_calls("GET", SETS, query_string={"sort": "spec", "size": 2}).json
    assert set(page["links"]) == {"self", "next"}
    following = admin_calls("GET", page["links"]["next"]).json
    assert [hit["spec"] for hit in following["hits"]["hits"]] == ["c"]
    assert (following["page"], following["sortBy"]) == (2, "spec")
    for wrong in ({"sort": "id"}, {"sort_direction": "down"}, {"size": 0}, {"page": "x"}):
        assert admin_calls("GET", SETS, query_string=wrong).status_code == 400


@pytest.mark.parametrize(
    ("query", "named"),
    [("title:rain", "`title`"), ("rain", "`rain`"), ("type:dataset AND", "well-formed"), ("", "empty"),
     ("id:1", "`id`"), ("type:dataset AND nosuch:1", "`nosuch`"), ("x" * 5000, "4096"), (7, "string"),
     (None, "required"), ("year:soon", "soon"), ('subject:"a b"~2', "a b")],
)  # fmt: skip
def test_query_outside_the_subset_is_refused_with_its_field(admin_calls: Caller, query: Any, named: str) -> None:
    (message,) = messages(admin_calls, search_pattern=query).values()
    assert named in message
    assert admin_calls("GET", SETS).json["hits"]["total"] == 0


def test_refusal_says_what_is_allowed(admin_calls: Caller) -> None:
    allowed = "type, community, subject, year, licence, access, publisher, language"
    assert messages(admin_calls, search_pattern="title:rain") == {
        "search_pattern": f"The field `title` can't be used here. Fields: {allowed}."
    }


@pytest.mark.parametrize(
    "spec", ["type", "openaire_data", "community", "type:dataset", "a:b", "a b", "", "ž", "a" * 101]
)
def test_spec_of_a_family_or_of_wrong_form_is_refused(admin_calls: Caller, spec: str) -> None:
    assert set(messages(admin_calls, spec=spec)) == {"spec"}


def test_spec_is_unique_and_never_changes(admin_calls: Caller) -> None:
    made = defined(admin_calls)
    assert set(messages(admin_calls, name="Another")) == {"spec"}
    assert defined(admin_calls, spec="Data")["spec"] == "Data", "case counts"
    answer = admin_calls("PUT", made["links"]["self"], json={**DATA, "spec": "other"})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "spec"
    assert admin_calls("PUT", made["links"]["self"], json={"name": "N", "search_pattern": "*"}).status_code == 200


def test_everything_that_is_wrong_is_named_at_once(admin_calls: Caller) -> None:
    assert set(messages(admin_calls, spec=None, name=[], search_pattern="x", description=1)) == {
        "spec", "name", "search_pattern", "description",
    }  # fmt: skip


def test_text_is_cleaned_of_what_xml_forbids(admin_calls: Caller) -> None:
    made = defined(admin_calls, name="Da\x00ta\ufffe <&>", description="One\nline\x0b")
    assert (made["name"], made["description"]) == ("Data <&>", "One line")
    etree.fromstring(admin_calls("GET", "/oai?verb=ListSets").data)


def test_lost_update_is_refused(admin_calls: Caller) -> None:
    url = defined(admin_calls)["links"]["self"]
    changed = {**DATA, "name": "Changed"}
    assert admin_calls("PUT", url, json=changed, headers={"If-Match": '"1"'}).status_code == 200
    for method in ("PUT", "DELETE"):
        assert admin_calls(method, url, json=changed, headers={"If-Match": '"1"'}).status_code == 412
    assert admin_calls("DELETE", url, headers={"If-Match": "2"}).status_code == 204


def test_formats_are_listed(admin_calls: Caller) -> None:
    found = admin_calls("GET", "/api/oaipmh/formats").json
    offered = etree.fromstring(admin_calls("GET", "/oai?verb=ListMetadataFormats").data)
    assert {hit["id"] for hit in found["hits"]["hits"]} == {
        element.text for element in offered.iter(f"{OAI}metadataPrefix")
    }


def test_only_admins_see_and_define_sets(
    owner_calls: Caller, anyone_calls: Caller, admin_calls: Caller, app: Flask
) -> None:
    url = defined(admin_calls)["links"]["self"]
    routes = [
        ("GET", SETS),
        ("POST", SETS),
        ("GET", url),
        ("PUT", url),
        ("DELETE", url),
        ("GET", "/api/oaipmh/formats"),
    ]
    for calls in (owner_calls, anyone_calls):
        for method, path in routes:
            answer = calls(method, path, json=DATA if method in ("POST", "PUT") else None)
            assert answer.status_code == 403, (method, path)
            unknown = calls("GET", f"{SETS}/999999")
            assert unknown.json == answer.json, "whether there is a set is not told"
    assert admin_calls("GET", SETS).json["hits"]["total"] == 1


@pytest.mark.parametrize("set_id", ["0", "999", "9" * 30, "x"])
def test_unknown_set_is_not_found(admin_calls: Caller, set_id: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = admin_calls(method, f"{SETS}/{set_id}", json=DATA if method == "PUT" else None)
        assert answer.status_code == 404
