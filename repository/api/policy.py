"""What holds for every request and every answer: which hosts are ours, which headers protect whoever reads.

Made once from the settings. Specified by: RFC 9110, 7.2 (Host); RFC 6797 (HSTS); Fetch Standard, 3.3 (CORS).
"""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from repository.settings import Settings

PERSONAL = "private, no-store"
UNCHECKED = "no-cache"
"""What nobody said anything about may be kept, but has to be asked for again each time."""
NOTHING_RUNS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For answers that are no pages: should a browser take one for a page, nothing in it does anything."""
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Content-Security-Policy", NOTHING_RUNS),
)
_HSTS = ("Strict-Transport-Security", "max-age=31536000")

EXPOSED = "Content-Type, ETag, Link, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
SENDABLE = "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, Range"
PREFLIGHT_SECONDS = "600"
CLOSED_TO_OTHERS = ("/api", "/login", "/logout", "/uploads", "/deposit", "/metrics", "/healthz", "/readyz")
"""Beginnings of paths that pages of other sites don't read: accounts, forms, the operator's. Those of the API are ruled
by `api.origins`."""
READABLE = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Link, Content-Location, Content-Profile, Memento-Datetime, ETag, Content-Range, Content-Length",
    ),
)
"""Of everything else that is read by nobody in particular. With `*` no browser sends cookies along."""
ASKABLE = (
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Accept, Accept-Datetime, Accept-Profile, If-None-Match, Range"),
    ("Access-Control-Max-Age", PREFLIGHT_SECONDS),
)
"""What a page of another site may send to read that."""


@dataclass(frozen=True, slots=True)
class Policy:
    host: re.Pattern[str]
    """Matches the whole of a `Host` that is ours."""
    hosts: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    """Of every answer that does not say otherwise itself."""
    origins: frozenset[str]
    """Whose pages may read the API; `*` is everybody's."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        address = urlsplit(settings.site_url)
        own = address.netloc.rpartition("@")[2]
        own = own[: own.find("]") + 1] if own.startswith("[") else own.partition(":")[0]
        hosts = tuple(dict.fromkeys(host.lower() for host in (own, *settings.site_hosts)))
        names = "|".join(re.escape(host) for host in hosts)
        headers = (*_HEADERS, *((_HSTS,) if address.scheme == "https" else ()))
        host = re.compile(f"(?:{names})(?::[0-9]{{1,5}})?", re.IGNORECASE | re.ASCII)
        return cls(host, hosts, headers, frozenset(settings.api_origins))
