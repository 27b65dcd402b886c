"""A SPARQL 1.1 store behind HTTP: where it takes queries and updates, and one request to it.

Requests are made by the standard library, since a limit must hold for a whole answer: however slowly a store sends it.
Specified by: SPARQL 1.1 Protocol, 2.1.3 (query via POST directly) and 2.2.2 (update via POST directly).
"""

import base64
import http.client
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from repository.errors import Unreachable

_BLOCK = 1 << 16
_CONNECT = 5.0
"""Seconds to connect."""


class TookTooLong(Unreachable):
    """No answer, or no end of it, in time."""


class AnswerTooLong(Exception):
    """The answer has more bytes than are wanted."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    """Without parameters, in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One dataset of a store; URLs without credentials."""

    query: str
    update: str
    authorization: str = field(default="", repr=False)
    """Value of the header of this name."""


def endpoint(url: str) -> Endpoint:
    """Of the setting `graph`: `sparql+http://user:password@host/dataset?query=sparql&update=update`.

    The parameters name, relative to the dataset, where queries and updates go; an empty one is the dataset itself.
    """
    parts = urlsplit(url.removeprefix("sparql+"))
    host = parts.netloc.rpartition("@")[2]
    dataset = f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
    named = parse_qs(parts.query, keep_blank_values=True)
    query, update = (named.get(name, [default])[0] for name, default in (("query", "sparql"), ("update", "update")))
    authorization = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        authorization = f"Basic {base64.b64encode(pair).decode()}"
    return Endpoint(_below(dataset, query), _below(dataset, update), authorization)


def _below(dataset: str, name: str) -> str:
    return urljoin(f"{dataset}/", name) if name else dataset


def post(url: str, store: Endpoint, body: bytes, headers: dict[str, str], seconds: float, most: int) -> Answer:
    """Sends a body and reads the answer, of at most so many bytes, all within the time; redirects are not followed.

    Raises Unreachable, TookTooLong, AnswerTooLong.
    """
    end = time.monotonic() + seconds
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=min(_CONNECT, seconds))
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    given = {"Authorization": store.authorization} if store.authorization else {}
    try:
        connection.connect()
        socket = connection.sock
        socket.settimeout(seconds)
        connection.request("POST", target, body, {**headers, **given, "Connection": "close"})
        socket.settimeout(_left(end))
        response = connection.getresponse()
        content = bytearray()
        while True:
            # the response still reads from this socket, though the connection has let go of it
            socket.settimeout(_left(end))
            block = response.read1(_BLOCK)
            if not block:
                break
            content += block
            if len(content) > most:
                raise AnswerTooLong
        if response.length:
            raise Unreachable("The graph store has cut its answer off.")
        media_type = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(response.status, media_type, bytes(content))
    except TimeoutError as error:
        raise TookTooLong(f"The graph store has not answered within {seconds:g} seconds.") from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"The graph store at {parts.netloc} does not answer: {error!r}") from error
    finally:
        connection.close()


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
