"""The RDF graph of a record, its Turtle, and schema.org's JSON-LD as RDF."""

from dataclasses import replace
from typing import Any

import orjson
import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, PROV, SKOS
from record_parts import access, file_entry, files, organisation, person, term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, embargoed, files_closed, full, hostile, many_files, minimal, with_files, with_metadata

from repository.formats import by_file_name, dcat_jsonld, dcat_ntriples, dcat_turtle, dcat_xml, schema_org
from repository.formats.rdf import PREFIXES, triples
from repository.formats.signposts import signposts
from repository.records.snapshot import Neighbour, Snapshot
from repository.records.structure import schemas_folder

SYNTAXES = (
    (dcat_ntriples, RdfFormat.N_TRIPLES), (dcat_xml, RdfFormat.RDF_XML), (dcat_jsonld, RdfFormat.JSON_LD),
)  # fmt: skip
LANDING = "https://repository.example.org/records/00000-00195"
DCT = "http://purl.org/dc/terms/"
DCAT_IRI = "http://www.w3.org/ns/dcat#"
FOAF_IRI = "http://xmlns.com/foaf/0.1/"
SKOS_IRI = "http://www.w3.org/2004/02/skos/core#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
OLD_RDFLIB_CLASS = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
"""rdflib's own JSON-LD reader still uses it."""


def values(snapshot: Snapshot, predicate: str, subject: str = "") -> list[str]:
    """Values of a property, of the record's subject unless another one is named."""
    found = triples(snapshot, SITE)
    node = NamedNode(subject) if subject else found[0].subject
    return [each.object.value for each in found if each.subject == node and each.predicate.value == predicate]


@pytest.fixture(autouse=True)
def _literals_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def read_back(snapshot: Snapshot) -> set[Triple]:
    parsed = pyoxigraph.parse(dcat_turtle.write(snapshot, SITE), format=RdfFormat.TURTLE)
    return {Triple(quad.subject, quad.predicate, quad.object) for quad in parsed}


@pytest.mark.parametrize("make", [minimal, full, hostile, with_files, files_closed, embargoed])
def test_rdflib_reads_all_triples_of_the_turtle(make: Any) -> None:
    graph = rdflib.Graph().parse(data=dcat_turtle.write(make(), SITE), format="turtle")
    assert len(graph) == len(triples(make(), SITE))


@given(any_snapshot())
def test_turtle_of_any_record_says_what_the_triples_say(snapshot: Snapshot) -> None:
    assert read_back(snapshot) == set(triples(snapshot, SITE))


@given(any_snapshot())
def test_triples_of_any_record_survive_every_rdf_syntax(snapshot: Snapshot) -> None:
    expected = triples(snapshot, SITE)
    assert len(expected) == len(set(expected))
    for writer, syntax in SYNTAXES:
        parsed = pyoxigraph.parse(writer.write(snapshot, SITE), format=syntax)
        assert {Triple(quad.subject, quad.predicate, quad.object) for quad in parsed} == set(expected), syntax


@OLD_RDFLIB_CLASS
@pytest.mark.parametrize("scheme", sorted(PREFIXES))
def test_an_iri_whose_scheme_is_a_prefix_stays_what_it_is(scheme: str) -> None:
    record = with_metadata(
        minimal(),
        related_identifiers=[{"identifier": f"{scheme}:50.1,14", "scheme": "url", "relation_type": term("x", "X")}],
    )
    expected = {f"{scheme}:50.1,14"}
    for writer, syntax in SYNTAXES:
        parsed = list(pyoxigraph.parse(writer.write(record, SITE), format=syntax))
        assert {each.object.value for each in parsed if each.predicate.value == DCT + "relation"} == expected, syntax
    graph = rdflib.Graph().parse(data=dcat_jsonld.write(record, SITE), format="json-ld")
    assert {str(found) for found in graph.objects(None, DCTERMS.relation)} == expected


def test_the_context_of_json_ld_is_the_one_that_is_offered() -> None:
    offered = orjson.loads((schemas_folder() / "dcat-ap-v1.jsonld").read_bytes())
    assert orjson.loads(dcat_jsonld.write(minimal(), SITE))["@context"] == offered["@context"]


