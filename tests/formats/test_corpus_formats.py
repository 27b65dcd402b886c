"""Real records in every format: what the import reads of other people's documents makes valid documents of ours."""

from pathlib import Path

import orjson
import pyoxigraph
import pytest
import rdflib
from corpus_records import corpus_records, of_every_shape
from lxml import etree
from marc_rules import check, check_exchange, parse
from openaire_profile import missing
from pyoxigraph import RdfFormat, Triple
from snapshots import SITE

from repository import vocabularies
from repository.formats import (
    ccmm_xml,
    datacite_json,
    datacite_xml,
    dcat_jsonld,
    dcat_ntriples,
    dcat_turtle,
    dcat_xml,
    dublin_core,
    marcxml,
    mods,
    oai_datacite,
    oai_openaire,
    rdf_whole,
    schema_org,
)
from repository.formats.datacite_terms import (
    CONTRIBUTOR_TYPES,
    DATE_TYPES,
    DESCRIPTION_TYPES,
    RELATED_LABELS,
    RELATION_TYPES,
    RESOURCE_TYPES,
    TITLE_TYPES,
)
from repository.formats.rdf import triples

pytestmark = pytest.mark.long


@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_every_record_of_the_corpus_makes_valid_documents(
    shared: Path, schema: etree.XMLSchema, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    count = 0
    for snapshot in corpus_records(shared / "corpus" / folder):
        count += 1
        for writer in (datacite_xml, dublin_core, marcxml, mods):
            schema.assertValid(etree.fromstring(writer.write(snapshot, SITE)))
        marc = parse(snapshot)
        check(marc)
        check_exchange(marc)
        turtle, expected = dcat_turtle.write(snapshot, SITE), triples(snapshot, SITE)
        parsed = {Triple(q.subject, q.predicate, q.object) for q in pyoxigraph.parse(turtle, format=RdfFormat.TURTLE)}
        assert parsed == set(expected)
        assert len(rdflib.Graph().parse(data=turtle, format="turtle")) == len(expected)
        assert list(pyoxigraph.parse(schema_org.write(snapshot, SITE), format=RdfFormat.JSON_LD))
        assert orjson.loads(datacite_json.write(snapshot, SITE))["titles"]
    assert count > 500


@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_every_record_of_the_corpus_conforms_to_the_profiles_of_openaire(
    shared: Path,
    oai_datacite_schema: etree.XMLSchema,
    openaire_schema: etree.XMLSchema,
    folder: str,
) -> None:
    count = 0
    for snapshot in corpus_records(shared / "corpus" / folder):
        count += 1
        oai_datacite_schema.assertValid(etree.fromstring(oai_datacite.write(snapshot, SITE)))
        root = etree.fromstring(oai_openaire.write(snapshot, SITE))
        openaire_schema.assertValid(root)
        assert missing(root, snapshot) == []
    assert count > 500


@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_every_record_of_the_corpus_is_the_same_in_every_rdf_syntax(
    shared: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    records = corpus_records(shared / "corpus" / folder)
    read_by_both = {record.id for record in of_every_shape(records)}
    assert len(read_by_both) > len(records) / 10
    for snapshot in records:
        expected = set(triples(snapshot, SITE))
        for writer in (dcat_xml, rdf_whole):
            document = writer.write(snapshot, SITE)
            parsed = {
                Triple(q.subject, q.predicate, q.object) for q in pyoxigraph.parse(document, format=RdfFormat.RDF_XML)
            }
            assert parsed == expected if writer is dcat_xml else parsed > expected
            if snapshot.id in read_by_both or writer is dcat_xml:
                assert len(rdflib.Graph().parse(data=document, format="xml")) == len(parsed)
        for other, syntax in ((dcat_ntriples, RdfFormat.N_TRIPLES), (dcat_jsonld, RdfFormat.JSON_LD)):
            quads = pyoxigraph.parse(other.write(snapshot, SITE), format=syntax)
            assert {Triple(q.subject, q.predicate, q.object) for q in quads} == expected


@pytest.mark.parametrize(("folder", "least"), [("datacite", 100), ("oai_dc", 100)])
def test_every_record_of_the_corpus_that_suits_ccmm_conforms_to_it(shared: Path, folder: str, least: int) -> None:
    schema = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "schemas" / "ccmm.xsd"))
    count = 0
    for snapshot in corpus_records(shared / "corpus" / folder):
        conforms = schema.validate(etree.fromstring(ccmm_xml.write(snapshot, SITE)))
        assert conforms or not ccmm_xml.FORMAT.suits(snapshot), schema.error_log
        count += ccmm_xml.FORMAT.suits(snapshot)
    assert count > least


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("resourceType", RESOURCE_TYPES),
        ("titleType", TITLE_TYPES),
        ("contributorType", CONTRIBUTOR_TYPES),
        ("dateType", DATE_TYPES),
        ("descriptionType", DESCRIPTION_TYPES),
        ("relationType", RELATION_TYPES),
        ("relatedIdentifierType", frozenset(RELATED_LABELS.values())),
    ],
)
def test_controlled_lists_are_those_of_kernel_4_7(shared: Path, name: str, ours: frozenset[str]) -> None:
    root = etree.parse(shared / "xsd" / "datacite" / "kernel-4.7" / "include" / f"datacite-{name}-v4.xsd")
    assert ours == {node.get("value") for node in root.iter("{http://www.w3.org/2001/XMLSchema}enumeration")}


@pytest.mark.parametrize(
    ("vocabulary", "prop", "known"),
    [
        ("resourcetypes", "datacite_general", RESOURCE_TYPES),
        ("titletypes", "datacite", TITLE_TYPES),
        ("contributorsroles", "datacite", CONTRIBUTOR_TYPES),
        ("datetypes", "datacite", DATE_TYPES),
        ("descriptiontypes", "datacite", DESCRIPTION_TYPES),
        ("relationtypes", "datacite", RELATION_TYPES),
    ],
)
def test_shipped_terms_have_words_that_datacite_knows(vocabulary: str, prop: str, known: frozenset[str]) -> None:
    assert {term["props"][prop] for term in vocabularies.load(vocabulary)} <= known


def test_shipped_resource_types_have_classes_of_schema_org() -> None:
    for term in vocabularies.load("resourcetypes"):
        assert term["props"]["schema.org"].startswith("https://schema.org/"), term["id"]
