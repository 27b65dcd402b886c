"""What a client that knows only the site finds: catalogue, event stream, ResourceSync, feed, and the rest."""

import json
from dataclasses import replace
from pathlib import Path

import feedparser
import pyoxigraph
import pyshacl
import pytest
import rdflib
from lxml import html
from pyoxigraph import RdfFormat
from rdflib import RDF, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDFS, SH, XSD
from snapshots import full

from repository.records.identifiers import landing_iri, subject_iri
from repository.records.snapshot import dump
from repository.records.structure import schemas_folder
from repository.storage.changes import Change
from repository.storage.database import Database
from site_builder.projection import SiteProjection
from site_builder.views import interfaces
from site_builder.views.lists import SIGNPOSTS
from tests.following.contract import withdrawn
from tests.site.discovered import CLOSED, GONE, PUBLIC, SITE, record, xml
from tests.site.site_output import URL, build, changes, increment, rebuilt, settings_in, tree

AS = Namespace("https://www.w3.org/ns/activitystreams#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
VOID = Namespace("http://rdfs.org/ns/void#")
CATALOG = URIRef(f"{URL}/catalog.ttl#catalog")
STREAM = URIRef(f"{URL}/ldes#stream")


def graph(served: dict[str, bytes], path: str, syntax: str = "turtle") -> rdflib.Graph:
    return rdflib.Graph().parse(data=served[path], format=syntax)


def catalogue(served: dict[str, bytes]) -> rdflib.Graph:
    """The root and all pages, by following `hydra:next`."""
    found = graph(served, "catalog.ttl")
    page = found.value(URIRef(f"{URL}/catalog.ttl"), HYDRA.next)
    seen = []
    while page is not None:
        assert page not in seen
        seen.append(page)
        found += graph(served, str(page).removeprefix(f"{URL}/"))
        page = found.value(page, HYDRA.next)
    assert found.value(URIRef(f"{URL}/catalog.ttl"), HYDRA.last) == seen[-1]
    assert len(seen) == sum(path.startswith("catalog/") for path in served)
    return found


def test_the_catalogue_names_every_public_record_and_its_page(served: dict[str, bytes]) -> None:
    found = catalogue(served)
    assert (CATALOG, RDF.type, DCAT.Catalog) in found
    subjects = {URIRef(subject_iri(SITE, state)) for state in PUBLIC}
    assert set(found.objects(CATALOG, DCAT.dataset)) == subjects
    assert set(found.objects(CATALOG, DCAT.record)) == {URIRef(landing_iri(SITE, state.id)) for state in PUBLIC}
    for state in PUBLIC:
        subject, landing = URIRef(subject_iri(SITE, state)), URIRef(landing_iri(SITE, state.id))
        assert found.value(landing, FOAF.primaryTopic) == subject
        assert found.value(subject, DCTERMS.title)
        assert found.value(subject, DCTERMS.modified)
        assert found.value(landing, DCTERMS.modified) == Literal(state.updated, datatype=XSD.dateTime)
    assert found.value(URIRef(subject_iri(SITE, record(3))), DCTERMS.title) == Literal("Rain 3")


def test_pages_of_the_catalogue_hold_no_more_than_the_limit(served: dict[str, bytes]) -> None:
    for path in served:
        if path.startswith("catalog/"):
            assert 1 <= len(list(graph(served, path).objects(CATALOG, DCAT.record))) <= 3, path


def test_the_root_says_the_same_in_every_syntax(served: dict[str, bytes]) -> None:
    syntaxes = {
        "ttl": RdfFormat.TURTLE,
        "jsonld": RdfFormat.JSON_LD,
        "rdf": RdfFormat.RDF_XML,
        "nt": RdfFormat.N_TRIPLES,
    }
    said = [set(pyoxigraph.parse(served[f"catalog.{suffix}"], format=form)) for suffix, form in syntaxes.items()]
    assert len(said[0]) > 10
    assert said == said[:1] * 4


def test_each_root_tells_how_many_records_there_are_and_leads_to_the_first_page(served: dict[str, bytes]) -> None:
    root = graph(served, "catalog.ttl")
    assert root.value(CATALOG, HYDRA.totalItems) == Literal(len(PUBLIC))
    views = {URIRef(f"{URL}/catalog.{suffix}") for suffix in ("ttl", "jsonld", "rdf", "nt")}
    assert set(root.objects(CATALOG, HYDRA.view)) == views
    assert {root.value(view, HYDRA.next) for view in views} == {root.value(URIRef(f"{URL}/catalog.ttl"), HYDRA.next)}


def test_the_catalogue_leads_to_the_stream_and_to_the_description_of_all_data(served: dict[str, bytes]) -> None:
    further = set(graph(served, "catalog.ttl").objects(CATALOG, RDFS.seeAlso))
    assert further == {URIRef(f"{URL}/ldes"), URIRef(f"{URL}/.well-known/void")}


def test_who_harvests_the_catalogue_needs_no_second_request(served: dict[str, bytes]) -> None:
    """What data.europa.eu and national catalogues read of a dataset is said of it as in its own document."""
    found, state = catalogue(served), full(500)
    subject, whole = URIRef(subject_iri(SITE, state)), graph(served, f"records/{state.id}/record.ttl")
    for said in (
        DCTERMS.description,
        DCTERMS.publisher,
        DCTERMS.creator,
        DCTERMS.accessRights,
        DCTERMS.license,
        DCTERMS.issued,
        DCTERMS.identifier,
        DCTERMS.type,
        DCTERMS.language,
        DCTERMS.spatial,
        DCTERMS.temporal,
        DCAT.keyword,
        DCAT.theme,
        DCAT.contactPoint,
        DCAT.landingPage,
        DCAT.distribution,
    ):
        values = set(found.objects(subject, said))
        assert values == set(whole.objects(subject, said))
        assert values, said
        for value in values if said != DCAT.landingPage else ():
            less = (LOCN.geometry, FOAF.givenName, FOAF.familyName)  # a box and a name say it too
            told = {(word, thing) for word, thing in whole.predicate_objects(value) if word not in less}
            assert told <= set(found.predicate_objects(value))


def test_the_catalogue_obeys_the_shapes_of_dcat_ap(served: dict[str, bytes]) -> None:
    shapes = rdflib.Graph().parse(schemas_folder() / "dcat-ap-v1.ttl")
    conforms, _report, wrong = pyshacl.validate(catalogue(served), shacl_graph=shapes)
    assert conforms, wrong


FAULTS = (
    (DCTERMS.title, None),
    (DCTERMS.description, None),
    (DCTERMS.publisher, None),
    (DCTERMS.publisher, Literal("Harbour Institute")),
    (DCTERMS.language, Literal("en")),
    (FOAF.homepage, None),
    (FOAF.name, None),
    (DCAT.service, URIRef(f"{URL}/no-service")),
    (DCAT.endpointURL, None),
    (DCAT.endpointDescription, Literal("queries")),
    (DCTERMS.conformsTo, Literal("SPARQL 1.1")),
)


@pytest.mark.parametrize(("path", "wrong"), FAULTS, ids=lambda value: str(value).rpartition("/")[2])
def test_the_shapes_find_what_a_catalogue_lacks(
    served: dict[str, bytes], path: URIRef, wrong: rdflib.term.Node | None
) -> None:
    root, shapes = graph(served, "catalog.ttl"), rdflib.Graph().parse(schemas_folder() / "dcat-ap-v1.ttl")
    said = list(root.subject_objects(path))
    assert said
    for subject, value in said:
        root.remove((subject, path, value))
        if wrong is not None:
            root.add((subject, path, wrong))
    _conforms, report, _text = pyshacl.validate(root, shacl_graph=shapes)
    assert isinstance(report, rdflib.Graph)
    assert path in set(report.objects(None, SH.resultPath))


def test_the_catalogue_tells_its_language_and_what_describes_its_services(served: dict[str, bytes]) -> None:
    root = graph(served, "catalog.ttl")
    english = URIRef("http://publications.europa.eu/resource/authority/language/ENG")
    assert set(root.objects(CATALOG, DCTERMS.language)) == {english}
    told = {service: root.value(service, DCAT.endpointDescription) for service in root.objects(CATALOG, DCAT.service)}
    assert told == {
        URIRef(f"{URL}/{address}"): URIRef(f"{URL}/{description}")
        for address, description in (
            ("oai", "oai?verb=Identify"),
            ("sparql", "sparql"),
            ("api/records", "api/openapi.json"),
        )
    }


def test_nothing_shares_the_homepage_of_the_catalogue(served: dict[str, bytes]) -> None:
    """Two things of one foaf:homepage are one and the same thing to who reasons by FOAF."""
    found = graph(served, "catalog.ttl") + graph(served, ".well-known/void")
    home = URIRef(f"{URL}/")
    assert set(found.subjects(FOAF.homepage, home)) == {CATALOG}
    assert len(set(found.subjects(FOAF.page, home))) == 2
    pages = list(found.objects(None, FOAF.homepage))
    assert len(pages) == len(set(pages)) == 2


def members(served: dict[str, bytes]) -> rdflib.Graph:
    """The root of the stream and everything that its relations lead to."""
    waiting, seen, found = [f"{URL}/ldes"], set[str](), rdflib.Graph()
    while waiting:
        address = waiting.pop()
        assert address not in seen
        seen.add(address)
        page = graph(served, address.removeprefix(f"{URL}/"))
        assert len(list(page.objects(STREAM, TREE.member))) <= 3
        nodes = {
            str(node) for relation in page.objects(None, TREE.relation) for node in page.objects(relation, TREE.node)
        }
        waiting += nodes
        found += page
    assert len(seen) == 1 + sum(path.startswith("changes/") for path in served)
    return found


def test_the_stream_tells_the_last_change_of_every_record(served: dict[str, bytes]) -> None:
    found = members(served)
    assert (STREAM, RDF.type, LDES.EventStream) in found
    assert found.value(STREAM, LDES.timestampPath) == DCTERMS.modified
    told = {found.value(member, DCTERMS.isVersionOf): member for member in found.objects(STREAM, TREE.member)}
    assert set(told) == {URIRef(landing_iri(SITE, state.id)) for state in (*PUBLIC, *GONE)}
    for state in (*PUBLIC, *GONE):
        landing = URIRef(landing_iri(SITE, state.id))
        kind = AS.Create if state in PUBLIC else AS.Delete
        assert found.value(told[landing], RDF.type) == kind
        subject = URIRef(subject_iri(SITE, state)) if state in PUBLIC else None
        assert found.value(told[landing], FOAF.primaryTopic) == subject
        assert found.value(told[landing], DCTERMS.modified).datatype == XSD.dateTime


def test_relations_of_the_stream_bound_the_times_below_them(served: dict[str, bytes]) -> None:
    found = members(served)
    bounds = list(found.subjects(TREE.value, None))
    assert bounds
    for relation in bounds:
        page = graph(served, str(found.value(relation, TREE.node)).removeprefix(f"{URL}/"))
        limit = found.value(relation, TREE.value).toPython()
        times = [time.toPython() for time in page.objects(None, DCTERMS.modified)]
        is_least = (relation, RDF.type, TREE.GreaterThanOrEqualToRelation) in found
        assert all(limit <= time if is_least else time < limit for time in times)


def test_the_feed_has_the_newest_first_and_nothing_that_went(served: dict[str, bytes]) -> None:
    feed = feedparser.parse(served["feed.xml"])
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.id == feed.feed.links[0].href == f"{URL}/feed.xml"
    entries = feed.entries
    assert {entry.id for entry in entries} == {landing_iri(SITE, state.id) for state in PUBLIC}
    assert [entry.updated for entry in entries] == sorted((entry.updated for entry in entries), reverse=True)
    assert feed.feed.updated >= entries[0].updated
    for entry in entries:
        assert entry.link == entry.id
        assert entry.title
        assert entry.published
        assert entry.summary
    assert next(entry for entry in entries if entry.id.endswith(record(3).id)).title == "Rain 3"


def test_every_interface_is_in_the_catalogue_of_interfaces(served: dict[str, bytes]) -> None:
    """RFC 9264, 4.2: an object with `linkset`, contexts with `anchor`, and targets with `href` for each relation."""
    document = json.loads(served[".well-known/api-catalog"])
    assert set(document) == {"linkset"}
    listed, *described = document["linkset"]
    assert listed["anchor"] == f"{URL}/.well-known/api-catalog"
    assert [item["href"] for item in listed["item"]] == [context["anchor"] for context in described]
    for context in described:
        relations = {name: targets for name, targets in context.items() if name != "anchor"}
        assert "service-doc" in relations
        assert all(target["href"].startswith("http") for targets in relations.values() for target in targets)
    wanted = (
        "/oai",
        "/api/records",
        "/sparql",
        "/ldes",
        "/.well-known/resourcesync",
        "/sitemap.xml",
        "/feed.xml",
        "/catalog.ttl",
    )
    assert {f"{URL}{path}" for path in wanted} <= {context["anchor"] for context in described}


def test_void_tells_where_the_data_begin(served: dict[str, bytes]) -> None:
    found = graph(served, ".well-known/void")
    dataset = URIRef(f"{URL}/.well-known/void#dataset")
    assert (dataset, RDF.type, VOID.Dataset) in found
    assert found.value(dataset, VOID.entities) == Literal(len(PUBLIC))
    examples = set(found.objects(dataset, VOID.exampleResource))
    assert len(examples) == 2
    assert examples <= {URIRef(landing_iri(SITE, state.id)) for state in PUBLIC}
    seen = {str(address).removeprefix(f"{URL}/") for address in found.objects(dataset, RDFS.seeAlso)}
    assert seen == {"catalog.ttl", "ldes", ".well-known/resourcesync"} <= set(served)
    (vocabularies,) = found.objects(dataset, VOID.subset)
    assert found.value(vocabularies, VOID.uriSpace) == Literal(f"{URL}/vocabularies/")
    assert set(found.objects(dataset, VOID.rootResource)) == {CATALOG, STREAM}
    assert found.value(dataset, VOID.sparqlEndpoint) == URIRef(f"{URL}/sparql")
    assert found.value(dataset, VOID.uriSpace) == Literal(f"{URL}/records/")


def test_the_licence_of_the_metadata_is_told_of_the_catalogue_and_of_all_data(
    database: Database, tmp_path: Path, served: dict[str, bytes]
) -> None:
    open_ = "https://opendatacommons.org/licenses/by/1-0/"
    made = rebuilt(database, tmp_path / "open", [], **{"site.metadata_licence": open_})
    untold = rebuilt(database, tmp_path / "untold", [], **{"site.metadata_licence": ""})
    for path, subject in (("catalog.ttl", CATALOG), (".well-known/void", URIRef(f"{URL}/.well-known/void#dataset"))):
        assert graph(served, path).value(subject, DCTERMS.license) == URIRef(SITE.metadata_licence)
        assert graph(made, path).value(subject, DCTERMS.license) == URIRef(open_)
        assert graph(untold, path).value(subject, DCTERMS.license) is None


def test_browsers_are_told_how_to_search(served: dict[str, bytes]) -> None:
    root = xml(served["opensearch.xml"])
    space = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    assert 1 <= len(root.findtext("o:ShortName", namespaces=space)) <= 16
    templates = root.xpath("o:Url[@type='text/html']/@template", namespaces=space)
    assert [template.startswith(f"{URL}/search/results?q={{searchTerms}}") for template in templates] == [True]


def test_the_home_page_leads_to_everything(served: dict[str, bytes]) -> None:
    links = html.document_fromstring(served["index.html"].decode()).xpath("//head/link[@rel][@type]")
    told = {(link.get("rel"), link.get("href")) for link in links}
    assert {(relation, href) for relation, href, *_rest in SIGNPOSTS} <= told
    for _relation, href, *_rest in SIGNPOSTS:
        assert href.startswith("/api/") or href[1:] in served
    assert {path[1:] for path in interfaces.WITHOUT_SUFFIX} <= set(served)


def test_what_is_closed_is_nowhere_and_what_went_has_no_words(served: dict[str, bytes]) -> None:
    lists = {path: data for path, data in served.items() if not path.startswith("records/")}
    assert [path for path, data in lists.items() if CLOSED[0].id.encode() in data or b"SECRET" in data] == []
    said = [path for path, data in lists.items() if GONE[0].id.encode() in data]
    assert said
    assert all(path.startswith(("changes/", "resourcesync/")) for path in said)
    assert not [path for path in said if b"Rain 600" in served[path]]


def test_a_record_that_is_withdrawn_leaves_every_list_in_the_same_increment(
    database: Database, tmp_path: Path, small_lists: None
) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([record(number) for number in range(1, 6)]))
    change = changes([withdrawn(record(3))], 100)
    increment(projection, [replace(each, kind="withdrawn") for each in change])
    named = {path for path, data in tree(tmp_path).items() if record(3).id.encode() in data}
    assert {path.split("/")[0] for path in named if not path.startswith("records/")} == {"changes", "resourcesync"}
    increment(projection, [Change(101, record(3).id, "restored", change[0].at, dump(record(3)))])
    assert b'change="created"' in tree(tmp_path)["resourcesync/changes/2024-08.xml"]