def test_prefixes_come_in_alphabetical_order_each_time() -> None:
    written = {dcat_turtle.write(minimal(), SITE) for _ in range(20)}
    assert len(written) == 1
    lines = written.pop().decode().splitlines()
    prefixes = [line for line in lines if line.startswith("@prefix")]
    assert prefixes == sorted(prefixes) == lines[: len(PREFIXES)]


@pytest.mark.parametrize("make", [minimal, full, hostile])
def test_there_are_no_blank_nodes(make: Any) -> None:
    for each in triples(make(), SITE):
        assert isinstance(each.subject, NamedNode)
        assert isinstance(each.object, NamedNode | Literal)


def test_subject_is_the_doi_and_the_landing_page_its_catalogue_record() -> None:
    landing = "https://repository.example.org/records/00000-00971"
    assert triples(full(), SITE)[0].subject.value == "https://doi.org/10.5072/00000-00971"
    assert DCAT_IRI + "CatalogRecord" in values(full(), TYPE, landing)
    assert values(full(), FOAF_IRI + "primaryTopic", landing) == ["https://doi.org/10.5072/00000-00971"]
    assert values(full(), DCAT_IRI + "landingPage") == [landing]


@pytest.mark.parametrize("make", [full, minimal])
def test_a_record_leads_to_the_catalogue_and_to_the_description_of_all_data(make: Any) -> None:
    landing = f"{SITE.url}/records/{make().id}"
    assert values(make(), DCT + "isPartOf", landing) == [f"{SITE.url}/catalog.ttl#catalog"]
    assert values(make(), "http://rdfs.org/ns/void#inDataset", landing) == [f"{SITE.url}/.well-known/void#dataset"]


def test_documents_with_the_graph_are_neither_the_subject_nor_its_page() -> None:
    landing = "https://repository.example.org/records/00000-00971"
    formats = {"record.ttl": "text/turtle", "record.nt": "application/n-triples"}
    formats |= {"record.rdf": "application/rdf+xml", "record.jsonld": "application/ld+json"}
    described_by = values(full(), "http://www.w3.org/2007/05/powder-s#describedby", landing)
    assert described_by == [f"{landing}/{name}" for name in formats]
    for name, media_type in formats.items():
        document, form = f"{landing}/{name}", by_file_name(name)
        assert form is not None
        assert form.media_type.partition(";")[0] == media_type
        assert values(full(), TYPE, document) == [FOAF_IRI + "Document"]
        assert values(full(), FOAF_IRI + "primaryTopic", document) == ["https://doi.org/10.5072/00000-00971"]
        assert values(full(), DCT + "format", document) == [
            f"https://www.iana.org/assignments/media-types/{media_type}"
        ]


def test_without_a_doi_the_landing_page_is_dataset_and_catalogue_record() -> None:
    assert values(minimal(), TYPE) == [DCAT_IRI + name for name in ("Dataset", "Resource", "CatalogRecord")]
    assert values(minimal(), FOAF_IRI + "primaryTopic") == [LANDING]
    assert values(minimal(), DCT + "issued") == ["2024-05-01"]
    assert len(values(minimal(), DCT + "modified")) == 1


def test_what_dcat_ap_demands_or_allows_once_is_there_once() -> None:
    for snapshot in (minimal(), full(), with_files(), embargoed()):
        for name in ("issued", "accessRights", "type"):
            assert len(values(snapshot, DCT + name)) == 1, name
        assert values(snapshot, DCT + "title")
        assert values(snapshot, DCT + "description")


def test_distributions_tell_size_type_checksum_and_urls() -> None:
    file = "https://repository.example.org/records/00000-00292/files/data/rain%202024.csv"
    assert file + "#dist" in values(with_files(), DCAT_IRI + "distribution")
    assert values(with_files(), DCAT_IRI + "downloadURL", file + "#dist") == [file]
    assert values(with_files(), DCAT_IRI + "byteSize", file + "#dist") == ["1234"]
    assert values(with_files(), DCAT_IRI + "mediaType", file + "#dist") == [
        "https://www.iana.org/assignments/media-types/text/csv"
    ]
    checksum = values(with_files(), "http://spdx.org/rdf/terms#checksum", file + "#dist")[0]
    assert values(with_files(), "http://spdx.org/rdf/terms#checksumValue", checksum)[0].startswith("ca978112")


