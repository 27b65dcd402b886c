"""The query service under hostile queries, crashes and kills: one query's fate is nobody else's."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from snapshots import full, minimal, with_metadata

from repository.errors import Unreachable
from repository.ld.messages import Message
from repository.ld.places import make_folder, socket_path
from repository.ld.projection import LdProjection
from repository.ld.sparql_client import ask, is_running
from repository.ld.sparql_pool import PoolIsRunning, run_pool
from repository.settings import Settings
from tests.following.processes import eventually
from tests.ld.sparql_service import GENERATION, application, changes_of, fill, query_service, settings_of

COUNT = "SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }"
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"

DOUBLING = "BIND('0123456789abcdef' AS ?x0) " + " ".join(
    f"BIND(CONCAT(?x{number}, ?x{number}) AS ?x{number + 1})" for number in range(30)
)
NUMBERS = " ".join(map(str, range(100)))
SLOW = (503, "took longer than 1.5 seconds")
LARGE = (400, "needs more memory")
DEEP = (400, "nested too deeply")

ENDLESS = {
    "cartesian product": PRODUCT,
    "product, sorted": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?a",
    "endless triples": "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "long path": "SELECT * { ?s " + "/".join(["<a:b>*"] * 5000) + " ?o }",
    "deep path": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b . ?c (!<urn:x>|^!<urn:x>)* ?d }",
    "large VALUES": "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?x{n} {{ {NUMBERS} }}" for n in range(20)) + " }",
    "regular expression": "SELECT * { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f "
    'FILTER(REGEX(CONCAT(STR(?o), STR(?c), STR(?f)), "(a|aa|.?){40}Q$")) }',
}
WRONG = {
    "braces": ("SELECT * " + "{" * 10_000 + "}" * 10_000, DEEP),
    "parentheses": (f"SELECT ({'(' * 10_000}1{')' * 10_000} AS ?x) {{}}", DEEP),
    "text that doubles": (f"SELECT * {{ {DOUBLING} }}", LARGE),
    "long result": (
        f"SELECT ?x16 {{ VALUES ?number {{ {NUMBERS} }} {DOUBLING.partition('BIND(CONCAT(?x16')[0]} }}",
        (400, "longer than 16000000 bytes"),
    ),
    "federation": ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", (400, "SERVICE is not allowed")),
}
STATES = [full(), *(minimal(number) for number in range(1, 20))]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Of a running service with short limits."""
    settings = settings_of(tmp_path_factory.mktemp("home"), sparql_timeout=1.5, sparql_memory=2**27)
    fill(settings, STATES)
    with query_service(settings):
        yield settings


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Of a running service in which no query is stopped for the time that it takes."""
    settings = settings_of(tmp_path_factory.mktemp("patient"), sparql_timeout=120.0, sparql_memory=2**27)
    fill(settings, STATES)
    with query_service(settings):
        yield settings


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return application(settings).test_client()


def get(client: FlaskClient, query: str) -> tuple[int, str, str | None]:
    response = client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv, text/turtle"})
    return response.status_code, response.text, response.headers.get("Retry-After")


def count(settings: Settings) -> int:
    """Triples, as the service counts them."""
    status, text, _later = get(application(settings).test_client(), COUNT)
    assert status == 200, text
    return int(text.split()[1])


def processes(settings: Settings) -> list[int]:
    answer = ask(settings, Message()).header
    return [int(number) for number in answer["processes"]]


def runs(number: int) -> bool:
    """Whether a process computes or waits, that is not ended and not yet buried."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def beside(settings: Settings, query: str) -> tuple[int, str, str | None]:
    """What becomes of a query while others are answered without end."""
    expected = count(settings)
    with ThreadPoolExecutor(1) as thread:
        hostile = thread.submit(get, application(settings).test_client(), query)
        answered = 0
        while not hostile.done() or answered == 0:
            assert count(settings) == expected
            answered += 1
    eventually(lambda: len(processes(settings)) == 2)
    assert count(settings) == expected
    return hostile.result()


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_query_is_stopped_while_others_are_answered(settings: Settings, name: str) -> None:
    status, text, later = beside(settings, ENDLESS[name])
    assert any(status == code and message in text for code, message in (SLOW, LARGE, DEEP)), text
    assert (later is None) == (status != 503)


@pytest.mark.parametrize("name", WRONG)
def test_a_query_that_takes_too_much_is_told_of_what_while_others_are_answered(patient: Settings, name: str) -> None:
    query, (expected, message) = WRONG[name]
    status, text, _later = beside(patient, query)
    assert (status, message in text) == (expected, True), text


