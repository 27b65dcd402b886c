"""`/api/site/builds`: admins have the site built and watch it. Every answer is held to OpenAPI."""

from collections.abc import Callable

import pytest

from repository.following import run_until_current
from repository.services.instance import Instance
from site_builder.projection import SiteProjection
from tests.api.conftest import Caller
from tests.instances import body, published

BUILDS = "/api/site/builds"


@pytest.fixture
def admin_calls(caller: Callable[..., Caller]) -> Caller:
    return caller("admin2", admin=True)


def test_build_is_asked_for_made_and_listed(admin_calls: Caller, instance: Instance) -> None:
    published(instance, admin_calls.viewer, body())
    run_until_current(instance.database, [SiteProjection(instance.settings, instance.database)])
    answer = admin_calls("POST", BUILDS, json={"kind": "full"})
    assert answer.status_code == 202, answer.text
    asked, address = answer.json, answer.headers["Location"]
    assert address == asked["links"]["self"]
    assert (asked["state"], asked["asked_by"]) == ("waiting", admin_calls.viewer.account)
    assert admin_calls("GET", address).json == asked
    assert admin_calls("POST", BUILDS, json={"kind": "full"}).json["id"] == asked["id"]
    run_until_current(instance.database, [SiteProjection(instance.settings, instance.database)])
    made = admin_calls("GET", address).json
    assert (made["state"], made["pages"]) == ("done", {"done": 1, "total": 1})
    assert made["files"] > 10
    assert made["bytes"] > 10_000
    assert made["seconds"] > 0
    assert "cancel" not in made["links"]
    assert [line["text"] for line in made["log"]][-1] == "It is done."
    page = admin_calls("GET", f"{BUILDS}?size=1").json
    assert page["hits"]["total"] == 2
    assert [one["id"] for one in page["hits"]["hits"]] == [asked["id"]]
    (first,) = admin_calls("GET", page["links"]["next"]).json["hits"]["hits"]
    assert (first["kind"], first["asked_by"]) == ("full", None)


def test_build_is_cancelled(admin_calls: Caller) -> None:
    asked = admin_calls("POST", BUILDS, json={"kind": "changed"}).json
    answer = admin_calls("POST", asked["links"]["cancel"])
    assert (answer.status_code, answer.json["state"]) == (202, "cancelled")
    again = admin_calls("POST", asked["links"]["cancel"])
    assert (again.status_code, again.json["message"]) == (409, "The build is cancelled.")
    assert admin_calls("POST", f"{BUILDS}/999/actions/cancel").status_code == 404
    assert admin_calls("GET", f"{BUILDS}/999").status_code == 404


@pytest.mark.parametrize("sent", [{}, {"kind": "rules"}, {"kind": ["full"]}])
def test_only_builds_that_there_are_can_be_asked_for(admin_calls: Caller, sent: dict[str, object]) -> None:
    answer = admin_calls("POST", BUILDS, json=sent)
    assert answer.status_code == 400
    assert answer.json["errors"] == [{"field": "kind", "messages": ["Must be one of: full, changed."]}]


def test_builds_are_for_admins(admin_calls: Caller, caller: Callable[..., Caller]) -> None:
    asked = admin_calls("POST", BUILDS, json={"kind": "full"}).json
    others = caller("someone")
    for method, address in (
        ("GET", BUILDS), ("POST", BUILDS), ("GET", asked["links"]["self"]), ("POST", asked["links"]["cancel"]),
    ):  # fmt: skip
        assert others(method, address, json={"kind": "full"} if address == BUILDS else None).status_code == 403
    assert admin_calls("GET", asked["links"]["self"]).json["state"] == "waiting"