@pytest.mark.parametrize("make", [files_closed, embargoed, minimal])
def test_closed_files_and_no_files_make_no_distribution(make: Any) -> None:
    assert values(make(), DCAT_IRI + "distribution") == []


def test_of_too_many_files_the_archive_is_the_distribution() -> None:
    record = many_files(1001)
    archive = values(record, DCAT_IRI + "distribution")
    assert len(archive) == 1
    assert values(record, DCAT_IRI + "downloadURL", archive[0]) == [
        f"https://repository.example.org/api/records/{record.id}/files-archive"
    ]


def test_of_files_that_are_all_hidden_nothing_is_offered() -> None:
    hidden = {**file_entry("a.csv"), "access": {"hidden": True}}
    record = minimal(access=access(status="open"), files=files(hidden))
    assert values(record, DCAT_IRI + "distribution") == []
    assert "distribution" not in orjson.loads(schema_org.write(record, SITE))
    shown = minimal(access=access(status="open"), files=files(hidden, file_entry("b.csv")))
    assert len(values(shown, DCAT_IRI + "distribution")) == 1


@pytest.mark.parametrize(
    ("key", "content", "compression", "package"),
    [
        ("rain.csv", "text/csv", "", ""),
        ("rain.csv.gz", "text/csv", "application/gzip", ""),
        ("RAIN.CSV.GZ", "text/csv", "application/gzip", ""),
        ("rain.xyz123.gz", "application/gzip", "application/gzip", ""),
        ("rain.csv.bz2", "", "", ""),
        ("rain.nc.gz", "", "application/gzip", ""),
        ("all.tar.gz", "application/gzip", "application/gzip", ""),
        ("all.tgz", "application/gzip", "application/gzip", ""),
        ("all.tar", "text/csv", "", ""),
        ("all.7z", "text/csv", "", ""),
        ("all.rar", "text/csv", "", "application/vnd.rar"),
        ("all.zip", "text/csv", "", "application/zip"),
    ],
)
def test_distributions_tell_how_they_are_packed(key: str, content: str, compression: str, package: str) -> None:
    """DCAT 3: mediaType is of what is compressed, where that is one file; what the depositor's file is said to be here,
    `text/csv`, counts where its name tells nothing else. DCAT-AP: all three are IANA's, which has no tar."""
    record = minimal(access=access(), files=files(file_entry(key)))
    (node,) = values(record, DCAT_IRI + "distribution")
    expected = {"mediaType": content, "compressFormat": compression, "packageFormat": package}
    for name, media_type in expected.items():
        iri = f"https://www.iana.org/assignments/media-types/{media_type}"
        assert values(record, DCAT_IRI + name, node) == ([iri] if media_type else []), name


@pytest.mark.parametrize("media_type", ["application/x-netcdf", "image/x.own", "chemical/mol", "video/webm", ""])
def test_only_media_types_that_iana_can_have_are_told(media_type: str) -> None:
    record = minimal(access=access(), files=files(file_entry("rain", mimetype=media_type)))
    (node,) = values(record, DCAT_IRI + "distribution")
    assert values(record, DCAT_IRI + "mediaType", node) == []


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("data/rain.csv", "CSV"),
        ("RAIN.JPG", "JPEG"),
        ("grid.nc", "NETCDF"),
        ("rain.csv.gz", "CSV"),
        ("rain.csv.bz2", "BZIP2"),
        ("rain.csv.xz", "XZ"),
        ("rain.2024.gz", "GZIP"),
        ("rain.gz", "GZIP"),
        ("all.tar.gz", "TAR_GZ"),
        ("all.tgz", "TAR_GZ"),
        ("all.tar.xz", "TAR_XZ"),
        ("crawl.warc.gz", "WARC_GZ"),
        ("my.schema.xml", "XML"),
        ("all.7z", "7Z"),
        ("rain.strange", ""),
        ("rain.octet", ""),
        ("data.csv/rain", ""),
        ("csv", ""),
    ],
)
def test_distributions_tell_their_format_by_the_eu_s_list(key: str, code: str) -> None:
    record = minimal(access=access(), files=files(file_entry(key)))
    (node,) = values(record, DCAT_IRI + "distribution")
    told = values(record, DCT + "format", node)
    assert told == ([f"http://publications.europa.eu/resource/authority/file-type/{code}"] if code else [])
    assert [values(record, TYPE, iri) for iri in told] == [[DCT + "MediaTypeOrExtent"]] * len(told)


