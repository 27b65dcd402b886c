"""A proxy between us and a server that speaks HTTP/1.1, which does harm on request: for tests of faults.

It passes `100 Continue`, keeps connections alive where nothing goes wrong, and ends them where something does.
"""

import contextlib
import re
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

Harm = Literal["hang", "slow", "refuse", "cut request", "cut answer", "lose answer", "500 after the fact", "drip"]
_BLOCK = 1 << 16
_ANSWER_500 = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class Fault:
    """What is done to requests of a method whose target matches, so many times.

    hang: never answered; slow: passed on after `seconds`; refuse: cut off unread; cut request, cut answer: after
    `bytes` of the body; lose answer, 500 after the fact: carried out, and not or wrongly answered; drip: the first
    `bytes` of head and body are sent at once, then one byte in every `seconds`.
    """

    harm: Harm
    method: str = ""
    target: str = ""
    times: int = 1_000_000
    bytes: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _Head:
    """Of a request or an answer, as it came."""

    raw: bytes
    first: list[str]
    headers: dict[str, str]

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", 0))


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    unread: bytes = b""
    closed: bool = False

    def head(self) -> _Head | None:
        """The next head; None at the end of the connection."""
        while b"\r\n\r\n" not in self.unread:
            block = self.socket.recv(_BLOCK)
            if not block:
                return None
            self.unread += block
        raw, _, self.unread = self.unread.partition(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return _Head(raw + b"\r\n\r\n", first.split(" ", 2), headers)

    def some(self, most: int) -> bytes:
        """Some of the bytes that follow, at least one; none at the end of the connection."""
        if not self.unread:
            self.unread = self.socket.recv(_BLOCK)
        block, self.unread = self.unread[:most], self.unread[most:]
        return block


@dataclass(slots=True)
class FaultyProxy:
    """Started on entry, stopped on exit. `requests` are those that came: method and target; `ranges` what they asked
    for by the header of this name."""

    upstream: int
    tls: ssl.SSLContext | None = None
    """Spoken with clients, if there is one."""
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    port: int = 0
    _listener: socket.socket | None = None
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _mended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    @property
    def endpoint(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Listens, at the same port as before."""
        listener = socket.create_server(("127.0.0.1", self.port), backlog=64, reuse_port=True)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def down(self) -> None:
        """Refuses connections, and ends those that there are."""
        self.mend()
        with self._lock:
            if self._listener is not None:
                self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def harming(self, fault: Fault) -> Iterator[None]:
        """Within the block."""
        self.faults.append(fault)
        try:
            yield
        finally:
            self.mend()

    def mend(self) -> None:
        """No faults any more; what hangs is cut off."""
        self.faults.clear()
        self._mended.set()
        self._mended = threading.Event()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _address = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a body waits for no acknowledgement
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self.tls:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
        with connection:
            with self._lock:
                self._open.add(connection)
            client = _Connection(connection)
            with contextlib.suppress(OSError):
                while not client.closed and (head := client.head()):
                    self.requests.append((head.first[0], head.first[1]))
                    self.ranges.append(head.headers.get("range", ""))
                    self._pass(client, head, self._fault(head))
            with self._lock:
                self._open.discard(connection)

    def _fault(self, head: _Head) -> Fault:
        with self._lock:
            for fault in self.faults:
                wanted = fault.method in ("", head.first[0]) and re.search(fault.target, head.first[1])
                if wanted and fault.times > 0:
                    fault.times -= 1
                    return fault
        return Fault("slow")

    def _pass(self, client: _Connection, head: _Head, fault: Fault) -> None:
        """One request and its answer. Whoever is harmed loses the connection too."""
        client.closed = fault.harm != "slow"
        if fault.harm == "refuse":
            return
        if fault.harm == "hang" or (fault.harm != "drip" and fault.seconds):
            self._mended.wait(fault.seconds or None)
            if client.closed:
                return
        with socket.create_connection(("127.0.0.1", self.upstream), 60) as upstream:
            upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = _Connection(upstream)
            upstream.sendall(head.raw)
            if not _pass_request(client, server, head, fault):
                return
            answer = server.head()
            while answer and answer.first[1] == "100":
                answer = server.head()
            if answer is None:
                client.closed = True
                return
            if fault.harm == "drip":
                self._drip(client, server, head, answer, fault)
            else:
                _pass_answer(client, server, head, answer, fault)

    def _drip(self, client: _Connection, server: _Connection, head: _Head, answer: _Head, fault: Fault) -> None:
        """An answer without end, as far as anybody waits for it."""
        left = 0 if head.first[0] == "HEAD" else answer.length
        whole, mended = answer.raw, self._mended
        while whole:
            at_once = max(1, min(fault.bytes, len(whole)))
            client.socket.sendall(whole[:at_once])
            fault.bytes -= at_once
            whole = whole[at_once:]
            if not whole and left:
                whole = server.some(left)
                left -= len(whole)
            if fault.bytes <= 0 and mended.wait(fault.seconds):
                return


def _pass_request(client: _Connection, server: _Connection, head: _Head, fault: Fault) -> bool:
    """The body, and `100 Continue` before it. False if it was cut off."""
    left = min(head.length, fault.bytes) if fault.harm == "cut request" else head.length
    if "expect" in head.headers:
        select.select([client.socket, server.socket], [], [], 5)
        if not client.unread and server.socket in select.select([server.socket], [], [], 0)[0]:
            answer = server.head()
            if answer is None or answer.first[1] != "100":  # refused before its body
                if answer:
                    client.socket.sendall(answer.raw + server.some(answer.length))
                client.closed = True
                return False
            client.socket.sendall(answer.raw)
    while left:
        block = client.some(left)
        if not block:
            return False
        server.socket.sendall(block)
        left -= len(block)
    return fault.harm != "cut request"


def _pass_answer(client: _Connection, server: _Connection, head: _Head, answer: _Head, fault: Fault) -> None:
    chunked = answer.headers.get("transfer-encoding") == "chunked"
    bodiless = head.first[0] == "HEAD" or answer.first[1] in ("204", "304")
    left = (
        0 if bodiless else answer.length if "content-length" in answer.headers else -1
    )  # to the end of the connection
    send = fault.harm not in ("lose answer", "500 after the fact")
    if send:
        client.socket.sendall(answer.raw)
    sent, end = 0, b""
    while left and not (chunked and end.endswith(b"0\r\n\r\n")):
        block = server.some(left if left > 0 else _BLOCK)
        if not block:
            client.closed = True
            break
        if left > 0:
            left -= len(block)
        else:
            end = end[-8:] + block
        if fault.harm == "cut answer" and sent + len(block) > fault.bytes:
            client.socket.sendall(block[: fault.bytes - sent])
            return
        if send:
            client.socket.sendall(block)
        sent += len(block)
    if fault.harm == "500 after the fact":
        client.socket.sendall(_ANSWER_500)
