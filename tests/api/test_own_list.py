"""Own drafts and records in one list: queries, facets and pages, from the database."""

from collections.abc import Callable

import pytest

from repository.services import drafts, editions
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.instances import body, published

CLOSED = {"access": {"record": "restricted", "files": "restricted"}}


@pytest.fixture
def shelf(instance: Instance, owner_calls: Caller) -> dict[str, str]:
    """No reader of the log has run: nothing of this is in any index."""
    mine = owner_calls.viewer
    found = {
        "draft": drafts.create(instance, mine, body("Řeky of rain")).id,
        "empty": drafts.create(instance, mine, {}).id,
        "article": published(instance, mine, body("Rivers", resource_type={"id": "publication-article"})),
        "closed": published(instance, mine, {**body("Closed rain"), **CLOSED}),
        "edited": published(instance, mine, body("Fog")),
        "file": published(instance, mine, body("With a file"), {"a.csv": b"1"}),
    }
    editions.edit(instance, mine, found["edited"])
    found["version"] = editions.new_version(instance, mine, found["article"]).id
    return found


def names(shelf: dict[str, str], caller: Caller, query: str) -> set[str]:
    answer = caller("GET", f"user/records?{query}")
    assert answer.status_code == 200, answer.text
    ids = [hit["id"] for hit in answer.json["hits"]["hits"]]
    assert answer.json["hits"]["total"] == len(ids)
    return {next(name for name, record_id in shelf.items() if record_id == found) for found in ids}


ALL = {"draft", "empty", "article", "closed", "edited", "file", "version"}
QUERIES = (
    ("", ALL), ("*", ALL), ("rain", {"draft", "closed"}), ("RAIN AND řeka", {"draft"}), ("reky", {"draft"}),
    ("river", {"article", "version"}), ("title:rivers", {"article", "version"}), ("title:river", set()),
    ("nosuch", set()),
    ('"closed rain"', {"closed"}), ('metadata.title:"Closed rain" AND is_published:true', {"closed"}),
    ("status:draft", {"draft", "empty"}), ("status:new_version_draft", {"version"}),
    ("is_draft:true rain", ALL - {"article", "file"}),
    ("is_published:false", {"draft", "empty", "version"}), ("status:published AND is_draft:true", {"edited"}),
    ("type:publication", {"article", "version"}), ("type:dataset AND NOT rain", {"edited", "file"}),
    ("_exists_:title", ALL - {"empty"}), ("created:[2000-01-01 TO *]", ALL), ("updated:<2000", set()),
    ("fo?", {"edited"}),
    ("(rain AND", {"draft", "closed"}), ("holm", set()),
)  # fmt: skip


@pytest.mark.both
def test_words_and_fields_are_found_in_drafts_and_records(shelf: dict[str, str], owner_calls: Caller) -> None:
    for text, want in QUERIES:
        answer = owner_calls("GET", "user/records", query_string={"q": text})
        assert answer.status_code == 200, answer.text
        ids = {hit["id"] for hit in answer.json["hits"]["hits"]}
        assert {name for name, record_id in shelf.items() if record_id in ids} == want, text
    assert names(shelf, owner_calls, f"q=id:{shelf['closed']}") == names(shelf, owner_calls, f"q={shelf['closed']}")
    assert names(shelf, owner_calls, f"q=id:{shelf['closed']}") == {"closed"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("author:holm", "author"), ("metadata.description:x", "metadata.description"),
        ("nosuch.field:x", "nosuch.field"),
        ("rain OR doi:10.1234", "doi"), ("_exists_:metadata.subjects", "metadata.subjects"), ("/rain.*/", "Regular"),
        ("created:soon", "soon"), ("*a", "wildcard"), ("a" * 100_000, "100000"), ('"rain fog"~2', "~"),
    ],
)  # fmt: skip
def test_what_can_not_be_asked_is_named(shelf: dict[str, str], owner_calls: Caller, text: str, said: str) -> None:
    refused = owner_calls("GET", "user/records", query_string={"q": text})
    assert refused.status_code == 400
    assert said in refused.json["message"]


@pytest.mark.both
def test_facets_count_without_their_own_selection(shelf: dict[str, str], owner_calls: Caller) -> None:
    def counted(query: str) -> dict[str, dict[str, int]]:
        found = owner_calls("GET", f"user/records?{query}").json["aggregations"]
        return {name: {b["key"]: b["doc_count"] for b in facet["buckets"]} for name, facet in found.items()}

    assert counted("") == {
        "access_status": {"metadata-only": 5, "open": 1, "restricted": 1},
        "resource_type": {"dataset": 4, "publication": 2},
        "status": {"published": 4, "draft": 2, "new_version_draft": 1},
    }
    chosen = counted("status=draft&resource_type=dataset")
    assert chosen["status"] == {"published": 3, "draft": 1}
    assert chosen["resource_type"] == {"dataset": 1}
    assert names(shelf, owner_calls, "status=draft&status=new_version_draft") == {"draft", "empty", "version"}
    assert names(shelf, owner_calls, "resource_type=publication::publication-article") == {"article", "version"}
    assert names(shelf, owner_calls, "access_status=open&access_status=restricted") == {"file", "closed"}
    assert names(shelf, owner_calls, "resource_type=publication&q=rivers&status=published") == {"article"}
    labels = owner_calls("GET", "user/records").json["aggregations"]
    assert labels["status"]["buckets"][2]["label"] == "New version draft"
    assert labels["resource_type"]["buckets"][1]["inner"]["buckets"][0]["label"] == "Journal article"


@pytest.mark.both
def test_pages_keep_what_was_asked(shelf: dict[str, str], owner_calls: Caller) -> None:
    url, seen = "user/records?q=rain OR fog OR rivers&status=published&sort=oldest&size=1", []
    while url:
        answer = owner_calls("GET", url).json
        seen += [hit["id"] for hit in answer["hits"]["hits"]]
        url = answer["links"].get("next", "")
    assert seen == [shelf["article"], shelf["closed"], shelf["edited"]]
    for sort, first in (("newest", "version"), ("oldest", "draft"), ("version", "version"), ("updated-asc", "draft")):
        hits = owner_calls("GET", f"user/records?sort={sort}&size=1").json["hits"]["hits"]
        assert hits[0]["id"] == shelf[first], sort


@pytest.mark.both
def test_others_find_nothing_of_it(
    shelf: dict[str, str], owner_calls: Caller, caller: Callable[..., Caller], anyone_calls: Caller
) -> None:
    other = caller("other")
    answer = other("GET", "user/records?q=rain").json
    assert (answer["hits"]["total"], [facet["buckets"] for facet in answer["aggregations"].values()]) == (0, [[]] * 3)
    assert anyone_calls("GET", "user/records?q=rain").status_code == 403
    assert owner_calls("GET", "user/records?shared_with_me=true").json["hits"]["total"] == 0