def test_the_archive_of_all_files_is_a_package() -> None:
    (node,) = values(many_files(1001), DCAT_IRI + "distribution")
    assert values(many_files(1001), DCT + "format", node) == [
        "http://publications.europa.eu/resource/authority/file-type/ZIP"
    ]
    assert values(many_files(1001), DCAT_IRI + "packageFormat", node) == [
        "https://www.iana.org/assignments/media-types/application/zip"
    ]


def test_one_licence_is_also_each_distribution_s_and_two_are_not() -> None:
    licence = term("mit", "MIT", props={"url": "https://opensource.org/license/mit", "scheme": "spdx"})
    one = with_metadata(with_files(), rights=[licence])
    two = with_metadata(with_files(), rights=[licence, {"title": {"en": "Other"}}])
    distribution = values(one, DCAT_IRI + "distribution")[0]
    assert values(one, DCT + "license", distribution) == ["https://opensource.org/license/mit"]
    assert values(two, DCT + "license", distribution) == []
    assert len(values(two, DCT + "license")) == 2


def test_a_statement_of_access_is_no_licence() -> None:
    licence = term("mit", "MIT", props={"url": "https://opensource.org/license/mit", "scheme": "spdx"})
    stated = [{"title": {"en": "info:eu-repo/semantics/openAccess"}}]
    stated.append({"title": {"en": "open access"}, "link": "http://purl.org/coar/access_right/c_abf2"})
    record = with_metadata(with_files(), rights=[*stated, licence])
    assert values(record, DCT + "license") == ["https://opensource.org/license/mit"]
    assert values(with_metadata(with_files(), rights=stated), DCT + "license") == []
    distribution = values(record, DCAT_IRI + "distribution")[0]
    assert values(record, DCT + "license", distribution) == ["https://opensource.org/license/mit"]
    assert orjson.loads(schema_org.write(record, SITE))["license"] == "https://opensource.org/license/mit"


def test_a_role_is_the_term_of_our_vocabulary_with_its_label() -> None:
    role = {"id": "editor", "title": {"en": "Editor", "cs": "Redaktor"}}
    record = with_metadata(minimal(), contributors=[{**person("A"), "role": role}])
    record = replace(record, props={**(record.props or {}), "contributorsroles": {"editor": {"datacite": "Editor"}}})
    concept = f"{SITE.url}/vocabularies/contributorsroles/editor"
    assert values(record, DCAT_IRI + "hadRole", f"{LANDING}#attribution-1") == [concept]
    assert values(record, TYPE, concept) == [DCAT_IRI + "Role", SKOS_IRI + "Concept"]
    assert values(record, SKOS_IRI + "prefLabel", concept) == ["Editor", "Redaktor"]


def test_closed_versions_are_not_told() -> None:
    versions = (
        Neighbour("00000-00001", 1, "published", closed=True),
        Neighbour("00000-00195", 2, "published", closed=False),
        Neighbour("00000-00003", 3, "published", closed=True),
    )
    data = dcat_turtle.write(minimal(index=2, versions=versions), SITE)
    assert b"00000-00001" not in data
    assert b"00000-00003" not in data


