"""What a view needs of the application: the open instance, the search engine, and who asks.

And what goes before every view and after it, on all paths: `admit`, `protect`, and how the server gets the answer.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, cast

from flask import Response, current_app, g, request

from repository.api.policy import (
    ASKABLE,
    CLOSED_TO_OTHERS,
    EXPOSED,
    PERSONAL,
    PREFLIGHT_SECONDS,
    READABLE,
    SENDABLE,
    UNCHECKED,
    Policy,
)
from repository.api.stores import Stores
from repository.auth import identity
from repository.auth.identity import Identity
from repository.errors import Forbidden, InvalidInput, TooMany
from repository.records.visibility import ANONYMOUS, Viewer
from repository.search.engine import SearchEngine
from repository.services.instance import Instance
from repository.services.measures import Figures
from repository.settings import Limit
from repository.storage.counters import Counters, Taken

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SESSION_COOKIE = "session"
CSRF_COOKIE = "csrftoken"
CSRF_HEADER = "X-CSRFToken"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
VARYING = "Accept, Accept-Language, Authorization, Cookie"
"""What answers of the API depend on. Specified by: RFC 9110, 12.5.5."""
_READING = frozenset({"GET", "HEAD"})
UNCOUNTED = ("/content", "/content/<int:number>", "/commit", "/files-archive")
"""Ends of the API's addresses that carry files: a record may have more of them than requests are allowed."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that `create_app` was given, under one name."""

    instance: Instance
    search: SearchEngine
    readers: tuple[str, ...]
    """Names of the readers of the change log."""
    policy: Policy
    counters: Counters
    figures: Figures
    stores: Stores
    streams: threading.Semaphore
    """For lists of all hits: each holds one of the worker's threads as long as its client reads."""


def house() -> House:
    return cast(House, current_app.extensions["colophon"])


def instance() -> Instance:
    return cast(House, current_app.extensions["colophon"]).instance


def identify() -> None:
    """Finds out who asks, before any view runs: a bearer token, else the session cookie, else nobody.

    A token that is wrong is told everywhere (NotSignedIn), also where nobody need sign in. A browser's session may
    change something only with the CSRF token that its own pages know. Requests to the API are counted, those of wrong
    tokens too, but not those that carry files. Raises TooMany.
    """
    g.identity = None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if kind.lower() == "bearer" else request.args.get("access_token", "")
    cookie = request.cookies.get(SESSION_COOKIE, "")
    g.is_personal = bool(token or cookie)
    try:
        if token:
            with instance().database.read() as connection:
                g.identity = identity.by_token(connection, token)
        elif cookie:
            with instance().database.read() as connection:
                g.identity = identity.by_session(connection, cookie)
    finally:
        if request.blueprint == "api" and not str(request.url_rule).endswith(UNCOUNTED):
            settings = instance().settings
            if g.identity is not None:
                count(f"account {g.identity.id}", settings.limits_account)
            else:
                count(f"address {address()}", settings.limits_guest)
    if cookie and not token and g.identity is not None and request.method not in SAFE_METHODS:
        check_csrf(request.headers.get(CSRF_HEADER, ""))


def count(who: str, limit: Limit) -> None:
    """Raises TooMany. The answer tells how much is left."""
    taken = g.taken = current_app.extensions["colophon"].counters.take(who, limit)
    if taken is not None and taken.is_over:
        seconds = max(1, taken.reset - int(time.time()))
        raise TooMany(f"More than the {taken.limit} requests that are allowed. Try again in {seconds} seconds.")


def address() -> str:
    """Of whoever asks. Of IPv6 the network of 64 bits, since that is what one household or machine has."""
    given = request.remote_addr or ""
    if ":" not in given:
        return given
    try:
        found = ip_address(given)
    except ValueError:
        return given
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or ip_network((found, 64), strict=False))


def admit() -> None:
    """Before anything else, on every path. Raises InvalidInput.

    Whoever is asked for under a name that is not ours is not us: an answer might be kept under that name. And nothing
    in the API has a NUL character in its name, and PostgreSQL takes none.
    """
    policy: Policy = current_app.extensions["colophon"].policy
    host = request.headers.get("Host", "")
    if not policy.host.fullmatch(host):
        message = f"{host[:100]!r} is not a host of this repository; its hosts are {', '.join(policy.hosts)}"
        raise InvalidInput(f"{message} (settings site.url and site.hosts).")
    query = request.query_string
    if request.blueprint == "api" and ("\x00" in request.path or b"%00" in query or b"\x00" in query):
        raise InvalidInput("The URL has a NUL character, which nothing here has in its name.")


def protect(response: Response) -> Response:
    """After everything else, on every answer: headers that are missing, who may keep it, and who may read it. Pages and
    answers of the API that are for nobody in particular get an ETag of their bytes, if they have none."""
    policy: Policy = current_app.extensions["colophon"].policy
    headers = response.headers
    for name, value in policy.headers:
        headers.setdefault(name, value)
    is_personal = g.get("is_personal") or "Set-Cookie" in headers
    if is_personal:
        headers["Cache-Control"] = PERSONAL
    else:
        headers.setdefault("Cache-Control", UNCHECKED)
        is_whole = request.method in _READING and response.status_code == 200 and response.is_sequence
        is_of_api = request.path.startswith("/api/")
        if is_of_api:
            headers.setdefault("Vary", VARYING)
        is_ours = is_of_api or response.mimetype == "text/html"
        if is_whole and is_ours and not ("ETag" in headers or "no-store" in headers["Cache-Control"]):
            response.add_etag()
            if not request.if_match:
                response.make_conditional(request)  # 304 for whoever has these bytes already
    taken: Taken | None = g.get("taken")
    if taken is not None:
        headers["X-RateLimit-Limit"] = str(taken.limit)
        headers["X-RateLimit-Remaining"] = str(taken.remaining)
        headers["X-RateLimit-Reset"] = str(taken.reset)
        if taken.is_over:
            headers["Retry-After"] = str(max(1, taken.reset - int(time.time())))
    if policy.origins and request.path.startswith("/api"):
        origin = request.headers.get("Origin", "")
        response.vary.add("Origin")
        if "*" in policy.origins or origin in policy.origins:  # never with credentials: a token is sent by itself
            headers["Access-Control-Allow-Origin"] = "*" if "*" in policy.origins else origin
            headers["Access-Control-Expose-Headers"] = EXPOSED
            if request.method == "OPTIONS":
                headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
                headers["Access-Control-Allow-Headers"] = SENDABLE
                headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    elif not is_personal and request.method in SAFE_METHODS and not request.path.startswith(CLOSED_TO_OTHERS):
        for name, value in (*READABLE, *ASKABLE) if request.method == "OPTIONS" else READABLE:
            headers.setdefault(name, value)
    return response


def check_csrf(sent: str) -> None:
    expected = request.cookies.get(CSRF_COOKIE, "")
    if not expected or sent != expected:
        raise Forbidden("CSRF token missing or incorrect.")


def who() -> Identity | None:
    return cast("Identity | None", g.identity)


def viewer() -> Viewer:
    return g.identity.viewer if g.identity is not None else ANONYMOUS


class WholeResponse(Response):
    """Hands over a body that is there already as a list: the server then sends it as it is, where it would have a
    thread fetch an iterator's parts one by one. A harvest takes a quarter less of the processor. What is registered by
    `call_on_close` is called before it is sent."""

    def get_app_iter(self, environ: "WSGIEnvironment") -> Iterable[bytes]:
        parts = super().get_app_iter(environ)
        if not self.is_sequence:
            return parts
        whole = list(parts)
        self.close()
        return whole
