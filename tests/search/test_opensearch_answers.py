"""What something says that answers in the place of OpenSearch is no fault of a record; and who we say we are to it."""

import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from repository.errors import StoreFull, Unreachable
from repository.search import opensearch_index
from repository.search.documents import document
from repository.search.engine import Search
from repository.search.opensearch_engine import OpenSearchEngine
from repository.search.opensearch_index import OpenSearchIndex
from tests.search.kit import record
from tests.servers.listening import listening
from tests.storage.test_s3_limits import certificate


class Answering(BaseHTTPRequestHandler):
    """Gives everybody the answer of its server, and notes who they say they are."""

    server: Any
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(self.headers.get("Authorization"))
        status, kind, body = self.server.first.pop(0) if self.server.first else self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *_words: object) -> None:
        """Nothing."""


@contextmanager
def answering(status: int, kind: str, body: bytes, tls: ssl.SSLContext | None = None) -> Iterator[Any]:
    server: Any
    with listening(Answering, tls=tls) as server:
        server.answer, server.first, server.seen = (status, kind, body), [], []
        yield server


WRONG = (
    (200, "application/json", b"{}"),
    (200, "application/json", b"[]"),
    (200, "application/json", b"{"),
    (200, "application/json", b"\xff"),
    (200, "text/html", b"<html>Welcome</html>"),
    (200, "text/plain", b"Welcome"),
    (204, "text/plain", b""),
    (302, "text/plain", b"elsewhere"),
    (401, "text/plain", b"Unauthorized"),
    (403, "application/json", b'{"error": {"reason": "no permissions for [indices:data/read]"}, "status": 403}'),
    (429, "application/json", b'{"error": {"type": "circuit_breaking_exception", "reason": "Data too large"}}'),
    (503, "application/json", b'{"error": {"reason": "no cluster manager"}}'),
)
ASKED: tuple[Callable[[str], object], ...] = (
    lambda setting: OpenSearchEngine(setting).search(Search("rain")),
    lambda setting: OpenSearchIndex(setting).leading().__enter__(),
    lambda setting: OpenSearchIndex(setting).write([document(record(1), 1)], "g1"),
    lambda setting: OpenSearchIndex(setting).activate("g1"),
    lambda setting: list(OpenSearchIndex(setting).generations()) and None,
    lambda setting: list(OpenSearchIndex(setting).held()),
)


def test_a_cluster_that_has_too_much_to_do_gets_the_entries_a_little_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opensearch_index, "_PAUSES", (0.0, 0.0))
    busy = (429, "application/json", b'{"error": {"type": "circuit_breaking_exception", "reason": "Data too large"}}')
    rejected = b'{"errors": true, "items": [{"index": {"status": 429, "error": {"reason": "rejected execution"}}}]}'
    full = b'{"errors": true, "items": [{"index": {"status": 429, "error": {"reason": "flood-stage watermark"}}}]}'
    with answering(200, "application/json", b'{"errors": false}') as server:
        index = OpenSearchIndex(f"opensearch://127.0.0.1:{server.server_port}/x")
        for first, expected in (([busy, (200, "application/json", rejected)], None), ([busy] * 3, Unreachable)):
            server.first, server.seen = list(first), []
            with pytest.raises(expected) if expected else nullcontext():
                index.write([document(record(1), 1)], "g1")
            assert len(server.seen) == 3
        server.first, server.seen = [(200, "application/json", full)], []
        with pytest.raises(StoreFull):
            index.write([document(record(1), 1)], "g1")
        assert len(server.seen) == 1, "a full disk is not asked again"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong[0]} {wrong[2][:12]!r}")
def test_what_is_no_answer_of_a_cluster_that_is_well_is_unreachable(
    wrong: tuple[int, str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opensearch_index, "_PAUSES", (0.0,))
    with answering(*wrong) as server:
        for number, ask in enumerate(ASKED):
            if number == 4 and wrong[2] == b"{}":  # a cluster without indexes says so
                continue
            with pytest.raises(Unreachable):
                ask(f"opensearch://127.0.0.1:{server.server_port}/wrong")


def test_an_account_is_named_over_tls_to_whom_its_certificate_proves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    with answering(200, "application/json", b"{}", tls) as server:
        setting = f"opensearch+https://reader:p%40ss@127.0.0.1:{server.server_port}/prefix"
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            OpenSearchEngine(setting).search(Search())
        assert server.seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        with pytest.raises(Unreachable, match="no OpenSearch"):
            OpenSearchEngine(setting).search(Search())
        assert server.seen == [f"Basic {base64.b64encode(b'reader:p@ss').decode()}"]