def test_the_versions_beside_are_those_that_can_be_read() -> None:
    """As the links of the landing page say: what was withdrawn between is passed over."""
    versions = (
        Neighbour("00000-00001", 1, "published", closed=False),
        Neighbour("00000-00003", 2, "withdrawn", closed=False),
        Neighbour("00000-00195", 3, "published", closed=False),
        Neighbour("00000-00297", 4, "withdrawn", closed=False),
        Neighbour("00000-00399", 5, "published", closed=False),
    )
    record = minimal(index=3, versions=versions)
    before, after = (f"{SITE.url}/records/00000-{number}" for number in ("00001", "00399"))
    assert (values(record, DCAT_IRI + "previousVersion"), values(record, DCT + "isReplacedBy")) == ([before], [after])
    links = {link.relation: link.href for link in signposts(record, SITE, ())}
    assert (links["predecessor-version"], links["successor-version"]) == (before, after)


def test_the_newest_version_everybody_sees_is_the_concept_s_current_one() -> None:
    parent = "https://doi.org/10.5072/0000y-gj987"
    assert values(full(), DCAT_IRI + "isVersionOf") == [parent]
    assert values(full(), DCT + "isVersionOf") == []
    assert values(full(), DCAT_IRI + "hasCurrentVersion", parent) == ["https://doi.org/10.5072/00000-00971"]
    assert values(full(), DCAT_IRI + "previousVersion") == ["https://doi.org/10.5072/0001x-14906"]


def test_people_are_named_by_orcid_or_by_a_fragment_of_the_landing_page() -> None:
    record = with_metadata(
        minimal(), creators=[person("A", orcid="0000-0002-1825-0097"), person("B"), organisation("C", ror="02ex6cf31")]
    )
    assert values(record, DCT + "creator") == [
        "https://orcid.org/0000-0002-1825-0097",
        f"{LANDING}#creator-2",
        "https://ror.org/02ex6cf31",
    ]


def test_organisations_of_the_same_name_are_one_node() -> None:
    lab = [{"name": "Lab"}]
    record = with_metadata(minimal(), creators=[person("A", affiliations=lab), person("B", affiliations=lab)])
    member = "http://www.w3.org/ns/org#memberOf"
    first = values(record, member, f"{LANDING}#creator-1")
    assert first == values(record, member, f"{LANDING}#creator-2") == [f"{LANDING}#organisation-1"]


def test_a_link_that_is_no_iri_is_repaired_or_becomes_text() -> None:
    record = with_metadata(
        minimal(),
        related_identifiers=[
            {"identifier": "https://example.org/a b", "scheme": "url", "relation_type": term("x", "X")},
            {"identifier": "no scheme at all", "scheme": "url", "relation_type": term("x", "X")},
        ],
    )
    assert values(record, DCT + "relation") == ["https://example.org/a%20b"]
    assert values(record, "https://schema.org/citation") == ["no scheme at all"]


@pytest.mark.parametrize(
    ("geometry", "text"),
    [
        ({"type": "Point", "coordinates": [12.5, 55.5, 7]}, "POINT(12.5 55.5)"),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, "MULTIPOINT((1 2),(3 4))"),
        ({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, "LINESTRING(1 2,3 4)"),
        ({"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]},
         "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]},
                                                       {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}]},
         "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))"),
    ],
)  # fmt: skip
def test_a_geometry_of_any_type_is_told_whole(geometry: dict[str, Any], text: str) -> None:
    record = with_metadata(minimal(), locations={"features": [{"geometry": geometry}]})
    node = values(record, "http://www.w3.org/ns/locn#geometry", f"{LANDING}#place-1")
    assert node == [f"{LANDING}#place-1-geometry"]
    assert values(record, "http://www.opengis.net/ont/geosparql#asWKT", node[0]) == [text]


def test_a_place_leads_to_its_entry_in_a_gazetteer_and_is_no_concept() -> None:
    place = values(full(), DCT + "spatial")[0]
    assert values(full(), "http://www.w3.org/2000/01/rdf-schema#seeAlso", place) == [
        "https://sws.geonames.org/2618425/"
    ]
    assert not any(each.predicate.value == SKOS_IRI + "exactMatch" for each in triples(full(), SITE))


