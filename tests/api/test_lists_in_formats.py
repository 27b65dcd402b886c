"""Pages of hits in the formats that lists can be had in."""

import csv
import io

import bibtexparser
import orjson
import pytest
import rispy
from flask import Flask

from repository.following import run_until_current
from repository.formats import FORMATS, Format
from repository.records.visibility import Viewer
from repository.search.engines import open_projection
from repository.services import editions
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.instances import body, published

LISTED = [form for form in FORMATS if form.write_list]


def ids_of(form: Format, text: str) -> list[str]:
    if form.name == "csl":
        return [entry["id"] for entry in orjson.loads(text)]
    if form.name == "bibtex":
        return [entry.key.rpartition("_")[2] for entry in bibtexparser.parse_string(text).entries]
    if form.name == "ris":
        return [entry["id"] for entry in rispy.loads(text)]
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return [row[header.index("id")] for row in rows]


@pytest.fixture
def found(instance: Instance, owner: Viewer) -> list[str]:
    """Three records that search finds, the oldest first."""
    ids = [published(instance, owner, body(f"Rain {number}")) for number in range(3)]
    run_until_current(instance.database, [open_projection(instance.settings.search)])
    return ids


@pytest.mark.parametrize("form", LISTED, ids=lambda form: form.name)
def test_a_page_of_hits_in_every_format_of_lists(found: list[str], app: Flask, form: Format) -> None:
    for accept in (form.media_type, *form.accept):
        answer = app.test_client().get("/api/records?sort=oldest", headers={"Accept": accept})
        declared = accept if accept in form.echoed else form.media_type
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, declared)
        assert ids_of(form, answer.text) == found
        assert "Accept" in answer.headers["Vary"].split(", ")


@pytest.mark.both
def test_the_pages_beside_a_page_stand_in_its_links(found: list[str], app: Flask) -> None:
    headers, ids = {"Accept": "text/csv"}, []
    url = "/api/records?sort=oldest&size=1"
    while url:
        answer = app.test_client().get(url, headers=headers)
        ids += ids_of(LISTED[-1], answer.text)
        links = dict(reversed(link.split("; rel=")) for link in answer.headers.get("Link", "").split(", ") if link)
        url = links.get('"next"', "").strip("<>").removeprefix("http://repository.test")
    assert ids == found
    assert "sort=oldest" in links['"prev"']


@pytest.mark.both
def test_versions_are_listed_in_them_too(instance: Instance, owner: Viewer, app: Flask) -> None:
    record_id = published(instance, owner, body())
    answer = app.test_client().get(f"/api/records/{record_id}/versions", headers={"Accept": "application/x-bibtex"})
    assert answer.text.startswith("@dataset{holm_2024_")


@pytest.mark.both
def test_a_list_without_hits_is_an_empty_document(app: Flask, instance: Instance) -> None:
    run_until_current(instance.database, [open_projection(instance.settings.search)])
    for form in LISTED:
        answer = app.test_client().get("/api/records", headers={"Accept": form.media_type})
        assert (answer.status_code, ids_of(form, answer.text)) == (200, [])


@pytest.mark.parametrize("accept", ["text/x-bibliography", "text/turtle", "application/vnd.datacite.datacite+json"])
def test_other_formats_of_lists_are_not_acceptable_and_the_answer_names_those_that_are(
    found: list[str], app: Flask, accept: str
) -> None:
    answer = app.test_client().get("/api/records", headers={"Accept": accept})
    assert answer.status_code == 406
    assert "application/vnd.inveniordm.v1.full+csv" in answer.json["message"]


@pytest.mark.both
def test_own_records_have_drafts_among_them_and_are_json_only(owner_calls: Caller, instance: Instance) -> None:
    record_id = published(instance, owner_calls.viewer, body())
    editions.edit(instance, owner_calls.viewer, record_id)
    assert owner_calls("GET", "user/records", headers={"Accept": "text/csv"}).status_code == 406
    assert owner_calls("GET", "user/records").status_code == 200
