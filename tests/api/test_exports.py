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
        declared = accept if accept in form.echoed else form.media_type
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, declared)


def test_dcat_has_the_media_type_of_invenio_rdm(instance: Instance, owner: Viewer, app: Flask) -> None:
    record_id = published(instance, owner, body())
    answer = app.test_client().get(f"/api/records/{record_id}", headers={"Accept": "application/dcat+xml"})
    assert answer.headers["Content-Type"] == "application/dcat+xml"
    assert etree.QName(etree.fromstring(answer.data)).localname == "RDF"


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
