"""The real `colophon serve`: a record that is published is found everywhere; whatever process dies comes back."""

import hashlib
import re
import socket
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.instances import METADATA
from tests.servers.colophon import STOP_SECONDS, ColophonServer, is_running, running
from tests.servers.processes import below, comes_back, kill, process_of
from tests.servers.scaled import Kind

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of the compiler: the package has an old string literal
    from sickle import Sickle

pytestmark = pytest.mark.service

SECONDS = 15.0
"""Within so many a published record is found by all readers, on a busy machine."""
BIG = 50 * 1024 * 1024
READERS = {"search", "oai", "ld", "site"}


@pytest.fixture(scope="module")
def server(instance_template: Path, tmp_path_factory: pytest.TempPathFactory, stores: Kind) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("serve") / "instance"
    with running(ColophonServer.over(instance_template, home, stores.readers_beside, **stores.settings)) as started:
        yield started


def publish(server: ColophonServer, title: str, files: dict[str, bytes] | None = None) -> str:
    """By REST, as a client would; returns the id."""
    body = {"metadata": {**METADATA, "title": title}, "files": {"enabled": bool(files)}}
    draft = server.request("POST", "/api/records", "owner", json=body).json()
    for key, content in (files or {}).items():
        server.request("POST", draft["links"]["files"], "owner", json=[{"key": key}])
        address = f"{draft['links']['files']}/{quote(key)}"
        octets = {"Content-Type": "application/octet-stream"}
        sent = server.request("PUT", f"{address}/content", "owner", content=content, headers=octets)
        assert sent.status_code == 200, sent.text
        assert server.request("POST", f"{address}/commit", "owner").status_code == 200
    answer = server.request("POST", draft["links"]["publish"], "owner")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def is_found(server: ColophonServer, record_id: str) -> dict[str, bool]:
    """Whether each reader shows the record to everybody."""
    landing = f"{server.base}/records/{record_id}"
    hits = server.get("/api/records", params={"q": f"id:{record_id}"}).json()["hits"]["hits"]
    return {
        "search": [hit["id"] for hit in hits] == [record_id],
        "oai": f":{record_id}</identifier>" in server.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").text,
        "ld": ask_sparql(server, f"ASK {{ GRAPH <{landing}> {{ ?s ?p ?o }} }}"),
        "site": (server.home / "static-build" / "current" / "records" / record_id / "index.html").exists(),
        "sitemap": record_id in "".join(server.get(path).text for path in sitemaps(server)),
    }


def ask_sparql(server: ColophonServer, query: str) -> bool:
    accept = {"Accept": "application/sparql-results+json"}
    answer = server.get("/sparql", params={"query": query}, headers=accept)
    return answer.status_code == 200 and bool(answer.json()["boolean"])


def sitemaps(server: ColophonServer) -> list[str]:
    return re.findall(r"<loc>([^<]+)</loc>", server.get("/sitemap.xml").text)


def expect_found(server: ColophonServer, record_id: str) -> None:
    server.wait_for(lambda: all(is_found(server, record_id).values()), SECONDS)


def test_it_lives_is_ready_and_tells_how_it_is(server: ColophonServer) -> None:
    for path in ("/healthz", "/readyz", "/api/ping"):
        assert server.get(path).status_code == 200
    assert {reader["name"] for reader in server.get("/api/status").json()["projections"]} == READERS
    server.wait_for(lambda: all(reader["leader"] for reader in server.get("/api/status").json()["projections"]))


def test_a_published_record_is_found_everywhere_within_seconds(server: ColophonServer) -> None:
    record_id = publish(server, "Rain seen by a gauge", {"data.csv": b"a,b\n1,2\n"})
    assert server.get(f"/records/{record_id}").status_code == 200  # live at once
    expect_found(server, record_id)
    page = server.get(f"/records/{record_id}", headers={"Accept": "text/html"})
    assert "Rain seen by a gauge" in page.text
    assert server.get(f"/records/{record_id}/record.ttl").headers["Content-Type"].startswith("text/turtle")
    wish = {"removal_reason": {"id": "retracted"}}
    assert server.request("DELETE", f"/api/records/{record_id}/delete", "admin", json=wish).status_code == 204
    assert server.get(f"/records/{record_id}").status_code == 410
    gone = dict.fromkeys(("search", "ld", "site", "sitemap"), False)
    server.wait_for(lambda: {**is_found(server, record_id), "oai": False} == {**gone, "oai": False}, SECONDS)
    server.wait_for(lambda: 'status="deleted"' in server.get(item(server, record_id)).text, SECONDS)


def item(server: ColophonServer, record_id: str) -> str:
    return f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:{record_id}"


def test_a_killed_web_worker_comes_back(server: ColophonServer) -> None:
    workers = server.wait_for(lambda: below(server, process_of(server, "web")))
    kill(workers[0])
    server.wait_for(lambda: server.status("/readyz") == 200)
    expect_found(server, publish(server, "Published after a web worker died"))
    assert len(below(server, process_of(server, "web"))) == len(workers)


