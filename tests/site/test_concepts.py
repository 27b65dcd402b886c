"""Terms of vocabularies are dereferenced: as pages and as SKOS."""

from typing import Any
from urllib.parse import quote

import pyoxigraph
import pyshacl
import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat

from repository.cli.serve import build_app
from repository.formats.rdf_graph import DCT, RDF, SKOS
from repository.records.structure import schemas_folder
from repository.records.visibility import Viewer
from repository.services.concepts import CONCEPT_TYPES
from repository.services.instance import Instance
from tests.instances import SITE, body, published

SYNTAXES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/n-triples": RdfFormat.N_TRIPLES,
}
SUFFIXES = {
    "text/turtle": "ttl",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdf",
    "application/n-triples": "nt",
}
HYDRA = "http://www.w3.org/ns/hydra/core#"
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
    for media_type, suffix in SUFFIXES.items():
        asked = client.get(DATASET, headers={"Accept": media_type})
        assert asked.mimetype == media_type
        assert "Accept" in asked.headers["Vary"]
        assert asked.headers["Content-Location"] == f"{DATASET}.{suffix}"
        assert asked.headers["Access-Control-Allow-Origin"] == "*"
        found = said(asked)
        by_suffix = client.get(f"{DATASET}.{suffix}")
        assert found == said(by_suffix)
        assert by_suffix.headers["Content-Location"] == f"{DATASET}.{suffix}"
        assert (node, RDF.type, SKOS.Concept) in found
        assert (node, SKOS.prefLabel, Literal("Dataset", language="en")) in found
        assert (node, SKOS.notation, Literal("dataset")) in found
        assert (node, SKOS.topConceptOf, NamedNode(f"{SITE}/vocabularies/resourcetypes")) in found
        assert (node, SKOS.inScheme, NamedNode(f"{SITE}/vocabularies/resourcetypes")) in found
        assert (node, SKOS.exactMatch, NamedNode("http://purl.org/coar/resource_type/c_ddb1")) in found
    page = client.get(DATASET, headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    assert "Dataset" in page.text
    assert all(f'href="{SITE}{DATASET}.{suffix}"' in page.text for suffix in SUFFIXES.values())
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


DESCRIBED = (DATASET, f"/vocabularies/subjects/{quote(SUBJECT, safe=':')}", "/vocabularies/datetypes")


@pytest.mark.parametrize("path", DESCRIBED)
def test_concepts_and_schemes_conform_to_the_shapes(client: FlaskClient, path: str) -> None:
    shapes = rdflib.Graph().parse(schemas_folder() / "dcat-ap-v1.ttl")
    found = rdflib.Graph().parse(data=client.get(f"{path}.ttl").text, format="turtle")
    assert set(found.objects(None, rdflib.SKOS.inScheme)) <= set(found.subjects(rdflib.DCTERMS.title))
    conforms, _report, wrong = pyshacl.validate(found, shacl_graph=shapes)
    assert conforms, wrong


def test_a_narrower_type_names_the_broader_one(client: FlaskClient) -> None:
    found = said(client.get("/vocabularies/resourcetypes/publication-article.ttl"))
    broader = [value.value for _subject, predicate, value in found if predicate == SKOS.broader]
    assert broader == [f"{SITE}/vocabularies/resourcetypes/publication"]


@pytest.mark.parametrize("kind", CONCEPT_TYPES)
def test_every_scheme_lists_its_concepts(client: FlaskClient, kind: str) -> None:
    found = said(client.get(f"/vocabularies/{kind}.ttl"))
    scheme = NamedNode(f"{SITE}/vocabularies/{kind}")
    assert (scheme, RDF.type, SKOS.ConceptScheme) in found
    inside = {subject for subject, predicate, _value in found if predicate == SKOS.inScheme}
    narrower = {subject for subject, predicate, _value in found if predicate == SKOS.broader}
    assert {value for _subject, predicate, value in found if predicate == SKOS.hasTopConcept} == inside - narrower
    assert {subject for subject, predicate, _value in found if predicate == SKOS.topConceptOf} == inside - narrower
    assert inside - narrower
    assert any(predicate == SKOS.prefLabel for _subject, predicate, _value in found)
    assert client.get(f"/vocabularies/{kind}").mimetype == "text/html"


def test_long_schemes_are_read_page_by_page(client: FlaskClient) -> None:
    path, languages = "/vocabularies/languages", set()
    scheme, seen = f"{SITE}/vocabularies/languages", list[str]()
    while path:
        seen.append(SITE + path)
        found = said(client.get(path, headers={"Accept": "text/turtle"}))
        languages |= {subject for subject, predicate, _value in found if predicate == SKOS.inScheme}
        following = [value.value for _subject, predicate, value in found if predicate.value.endswith("#next")]
        path = following[0].removeprefix(SITE) if following else ""
        told = {predicate.value.removeprefix(HYDRA): value for _subject, predicate, value in found}
        assert told["totalItems"].value == "7923"
        assert told["first"] == NamedNode(f"{scheme}")
        assert told["last"] == NamedNode(f"{scheme}/page/16")
        assert told["view"] == NamedNode(seen[-1])
        assert told.get("previous") == (NamedNode(seen[-2]) if len(seen) > 1 else None)
    assert len(languages) == 7923


@pytest.mark.parametrize(
    "path",
    [
        "names", "affiliations/00k4n6c32", "nosuch", "nosuch/term", "resourcetypes/nosuch", "resourcetypes/nosuch.ttl",
        "languages?page=0", "languages?page=99", "languages?page=x", "languages/page/17", "languages/page/0",
        "resourcetypes/%00", "subjects/%22%25",
    ],
)  # fmt: skip
def test_what_is_no_concept_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/vocabularies/{path}", follow_redirects=True).status_code == 404


def test_the_place_of_a_page_of_a_scheme_is_told_with_its_number(client: FlaskClient) -> None:
    answer = client.get("/vocabularies/languages/page/2", headers={"Accept": "application/n-triples"})
    assert answer.headers["Content-Location"] == "/vocabularies/languages/page/2.nt"
    assert said(client.get(answer.headers["Content-Location"])) == said(answer)
    subjects = f"/vocabularies/subjects/{quote(SUBJECT, safe=':')}"
    answer = client.get(subjects, headers={"Accept": "application/rdf+xml"})
    assert said(client.get(answer.headers["Content-Location"])) == said(answer)
