"""Each store of the scaled deployment is down, hangs, answers 500 or slowly; PostgreSQL is down and restarted.

All else goes on; what needs the store says 503 and when to ask again; a minute after it is back all is caught up with.
"""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.load import Load, lost
from tests.instances import METADATA, body
from tests.servers.colophon import ColophonServer, running
from tests.servers.proxy import Fault, FaultyProxy
from tests.servers.scaled import STORES, ScaledSet, Store
from tests.wholeness import assert_whole

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

CONTENT = b"day,mm\n1,3\n"
CAUGHT_UP = 60.0
"""Seconds after the return of a store."""
READER_OF = {"search": "search", "graph": "ld"}
OCTETS = {"Content-Type": "application/octet-stream"}
Harm = Callable[[FaultyProxy], None]


def hang(proxy: FaultyProxy) -> None:
    proxy.faults.append(Fault("hang"))


def answer_500(proxy: FaultyProxy) -> None:
    proxy.faults.append(Fault("500 after the fact"))


HARMS: dict[str, Harm] = {"down": FaultyProxy.down, "hangs": hang, "answers 500": answer_500}


@pytest.fixture(scope="module")
def proxies(scaled: ScaledSet) -> Iterator[dict[Store, FaultyProxy]]:
    made = {name: FaultyProxy(scaled.ports[name]) for name in STORES}
    for proxy in made.values():
        proxy.up()
    yield made
    for proxy in made.values():
        proxy.down()


@pytest.fixture(scope="module")
def server(
    instance_template: Path, tmp_path_factory: pytest.TempPathFactory, scaled: ScaledSet,
    proxies: dict[Store, FaultyProxy],
) -> Iterator[ColophonServer]:  # fmt: skip
    """Whatever was done to its stores, it is whole at the end."""
    home = tmp_path_factory.mktemp("away") / "instance"
    settings = scaled.stores({name: proxy.port for name, proxy in proxies.items()})
    made = ColophonServer.over(instance_template, home, 1, **settings)
    with running(made):
        yield made
        made.wait_for(lambda: not behind(made), CAUGHT_UP)
        assert made.run("search", "check").wait(60) == 0, made.end_of_log()
        assert_whole(home, {**made.overrides, "site.url": made.base})


def behind(server: ColophonServer) -> set[str]:
    """Readers that have not read all; all of them where nobody tells."""
    answer = server.get("/api/status")
    if answer.status_code != 200:
        return {"oai", "site", "search", "ld"}
    return {reader["name"] for reader in answer.json()["projections"] if reader["lag"]}


def publish(server: ColophonServer, title: str, content: bytes = b"") -> str:
    request = {"metadata": {**METADATA, "title": title}, "files": {"enabled": bool(content)}}
    links = server.request("POST", "/api/records", "owner", json=request).json()["links"]
    if content:
        assert send(server, links["files"], content).status_code == 200
        server.request("POST", f"{links['files']}/a.csv/commit", "owner")
    answer = server.request("POST", links["publish"], "owner")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def send(server: ColophonServer, files: str, content: bytes) -> httpx.Response:
    server.request("POST", files, "owner", json=[{"key": "a.csv"}])
    return server.request("PUT", f"{files}/a.csv/content", "owner", content=content, headers=OCTETS)


def search(server: ColophonServer, record_id: str) -> httpx.Response:
    return server.get("/api/records", params={"q": f"id:{record_id}"})


def is_found(server: ColophonServer, record_id: str) -> bool:
    answer = search(server, record_id)
    return answer.status_code == 200 and [hit["id"] for hit in answer.json()["hits"]["hits"]] == [record_id]


def sparql(server: ColophonServer, record_id: str) -> httpx.Response:
    query = f"ASK {{ GRAPH <{server.base}/records/{record_id}> {{ ?s ?p ?o }} }}"
    return server.get("/sparql", params={"query": query}, headers={"Accept": "application/sparql-results+json"})


def is_in_graph(server: ColophonServer, record_id: str) -> bool:
    answer = sparql(server, record_id)
    return answer.status_code == 200 and bool(answer.json()["boolean"])


