"""How somebody else's server is fetched from: limits that it can't stretch, and where it may not lead."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from repository.errors import Unreachable
from repository.services.fetching import Fetcher, Patience, Unusable, check_redirect, may_connect
from tests.servers.small_provider import Answer as HttpAnswer
from tests.servers.small_provider import SmallProvider

HASTE = Patience(call=10, attempts=4, pause=0.01, asked=10)
PUBLIC = "http://93.184.216.34/oai"


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
    "address",
    [
        "10.0.0.1",
        "127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "fe80::1%2",
        "fd00::1",
    ],
)
def test_private_addresses_are_only_connected_to_where_they_were_named(address: str) -> None:
    assert not may_connect(address, frozenset({"93.184.216.34"}))
    assert may_connect(address, frozenset({address}))
    assert may_connect("93.184.216.34", frozenset({address}))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://93.184.216.34/", "http:///oai"])
def test_a_server_may_not_lead_everywhere(target: str) -> None:
    with pytest.raises(Unusable):
        check_redirect(PUBLIC, target)


def test_a_server_may_not_lead_back_from_https() -> None:
    check_redirect(PUBLIC, PUBLIC.replace("http", "https"))
    with pytest.raises(Unusable):
        check_redirect(PUBLIC.replace("http", "https"), PUBLIC)


@pytest.fixture
def inner() -> Iterator[SmallProvider]:
    """What runs in our network and is not for others."""
    with SmallProvider(address="127.0.0.2") as started:
        yield started


def fetched(url: str) -> int:
    """The status."""
    with Fetcher({}, Patience(call=5, attempts=2, pause=0.01)) as fetcher:
        return fetcher.get(url, {"verb": "Identify"}).status


def leading_to(target: str) -> Callable[[object], HttpAnswer]:
    return lambda _arguments: HttpAnswer(status=302, headers=(("Location", target),))


def test_an_operator_may_name_any_address(inner: SmallProvider) -> None:
    assert fetched(inner.url) == 200
    inner.disturb = lambda arguments: leading_to(f"{inner.url}?a=b")(arguments) if "verb" in arguments else None
    assert fetched(inner.url) == 200


def test_a_server_of_a_private_network_may_not_lead_to_another_one(inner: SmallProvider) -> None:
    with SmallProvider() as provider:
        provider.disturb = leading_to(inner.url)
        with pytest.raises(Unusable, match=r"127\.0\.0\.2"):
            fetched(provider.url)
    assert inner.requests == []


def names_resolve(monkeypatch: pytest.MonkeyPatch, name: str, *addresses: str) -> None:
    """As the name server of somebody says who answers otherwise each time, at last with the last address."""
    left, ask = list(addresses), socket.getaddrinfo

    def answer(host: Any, *further: Any, **named: Any) -> Any:
        if host in (name, name.encode()):
            host = left.pop(0) if len(left) > 1 else left[0]
        return ask(host, *further, **named)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_name_that_resolves_otherwise_when_it_was_checked_leads_nowhere(
    inner: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    names_resolve(monkeypatch, "changing.example", "93.184.216.34", "127.0.0.2")
    with pytest.raises(Unusable, match=r"127\.0\.0\.2"):
        fetched(inner.url.replace("127.0.0.2", "changing.example"))
    assert inner.requests == []


def test_a_name_of_an_inner_address_leads_nowhere(inner: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    names_resolve(monkeypatch, "inner.example", "127.0.0.2")
    with SmallProvider() as provider:
        provider.disturb = leading_to(inner.url.replace("127.0.0.2", "inner.example"))
        with pytest.raises(Unusable, match=r"127\.0\.0\.2"):
            fetched(provider.url)
    assert inner.requests == []


def test_no_proxy_of_the_environment_is_used(inner: SmallProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would resolve the names, and could be led anywhere."""
    monkeypatch.setenv("http_proxy", inner.url)
    monkeypatch.delenv("no_proxy", raising=False)
    with SmallProvider() as provider:
        assert fetched(provider.url) == 200
        assert len(provider.requests) == 1
