"""`colophon serve` with its graphs in Fuseki, on its disk: from publishing to queries, while it is away, and after."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.instances import body
from tests.servers import installed
from tests.servers.colophon import ColophonServer, running
from tests.servers.fuseki import FusekiServer

pytestmark = pytest.mark.service
TITLES = "SELECT ?t { ?x a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?t }"


@pytest.fixture(scope="module")
def store() -> Iterator[FusekiServer]:
    installed.require(installed.FUSEKI)
    with FusekiServer(timeout=15.0, persistent=True) as server:
        yield server


@pytest.fixture(scope="module")
def server(
    store: FusekiServer, instance_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("on-fuseki") / "instance"
    with running(ColophonServer.over(instance_template, home, graph=store.setting)) as started:
        yield started


def publish(server: ColophonServer, title: str) -> str:
    links = server.request("POST", "/api/records", "owner", json=body(title)).json()["links"]
    return str(server.request("POST", links["publish"], "owner").json()["id"])


def ask(server: ColophonServer) -> httpx.Response:
    return server.request("POST", "/sparql", data={"query": TITLES}, headers={"Accept": "text/csv"})


def finds(server: ColophonServer, *titles: str) -> bool:
    """Whether queries see these."""
    answer = ask(server)
    return answer.status_code == 200 and set(titles) <= set(answer.text.splitlines()[1:])


def graph(server: ColophonServer) -> str:
    word: str = server.request("GET", "/api/status").json()["stores"]["graph"]
    return word


def test_what_is_published_is_found_also_when_the_store_was_away(server: ColophonServer, store: FusekiServer) -> None:
    publish(server, "Rain")
    server.wait_for(lambda: finds(server, "Rain"))
    assert graph(server) == "ok"
    store.stop()
    snow = publish(server, "Snow")
    server.wait_for(lambda: graph(server) == "unreachable")
    assert ask(server).status_code == 503
    assert server.request("GET", f"/api/records/{snow}").status_code == 200
    assert server.status("/readyz") == 200
    store.start()
    server.wait_for(lambda: finds(server, "Rain", "Snow"), 60)
    server.wait_for(lambda: graph(server) == "ok")


def test_a_store_that_was_emptied_is_filled_again(server: ColophonServer, store: FusekiServer) -> None:
    publish(server, "Hail")
    server.wait_for(lambda: finds(server, "Hail"))
    store.empty()
    assert not finds(server, "Hail")
    publish(server, "Sleet")  # the reader notices when it writes
    server.wait_for(lambda: finds(server, "Hail", "Sleet"), 60)
