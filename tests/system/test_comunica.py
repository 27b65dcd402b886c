"""Comunica, knowing one address only, answers SPARQL queries over the sample records: by links, pages, or `/sparql`.

No other host can be reached: what is said here must not need a context, or anything else, from elsewhere.
"""

from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import httpx
import pytest
import rdflib

from repository.following import run_until_current
from repository.formats.text import plain_title
from repository.ld.projection import LdProjection
from repository.records.identifiers import subject_iri
from tests.docs.markdown import blocks, text
from tests.ld.sparql_service import query_service
from tests.servers.comunica import Engine, ask
from tests.system.running import Running

pytestmark = [pytest.mark.service, pytest.mark.long, pytest.mark.timeout(600)]

PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX ldes: <https://w3id.org/ldes#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX tree: <https://w3id.org/tree#>
"""
ENGINES: tuple[Engine, ...] = ("query-sparql", "query-sparql-link-traversal")


@pytest.fixture(scope="module")
def repository(running: Running) -> Iterator[Running]:
    """Its graphs are filled, and the query processes run."""
    settings = running.instance.settings
    (outcome,) = run_until_current(running.instance.database, [LdProjection(settings)])
    assert (outcome.error, outcome.parked) == ("", 0)
    with query_service(settings):
        yield running


@pytest.fixture(scope="module")
def titles(running: Running) -> dict[str, str]:
    """Of all public records by the IRI of the subject, as the graphs have them."""
    site = running.instance.settings.site
    found = {subject_iri(site, state): plain_title(state.title) for state in running.public()}
    assert len(found) >= 30
    return found


def latest(repository: Running, title: str) -> str:
    """Id of the last version of the record whose title begins so."""
    return max((state.created, state.id) for state in repository.public() if state.title.startswith(title))[1]


def from_api(repository: Running, path: str) -> Any:
    return httpx.get(f"{repository.base}/api/records/{path}").raise_for_status().json()


SAMPLES = ("Rainfall and stream discharge", "Lipové aleje", "云麓茶园", "Rain Gauge Toolkit", "What cracked pots")
"""With a DOI and without; data, software, theses; names and titles in several scripts."""
QUERIES = {
    "": """?work schema:url <{page}> ; schema:name ?title ; schema:license ?licence ;
        schema:author/schema:name ?creator ; schema:distribution/schema:contentUrl ?file""",
    "/record.ttl": """?work dcat:landingPage <{page}> ; dct:title ?title ; dct:license ?licence ;
        dct:creator/foaf:name ?creator ; dcat:distribution/dcat:downloadURL ?file""",
}
"""By where the client begins: a page in the words of schema.org, a document of metadata in those of DCAT."""


@pytest.mark.parametrize(("title", "begin"), [*((title, "") for title in SAMPLES), (SAMPLES[0], "/record.ttl")])
def test_who_begins_at_a_landing_page_finds_title_creators_licence_and_files(
    repository: Running, tmp_path: Path, title: str, begin: str
) -> None:
    record_id = latest(repository, title)
    page = f"{repository.base}/records/{record_id}"
    query = f"{PREFIXES} SELECT ?title ?creator ?licence ?file WHERE {{ {QUERIES[begin].format(page=page)} }}"
    found = ask("query-sparql-link-traversal", page + begin, query, tmp_path).rows
    titles, creators, licences, files = (set(column) for column in zip(*found, strict=True))
    metadata = from_api(repository, record_id)["metadata"]
    assert titles == {metadata["title"]}
    assert creators == {entry["person_or_org"]["name"] for entry in metadata["creators"]}
    assert licences == {entry["props"]["url"] for entry in metadata["rights"]}
    checksums = {entry["checksum"] for entry in from_api(repository, f"{record_id}/files")["entries"]}
    assert {f"md5:{md5(httpx.get(file).content).hexdigest()}" for file in files} == checksums


def test_who_begins_at_a_landing_page_comes_to_the_catalogue(repository: Running, tmp_path: Path) -> None:
    page = f"{repository.base}/records/{latest(repository, SAMPLES[0])}"
    query = f"""{PREFIXES} SELECT ?catalogue ?kind WHERE {{
        ?work schema:url <{page}> ; schema:includedInDataCatalog ?catalogue . ?catalogue a ?kind }}"""
    found = ask("query-sparql-link-traversal", page, query, tmp_path).rows
    assert (f"{repository.base}/catalog.ttl#catalog", "http://www.w3.org/ns/dcat#Catalog") in found


def test_who_begins_at_a_record_comes_over_the_catalogue_to_the_stream(repository: Running, tmp_path: Path) -> None:
    """In two steps: of a pattern that the first document has nothing for, Comunica's planner expects nothing."""
    page = f"{repository.base}/records/{latest(repository, SAMPLES[0])}"
    query = f"""{PREFIXES} SELECT ?catalogue ?view WHERE {{
        <{page}> dct:isPartOf ?catalogue . ?catalogue rdfs:seeAlso ?view }}"""
    found = ask("query-sparql-link-traversal", f"{page}/record.ttl", query, tmp_path).rows
    catalogue, view = f"{repository.base}/catalog.ttl#catalog", f"{repository.base}/ldes"
    assert (catalogue, view) in found
    query = f"{PREFIXES} SELECT ?stream WHERE {{ ?stream a ldes:EventStream ; tree:view <{view}> }}"
    assert ask("query-sparql", view, query, tmp_path).rows == {(f"{view}#stream",)}


