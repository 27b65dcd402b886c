"""Comunica, knowing one address only, answers SPARQL queries over the sample records: by links, pages, or `/sparql`.

No other host can be reached: what is said here must not need a context, or anything else, from elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

import httpx
import pytest
import rdflib

from repository.formats.text import plain_title
from repository.records.identifiers import subject_iri
from repository.records.snapshot import Snapshot
from repository.records.visibility import is_public
from repository.services import accounts
from repository.services.instance import open_instance
from repository.services.sampling import deposit_samples
from repository.settings import load
from repository.storage import changes
from tests.docs.served import Served, served
from tests.servers.comunica import Engine, ask

pytestmark = [pytest.mark.service, pytest.mark.long, pytest.mark.timeout(600)]

PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
"""
ENGINES: tuple[Engine, ...] = ("query-sparql", "query-sparql-link-traversal")


@dataclass(frozen=True, slots=True)
class Repository:
    """A server with the sample records, and the public ones of them."""

    base: str
    public: tuple[Snapshot, ...]
    titles: dict[str, str]
    """By the IRI of the subject, as the graphs have them."""

    def id_of(self, title: str) -> str:
        """Of the latest version with this title."""
        return max((state.created, state.id) for state in self.public if state.title.startswith(title))[1]

    def api(self, path: str) -> Any:
        return httpx.get(f"{self.base}/api/records/{path}").raise_for_status().json()


def deposit(service: Served) -> tuple[Snapshot, ...]:
    instance = open_instance(load(service.home, service.variables, {}))
    try:
        owner = accounts.find_account(instance, "ada@example.org")
        assert owner is not None
        deposit_samples(instance, owner.viewer)
        with instance.database.read() as connection:
            return tuple(change.snapshot for change in changes.states(connection, "", 1000))
    finally:
        instance.close()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    with served(tmp_path_factory.mktemp("comunica") / "instance") as service:
        public = tuple(state for state in deposit(service) if is_public(state))
        assert len(public) >= 30
        service.wait_for_readers()
        instance_site = load(service.home, service.variables, {}).site
        titles = {subject_iri(instance_site, state): plain_title(state.title) for state in public}
        yield Repository(service.base, public, titles)


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
    repository: Repository, tmp_path: Path, title: str, begin: str
) -> None:
    record_id = repository.id_of(title)
    page = f"{repository.base}/records/{record_id}"
    query = f"{PREFIXES} SELECT ?title ?creator ?licence ?file WHERE {{ {QUERIES[begin].format(page=page)} }}"
    found = ask("query-sparql-link-traversal", page + begin, query, tmp_path).rows
    titles, creators, licences, files = (set(column) for column in zip(*found, strict=True))
    metadata = repository.api(record_id)["metadata"]
    assert titles == {metadata["title"]}
    assert creators == {entry["person_or_org"]["name"] for entry in metadata["creators"]}
    assert licences == {entry["props"]["url"] for entry in metadata["rights"]}
    checksums = {entry["checksum"] for entry in repository.api(f"{record_id}/files")["entries"]}
    assert {f"md5:{md5(httpx.get(file).content).hexdigest()}" for file in files} == checksums


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf", "nt"])
def test_who_begins_at_the_catalogue_finds_every_public_record(
    repository: Repository, tmp_path: Path, suffix: str, engine: Engine
) -> None:
    catalogue = f"{repository.base}/catalog.{suffix}"
    query = f"""{PREFIXES} SELECT DISTINCT ?dataset ?title WHERE {{
        <{repository.base}/catalog.ttl#catalog> dcat:dataset ?dataset . ?dataset dct:title ?title }}"""
    found = ask(engine, catalogue, query, tmp_path)
    assert found.rows == set(repository.titles.items())
    if engine == "query-sparql":
        assert found.asked_for == frozenset()


def test_queries_go_to_the_endpoint_whether_or_not_it_is_named_as_one(repository: Repository, tmp_path: Path) -> None:
    query = f"""{PREFIXES} SELECT DISTINCT ?dataset ?title WHERE {{
        ?page a dcat:CatalogRecord ; foaf:primaryTopic ?dataset . ?dataset dct:title ?title }}"""
    for source in (f"sparql@{repository.base}/sparql", f"{repository.base}/sparql"):
        found = ask("query-sparql", source, query, tmp_path)
        assert found.rows == set(repository.titles.items()), source
        assert found.asked_for == frozenset()


def test_what_is_constructed_over_the_endpoint_is_a_graph(repository: Repository, tmp_path: Path) -> None:
    query = f"""{PREFIXES} CONSTRUCT {{ ?dataset schema:name ?title }} WHERE {{
        ?page a dcat:CatalogRecord ; foaf:primaryTopic ?dataset . ?dataset dct:title ?title }}"""
    found = ask("query-sparql", f"sparql@{repository.base}/sparql", query, tmp_path, "application/n-triples")
    graph = rdflib.Graph().parse(data=found.text, format="nt")
    name = rdflib.URIRef("https://schema.org/name")
    assert {(str(dataset), str(title)) for dataset, title in graph.subject_objects(name)} == set(
        repository.titles.items()
    )
    assert len(graph) == len(repository.titles)
