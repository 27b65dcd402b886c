"""Answers of somebody else's server, fetched with patience: limited in time and size, tried again, redirects checked.

For commands that an operator types; nothing that the web processes do comes here. The operator may name an address of
the private network, but no server may lead us there, nor a name that resolves to another address than before: what is
checked is the address of each connection. No proxy that the environment names is used: it would resolve names itself.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from repository.errors import InvalidInput, Unreachable

REDIRECTS = 5
CALL_SECONDS = 60.0
_BUSY = frozenset((408, 425, 429, 502, 503, 504))
"""The server, or one before it, can't answer now."""
_FAILED = 500
_TRIES_OF_A_FAILURE = 3
"""A server that fails on a request will hardly do better the tenth time."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for; in seconds."""

    call: float = CALL_SECONDS
    """One call in all: address, connection, redirects, answer."""
    attempts: int = 6
    pause: float = 2
    """Before the second attempt; doubled before each further one."""
    longest: float = 60
    """The longest pause that it is doubled to."""
    asked: float = 3600
    """All that it may ask for with `Retry-After` before it answers one request."""
    largest: int = 64 * 1024 * 1024
    """Bytes of an answer, unpacked."""


PATIENT = Patience()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Unusable(Exception):
    """The server answers, but not with anything that can be used; asking again would not help."""


class _Loop(asyncio.SelectorEventLoop):
    """Connects to addresses of the public network, and to those in `named`."""

    def __init__(self) -> None:
        super().__init__()
        self.named: frozenset[str] | None = None
        """Addresses of the host that the operator has named; None before they are known."""
        self.refused = ""
        """The last address to which no connection was made."""

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        if not may_connect(address[0], self.named or frozenset()):
            self.refused = address[0]
            raise PermissionError(f"{address[0]} is an address of a private network")
        await super().sock_connect(sock, address)


class Fetcher:
    """One server, asked one thing after the other over one connection. Opened by `with`.

    `waiting` is told before each wait: seconds, and why.
    """

    def __init__(
        self, headers: Mapping[str, str], patience: Patience, waiting: Callable[[float, str], object] | None = None
    ) -> None:
        self._headers = dict(headers)
        self._patience = patience
        self._waiting = waiting or (lambda _seconds, _why: None)
        self._loop = _Loop()
        self._runner = asyncio.Runner(loop_factory=lambda: self._loop)

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self._client = httpx.AsyncClient(
            headers=self._headers,
            timeout=self._patience.call,
            trust_env=False,  # neither proxies nor passwords of a .netrc
            verify=httpx.create_ssl_context(),  # but the certificates that SSL_CERT_FILE names
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.__exit__(kind, error, trace)

    def get(self, url: str, arguments: Mapping[str, str]) -> Answer:
        """Raises Unreachable when patience ends, Unusable for what is too large or leads astray or fails again and
        again, InvalidInput for an address that is none."""
        address = f"{url}{'&' if '?' in url else '?'}{urlencode(arguments)}"
        asked, attempt, failures = 0.0, 0, 0
        while True:
            why, seconds = "", None
            try:
                answer, retry_after = self._runner.run(self._call(address))
            except TimeoutError:
                why = f"no whole answer within {self._patience.call:g} s"
            except httpx.InvalidURL as error:
                raise InvalidInput(f"{url} is no address: {error}.") from error
            except (httpx.TransportError, httpx.DecodingError) as error:
                why = str(error) or type(error).__name__
            else:
                if answer.status not in _BUSY and answer.status != _FAILED:
                    return answer
                why, seconds = f"it answers {answer.status}", retry_after
                failures += answer.status == _FAILED
                if failures >= min(_TRIES_OF_A_FAILURE, self._patience.attempts):
                    raise Unusable(f"{address}: {why}")
            if seconds is None:
                attempt += 1
                seconds = min(self._patience.pause * 2.0 ** min(attempt - 1, 16), self._patience.longest)
            else:  # to come again as it was told is no failed attempt
                asked += seconds
                why += f" and wants to be asked again after {seconds:g} s"
            if attempt >= self._patience.attempts or asked > self._patience.asked:
                raise Unreachable(f"{url} does not answer: {why}.")
            self._waiting(seconds, why)
            time.sleep(seconds)

    async def _call(self, address: str) -> tuple[Answer, float | None]:
        """The answer, and the seconds of its `Retry-After`."""
        async with asyncio.timeout(self._patience.call):
            first = address
            await self._name(urlsplit(first).hostname or "")
            for _hop in range(REDIRECTS + 1):
                async with self._opened(address) as response:
                    if not response.has_redirect_location:
                        body = await self._limited(response)
                        return Answer(response.status_code, body), _seconds(response.headers.get("Retry-After"))
                    target = urljoin(address, response.headers["Location"])
                check_redirect(address, target)
                address = target
            raise Unusable(f"{first} leads on more than {REDIRECTS} times")

    async def _name(self, host: str) -> None:
        """The operator has named this host: its addresses, as they are now, are allowed from here on."""
        if self._loop.named is None:
            try:
                found = await self._loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                raise httpx.ConnectError(str(error)) from error
            self._loop.named = frozenset(str(entry[4][0]) for entry in found)

    @asynccontextmanager
    async def _opened(self, address: str) -> AsyncIterator[httpx.Response]:
        """Raises Unusable where the connection would lead into a private network."""
        self._loop.refused = ""
        try:
            async with self._client.stream("GET", address) as response:
                yield response
        except httpx.ConnectError as error:
            if self._loop.refused:
                raise Unusable(f"{address} leads to {self._loop.refused}, in a private network") from error
            raise

    async def _limited(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for block in response.aiter_bytes():
            body += block
            if len(body) > self._patience.largest:
                raise Unusable(f"{response.url}: the answer is larger than {self._patience.largest} bytes")
        return bytes(body)


def check_redirect(address: str, target: str) -> None:
    """Raises Unusable for what is no web address, and for a way back from https."""
    before, after = urlsplit(address), urlsplit(target)
    if (
        after.scheme not in ("http", "https")
        or not after.hostname
        or (before.scheme, after.scheme) == ("https", "http")
    ):
        raise Unusable(f"{address} leads to {target}, where we do not go")


def may_connect(address: str, named: frozenset[str]) -> bool:
    """Whether the address is public, or one that the operator has named."""
    return address in named or ipaddress.ip_address(address).is_global


def _seconds(retry_after: str | None) -> float | None:
    """Of `Retry-After`, which has seconds or a date; None where it says neither. Specified by: RFC 9110 §10.2.3.

    At least 1: whoever is told to come back at once, or in the past, would come thousands of times.
    """
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return max(float(retry_after), 1)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 1)
