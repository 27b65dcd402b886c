"""Terms of vocabularies are dereferenced: as pages and as SKOS."""

from typing import Any
from urllib.parse import quote

import pyoxigraph
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat

from repository.cli.serve import build_app
from repository.formats.rdf_graph import DCT, RDF, SKOS
from repository.records.visibility import Viewer
from repository.services.instance import Instance
from repository.services.vocabularies import concept_types
from tests.instances import SITE, body, published

SYNTAXES = {"text/turtle": RdfFormat.TURTLE, "application/ld+json": RdfFormat.JSON_LD}
DATASET = "/vocabularies/resourcetypes/dataset"
SUBJECT = "http://www.oecd.org/science/inno/38235147.pdf?1.1"


@pytest.fixture
def client(instance: Instance) -> FlaskClient:
    app: Flask = build_app(instance)
    return app.test_client()


def said(answer: Any) -> set[tuple[Any, Any, Any]]:
    assert answer.status_code == 200, answer.text
    form = SYNTAXES[answer.mimetype]
    return {(quad.subject, quad.predicate, quad.object) for quad in pyoxigraph.parse(answer.data, format=form)}


def test_a_concept_says_what_it_is_in_every_form(client: FlaskClient) -> None:
    node = NamedNode(SITE + DATASET)
    for media_type, suffix in (("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        asked = client.get(DATASET, headers={"Accept": media_type})
        assert "Accept" in asked.headers["Vary"]
        assert asked.headers["Access-Control-Allow-Origin"] == "*"
        found = said(asked)
        assert found == said(client.get(f"{DATASET}.{suffix}"))
        assert (node, RDF.type, SKOS.Concept) in found
        assert (node, SKOS.prefLabel, Literal("Dataset", language="en")) in found
        assert (node, SKOS.notation, Literal("dataset")) in found
        assert (node, SKOS.inScheme, NamedNode(f"{SITE}/vocabularies/resourcetypes")) in found
        assert (node, SKOS.exactMatch, NamedNode("http://purl.org/coar/resource_type/c_ddb1")) in found
    page = client.get(DATASET, headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    assert "Dataset" in page.text
    assert f'href="{SITE}{DATASET}.ttl"' in page.text
    assert client.get(DATASET, headers={"Accept": "image/png"}).status_code == 406


def test_what_a_record_says_of_its_type_and_subject_is_dereferenced(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    record_id = published(instance, owner, body(subjects=[{"id": SUBJECT}]))
    record = said(client.get(f"/records/{record_id}/record.ttl"))
    (kind,) = [value for _subject, predicate, value in record if predicate == DCT.type]
    (scheme,) = [value for _subject, predicate, value in record if predicate == SKOS.inScheme]
    assert (kind, RDF.type, SKOS.Concept) in said(client.get(kind.value.removeprefix(SITE) + ".ttl"))
    listed = said(client.get(scheme.value.removeprefix(SITE), headers={"Accept": "text/turtle"}))
    assert (scheme, RDF.type, SKOS.ConceptScheme) in listed
    assert (NamedNode(SUBJECT), SKOS.inScheme, scheme) in listed
    own = said(client.get(f"/vocabularies/subjects/{quote(SUBJECT, safe=':')}.ttl"))
    assert (NamedNode(SUBJECT), SKOS.prefLabel, Literal("Mathematics", language="en")) in own


def test_a_narrower_type_names_the_broader_one(client: FlaskClient) -> None:
    found = said(client.get("/vocabularies/resourcetypes/publication-article.ttl"))
    broader = [value.value for _subject, predicate, value in found if predicate == SKOS.broader]
    assert broader == [f"{SITE}/vocabularies/resourcetypes/publication"]


@pytest.mark.parametrize("kind", concept_types())
def test_every_scheme_lists_its_concepts(client: FlaskClient, kind: str) -> None:
    found = said(client.get(f"/vocabularies/{kind}.ttl"))
    assert (NamedNode(f"{SITE}/vocabularies/{kind}"), RDF.type, SKOS.ConceptScheme) in found
    assert any(predicate == SKOS.prefLabel for _subject, predicate, _value in found)
    assert client.get(f"/vocabularies/{kind}").mimetype == "text/html"


def test_long_schemes_are_read_page_by_page(client: FlaskClient) -> None:
    path, languages = "/vocabularies/languages", set()
    while path:
        found = said(client.get(path, headers={"Accept": "text/turtle"}))
        languages |= {subject for subject, predicate, _value in found if predicate == SKOS.inScheme}
        following = [value.value for _subject, predicate, value in found if predicate.value.endswith("#next")]
        path = following[0].removeprefix(SITE) if following else ""
    assert len(languages) == 7923


@pytest.mark.parametrize(
    "path",
    [
        "names", "affiliations/00k4n6c32", "nosuch", "nosuch/term", "resourcetypes/nosuch", "resourcetypes/nosuch.ttl",
        "languages?page=0", "languages?page=99", "languages?page=x", "resourcetypes/%00", "subjects/%22%25",
    ],
)  # fmt: skip
def test_what_is_no_concept_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/vocabularies/{path}").status_code == 404