def test_queries_can_not_open_connections_whatever_they_say() -> None:
    """The second wall: the kernel refuses, should the word SERVICE ever be missed."""
    program = """
import os, socket, threading
from repository.ld.confinement import confine
from pyoxigraph import Store
assert confine()
def refused(action):
    try: action()
    except PermissionError: return True
assert refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
assert refused(lambda: os.execv("/bin/true", ["true"]))
assert refused(lambda: list(Store().query("SELECT * { SERVICE <http://127.0.0.1:1234/> { ?s ?p ?o } }")))
found = []
thread = threading.Thread(target=lambda: found.append(refused(lambda: socket.socket())))
thread.start(); thread.join()
assert found == [True]
assert open("/proc/self/status").read()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_listener_hears_nothing_of_a_query_that_names_it(settings: Settings, client: FlaskClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        port = listener.getsockname()[1]
        for clause in ("SERVICE", "SERVICE SILENT"):
            get(client, f"SELECT * {{ {clause} <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_killed_process_is_replaced_and_its_query_told_to_come_again(settings: Settings, client: FlaskClient) -> None:
    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(get, client, PRODUCT)
        eventually(lambda: ask(settings, Message()).header["busy"] == 1)
        for number in processes(settings):
            os.kill(number, signal.SIGKILL)
        status, text, later = slow.result()
    assert (status, later) == (503, "1")
    assert "Try again" in text
    assert count(settings) > 0
    eventually(lambda: len(processes(settings)) == 2)


def test_more_queries_than_processes_wait_and_are_answered(settings: Settings) -> None:
    expected = count(settings)
    with ThreadPoolExecutor(12) as threads:
        assert set(threads.map(lambda _number: count_waiting(settings), range(60))) == {expected}


def count_waiting(settings: Settings) -> int:
    """Straight from the service: an application of its own would lend four threads only."""
    header = {"results": "text/csv", "graph": None, "default_graphs": [], "named_graphs": []}
    answer = ask(settings, Message(header, COUNT.encode()))
    assert answer.header["status"] == 200, answer.header
    return int(answer.body.split()[1])


def test_a_worker_lends_a_few_threads_to_queries_and_turns_others_away_at_once(settings: Settings) -> None:
    app = application(replace(settings, serve_threads=8))
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(get, app.test_client(), PRODUCT) for _number in range(2)]
        eventually(lambda: ask(settings, Message()).header["busy"] == 2)
        status, text, later = get(app.test_client(), COUNT)
        assert (status, later) == (503, "2")
        assert "Too many queries" in text
        assert all(query.result()[0] == 503 for query in slow)


def test_nonsense_on_the_socket_harms_nobody(settings: Settings) -> None:
    for nonsense in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100, b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\2\0\0\0\1{}x"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(socket_path(settings.home)))
            connection.sendall(nonsense)
    assert count(settings) > 0
    eventually(lambda: len(processes(settings)) == 2)


def test_only_one_service_runs_for_an_instance(settings: Settings) -> None:
    with pytest.raises(PoolIsRunning):
        run_pool(settings, threading.Event())
    assert is_running(settings)


def test_without_the_service_queries_are_told_to_come_later_and_the_page_is_there(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    client = application(settings).test_client()
    status, text, later = get(client, COUNT)
    assert (status, later) == (503, "10")
    assert "not running" in text
    assert client.get("/sparql").status_code == 200
    assert not is_running(settings)
    with pytest.raises(Unreachable):
        ask(settings, Message())


def test_an_instance_without_a_graph_answers_with_nothing_until_one_is_published(tmp_path: Path) -> None:
    """The folder's path is too long for a socket, too."""
    settings = settings_of(tmp_path / ("long" * 25))
    assert settings.home not in socket_path(settings.home).parents
    with query_service(settings):
        assert count(settings) == 0
        fill(settings, [minimal(1)])
        assert count(settings) > 0
    assert not socket_path(settings.home).exists()


def test_what_was_written_is_seen_by_the_next_query(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    fill(settings, [minimal(1)])
    projection = LdProjection(settings)
    stop = threading.Event()
    app = application(settings)  # here: Python before 3.11.5 can't compile routes in several threads at once
    with query_service(settings), ThreadPoolExecutor(2) as threads:
        others = [threads.submit(_ask_until, app, stop) for _number in range(2)]
        with projection.leading():
            for number in range(2, 9):
                state = with_metadata(minimal(1), title=f"Title {number}")
                projection.write(projection.prepare(changes_of([state], number)), GENERATION, None)
                assert titles(app) == [f"Title {number}"]
            projection.hide(changes_of([minimal(1)], 30), GENERATION, None)
            assert titles(app) == []
        stop.set()
        assert all(query.result() > 0 for query in others)


def titles(app: Flask) -> Sequence[str]:
    query = "SELECT ?t { ?s a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?t }"
    status, text, _later = get(app.test_client(), query)
    assert status == 200, text
    return text.splitlines()[1:]


def _ask_until(app: Flask, stop: threading.Event) -> int:
    """Asks again and again; there is one title, or none, whatever is published meanwhile."""
    asked = 0
    while not stop.is_set():
        assert len(titles(app)) <= 1
        asked += 1
    return asked


def test_its_processes_end_with_it_even_when_it_is_killed_in_a_query(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, sparql_timeout=2.0)
    fill(settings, [full(), *(minimal(number) for number in range(1, 20))])
    with query_service(settings) as service, ThreadPoolExecutor(1) as thread:
        children = processes(settings)
        assert all(runs(child) for child in children)
        slow = thread.submit(get, application(settings).test_client(), PRODUCT)
        eventually(lambda: ask(settings, Message()).header["busy"] == 1)
        service.kill()
        assert slow.result()[0] == 503
        eventually(lambda: not any(runs(child) for child in children), 60)
    with query_service(settings):
        assert count(settings) > 0


def test_a_stopped_service_leaves_no_process_and_no_socket(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with query_service(settings) as service:
        children = processes(settings)
        service.send_signal(signal.SIGTERM)
        assert service.wait(20) == 0
        eventually(lambda: not any(runs(child) for child in children))
    assert not socket_path(settings.home).exists()


def test_a_folder_of_somebody_elses_is_not_used_for_the_socket(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(PermissionError):
        make_folder(tmp_path / "link")
    make_folder(tmp_path / "ours" / "run")
    assert (tmp_path / "ours" / "run").stat().st_mode & 0o777 == 0o700
