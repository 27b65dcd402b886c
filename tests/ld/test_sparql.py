"""The SPARQL endpoint, with a real query service behind it."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rdflib
from flask.testing import FlaskClient
from snapshots import files_closed, full, minimal, record_closed, with_files
from werkzeug.test import TestResponse

from repository.formats.rdf import triples
from repository.records.identifiers import landing_iri
from tests.ld.sparql_service import application, fill, query_service, settings_of
from tests.servers.fuseki import FusekiServer

STATES = (minimal(1), minimal(2), full(), with_files(3), files_closed(4), record_closed())
COUNT = "SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }"
TITLES = "PREFIX dct: <http://purl.org/dc/terms/> CONSTRUCT { ?s dct:title ?t } WHERE { ?s dct:title ?t }"
JSON = "application/sparql-results+json"
RDF = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")

rdflib_is_behind_itself = pytest.mark.filterwarnings(r"ignore::DeprecationWarning:rdflib\..*")
"""Its parts use what its graphs warn of."""


@pytest.fixture(
    scope="module",
    params=["embedded", pytest.param("scaled", marks=[pytest.mark.service, pytest.mark.xdist_group("fuseki")])],
)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Over an embedded store, and over a server."""
    settings = settings_of(tmp_path_factory.mktemp("home"))
    if request.param == "scaled":
        server: FusekiServer = request.getfixturevalue("fuseki")
        server.empty()
        settings = replace(settings, graph=server.setting)
    fill(settings, STATES)
    with query_service(settings):
        yield application(settings).test_client()


def ask(client: FlaskClient, query: str, accept: str = JSON, **parameters: Any) -> TestResponse:
    return client.get("/sparql", query_string={"query": query, **parameters}, headers={"Accept": accept})


