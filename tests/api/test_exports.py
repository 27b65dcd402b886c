"""Records in the media type of a format; drafts with hints."""

from pathlib import Path

import pytest
from flask import Flask
from lxml import etree

from repository.app import create_app
from repository.formats import FORMATS, Format
from repository.records.visibility import Viewer
from repository.services.accounts import create_token
from repository.services.instance import Instance
from tests.instances import body, copy_instance, person, published, published_for


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_record_is_given_in_every_format(instance: Instance, owner: Viewer, app: Flask, form: Format) -> None:
    record_id = published_for(instance, owner, form)
    for accept in (form.media_type, *form.accept):
        answer = app.test_client().get(f"/api/records/{record_id}", headers={"Accept": accept})
        declared = form.api_type or (accept if accept in form.echoed else form.media_type)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, declared)


def test_dcat_has_the_media_type_of_invenio_rdm(instance: Instance, owner: Viewer, app: Flask) -> None:
    record_id = published(instance, owner, body())
    answer = app.test_client().get(f"/api/records/{record_id}", headers={"Accept": "application/dcat+xml"})
    assert answer.headers["Content-Type"] == "application/dcat+xml"
    assert etree.QName(etree.fromstring(answer.data)).localname == "RDF"


CITATION = "text/x-bibliography"


@pytest.mark.parametrize(
    ("accept", "query", "said"),
    [
        (CITATION, "", "Holm, A. (2024)."),
        (CITATION, "?style=ieee", "A. Holm, “"),
        (f"{CITATION}; style=ieee; locale=cs-CZ", "", "A. Holm, „"),
        (f"{CITATION}; style=apa", "?style=ieee&locale=cs", "A. Holm, „"),
        (f"{CITATION}; style=ieee", "?style=", "A. Holm, “"),
        (f"application/json;q=0.1, {CITATION};style=apa;q=0.2, {CITATION};style=ieee", "", "A. Holm, “"),
        (CITATION, "?style=apa&locale=de-DE", "Holm, A. (2024)."),
    ],
)
def test_a_citation_has_the_style_and_the_locale_that_are_asked_for(
    instance: Instance, owner: Viewer, app: Flask, accept: str, query: str, said: str
) -> None:
    record_id = published(instance, owner, body())
    answer = app.test_client().get(f"/api/records/{record_id}{query}", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.startswith(said)


@pytest.mark.parametrize("name", ["style", "locale"])
def test_a_style_or_locale_that_is_not_there_is_refused_with_those_that_are(
    instance: Instance, owner: Viewer, app: Flask, name: str
) -> None:
    path = f"/api/records/{published(instance, owner, body())}"
    known = {"style": "chicago-author-date", "locale": "cs-CZ"}[name]
    for query, accept in ((f"?{name}=nosuch", CITATION), ("", f"{CITATION};{name}=nosuch")):
        answer = app.test_client().get(path + query, headers={"Accept": accept})
        assert answer.status_code == 400
        assert answer.json["message"] == f"Citation {'string style' if name == 'style' else name} not found."
        assert answer.json["errors"][0]["field"] == name
        assert known in answer.json["errors"][0]["messages"][0]
    assert app.test_client().get(f"{path}?{name}=nosuch").status_code == 200, "JSON has no style"


def test_what_is_closed_is_cited_and_listed_to_nobody_else(instance: Instance, owner: Viewer, app: Flask) -> None:
    closed = {**body("Secret rain"), "access": {"record": "restricted", "files": "restricted"}}
    path = f"/api/records/{published(instance, owner, closed)}"
    for accept in (CITATION, "application/x-bibtex", "text/csv"):
        assert app.test_client().get(path, headers={"Accept": accept}).status_code == 403
        assert app.test_client().get(f"{path}/versions", headers={"Accept": accept}).status_code in (403, 406)


def test_a_record_that_lacks_what_a_format_needs_is_not_acceptable_in_it(
    instance: Instance, owner: Viewer, app: Flask
) -> None:
    path, ccmm = f"/api/records/{published(instance, owner, body())}", "application/vnd.ccmm+xml"
    refused = app.test_client().get(path, headers={"Accept": ccmm})
    assert refused.status_code == 406
    assert "text/turtle" in refused.json["message"]
    assert ccmm not in refused.json["message"]
    other = app.test_client().get(path, headers={"Accept": f"{ccmm}, application/json;q=0.5"})
    assert (other.status_code, other.mimetype) == (200, "application/json")


def test_hints_have_a_severity(instance_template: Path, tmp_path: Path) -> None:
    hinting = copy_instance(instance_template, tmp_path / "hinting", curation__hints="ccmm-xml")
    person(hinting, "ada")
    headers = {"Authorization": f"Bearer {create_token(hinting, 'ada@example.org')}"}
    answer = create_app(hinting).test_client().post("/api/records", json=body(), headers=headers)
    assert answer.status_code == 201
    assert answer.json["errors"][1] == {
        "field": "metadata.rights",
        "messages": ["The Czech Core Metadata Model (CCMM) needs a licence."],
        "severity": "info",
    }
    hinting.close()
