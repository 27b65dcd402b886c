"""SIGTERM cuts no request that has begun: what is being sent is stored whole, what is being read is read whole."""

import contextlib
import hashlib
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from repository.cli.processes import GRACE
from repository.cli.serve import STOP_SECONDS
from repository.ld import sparql_client
from repository.ld.messages import Message
from repository.services import uploads
from repository.services.accounts import find_account
from repository.services.instance import open_instance
from repository.settings import load
from tests.conftest import ROOT
from tests.instances import body, published
from tests.servers.colophon import ColophonServer, is_running, running
from tests.servers.processes import process_of

BIG = 64 * 1024 * 1024
"""Bytes: more than all buffers between a client that does not read and the server can hold."""
SENT = hashlib.sha256(b"sent").digest() * 100_000
PIECE = len(SENT) // 6
QUERY_SECONDS = 5
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r }"
READ = hashlib.sha256(b"read").digest() * (BIG // 32)


@contextmanager
def begun(server: ColophonServer, head: str, first: bytes = b"") -> Iterator[socket.socket]:
    """A request by the owner, begun."""
    lines = (head, "Host: 127.0.0.1", f"Authorization: Bearer {server.tokens['owner']}", "Connection: close")
    with socket.create_connection(("127.0.0.1", server.port), 60) as client:
        client.sendall("\r\n".join((*lines, "", "")).encode() + first)
        yield client


def rest(client: socket.socket) -> bytes:
    """Until the server closes the connection."""
    received = bytearray()
    while block := client.recv(1 << 20):
        received += block
    return bytes(received)


@pytest.mark.service
def test_sigterm_cuts_no_request(instance_template: Path, tmp_path: Path) -> None:
    server = ColophonServer.over(instance_template, tmp_path / "instance", sparql__timeout=QUERY_SECONDS)
    instance = open_instance(load(server.home, environment={}))
    owner: Any = find_account(instance, "owner@example.org")
    record_id = published(instance, owner.viewer, body(), {"read.bin": READ})
    with running(server):
        draft = server.request("POST", "/api/records", "owner", json={**body(), "files": {"enabled": True}}).json()
        server.request("POST", draft["links"]["files"], "owner", json=[{"key": "sent.bin"}])
        put = (
            f"PUT /api/records/{draft['id']}/draft/files/sent.bin/content HTTP/1.1\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {len(SENT)}"
        )
        query = f"GET /sparql?{urlencode({'query': ENDLESS})} HTTP/1.1"
        get = f"GET /api/records/{record_id}/files/read.bin/content HTTP/1.1"
        server.wait_for(lambda: readers_are_done(server))
        with begun(server, put, SENT[:1000]) as sending, begun(server, get) as reading, begun(server, query) as asking:
            first = reading.recv(1000)  # it is being answered
            server.wait_for(lambda: list((server.home / "objects" / "incoming").iterdir()))  # it is being stored
            assert server.process is not None
            server.wait_for(lambda: queries(server))
            others = [process_of(server, role) for role in ("readers", "sparql")]
            server.process.send_signal(signal.SIGTERM)
            server.wait_for(lambda: not is_running(others[0]))
            server.wait_for(lambda: not lets_in(server))
            for start in range(1000, len(SENT), PIECE):  # on a slow line
                sending.sendall(SENT[start : start + PIECE])
                time.sleep(0.5)
            assert "took longer than" in rest(asking).decode(), "it had all of its time, and an answer of its own"
            answer, downloaded = rest(sending), first + rest(reading)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:500]
        assert downloaded.startswith(b"HTTP/1.1 200")
        assert downloaded.partition(b"\r\n\r\n")[2] == READ
        assert server.process.wait(STOP_SECONDS) == 0
        assert server.stop() == []
        assert not any(is_running(other) for other in others)
    file = uploads.read_file(instance, owner.viewer, draft["id"], "sent.bin")
    with instance.objects.open(file.location) as stream:
        assert stream.read() == SENT
    instance.close()


def readers_are_done(server: ColophonServer) -> bool:
    return all(reader["lag"] == 0 for reader in server.get("/api/status").json()["projections"])


def queries(server: ColophonServer) -> int:
    """That are being answered."""
    return int(sparql_client.ask(load(server.home, environment={}), Message()).header["busy"])


def lets_in(server: ColophonServer) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return server.get("/healthz", timeout=1).status_code == 200
    return False


def test_the_guide_says_how_long_requests_have() -> None:
    guide = (ROOT / "docs" / "operator-guide.md").read_text(encoding="utf-8")
    said = re.search(r"requests that have\s+begun are finished, within (\d+) seconds", guide)
    assert said is not None
    assert int(said[1]) == GRACE
    assert GRACE < STOP_SECONDS, "the supervisor must not kill before the time of the requests is over"
