"""What is offered while somebody types, and what is marked in hits, over REST."""

import pytest

from repository.following import run_until_current
from repository.search.engines import open_projection
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.instances import body, published

pytestmark = pytest.mark.both

UI = {"Accept": "application/vnd.inveniordm.v1+json"}
CLOSED = {"access": {"record": "restricted", "files": "restricted"}}


@pytest.fixture
def shelf(instance: Instance, owner_calls: Caller) -> dict[str, str]:
    """One record that all may read, one that only its owner may."""
    found = {
        "open": published(instance, owner_calls.viewer, body("Rain over harbours", description="<p>No rain.</p>")),
        "closed": published(instance, owner_calls.viewer, {**body("Secret rainfall of harbours"), **CLOSED}),
    }
    run_until_current(instance.database, [open_projection(instance.settings.search)])
    return found


def ids(caller: Caller, query: str) -> list[str]:
    answer = caller("GET", f"records?{query}")
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json["hits"]["hits"]]


def test_beginnings_are_completed_by_what_one_may_see(
    shelf: dict[str, str], owner_calls: Caller, anyone_calls: Caller
) -> None:
    assert ids(anyone_calls, "suggest=over harb") == [shelf["open"]]
    assert ids(anyone_calls, "suggest=Holm, A") == [shelf["open"]]
    assert ids(anyone_calls, f"suggest={shelf['closed'][:8]}") == []
    assert ids(anyone_calls, "suggest=secr") == []
    assert ids(owner_calls, "suggest=secr") == [shelf["closed"]]
    answer = anyone_calls("GET", "records?suggest=harb&size=1").json
    assert (answer["hits"]["total"], answer["aggregations"], answer["sortBy"]) == (1, {}, "bestmatch")
    assert "suggest=harb" in answer["links"]["self"]


def test_suggest_and_q_exclude_each_other(shelf: dict[str, str], anyone_calls: Caller) -> None:
    refused = anyone_calls("GET", "records?suggest=ra&q=rain")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "suggest")
    assert ids(anyone_calls, "suggest=&q=rain") == ids(anyone_calls, "suggest=rain&q=") == [shelf["open"]]
    assert anyone_calls("GET", f"records?suggest={'a' * 5000}").status_code == 400


def test_hits_are_marked_in_the_type_for_pages(
    shelf: dict[str, str], owner_calls: Caller, anyone_calls: Caller
) -> None:
    (hit,) = anyone_calls("GET", "records?q=harbour rain", headers=UI).json["hits"]["hits"]
    assert hit["ui"]["highlights"] == {
        "metadata.title": ["<em>Rain</em> over <em>harbours</em>"],
        "metadata.description": ["No <em>rain</em>."],
    }
    assert "highlights" not in anyone_calls("GET", "records?q=rain").text
    assert "Secret" not in anyone_calls("GET", "records?q=rain rainfall secret", headers=UI).text
    mine = owner_calls("GET", "records?q=secret", headers=UI).json["hits"]["hits"]
    assert [hit["ui"]["highlights"]["metadata.title"] for hit in mine] == [["<em>Secret</em> rainfall of harbours"]]
    assert [hit["ui"]["highlights"] for hit in owner_calls("GET", "records", headers=UI).json["hits"]["hits"]] == [
        {},
        {},
    ]


def test_terms_label_the_keys_of_facets(instance: Instance, owner_calls: Caller, anyone_calls: Caller) -> None:
    published(instance, owner_calls.viewer, body(languages=[{"id": "ces"}], rights=[{"id": "cc-by-4.0"}],
              subjects=[{"subject": "rain"}], funding=[{"funder": {"id": "00k4n6c32"}}]))  # fmt: skip
    run_until_current(instance.database, [open_projection(instance.settings.search)])
    found = anyone_calls("GET", "records?language=ces&ln=cs").json["aggregations"]
    shown = {name: [(bucket["key"], bucket["label"]) for bucket in facet["buckets"]] for name, facet in found.items()}
    assert shown["language"] == [("ces", "Čeština")]
    assert shown["license"][0][0] == "cc-by-4.0"
    assert shown["license"][0][1].startswith("Creative Commons")
    assert shown["funder"][0][1] != "00k4n6c32"
    assert (shown["subject"], shown["publisher"]) == ([("rain", "rain")], [("Harbour Institute", "Harbour Institute")])
    assert found["language"]["buckets"][0]["is_selected"] is True