def test_documents_of_a_record_are_read_without_a_word_to_other_hosts(repository: Running, tmp_path: Path) -> None:
    page = f"{repository.base}/records/{latest(repository, SAMPLES[0])}"
    query = "SELECT (count(*) AS ?number) WHERE { ?subject ?property ?value }"
    found = {
        name: ask("query-sparql", page + name, query, tmp_path)
        for name in ("", "/schema.jsonld", "/record.jsonld", "/record.ttl", "/record.nt", "/record.rdf")
    }
    assert {name: answer.asked_for for name, answer in found.items()} == dict.fromkeys(found, frozenset())
    numbers = {name: int(number) for name, answer in found.items() for (number,) in answer.rows}
    assert numbers[""] == numbers["/schema.jsonld"] > 50
    assert numbers["/record.jsonld"] == numbers["/record.ttl"] == numbers["/record.nt"] == numbers["/record.rdf"] > 100


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf", "nt"])
def test_who_begins_at_the_catalogue_finds_every_public_record(
    repository: Running, titles: dict[str, str], tmp_path: Path, suffix: str, engine: Engine
) -> None:
    catalogue = f"{repository.base}/catalog.{suffix}"
    query = f"""{PREFIXES} SELECT DISTINCT ?dataset ?title WHERE {{
        <{repository.base}/catalog.ttl#catalog> dcat:dataset ?dataset . ?dataset dct:title ?title }}"""
    found = ask(engine, catalogue, query, tmp_path)
    assert found.rows == set(titles.items())
    if engine == "query-sparql":
        assert found.asked_for == frozenset()


def test_queries_of_the_guide_have_answers(repository: Running, titles: dict[str, str], tmp_path: Path) -> None:
    of_page, of_catalogue = (block.code for block in blocks(text("user-guide.md")) if block.language == "sparql")
    page = f"{repository.base}/records/{latest(repository, SAMPLES[0])}"
    found = ask("query-sparql-link-traversal", page, of_page, tmp_path).rows
    assert len(found) == 3 * 4, "creators by files"
    assert ask("query-sparql", f"{repository.base}/catalog.ttl", of_catalogue, tmp_path).rows == set(titles.items())


def test_queries_go_to_the_endpoint_whether_or_not_it_is_named_as_one(
    repository: Running, titles: dict[str, str], tmp_path: Path
) -> None:
    query = f"""{PREFIXES} SELECT DISTINCT ?dataset ?title WHERE {{
        ?page a dcat:CatalogRecord ; foaf:primaryTopic ?dataset . ?dataset dct:title ?title }}"""
    for source in (f"sparql@{repository.base}/sparql", f"{repository.base}/sparql"):
        found = ask("query-sparql", source, query, tmp_path)
        assert found.rows == set(titles.items()), source
        assert found.asked_for == frozenset()


def test_what_is_constructed_over_the_endpoint_is_a_graph(
    repository: Running, titles: dict[str, str], tmp_path: Path
) -> None:
    query = f"""{PREFIXES} CONSTRUCT {{ ?dataset schema:name ?title }} WHERE {{
        ?page a dcat:CatalogRecord ; foaf:primaryTopic ?dataset . ?dataset dct:title ?title }}"""
    found = ask("query-sparql", f"sparql@{repository.base}/sparql", query, tmp_path, "application/n-triples")
    graph = rdflib.Graph().parse(data=found.text, format="nt")
    name = rdflib.URIRef("https://schema.org/name")
    assert {(str(dataset), str(title)) for dataset, title in graph.subject_objects(name)} == set(titles.items())
    assert len(graph) == len(titles)