def is_unavailable(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0


def failing(server: ColophonServer, store: Store, record_id: str, draft: str) -> Iterator[httpx.Response]:
    """What needs the store."""
    if store == "search":
        yield search(server, record_id)
        yield server.get("/search/results?q=rain")
    elif store == "graph":
        yield sparql(server, record_id)
    else:
        yield send(server, f"/api/records/{draft}/draft/files", b"other")
        yield server.get(f"/api/records/{record_id}/files/a.csv/content")


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("store", STORES)
def test_only_what_needs_a_store_fails_and_afterwards_nothing_is_lost(
    server: ColophonServer, proxies: dict[Store, FaultyProxy], store: Store, harm: str
) -> None:
    before = publish(server, f"Before {store} {harm}", CONTENT)
    draft = server.request("POST", "/api/records", "owner", json={**body(), "files": {"enabled": True}}).json()["id"]
    server.wait_for(lambda: not behind(server), CAUGHT_UP)
    HARMS[harm](proxies[store])
    try:
        meanwhile = publish(server, f"While {store} {harm}")
        server.wait_for(lambda: behind(server) <= {READER_OF.get(store)}, 30)
        assert server.get(f"/api/records/{meanwhile}").status_code == 200
        assert server.get(f"/records/{meanwhile}").status_code == 200
        assert server.status("/readyz") == 200
        listed = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc"
        server.wait_for(lambda: f":{meanwhile}<" in server.get(listed).text)
        assert (server.home / "static-build" / "current" / "records" / meanwhile / "index.html").exists()
        assert store == "search" or is_found(server, meanwhile)
        assert store == "graph" or is_in_graph(server, meanwhile)
        assert store == "objects" or server.get(f"/api/records/{before}/files/a.csv/content").content == CONTENT
        answers = failing(server, store, before, draft)
        for answer in itertools.islice(answers, 1 if harm == "hangs" else None):  # each is waited for
            assert is_unavailable(answer), (answer.request.url, answer.status_code, answer.text[:300])
        server.wait_for(lambda: server.get("/api/status").json()["stores"][store] != "ok")
    finally:
        proxies[store].mend()
        if harm == "down":
            proxies[store].up()
    server.wait_for(lambda: not behind(server), CAUGHT_UP)
    assert is_found(server, meanwhile)
    assert is_in_graph(server, meanwhile)
    assert server.get(f"/api/records/{before}/files/a.csv/content").content == CONTENT
    assert send(server, f"/api/records/{draft}/draft/files", b"other").status_code == 200


def test_slow_stores_are_waited_for(server: ColophonServer, proxies: dict[Store, FaultyProxy]) -> None:
    for proxy in proxies.values():
        proxy.faults.append(Fault("slow", seconds=0.3))
    try:
        record_id = publish(server, "While all are slow", CONTENT)
        server.wait_for(lambda: is_found(server, record_id) and is_in_graph(server, record_id), CAUGHT_UP)
        assert server.get(f"/api/records/{record_id}/files/a.csv/content").content == CONTENT
    finally:
        for proxy in proxies.values():
            proxy.mend()


def test_without_the_database_all_that_needs_it_says_so_and_afterwards_goes_on(
    server: ColophonServer, scaled: ScaledSet
) -> None:
    record_id = publish(server, "Before the database is down")
    server.wait_for(lambda: is_found(server, record_id) and is_in_graph(server, record_id), CAUGHT_UP)
    scaled.postgres.stop_immediately()
    try:
        for path in (f"/api/records/{record_id}", f"/records/{record_id}", "/api/records?q=rain", "/api/status",
                     "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc", "/readyz"):  # fmt: skip
            assert is_unavailable(server.get(path)), path
        assert is_unavailable(server.request("POST", "/api/records", "owner", json=body()))
        assert server.status("/healthz") == 200
        assert is_in_graph(server, record_id)
    finally:
        scaled.postgres.start()
    server.wait_for(lambda: server.status("/readyz") == 200, CAUGHT_UP)
    again = publish(server, "After the database was down")
    server.wait_for(lambda: is_found(server, again) and is_in_graph(server, again), CAUGHT_UP)


def test_a_database_that_is_restarted_under_load_loses_nothing(server: ColophonServer, scaled: ScaledSet) -> None:
    with Load(server, clients=4) as load:
        for _round in range(3):
            load.goes_on(4)
            scaled.postgres.restart_immediately()
        load.goes_on(4)
        load.stop()
    server.wait_for(lambda: not behind(server), CAUGHT_UP)
    assert lost(server, load) == []
    assert load.errors == []