def test_dates_are_typed_by_their_precision() -> None:
    for given_date, kind in (
        ("2020", "gYear"),
        ("2020-05", "gYearMonth"),
        ("2020-05-01", "date"),
        ("2019/2021", "gYear"),
    ):
        record = with_metadata(minimal(), publication_date=given_date)
        issued = next(each.object for each in triples(record, SITE) if each.predicate.value == DCT + "issued")
        assert isinstance(issued, Literal)
        assert issued.datatype.value == f"http://www.w3.org/2001/XMLSchema#{kind}"


def test_what_is_no_date_is_not_told_as_one() -> None:
    """DCAT-AP: the range of these is a date of XML Schema, not a text."""
    dates = [{"date": "0000/2020", "type": {"id": "coverage"}}, {"date": "soon", "type": {"id": "created"}}]
    record = with_metadata(minimal(), publication_date="last spring", dates=dates)
    assert values(record, DCT + "issued") == []
    period = values(record, DCT + "temporal")[0]
    assert values(record, DCAT_IRI + "startDate", period) == []
    assert values(record, DCAT_IRI + "endDate", period) == ["2020"]
    assert values(record, DCT + "created") == ["soon"]


def test_language_tags_are_the_shortest_codes() -> None:
    titles = [each.object for each in triples(full(), SITE) if each.predicate.value == DCT + "alternative"]
    assert [title.language for title in titles if isinstance(title, Literal)] == ["en", "cs"]


@pytest.mark.parametrize("make", [minimal, full, hostile, with_files])
def test_properties_and_classes_exist_in_their_vocabularies(make: Any) -> None:
    newer = {
        "hasCurrentVersion",
        "hasVersion",
        "isVersionOf",
        "previousVersion",
        "version",
    }  # DCAT 3, which rdflib may not know yet
    known = {str(vocabulary): vocabulary for vocabulary in (DCAT, DCTERMS, FOAF, ORG, PROV, SKOS)}
    for each in triples(make(), SITE):
        for term_iri in [each.predicate.value] + ([each.object.value] if each.predicate.value == TYPE else []):
            namespace = term_iri[: max(term_iri.rfind("#"), term_iri.rfind("/")) + 1]
            name = term_iri.removeprefix(namespace)
            assert namespace in {*PREFIXES.values(), "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}, term_iri
            assert namespace not in known or name in newer or rdflib.URIRef(term_iri) in known[namespace], term_iri


@OLD_RDFLIB_CLASS
@pytest.mark.parametrize("make", [minimal, full, hostile, with_files, embargoed])
def test_json_ld_is_read_without_fetching_a_context(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("a context was fetched")

    monkeypatch.setattr("urllib.request.urlopen", no_network)
    data = schema_org.write(make(), SITE)
    graph = rdflib.Graph().parse(data=data, format="json-ld")
    others = list(pyoxigraph.parse(data, format=RdfFormat.JSON_LD))
    assert len(graph) == len({Triple(quad.subject, quad.predicate, quad.object) for quad in others})
    subject = next(iter(graph.subjects(rdflib.URIRef("https://schema.org/creator"))))
    assert str(subject) == triples(make(), SITE)[0].subject.value


@OLD_RDFLIB_CLASS
def test_json_ld_keeps_the_order_of_authors_as_rdf() -> None:
    record = with_metadata(minimal(), creators=[person(name) for name in "ZAMBC"])
    graph = rdflib.Graph().parse(data=schema_org.write(record, SITE), format="json-ld")
    head = next(iter(graph.objects(None, rdflib.URIRef("https://schema.org/creator"))))
    names = [
        str(graph.value(author, rdflib.URIRef("https://schema.org/name")))
        for author in rdflib.collection.Collection(graph, head)
    ]
    assert names == list("ZAMBC")


def test_a_file_key_of_any_kind_makes_a_valid_distribution() -> None:
    keys = ["CON", "a b#c?d%.csv", "👩 é.txt", "x" * 255, "a/b/c"]
    record = minimal(access=access(), files=files(*(file_entry(key) for key in keys)))
    assert len(values(record, DCAT_IRI + "distribution")) == len(keys)
    assert read_back(record) == set(triples(record, SITE))
