"""What a view needs of the application: the open instance, the search engine, and who asks."""

from dataclasses import dataclass
from typing import cast

from flask import current_app, g, request

from repository.auth import identity
from repository.auth.identity import Identity
from repository.errors import Forbidden, InvalidInput
from repository.records.visibility import ANONYMOUS, Viewer
from repository.search.engine import SearchEngine
from repository.services.instance import Instance

SESSION_COOKIE = "session"
CSRF_COOKIE = "csrftoken"
CSRF_HEADER = "X-CSRFToken"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class House:
    """Everything that `create_app` was given, under one name."""

    instance: Instance
    search: SearchEngine
    readers: tuple[str, ...]
    """Names of the readers of the change log."""


def house() -> House:
    return cast(House, current_app.extensions["colophon"])


def instance() -> Instance:
    return cast(House, current_app.extensions["colophon"]).instance


def identify() -> None:
    """Finds out who asks, before any view runs: a bearer token, else the session cookie, else nobody.

    A token that is wrong is told everywhere (NotSignedIn), also where nobody need sign in. A browser's session may
    change something only with the CSRF token that its own pages know.
    """
    g.identity = None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if kind.lower() == "bearer" else request.args.get("access_token", "")
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if token:
        with instance().database.read() as connection:
            g.identity = identity.by_token(connection, token)
    elif cookie:
        with instance().database.read() as connection:
            g.identity = identity.by_session(connection, cookie)
        if g.identity is not None and request.method not in SAFE_METHODS:
            check_csrf(request.headers.get(CSRF_HEADER, ""))


def refuse_nul() -> None:
    """Nothing here has a NUL character in its name, and PostgreSQL takes none. Raises InvalidInput."""
    if "\x00" in request.path or b"%00" in request.query_string or b"\x00" in request.query_string:
        raise InvalidInput("The URL has a NUL character, which nothing here has in its name.")


def check_csrf(sent: str) -> None:
    expected = request.cookies.get(CSRF_COOKIE, "")
    if not expected or sent != expected:
        raise Forbidden("CSRF token missing or incorrect.")


def who() -> Identity | None:
    return cast("Identity | None", g.identity)


def viewer() -> Viewer:
    identity = who()
    return identity.viewer if identity is not None else ANONYMOUS
