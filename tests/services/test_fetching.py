"""How somebody else's server is fetched from: limits that it can't stretch, and where it may not lead."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from repository.errors import Unreachable
from repository.services.fetching import Fetcher, Patience, Unusable, check_redirect
from tests.servers.small_provider import Answer as HttpAnswer
from tests.servers.small_provider import SmallProvider

HASTE = Patience(call=10, attempts=4, pause=0.01, asked=10)
PUBLIC, PRIVATE = "http://93.184.216.34/oai", "http://10.0.0.1/oai"


@contextlib.contextmanager
def dripping(beginning: bytes) -> Iterator[str]:
    """A server that sends this and then a byte every now and then, for ever."""
    ended = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _address = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(beginning)
            while not ended.is_set():
                connection.sendall(b"a")
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()


@pytest.mark.parametrize(
    "beginning",
    [b"HTTP/1.1 200 OK\r\nX-Name: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"],
    ids=["header", "body"],
)
@pytest.mark.timeout(30)
def test_a_call_ends_in_its_time_however_slowly_bytes_come(beginning: bytes) -> None:
    with (
        dripping(beginning) as url,
        Fetcher({}, Patience(call=0.5, attempts=1)) as fetcher,
        pytest.raises(Unreachable, match=r"no whole answer within 0\.5 s"),
    ):
        fetcher.get(url, {})


@pytest.mark.parametrize("asked_back", ["0", "Mon, 01 Jan 2024 00:00:00 GMT"])
def test_whoever_is_asked_back_at_once_waits_a_second(asked_back: str) -> None:
    busy = [HttpAnswer(status=503, headers=(("Retry-After", asked_back),))] * 2
    waits: list[float] = []
    with SmallProvider() as provider:
        provider.disturb = lambda _arguments: busy.pop() if busy else None
        with Fetcher({}, HASTE, lambda seconds, _why: waits.append(seconds)) as fetcher:
            assert fetcher.get(provider.url, {"verb": "Identify"}).status == 200
    assert waits == [1, 1]


@pytest.mark.timeout(60)
def test_a_failure_that_asks_to_be_asked_again_counts_as_one() -> None:
    with SmallProvider() as provider:
        provider.disturb = lambda _arguments: HttpAnswer(status=500, headers=(("Retry-After", "1"),))
        with Fetcher({}, HASTE) as fetcher, pytest.raises(Unusable, match="500"):
            fetcher.get(provider.url, {"verb": "Identify"})
        assert len(provider.requests) == 3


@pytest.mark.parametrize(
    ("first", "target"),
    [
        (PUBLIC, PRIVATE),
        (PUBLIC, "http://127.0.0.1/oai"),
        (PUBLIC, "http://[::1]/oai"),
        (PUBLIC, "http://[::ffff:127.0.0.1]/oai"),
        (PUBLIC, "http://169.254.169.254/latest/meta-data"),
        (PUBLIC, "file:///etc/passwd"),
        (PUBLIC, "gopher://93.184.216.34/"),
        (PUBLIC.replace("http", "https"), PUBLIC),
    ],
)
def test_a_server_may_not_lead_everywhere(first: str, target: str) -> None:
    with pytest.raises(Unusable):
        asyncio.run(check_redirect(first, first, target))


@pytest.mark.parametrize(
    ("first", "target"), [(PUBLIC, PUBLIC.replace("http", "https")), (PRIVATE, f"{PRIVATE}2"), (PRIVATE, PUBLIC)]
)
def test_an_operator_may_name_any_address(first: str, target: str) -> None:
    asyncio.run(check_redirect(first, first, target))
