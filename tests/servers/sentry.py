"""A small listener that takes what Sentry's library sends, over real HTTP: for tests of what is in it."""

import gzip
import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import brotli

from tests.servers.listening import listening


@dataclass(slots=True)
class SentryListener:
    """Started on entry, stopped on exit. `received` are requests as they came: headers and the body unzipped."""

    received: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    """Those of the envelopes."""
    _server: ThreadingHTTPServer | None = None
    _running: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                elif self.headers.get("Content-Encoding") == "br":
                    body = brotli.decompress(body)
                listener.take(f"{self.path}\n{self.headers}", body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = self._running.enter_context(listening(Handler))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    @property
    def dsn(self) -> str:
        assert self._server is not None
        return f"http://public@127.0.0.1:{self._server.server_address[1]}/1"

    def take(self, head: str, body: bytes) -> None:
        """An envelope: a line of its own, then for each item a line about it and its payload."""
        self.received.append(f"{head}\n{body.decode('utf-8', 'replace')}")
        _envelope, *rest = body.split(b"\n")
        for about, payload in zip(rest[::2], rest[1::2], strict=False):
            if json.loads(about).get("type") == "event":
                self.events.append(json.loads(payload))
