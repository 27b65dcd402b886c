"""Time limits of calls to S3 that hold for the whole call.

The time limits of boto3 are limits of standstill: a store that sends a byte now and then is waited for without end.
So the sockets themselves keep these, whatever is being read: head, body, TLS.
"""

import ssl
import threading
import time
from dataclasses import dataclass
from socket import socket
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

TOTAL = 4.0
"""Seconds of one attempt of a short call, from when it is sent to the last byte of its answer. There are two attempts,
with a second between them at most."""
COMPLETING = 60.0
"""The same of an attempt to complete an upload in parts: meanwhile S3 puts it together, and sends blanks."""
WINDOW = 8.0
LEAST = 64 << 10
"""Of a stream, LEAST bytes must come in each WINDOW seconds that are spent waiting for it; what the reader itself does
in between does not count."""


@dataclass(slots=True)
class Limit:
    """Of one request. `deadline`: by `time.monotonic`; none: LEAST bytes in each WINDOW."""

    deadline: float | None = None
    waited: float = 0.0
    received: int = 0

    def before(self, at: socket) -> None:
        """Raises TimeoutError; else the next wait ends when the limit does."""
        if self.deadline is None:
            return
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call took too long")
        if (limit := at.gettimeout()) is None or left < limit:
            at.settimeout(left)

    def after(self, seconds: float, count: int) -> None:
        """Raises TimeoutError."""
        self.waited += seconds
        self.received += count
        if self.deadline is None and self.waited > WINDOW:
            if self.received < LEAST:
                raise TimeoutError(f"only {self.received} bytes in {self.waited:.0f} s")
            self.waited, self.received = 0.0, 0


_current = threading.local()
"""`limit`: that of the request which this thread is about to send."""


def keep_limits(client: Any, *, short: bool) -> None:
    """Gives all requests of a client of boto3 their limit."""

    def begin(event_name: str, **_more: Any) -> None:
        seconds = TOTAL if short else COMPLETING if event_name.endswith(".CompleteMultipartUpload") else None
        _current.limit = Limit(None if seconds is None else time.monotonic() + seconds)

    client.meta.events.register("before-send.s3", begin)
    # boto3 has no setting for the class of connections; its session looks it up here for direct ones and for proxies.
    client._endpoint.http_session._pool_classes_by_scheme.update(http=_Pool, https=_SecurePool)


class _Kept:
    """A socket that keeps the limit of the request that is under way."""

    limit: Limit | None = None

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        limit, at = self.limit, cast(socket, super())
        if limit is None:
            return at.recv_into(buffer, nbytes or 0, flags)
        limit.before(cast(socket, self))
        began = time.monotonic()
        count = at.recv_into(buffer, nbytes or 0, flags)
        limit.after(time.monotonic() - began, count)
        return count


class _Socket(_Kept, socket):
    pass


class _SecureSocket(_Kept, ssl.SSLSocket):
    pass


class _Limited:
    """A connection that hands the limit of each request to its socket."""

    sock: Any
    ssl_context: ssl.SSLContext | None = None

    def _new_conn(self) -> socket:
        plain = super()._new_conn()  # type: ignore[misc]
        kept = _Socket(fileno=plain.detach())
        kept.settimeout(plain.gettimeout())
        return kept

    def connect(self) -> None:
        if self.ssl_context is not None:
            self.ssl_context.sslsocket_class = _SecureSocket
        super().connect()  # type: ignore[misc]
        self.sock.limit = getattr(_current, "limit", None)

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:
            self.sock.limit = getattr(_current, "limit", None)
        super().request(*arguments, **options)  # type: ignore[misc]


class _Connection(_Limited, AWSHTTPConnection):  # type: ignore[misc]
    pass


class _SecureConnection(_Limited, AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _SecureConnection