def test_a_killed_reader_process_comes_back_and_misses_nothing(server: ColophonServer) -> None:
    killed = process_of(server, "readers")
    kill(killed)
    record_id = publish(server, "Published while no reader was there")
    assert server.get(f"/records/{record_id}").status_code == 200
    comes_back(server, killed, "readers")
    expect_found(server, record_id)


def test_a_killed_sparql_child_comes_back(server: ColophonServer) -> None:
    record_id = publish(server, "Asked for by SPARQL")
    expect_found(server, record_id)
    children = below(server, process_of(server, "sparql"))
    assert children
    for child in children:
        kill(child)
    server.wait_for(lambda: is_found(server, record_id)["ld"])
    assert {*below(server, process_of(server, "sparql"))} - {*children}


@pytest.mark.parametrize("role", ["web", "sparql"])
def test_a_killed_process_comes_back_and_its_children_end(server: ColophonServer, role: str) -> None:
    record_id = publish(server, f"Before the end of {role}")
    expect_found(server, record_id)
    killed = process_of(server, role)
    orphans = below(server, killed)
    assert orphans
    kill(killed)
    comes_back(server, killed, role)
    server.wait_for(lambda: not any(is_running(orphan) for orphan in orphans))
    server.wait_for(lambda: server.status("/readyz") == 200)
    server.wait_for(lambda: all(is_found(server, record_id).values()), SECONDS)
    expect_found(server, publish(server, f"After the end of {role}"))


def test_a_big_file_passes_whole_and_in_part(server: ColophonServer) -> None:
    block = hashlib.sha256(b"rain").digest() * 32
    content = block * (BIG // len(block))
    record_id = publish(server, "Fifty megabytes", {"big file.bin": content})
    name = "files/big%20file.bin"
    for address in (f"/api/records/{record_id}/{name}/content", f"/records/{record_id}/{name}"):
        whole = server.get(address)
        assert (whole.status_code, len(whole.content)) == (200, BIG)
        assert whole.content == content
        assert whole.headers["ETag"] == f'"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
        for asked, part in (("bytes=1000-1999", slice(1000, 2000)), (f"bytes={BIG - 10}-", slice(BIG - 10, BIG)),
                            ("bytes=-5", slice(BIG - 5, BIG))):  # fmt: skip
            answer = server.get(address, headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, content[part])
            assert answer.headers["Content-Range"] == f"bytes {part.start}-{part.stop - 1}/{BIG}"
        assert server.get(address, headers={"Range": f"bytes={BIG}-"}).status_code == 416
        assert server.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_an_upload_that_is_cut_off_is_not_stored(server: ColophonServer) -> None:
    body = {"metadata": {"title": "Cut off"}, "files": {"enabled": True}}
    draft = server.request("POST", "/api/records", "owner", json=body).json()
    server.request("POST", draft["links"]["files"], "owner", json=[{"key": "a.bin"}])
    path = f"/api/records/{draft['id']}/draft/files/a.bin/content"
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.tokens['owner']}\r\n"
        "Content-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), 10) as client:
        client.sendall(head.encode() + b"x" * 500_000)
    assert server.request("POST", f"{draft['links']['files']}/a.bin/commit", "owner").status_code == 400
    entry: Any = server.get(f"{draft['links']['files']}/a.bin", "owner").json()
    assert entry["status"] == "pending"


def test_sickle_harvests_everything(server: ColophonServer) -> None:
    published = [publish(server, f"Harvested {number}") for number in range(3)]
    for record_id in published:
        expect_found(server, record_id)
    total = server.get("/api/records", params={"size": 1}).json()["hits"]["total"]
    for prefix in ("oai_dc", "datacite"):
        records = list(Sickle(f"{server.base}/oai").ListRecords(metadataPrefix=prefix))
        living = [record.header.identifier.rpartition(":")[2] for record in records if not record.deleted]
        assert set(published) <= set(living)
        assert len(living) == len(set(living)) == total


def test_sigterm_ends_all_processes(instance_template: Path, tmp_path: Path) -> None:
    server = ColophonServer.over(instance_template, tmp_path / "instance")
    try:
        server.start()
        expect_found(server, publish(server, "Before the end"))
        assert len(server.processes()) >= 5
    finally:
        left = server.stop()
    assert left == [], server.end_of_log()
    assert server.status("/healthz") == 0
    with socket.socket() as again:
        again.bind(("127.0.0.1", server.port))


def test_no_process_outlives_a_killed_supervisor(instance_template: Path, tmp_path: Path) -> None:
    server = ColophonServer.over(instance_template, tmp_path / "instance")
    try:
        server.start()
        expect_found(server, publish(server, "Before the end"))
        processes = server.processes()
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        deadline = time.monotonic() + STOP_SECONDS
        while (left := [process for process in processes if is_running(process)]) and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        server.stop()
    assert left == [], server.end_of_log()
