"""RDF/XML: `dcat`, which says what the Turtle says, and `rdf`, which says more."""

from pathlib import Path
from typing import Any

import pyoxigraph
import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from lxml import etree
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from snapshot_strategies import snapshots as any_snapshot
from snapshots import (
    SITE,
    embargoed,
    files_closed,
    full,
    hostile,
    many_authors,
    many_files,
    minimal,
    with_files,
    with_metadata,
)

from repository.formats import dcat_turtle, dcat_xml, dublin_core, rdf_whole
from repository.formats.rdf import triples
from repository.records.snapshot import Snapshot

MAKERS = (minimal, full, hostile, with_files, files_closed, embargoed, many_authors, many_files)
DC = "http://purl.org/dc/elements/1.1/"
DCT = "http://purl.org/dc/terms/"
BIBO = rdflib.Namespace("http://purl.org/ontology/bibo/")
SUBJECT = NamedNode("https://doi.org/10.5072/00000-00971")


def said(document: bytes, form: RdfFormat = RdfFormat.RDF_XML) -> set[Triple]:
    return {Triple(quad.subject, quad.predicate, quad.object) for quad in pyoxigraph.parse(document, format=form)}


def values(snapshot: Snapshot, predicate: str) -> list[str]:
    subject = triples(snapshot, SITE)[0].subject
    found = said(rdf_whole.write(snapshot, SITE))
    return sorted(each.object.value for each in found if (each.subject, each.predicate.value) == (subject, predicate))


@pytest.mark.parametrize("make", MAKERS)
def test_dcat_says_what_the_turtle_says(make: Any) -> None:
    assert said(dcat_xml.write(make(), SITE)) == said(dcat_turtle.write(make(), SITE), RdfFormat.TURTLE)


@settings(deadline=None)
@given(any_snapshot())
def test_dcat_of_any_record_says_what_its_turtle_says(snapshot: Snapshot) -> None:
    assert said(dcat_xml.write(snapshot, SITE)) == said(dcat_turtle.write(snapshot, SITE), RdfFormat.TURTLE)


@settings(deadline=None)
@given(any_snapshot())
def test_rdf_of_any_record_says_all_of_that_and_its_dublin_core(snapshot: Snapshot) -> None:
    found, graph = said(rdf_whole.write(snapshot, SITE)), triples(snapshot, SITE)
    assert set(graph) <= found
    elements = {name for name, value in dublin_core.elements(snapshot, SITE) if value.isprintable() and value.strip()}
    told = {each.predicate.value.removeprefix(DC) for each in found if each.predicate.value.startswith(DC)}
    assert elements <= told
    for each in found - set(graph):
        assert isinstance(each.subject, NamedNode)
        assert isinstance(each.object, NamedNode | Literal)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("writer", [dcat_xml, rdf_whole])
def test_rdflib_reads_the_same(make: Any, writer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    document = writer.write(make(), SITE)
    assert len(rdflib.Graph().parse(data=document, format="xml")) == len(said(document))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("writer", [dcat_xml, rdf_whole])
def test_the_root_is_rdf_without_attributes(make: Any, writer: Any) -> None:
    schema = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "schemas" / "rdf.xsd"))
    schema.assertValid(etree.fromstring(writer.write(make(), SITE)))


@pytest.mark.parametrize("writer", [dcat_xml, rdf_whole])
def test_prefixes_come_in_alphabetical_order_each_time(writer: Any) -> None:
    written = {writer.write(full(), SITE) for _ in range(20)}
    assert len(written) == 1
    prefixes = [part.partition("=")[0] for part in written.pop().decode().splitlines()[1].split(" ")[1:]]
    assert prefixes == sorted(prefixes)
    assert "xmlns:rdf" in prefixes


def test_dublin_core_is_plain_text() -> None:
    assert values(full(), DC + "creator") == ["Carberry, Josiah", "Harbour Institute", "نجيب, محفوظ"]
    assert "https://creativecommons.org/licenses/by/4.0/" in values(full(), DC + "rights")
    assert values(full(), DC + "date") == ["2020-01/2020-06"]


def test_sizes_and_schema_org_s_class_are_told() -> None:
    assert values(full(), DCT + "extent") == ["11 pages", "3 MB"]
    kind = "https://schema.org/ScholarlyArticle"
    assert Triple(SUBJECT, NamedNode(str(RDF.type)), NamedNode(kind)) in said(rdf_whole.write(full(), SITE))
    assert values(with_metadata(full(), sizes=None), DCT + "extent") == []


@pytest.mark.parametrize("count", [2, 300])
def test_creators_have_an_order(count: int) -> None:
    graph = rdflib.Graph().parse(data=rdf_whole.write(many_authors(count), SITE), format="xml")
    (first,) = graph.objects(None, BIBO.authorList)
    names = [str(graph.value(author, rdflib.FOAF.familyName)) for author in Collection(graph, first)]
    assert names == [f"Family{number}" for number in range(count)]


def test_a_single_creator_is_no_list() -> None:
    assert values(minimal(), str(BIBO.authorList)) == []


V3 = {
    None: "dates of other precision than a day",
    "http://purl.org/dc/terms/issued": "a year or month",
    "http://purl.org/dc/terms/creator": "any number",
    "http://www.w3.org/ns/dcat#byteSize": "xsd:nonNegativeInteger",
    "http://www.w3.org/ns/locn#geometry": "a node of class locn:Geometry",
    "http://spdx.org/rdf/terms#algorithm": "SPDX's own individual",
}
"""What DCAT-AP 3 allows and the shapes of version 2, which are those at hand, do not."""


@pytest.mark.parametrize("make", [minimal, full, with_files, embargoed, files_closed, hostile])
def test_dcat_conforms_to_the_shapes_of_dcat_ap(shared: Path, make: Any) -> None:
    shapes = shared / "corpus" / "formats" / "dcat" / "DCAT-AP__dcat-ap_2.0.0_shacl_shapes.ttl"
    graph = rdflib.Graph().parse(data=dcat_xml.write(make(), SITE), format="xml")
    _conforms, report, _text = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(shapes))
    assert isinstance(report, rdflib.Graph)
    found = {report.value(result, SH.resultPath) for result in report.subjects(RDF.type, SH.ValidationResult)}
    assert {None if path is None else str(path) for path in found} <= V3.keys()


def test_the_shapes_of_dcat_ap_find_what_is_wrong(shared: Path) -> None:
    shapes = shared / "corpus" / "formats" / "dcat" / "DCAT-AP__dcat-ap_2.0.0_shacl_shapes.ttl"
    graph = rdflib.Graph().parse(data=dcat_xml.write(minimal(), SITE), format="xml")
    graph.remove((None, rdflib.DCTERMS.title, None))
    _conforms, report, _text = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(shapes))
    assert isinstance(report, rdflib.Graph)
    assert rdflib.DCTERMS.title in set(report.objects(None, SH.resultPath))
