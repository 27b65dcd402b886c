"""Where an OpenSearch cluster is, and what its refusals mean for us.

Imported where the setting names it only: the client library takes half a second and 40 MB.
"""

import contextlib
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from opensearchpy import ConnectionError as NoConnection
from opensearchpy import OpenSearch, TransportError, Urllib3HttpConnection
from opensearchpy.exceptions import OpenSearchException
from urllib3 import Timeout

from repository.errors import InvalidInput, StoreFull, Unreachable, WrongSetting
from repository.records.snapshot import Json

# What goes wrong is told by our errors; the library would tell each time once more, with a traceback.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)

_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_BLOCK = 1 << 16
_FULL = ("disk usage exceeded", "flood-stage", "flood_stage", "no space left")


@dataclass(frozen=True, slots=True)
class Place:
    """What the setting `search` says: `opensearch+https://user:password@host:9200/prefix`."""

    host: str
    port: int
    tls: bool
    prefix: str
    """How the names of all that we make in the cluster begin; also the alias of the current index."""
    user: tuple[str, str] | None = field(default=None, repr=False)

    def index(self, generation: str) -> str:
        return f"{self.prefix}-{generation}"

    def written(self, generation: str) -> str:
        """The alias by which a generation is written. Where it is gone a late write is refused: the cluster would make
        an index that is missing."""
        return f"{self.prefix}-{generation}.write"

    def read(self, shape: str) -> str:
        """The alias by which the current index is searched, by those who know its shape."""
        return f"{self.prefix}.{shape}"


def place(url: str) -> Place:
    """Raises WrongSetting."""
    parts = urlsplit(url)
    try:
        port = parts.port or 9200
    except ValueError as error:
        raise WrongSetting("search: the port is no number up to 65535.") from error
    prefix = parts.path.strip("/")
    if not parts.hostname or not _PREFIX.fullmatch(prefix):
        raise WrongSetting(
            "search: it must be `opensearch://host:9200/prefix`, the prefix of lower-case letters, digits, - and _."
        )
    user = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
    return Place(parts.hostname, port, parts.scheme == "opensearch+https", prefix, user)


class _Connection(Urllib3HttpConnection):
    """With one limit from connecting to the end of the answer, however slowly it is sent: the library's is for each
    step and for each piece of it."""

    def _create_urllib3_pool(self) -> None:
        super()._create_urllib3_pool()
        urlopen = self.pool.urlopen

        def whole(method: str, url: str, body: Any, **options: Any) -> Any:
            seconds = options.pop("timeout", None) or self.timeout
            end = time.monotonic() + seconds
            limit = Timeout(total=seconds)
            response = urlopen(method, url, body, **options, timeout=limit, preload_content=False)
            content = bytearray()
            while block := response.read1(_BLOCK):
                content += block
                left = end - time.monotonic()
                if left <= 0:
                    response.close()
                    raise TimeoutError(f"no whole answer within {seconds:g} seconds")
                if response.connection is not None and response.connection.sock is not None:
                    response.connection.sock.settimeout(left)
            response.release_conn()
            return _Whole(response.status, response.headers, bytes(content))

        self.pool.urlopen = whole


@dataclass(frozen=True, slots=True)
class _Whole:
    """An answer that was read to its end."""

    status: int
    headers: Any
    data: bytes


def connect(place: Place, seconds: float) -> OpenSearch:
    """A client that is safe for threads; nothing is opened before the first request. Each takes so long at most."""
    return OpenSearch(
        hosts=[{"host": place.host, "port": place.port}],
        http_auth=place.user,
        use_ssl=place.tls,
        connection_class=_Connection,
        timeout=seconds,
        max_retries=0,
        pool_maxsize=64,
    )


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """Gives the library's errors our names. What concerns the request itself comes through as TransportError, with the
    status 400 or 404."""
    try:
        yield
    except NoConnection as error:
        raise Unreachable(f"OpenSearch does not answer: {error.info}") from error
    except TransportError as error:
        if error.status_code in (400, 404):
            raise
        raise refusal(error.status_code, error.info) from error
    except (OpenSearchException, UnicodeDecodeError) as error:
        raise Unreachable(f"OpenSearch answers with something else than JSON: {str(error)[:200]}") from error


def answered(answer: object, *names: str) -> Json:
    """An answer that has these members. Raises Unreachable for another, whoever has given it."""
    if not isinstance(answer, dict) or not all(name in answer for name in names):
        raise Unreachable(f"What answers is no OpenSearch: {str(answer)[:200]}")
    return answer


def refusal(status: object, said: object) -> Unreachable | StoreFull:
    """What a status other than 400 and 404 means."""
    text = reason(said)
    if status == 507 or any(word in text.lower() for word in _FULL):
        return StoreFull(f"OpenSearch has no more space: {text}")
    return Unreachable(f"OpenSearch answers with status {status}: {text}")


def unaskable(said: object) -> InvalidInput:
    """A query that the engine refuses although its syntax is right: too many values behind a wildcard and the like."""
    return InvalidInput(f"The search engine can't answer this query: {reason(said)}")


def reason(said: object) -> str:
    """The innermost words of an error, at most 300 characters."""
    if isinstance(said, dict):
        for name in ("error", "caused_by", "root_cause", "reason"):
            inner = said.get(name)
            if isinstance(inner, list):
                inner = inner[0] if inner else None
            if inner:
                return reason(inner)
    return str(said)[:300]
