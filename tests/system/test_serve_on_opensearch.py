"""`colophon serve` with its index in OpenSearch: from publishing to hits, while it is away, and after."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.shell import Shell
from tests.instances import body
from tests.servers import installed
from tests.servers.colophon import ColophonServer, running
from tests.servers.opensearch import OpenSearchServer

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def store() -> Iterator[OpenSearchServer]:
    installed.require(installed.OPENSEARCH)
    with OpenSearchServer() as server:
        yield server


@pytest.fixture(scope="module")
def setting(store: OpenSearchServer) -> str:
    return store.setting(f"t{secrets.token_hex(6)}")


@pytest.fixture(scope="module")
def server(setting: str, instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("on-opensearch") / "instance"
    with running(ColophonServer.over(instance_template, home, search=setting)) as started:
        yield started


def publish(server: ColophonServer, title: str) -> str:
    links = server.request("POST", "/api/records", "owner", json=body(title)).json()["links"]
    return str(server.request("POST", links["publish"], "owner").json()["id"])


def ask(server: ColophonServer, text: str) -> httpx.Response:
    return server.request("GET", "/api/records", params={"q": text})


def finds(server: ColophonServer, text: str) -> list[str]:
    answer = ask(server, text)
    return [hit["id"] for hit in answer.json()["hits"]["hits"]] if answer.status_code == 200 else []


def word(server: ColophonServer) -> str:
    said: str = server.request("GET", "/api/status").json()["stores"]["search"]
    return said


def test_what_is_published_is_found_also_when_the_cluster_was_away(
    server: ColophonServer, store: OpenSearchServer, setting: str
) -> None:
    rain = publish(server, "Rain")
    server.wait_for(lambda: finds(server, "title:rain") == [rain])
    assert word(server) == "ok"
    store.stop()
    snow = publish(server, "Snow")
    server.wait_for(lambda: word(server) == "unreachable")
    answer = ask(server, "snow")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert server.request("GET", f"/api/records/{snow}").status_code == 200
    assert server.status("/readyz") == 200
    store.start()
    server.wait_for(lambda: finds(server, "title:snow") == [snow], 60)
    server.wait_for(lambda: word(server) == "ok")
    told = Shell(server.home.parent)("search", "check", "--json", COLOPHON_SEARCH=setting)
    assert json.loads(told) == {"records": 2, "waiting": 0, "differences": 0}


def test_an_index_that_was_lost_is_filled_again(server: ColophonServer, store: OpenSearchServer) -> None:
    hail = publish(server, "Hail")
    server.wait_for(lambda: finds(server, "title:hail") == [hail])
    store.empty()
    sleet = publish(server, "Sleet")  # the reader notices when it writes
    server.wait_for(lambda: set(finds(server, "title:hail OR title:sleet")) == {hail, sleet}, 60)