def rows(response: TestResponse) -> list[list[str]]:
    """Of an answer in CSV, without its head."""
    assert (response.status_code, response.mimetype) == (200, "text/csv"), response.text
    return list(csv.reader(io.StringIO(response.text)))[1:]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        (JSON, JSON),
        ("application/json", JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/xml, text/html", "application/sparql-results+xml"),
        ("text/html;q=0.5, application/json", JSON),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("text/csv;q=0.1, application/sparql-results+xml;q=0.2, text/turtle", "application/sparql-results+xml"),
    ],
)
@pytest.mark.parametrize("query", ["ASK { ?s a ?c }", COUNT])
def test_rows_and_truth_come_as_the_client_wishes(
    client: FlaskClient, query: str, accept: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = client.get("/sparql", query_string={"query": query}, headers=headers)
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.headers["Vary"] == "Accept"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if media_type.startswith("application/"):
        result = rdflib.query.Result.parse(io.BytesIO(response.data), content_type=media_type)
        assert result.type == query.split(maxsplit=1)[0]


@pytest.mark.parametrize("media_type", RDF)
@rdflib_is_behind_itself
def test_triples_come_as_the_client_wishes(client: FlaskClient, media_type: str) -> None:
    response = ask(client, TITLES, media_type)
    assert (response.status_code, response.mimetype) == (200, media_type)
    titles = rdflib.Graph().parse(data=response.data, format=media_type)
    assert len(titles) >= 5
    assert set(titles.predicates()) == {rdflib.DCTERMS.title}
    page = landing_iri(settings_of(Path("unused")).site, full().id)
    described = ask(client, f"DESCRIBE <{page}>", media_type)
    assert (described.status_code, described.mimetype) == (200, media_type)
    about = rdflib.Graph().parse(data=described.data, format=media_type)
    assert (rdflib.URIRef(page), rdflib.FOAF.primaryTopic, None) in about


@pytest.mark.parametrize(
    ("query", "accept"), [(COUNT, "text/turtle"), (TITLES, "text/csv"), (COUNT, "image/png"), (TITLES, "image/png")]
)
def test_what_can_not_be_made_is_not_acceptable_and_the_answer_lists_what_can(
    client: FlaskClient, query: str, accept: str
) -> None:
    response = ask(client, query, accept)
    assert response.status_code == 406
    assert ("text/csv" if query == COUNT else "text/turtle") in response.text


def test_a_query_can_be_posted_as_a_form_and_as_it_is(client: FlaskClient) -> None:
    expected = ask(client, COUNT).json
    assert client.post("/sparql", data={"query": COUNT}).json == expected
    assert client.post("/sparql", data=COUNT, content_type="application/sparql-query; charset=UTF-8").json == expected
    long = COUNT + "#" + "ř" * 30_000
    assert client.post("/sparql", data={"query": long}).json == expected


def test_head_and_preflight(client: FlaskClient) -> None:
    response = client.head("/sparql", query_string={"query": COUNT})
    assert (response.status_code, response.data, response.mimetype) == (200, b"", JSON)
    response = client.options(
        "/sparql", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    )
    assert response.status_code == 204
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


def graphs(client: FlaskClient) -> set[str]:
    return {row[0] for row in rows(ask(client, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "text/csv"))}


def test_each_public_record_is_a_graph_named_by_its_landing_page(client: FlaskClient) -> None:
    site = settings_of(Path("unused")).site
    assert graphs(client) == {landing_iri(site, state.id) for state in STATES if not state.closed}
    closed = rows(ask(client, 'SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?o), "SECRET")) }', "text/csv"))
    assert closed == []


QUERIES = (
    COUNT,
    "SELECT ?p (COUNT(?o) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    "SELECT ?label ?s { ?s <http://purl.org/dc/terms/type>/<http://www.w3.org/2004/02/skos/core#prefLabel> ?label }",
    "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT ?s ?v { ?s a <http://www.w3.org/ns/dcat#Dataset> OPTIONAL { ?s <http://www.w3.org/ns/dcat#version> ?v } }",
    "SELECT DISTINCT ?x WHERE { ?s <http://purl.org/dc/terms/creator>/<http://xmlns.com/foaf/0.1/name> ?x }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s !a ?o FILTER(isLiteral(?o) && LANG(?o) = 'en') }",
)


@pytest.mark.parametrize("query", QUERIES)
@rdflib_is_behind_itself
def test_rdflib_gives_the_same_rows(client: FlaskClient, query: str) -> None:
    """Over the same graphs, whose union states each triple once."""
    site = settings_of(Path("unused")).site
    peer = rdflib.Dataset(default_union=True)
    for state in STATES:
        if not state.closed:
            text = " .\n".join(map(str, triples(state, site))) + " ."
            peer.graph(rdflib.URIRef(landing_iri(site, state.id))).parse(data=text, format="nt")
    response = ask(client, query)
    ours = rdflib.query.Result.parse(io.BytesIO(response.data), content_type=JSON)
    assert len(ours) > 0
    assert sorted(map(str, ours)) == sorted(map(str, peer.query(query)))


def test_a_dataset_is_named_by_the_query_or_by_the_request(client: FlaskClient) -> None:
    first, second = sorted(graphs(client))[:2]
    inner = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{first}> {{ ?s ?p ?o }} }}"
    one = rows(ask(client, inner, "text/csv"))
    assert int(one[0][0]) > 10
    assert rows(ask(client, COUNT.replace("WHERE", f"FROM <{first}> WHERE"), "text/csv")) == one
    parameters = {"default-graph-uri": first}
    assert rows(ask(client, COUNT, "text/csv", **parameters)) == one
    assert rows(ask(client, COUNT.replace("WHERE", f"FROM <{second}> WHERE"), "text/csv", **parameters)) == one
    named = {"named-graph-uri": first}
    assert rows(ask(client, COUNT, "text/csv", **named)) == [["0"]]
    found = rows(ask(client, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "text/csv", **named))
    assert found == [[first]]
    assert ask(client, COUNT, **{"default-graph-uri": "no iri"}).status_code == 400
    assert ask(client, COUNT, **{"default-graph-uri": "https://example.org/\n"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("SELECT * WHERE { ?s ?p }", 400, "not valid SPARQL: error at 1:25"),
        ("SELEC", 400, "not valid SPARQL"),
        (" ", 400, "missing"),
        ("\x00", 400, "not valid SPARQL"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", 400, "not valid SPARQL"),
        ("DROP ALL", 400, "not valid SPARQL"),
        ("SELECT * WHERE { SERVICE <http://localhost/> { ?s ?p ?o } }", 400, "SERVICE is not allowed"),
        ("SELECT * { service silent <http://localhost/> { ?s ?p ?o } }", 400, "SERVICE is not allowed"),
        ("SELECT * {FILTER(1<2)SERVICE<http://localhost/>{?s ?p ?o}}", 400, "SERVICE is not allowed"),
    ],
)
def test_a_wrong_query_is_told_what_is_wrong(client: FlaskClient, query: str, status: int, message: str) -> None:
    response = ask(client, query)
    assert (response.status_code, response.content_type) == (status, "text/plain; charset=utf-8")
    assert message in response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_word_service_is_allowed_where_it_is_no_keyword(client: FlaskClient) -> None:
    query = """PREFIX service: <https://example.org/SERVICE/> # SERVICE
        SELECT ?service { ?s service:SERVICE ?service FILTER(?s != 'SERVICE' && ?s != \"\"\"a " SERVICE\"\"\") }"""
    assert ask(client, query).status_code == 200


def test_requests_that_are_none_of_the_protocol(client: FlaskClient) -> None:
    for response, status in (
        (client.post("/sparql", data={"update": "DROP ALL"}), 403),
        (client.get("/sparql?update=DROP%20ALL"), 403),
        (client.post("/sparql", data="DROP ALL", content_type="application/sparql-update"), 403),
        (client.post("/sparql", data="{}", content_type="application/json"), 415),
        (client.post("/sparql", data=b"", content_type="application/sparql-query"), 400),
        (client.post("/sparql", data={}), 415),
        (client.get("/sparql?query=ASK{}&query=ASK{}"), 400),
        (client.get("/sparql?query=%ff"), 400),
        (client.post("/sparql", data=b"\xff", content_type="application/sparql-query"), 400),
        (client.get("/sparql?query=ASK{}&" + "&".join(f"p{n}=" for n in range(200))), 400),
        (client.put("/sparql", data="x"), 405),
        (
            client.post("/sparql", data=b"x", content_type="application/sparql-query", headers={"Content-Length": "9"}),
            400,
        ),
    ):
        assert response.status_code == status, response.text


def test_a_query_that_is_too_long_is_refused_unread(client: FlaskClient) -> None:
    values = " ".join(f"<https://example.org/{number}>" for number in range(3000))
    query = f"SELECT * {{ VALUES ?s {{ {values} }} ?s ?p ?o }}"
    assert ask(client, query).status_code == 414
    assert client.post("/sparql", data={"query": query}).status_code == 413
    assert client.post("/sparql", data=query, content_type="application/sparql-query").status_code == 413
    endless = io.BytesIO(b" " * 10_000_000)
    response = client.post(
        "/sparql", input_stream=endless, content_type="application/sparql-query", content_length=10**9
    )
    assert response.status_code == 413
    assert endless.tell() == 0


@pytest.mark.parametrize(
    ("name", "media_type", "query"),
    [
        ("json", JSON, COUNT),
        ("xml", "application/sparql-results+xml", COUNT),
        ("csv", "text/csv", COUNT),
        ("tsv", "text/tab-separated-values", COUNT),
        *zip(("turtle", "n-triples", "rdf-xml", "json-ld"), RDF, [TITLES] * 4, strict=True),
    ],
)
def test_a_format_is_named_where_there_are_no_headers(
    client: FlaskClient, name: str, media_type: str, query: str
) -> None:
    for accept in ("text/html", "image/png"):
        response = ask(client, query, accept, format=name)
        assert (response.status_code, response.mimetype) == (200, media_type)
        assert response.data == ask(client, query, media_type).data
        disposition = response.headers["Content-Disposition"]
        assert re.fullmatch(r'attachment; filename="results\.(json|xml|csv|tsv|ttl|nt|rdf|jsonld)"', disposition)
    assert client.post("/sparql", data={"query": query, "format": name}).mimetype == media_type


def test_a_format_that_there_is_not_or_that_does_not_fit(client: FlaskClient) -> None:
    for parameters, status, message in (
        ({"format": "html"}, 400, "`format` is one of json, xml, csv"),
        ({"format": ["csv", "xml"]}, 400, "`format` is one of"),
        ({"format": "turtle"}, 406, "text/csv"),
    ):
        response = ask(client, COUNT, **parameters)
        assert (response.status_code, response.mimetype) == (status, "text/plain")
        assert message in response.text


@rdflib_is_behind_itself
def test_without_a_query_programs_get_a_description(client: FlaskClient) -> None:
    for media_type in RDF:
        response = client.get("/sparql", headers={"Accept": media_type})
        assert response.mimetype == media_type
        description = rdflib.Graph().parse(data=response.data, format=media_type)
        service = rdflib.URIRef("https://repository.example.org/sparql")
        sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
        assert (service, rdflib.RDF.type, sd.Service) in description
        assert (service, sd.endpoint, service) in description
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406
