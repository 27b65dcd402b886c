"""Queries over a server that has the graphs: its faults are told, its limits and ours hold, and only what is public is
seen."""

import contextlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from snapshots import full, minimal, record_closed, with_metadata
from werkzeug.test import TestResponse

from repository.ld.projection import LdProjection
from repository.settings import Settings
from tests.ld.graph_stores import BOOK
from tests.ld.sparql_service import GENERATION, application, changes_of, fill, query_service, settings_of
from tests.servers.fuseki import FusekiServer
from tests.servers.listening import listening
from tests.servers.postgres import free_port

pytestmark = pytest.mark.service
STATES = [full(), record_closed(), *(minimal(number) for number in range(10, 60))]
COUNT = "SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }"
NUMBERS = " ".join(map(str, range(100)))


@pytest.fixture(scope="module")
def settings(fuseki: FusekiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Of a running service with short limits over a store that is filled."""
    fuseki.empty()
    settings = settings_of(tmp_path_factory.mktemp("scaled"), graph=fuseki.setting, sparql_timeout=3.0)
    fill(settings, STATES)
    with query_service(settings):
        yield settings


@pytest.fixture(scope="module")
def client(settings: Settings) -> FlaskClient:
    return application(settings).test_client()


def ask(client: FlaskClient, query: str, accept: str = "text/csv, application/n-triples") -> TestResponse:
    return client.post("/sparql", data={"query": query}, headers={"Accept": accept})


ENDLESS = {
    "cartesian product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "product, sorted": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a",
    "deep path": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b . ?c (!<urn:x>|^!<urn:x>)* ?d }",
    "large VALUES": "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?x{n} {{ {NUMBERS} }}" for n in range(20)) + " }",
    "regular expression": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f "
    'FILTER(REGEX(CONCAT(STR(?o), STR(?c), STR(?f)), "(a|aa|.?){40}Q$")) }',
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_query_without_end_is_given_up_and_others_are_answered(client: FlaskClient, name: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        hostile = thread.submit(ask, client.application.test_client(), ENDLESS[name])
        assert ask(client, COUNT).status_code == 200
        response = hostile.result()
    assert (response.status_code, "took longer than 3 seconds" in response.text) == (503, True), response.text
    assert response.headers["Retry-After"] == "3"


def test_a_result_that_is_too_long_is_refused_whole(client: FlaskClient) -> None:
    doubling = " ".join(f"BIND(CONCAT(?x{number}, ?x{number}) AS ?x{number + 1})" for number in range(16))
    response = ask(client, f"SELECT ?x16 {{ VALUES ?n {{ {NUMBERS} }} BIND('0123456789abcdef' AS ?x0) {doubling} }}")
    assert (response.status_code, "longer than 16000000 bytes" in response.text) == (400, True), response.text


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("SELECT * {" + "{" * 10_000 + "}" * 10_000 + "}", 400, "nested too deeply"),
        ("SELECT * { ?s ?p }", 400, "not valid SPARQL: error at 1:19"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 400, "SERVICE is not allowed"),
        ("LOAD <file:///etc/passwd>", 400, "not valid SPARQL"),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", 400, "FROM may name graphs of records only"),
        ("SELECT * { LATERAL { ?s ?p ?o } LET (?x := 1) }", 400, "not valid SPARQL"),
    ],
)
def test_what_is_wrong_is_told_before_the_server_is_asked(
    client: FlaskClient, query: str, status: int, message: str
) -> None:
    response = ask(client, query)
    assert (response.status_code, message in response.text) == (status, True), response.text


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { GRAPH ?g { ?s <urn:x-colophon:position> ?o } }",
        "SELECT * { ?s <urn:x-colophon:position> ?o }",
        f"SELECT * {{ GRAPH <{BOOK}> {{ ?s ?p ?o }} }}",
        "SELECT * { GRAPH <urn:x-arq:UnionGraph> { ?s <urn:x-colophon:of> ?o } }",
        f"DESCRIBE <{BOOK}>",
        "DESCRIBE <https://repository.example.org/records/00000-00585>",
        "DESCRIBE ?g { GRAPH ?g { ?s <urn:x-colophon:of> ?o } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(CONTAINS(STR(?p), 'x-colophon')) }",
    ],
)
def test_our_book_is_never_seen(client: FlaskClient, query: str) -> None:
    response = ask(client, query)
    assert response.status_code == 200, response.text
    assert len(response.text.splitlines()) <= 1, response.text


def test_a_closed_record_is_in_the_book_and_nowhere_else(client: FlaskClient, fuseki: FusekiServer) -> None:
    """So the tests of what is seen have something to find."""
    name = f"records/{record_closed().id}".encode()
    assert [line.split()[-2].decode() for line in fuseki.quads().splitlines() if name in line] == [f"<{BOOK}>"]


def test_the_dataset_of_a_request_has_graphs_of_records_only(client: FlaskClient) -> None:
    for parameter in ("default-graph-uri", "named-graph-uri"):
        response = client.get("/sparql", query_string={"query": COUNT, parameter: BOOK})
        assert (response.status_code, "graphs of records only" in response.text) == (400, True)


def test_a_write_is_seen_by_the_next_query_and_never_half(settings: Settings, client: FlaskClient) -> None:
    projection = LdProjection(settings)
    query = "SELECT ?t { ?s a <http://www.w3.org/ns/dcat#CatalogRecord> ; <http://purl.org/dc/terms/title> ?t }"
    total = len(ask(client, query).text.splitlines())
    stop = threading.Event()

    def watch() -> int:
        asked, own = 0, client.application.test_client()
        while not stop.is_set():
            assert len(ask(own, query).text.splitlines()) == total
            asked += 1
        return asked

    with ThreadPoolExecutor(1) as thread, projection.leading():
        watching = thread.submit(watch)
        for number in range(5):
            states = [with_metadata(minimal(id_), title=f"Title {number}") for id_ in range(10, 20)]
            projection.write(projection.prepare(changes_of(states, 1000 * (number + 1))), GENERATION, None)
            assert ask(client, query).text.count(f"Title {number}\r\n") == 10
        stop.set()
        assert watching.result() > 0


class _Store(BaseHTTPRequestHandler):
    """Answers everything in one way."""

    disable_nagle_algorithm = True
    status, kind, body, cut = 200, "text/csv", b"x\r\n", False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(self.body) + (100 if self.cut else 0)))
        self.end_headers()
        self.wfile.write(self.body)
        self.close_connection = True

    def log_message(self, *_parts: object) -> None:
        pass


@contextlib.contextmanager
def store_that_says(**answer: object) -> Iterator[str]:
    with listening(type("Handler", (_Store,), answer)) as server:
        yield f"sparql+http://127.0.0.1:{server.server_port}/ds"


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        ({}, 200, "x\r\n"),
        ({"kind": "text/html", "body": b"<p>sign in"}, 406, "does not give text/csv"),
        ({"status": 500, "body": b"java.lang.secret"}, 503, "can't answer the query"),
        ({"status": 401}, 503, "can't answer the query"),
        ({"status": 400, "kind": "text/plain", "body": b"Unknown function"}, 400, "Unknown function"),
        ({"status": 422, "kind": "text/plain", "body": b"No such thing"}, 400, "No such thing"),
        ({"status": 503, "kind": "text/plain", "body": b"Query timed out"}, 503, "took longer than"),
        ({"status": 503, "kind": "text/html", "body": b"nginx"}, 503, "can't answer the query"),
        ({"body": b"a\r\n##  Query cancelled due to timeout during execution"}, 503, "took longer than"),
        ({"cut": True}, 503, "does not answer"),
    ],
)
def test_what_a_server_says_instead_of_an_answer_is_told(
    tmp_path: Path, answer: dict[str, object], status: int, message: str
) -> None:
    with store_that_says(**answer) as url:
        settings = settings_of(tmp_path, graph=url, sparql_workers=1)
        with query_service(settings):
            response = ask(application(settings).test_client(), COUNT, "text/csv")
    assert (response.status_code, message in response.text) == (status, True), response.text
    assert "secret" not in response.text


def test_a_server_that_is_away_is_told_and_asked_again_when_it_is_back(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, graph=f"sparql+http://127.0.0.1:{free_port()}/ds", sparql_workers=1)
    with query_service(settings):
        client = application(settings).test_client()
        for _time in range(3):
            response = ask(client, COUNT)
            assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
            assert "graph store does not answer" in response.text
        assert client.get("/sparql").status_code == 200


def test_its_own_limit_never_makes_half_an_answer(tmp_path: Path) -> None:
    """A store that is impatient itself ends an answer in the middle, with status 200."""
    with FusekiServer(timeout=3.0) as server:
        settings = settings_of(tmp_path, graph=server.setting, sparql_timeout=20.0)
        fill(settings, STATES)
        with query_service(settings):
            client = application(settings).test_client()
            slow = ask(client, "SELECT ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c = ?f && ?f = ?i && ?b != ?h) }")
            assert (slow.status_code, "took longer" in slow.text) == (503, True), slow.text[-500:]
            slow = ask(client, ENDLESS["cartesian product"])
            assert (slow.status_code, "took longer" in slow.text) == (503, True), slow.text[-500:]
            assert ask(client, COUNT).status_code == 200


def test_credentials_are_sent_and_never_shown(tmp_path: Path) -> None:
    heard: list[str] = []

    class Listening(_Store):
        def do_POST(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            super().do_POST()

    with listening(Listening) as server:
        settings = settings_of(tmp_path, graph=f"sparql+http://ada:p%40ss@127.0.0.1:{server.server_port}/ds?query=")
        with query_service(replace(settings, sparql_workers=1)):
            response = ask(application(settings).test_client(), COUNT, "text/csv")
    assert response.status_code == 200
    assert heard == ["Basic YWRhOnBAc3M="]
    assert json.dumps(str(response.text)).find("p@ss") == -1
