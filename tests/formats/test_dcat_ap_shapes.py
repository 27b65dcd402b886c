"""DCAT-AP 3.0.1 by SHACL: the shapes that are offered, held against records, and each of them able to refuse one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import rdflib
from corpus_records import corpus_records
from hypothesis import given, settings
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, RDF, RDFS, SH, SKOS
from record_parts import file_entry, files, person
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

from repository.formats import dcat_turtle
from repository.records.identifiers import subject_iri
from repository.records.snapshot import Snapshot
from repository.records.structure import schemas_folder

SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
LOCN = rdflib.Namespace("http://www.w3.org/ns/locn#")
GEO = rdflib.Namespace("http://www.opengis.net/ont/geosparql#")
BATCH = 50
"""Records that are checked as one graph."""


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(schemas_folder() / "dcat-ap-v1.ttl")


def graph_of(*snapshots: Any) -> rdflib.Graph:
    graph = rdflib.Graph()
    for snapshot in snapshots:
        graph.parse(data=dcat_turtle.write(snapshot, SITE), format="turtle")
    return graph


def violations(graph: rdflib.Graph, shapes: rdflib.Graph) -> set[tuple[str, str]]:
    """Path and focus node of each; a result without a path has its constraint."""
    _conforms, report, _text = pyshacl.validate(graph, shacl_graph=shapes)
    assert isinstance(report, rdflib.Graph)
    return {
        (
            str(report.value(result, SH.resultPath) or report.value(result, SH.sourceConstraintComponent)),
            str(report.value(result, SH.focusNode)),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


def some_files() -> Snapshot:
    return many_files(30)


def with_packed_files() -> Snapshot:
    entries = (file_entry(key) for key in ("rain.csv", "rain.csv.gz", "all.zip", "all.tar.bz2", "grid.nc"))
    return replace(full(), files=files(*entries))


MAKERS = (minimal, full, with_files, embargoed, files_closed, hostile, some_files, with_packed_files)


@pytest.mark.parametrize("make", MAKERS)
def test_records_conform_to_the_shapes(shapes: rdflib.Graph, make: Any) -> None:
    assert violations(graph_of(make()), shapes) == set()


FAULTS = (
    (DCTERMS.title, None),
    (DCTERMS.description, None),
    (DCTERMS.modified, None),
    (DCTERMS.issued, rdflib.Literal("last spring")),
    (DCTERMS.modified, rdflib.Literal("2024-05-01")),
    (DCTERMS.conformsTo, None),
    (FOAF.primaryTopic, None),
    (FOAF.name, None),
    (SKOS.prefLabel, None),
    (SKOS.notation, None),
    (DCAT.accessURL, None),
    (SPDX.algorithm, None),
    (SPDX.checksumValue, rdflib.Literal("abc")),
    (DCAT.byteSize, rdflib.Literal("12")),
    (GEO.asWKT, None),
    (DCAT.startDate, rdflib.URIRef("https://example.org/today")),
    (DCAT.endDate, rdflib.Literal("today")),
    (DCTERMS.publisher, rdflib.Literal("Harbour Institute")),
    (DCTERMS.license, rdflib.Literal("CC-BY")),
    (DCTERMS.language, rdflib.Literal("en")),
    (DCTERMS.type, rdflib.Literal("dataset")),
    (DCAT.mediaType, rdflib.Literal("text/csv")),
    (DCAT.compressFormat, rdflib.Literal("application/gzip")),
    (DCAT.packageFormat, rdflib.Literal("application/zip")),
    (DCTERMS["format"], rdflib.URIRef("https://example.org/no-format")),
    (DCAT.distribution, rdflib.URIRef("https://example.org/no-distribution")),
    (LOCN.geometry, rdflib.Literal("POINT(1 2)")),
)


@pytest.mark.parametrize(("path", "wrong"), FAULTS, ids=lambda value: str(value).rpartition("/")[2][:30])
def test_the_shapes_find_what_is_missing_or_wrong(
    shapes: rdflib.Graph, path: rdflib.URIRef, wrong: rdflib.term.Node | None
) -> None:
    graph = graph_of(with_packed_files())
    said = list(graph.subject_objects(path))
    assert said
    for subject, value in said:
        graph.remove((subject, path, value))
        if wrong is not None:
            graph.add((subject, path, wrong))
    assert str(path) in {found for found, _node in violations(graph, shapes)}


VICTIM = "https://doi.org/10.5072/victim"
OTHERS = (VICTIM, VICTIM.replace("https", "HTTP"), f"{SITE.url}/records/{minimal().id}", f"{SITE.url}/catalog", "")


@pytest.mark.parametrize("link", OTHERS)
def test_a_record_says_nothing_of_what_its_depositor_links_to_freely(shapes: rdflib.Graph, link: str) -> None:
    """A licence or a grant at the address of another record, or of its own page."""
    rights = [{"title": {"en": "Forged"}, "link": link}]
    award = {"title": {"en": "Forged"}, "number": "1", "identifiers": [{"scheme": "url", "identifier": link}]}
    record = with_metadata(full(), rights=rights, funding=[{"funder": {"name": "Fund"}, "award": award}])
    graph = graph_of(record)
    forged = [*graph.subjects(DCTERMS.title, rdflib.Literal("Forged")), *graph.subjects(None, rdflib.Literal("Forged"))]
    assert len(forged) == 3
    assert all(str(one).startswith(f"{SITE.url}/records/{record.id}#") for one in forged)
    named = [str(one) for node in set(forged) for one in graph.objects(node, RDFS.seeAlso)]
    assert named == ([link] * 2 if link else [])
    assert violations(graph, shapes) == set()


def test_a_licence_that_is_linked_to_elsewhere_is_named_by_its_link() -> None:
    link = "https://example.org/our-licence"
    graph = graph_of(with_metadata(full(), rights=[{"title": {"en": "Ours"}, "link": link}]))
    assert [str(one) for one in graph.subjects(DCTERMS.title, rdflib.Literal("Ours"))] == [link]


def test_whoever_is_named_twice_belongs_to_all_that_is_said() -> None:
    ada = person("Holm", "Ada", orcid="0000-0002-1825-0097")
    creators = [{**ada, "affiliations": [{"name": "One"}]}]
    contributors = [{**ada, "affiliations": [{"name": "Two"}], "role": {"id": "other"}}]
    graph = graph_of(with_metadata(full(), creators=creators, contributors=contributors))
    node = rdflib.URIRef("https://orcid.org/0000-0002-1825-0097")
    organisations = graph.objects(node, ORG.memberOf)
    assert {str(graph.value(one, FOAF.name)) for one in organisations} == {"One", "Two"}


@settings(max_examples=15, deadline=None)
@given(any_snapshot())
def test_whatever_a_record_says_conforms_to_the_shapes(shapes: rdflib.Graph, snapshot: Snapshot) -> None:
    assert violations(graph_of(snapshot), shapes) == set()


def test_a_dataset_is_said_to_be_a_resource(shapes: rdflib.Graph) -> None:
    graph = graph_of(minimal())
    graph.remove((None, RDF.type, DCAT.Resource))
    assert str(FOAF.primaryTopic) in {path for path, _node in violations(graph, shapes)}


def check_corpus(folder: Path, shapes: rdflib.Graph, every: int) -> int:
    """Number of records that conform, all that there are. Those of the same DOI are never in one graph."""
    batch: dict[str, Snapshot] = {}
    count = 0
    for snapshot in corpus_records(folder)[::every]:
        subject = subject_iri(SITE, snapshot)
        if subject in batch or len(batch) == BATCH:
            assert violations(graph_of(*batch.values()), shapes) == set()
            batch = {}
        batch[subject] = snapshot
        count += 1
    assert violations(graph_of(*batch.values()), shapes) == set()
    return count


def test_records_of_the_corpus_conform_to_the_shapes(shared: Path, shapes: rdflib.Graph) -> None:
    assert check_corpus(shared / "corpus" / "datacite", shapes, 60) > 15


@pytest.mark.service
@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_every_record_of_the_corpus_conforms_to_the_shapes(
    shared: Path,
    shapes: rdflib.Graph,
    folder: str,
) -> None:
    assert check_corpus(shared / "corpus" / folder, shapes, 1) > 500


def test_a_collaboration_conforms_to_the_shapes(shapes: rdflib.Graph) -> None:
    assert violations(graph_of(many_authors(200)), shapes) == set()
