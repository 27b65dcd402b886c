"""Concepts are files: those of small vocabularies all, of large ones those that public records name."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from repository.following import run_until_current
from repository.records.identifiers import concept_iri
from repository.records.visibility import SYSTEM, Viewer
from repository.services import withdrawal
from repository.services.instance import Instance
from repository.storage import terms
from site_builder import concept_files
from site_builder.projection import open_projection
from tests.instances import body, published

SUBJECT = "http://www.oecd.org/science/inno/38235147.pdf?1.1"


def frozen(instance: Instance) -> dict[str, bytes]:
    """Path → bytes of every file of the site."""
    (outcome,) = run_until_current(instance.database, [open_projection(instance)])
    assert outcome.error == ""
    root = (instance.settings.site_output / "current").resolve()
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_file_is_what_the_service_answers(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    described = {"languages": [{"id": "ces"}], "subjects": [{"id": SUBJECT}, {"subject": "rain"}]}
    published(instance, owner, body(rights=[{"id": "cc-by-4.0"}], **described))
    served = frozen(instance)
    looked_at = 0
    for path, data in served.items():
        if path.startswith(("browse/", "feeds/", "vocabularies/", "communities/")):
            address = path.removesuffix("index.html") if path.endswith("index.html") else path
            if path.startswith("vocabularies/") and path.count("/") > 1:
                address = address.rstrip("/").replace("http:/www", "http:%2F%2Fwww").replace("?", "%3F")
            answer = client.get(f"/{address}")
            assert (answer.status_code, answer.data == data) == (200, True), path
            looked_at += 1
    assert looked_at > 500
    names = ("languages/ces", "subjects/http:/www.oecd.org/science/inno/38235147.pdf?1.1", "licenses/cc-by-4.0")
    assert all(f"vocabularies/{name}/index.html" in served for name in names)
    assert all(f"vocabularies/{name}.ttl" in served for name in names)
    assert b'href="/browse/languages/ces/"' in served["vocabularies/languages/ces/index.html"]
    assert b'href="/vocabularies/languages/ces"' in served["browse/languages/ces/index.html"]


def test_files_of_concepts_follow_records_and_vocabularies(instance: Instance, owner: Viewer) -> None:
    served = frozen(instance)
    for name in ("resourcetypes", "languages", "languages/page/2", "languages/page/16", "subjects/FOS"):
        assert {f"vocabularies/{name}/index.html", f"vocabularies/{name}.ttl"} <= served.keys()
    pages = [data for path, data in served.items() if path.startswith("vocabularies/") and path.endswith(".html")]
    assert max(page.partition(b'<ul class="terms">')[2].partition(b"</ul>")[0].count(b"<li>") for page in pages) == 500
    assert sum(page.count(b'href="/vocabularies/languages/') for page in pages) > 7923
    czech = {"vocabularies/languages/ces/index.html", "vocabularies/languages/ces.ttl"}
    assert not czech & served.keys()
    record_id = published(instance, owner, body(languages=[{"id": "ces"}]))
    named = frozen(instance)
    assert czech <= named.keys()
    assert b"/browse/types/dataset/" in named["vocabularies/resourcetypes/dataset/index.html"]
    withdrawal.withdraw(instance, SYSTEM, record_id, {})
    assert {path: data for path, data in frozen(instance).items() if path.startswith("vocabularies/")} == {
        path: data for path, data in served.items() if path.startswith("vocabularies/")
    }
    with instance.database.write() as connection:
        terms.store(connection, [("resourcetypes", {"id": "dataset", "title": {"en": "Body of data"}, "props": {}})])
    reworded = frozen(instance)
    for path in ("resourcetypes/dataset/index.html", "resourcetypes/dataset.ttl", "resourcetypes/index.html"):
        assert b"Body of data" not in served[f"vocabularies/{path}"]
        assert b"Body of data" in reworded[f"vocabularies/{path}"]


def test_institutes_that_an_import_adds_are_no_reason_to_pass_over_all_records(instance: Instance) -> None:
    before = open_projection(instance).rules()
    with instance.database.write() as connection:
        terms.add(connection, [("affiliations", {"id": "x", "name": "An institute", "title": {"en": "An institute"}})])
    assert open_projection(instance).rules() == before
    with instance.database.write() as connection:
        terms.add(connection, [("titletypes", {"id": "x", "title": {"en": "Another"}})])
    assert open_projection(instance).rules() != before


IDS = st.text("ab./:%?#\\~ htps", max_size=12) | st.sampled_from(["http://a/b", "http:/a/b", "a//b", "page/2", "x.ttl"])


@given(st.lists(IDS, min_size=2, max_size=6, unique=True))
def test_files_of_concepts_are_below_their_folder_and_none_is_in_the_way_of_another(ids: list[str]) -> None:
    found: dict[str, str] = {}
    for term_id in ids:
        for address in concept_files.of_concept("subjects", term_id):
            path = concept_files.file_path(address)
            assert path.startswith("vocabularies/subjects/")
            assert not {"..", ".", ""} & set(path.split("/"))
            assert found.setdefault(path, address) == address
    folders = {str(parent) for path in found for parent in Path(path).parents}
    assert not folders & found.keys()
    assert concept_iri("", "subjects", "a/b") == "/vocabularies/subjects/a%2Fb"


@pytest.mark.parametrize("kind", [("languages", 2), ("subjects/FOS", 1)])
def test_pages_by_the_former_parameter_are_where_they_are_now(client: FlaskClient, kind: Any) -> None:
    name, number = kind
    for suffix in ("", ".ttl"):
        answer = client.get(f"/vocabularies/{name}{suffix}?page={number}")
        if number > 1:
            assert (answer.status_code, answer.location) == (301, f"/vocabularies/{name}/page/{number}{suffix}")
        else:
            assert answer.status_code == 200
