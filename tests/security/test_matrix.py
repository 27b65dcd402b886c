"""Every address that names a record, by every method, for everybody, in every state. Specified by: design, rule 4.

The table below is written from the design. A route that is new in the URL map fails until it has a row here.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.security.addresses import PLACES, UNKNOWN, path_of
from tests.system.test_visibility import row
from tests.system.world import STATES, Asker, World, everything

UNSTARTED = "unknown"
"""An id that nobody has ever had."""
UNKNOWN_DIGEST = "0" * 64
ALL_STATES = (*STATES, UNSTARTED)
WITH_DRAFT = ("open", "draft")
"""A published record that is being edited, and a draft that was never published."""
STRANGERS = ("nobody", "other")
EVERYBODY = (*STRANGERS, "owner", "admin")
SAFE = ("GET", "HEAD")
RECORD_PLACES = {"record_id", "doi", "identifier"}

_API, _PAGE = "/api/records/<record_id>", "/records/<record_id>"
_DRAFT, _KEY = f"{_API}/draft", "<path:key>"
ROUTES: dict[tuple[str, str], str] = {
    **dict.fromkeys([("GET", _API), ("GET", f"{_PAGE}/<file_name>")], "record"),
    **dict.fromkeys([("GET", _PAGE)], "page"),
    **dict.fromkeys(
        [("GET", f"{_API}/files"), ("GET", f"{_API}/files-archive"), ("GET", f"{_API}/files/{_KEY}"),
         ("GET", f"{_API}/files/{_KEY}/content"), ("GET", f"{_PAGE}/files/{_KEY}")], "files"),
    **dict.fromkeys([("GET", f"{_PAGE}/previews/<name>")], "previews"),
    **dict.fromkeys([("GET", f"{_API}/versions")], "versions"),
    **dict.fromkeys([("GET", f"{_API}/versions/latest")], "newest"),
    **dict.fromkeys([("GET", f"{_PAGE}/latest")], "newest page"),
    **dict.fromkeys([("GET", f"{_PAGE}/timemap")], "version list"),
    **dict.fromkeys([("GET", f"{_PAGE}/timegate")], "version at a time"),
    **dict.fromkeys([("GET", f"{_API}/revisions"), ("GET", f"{_API}/revisions/<int:number>")], "revisions"),
    **dict.fromkeys(
        [("PUT", _API), ("DELETE", _API), ("POST", f"{_API}/files"), ("DELETE", f"{_API}/files"),
         ("PUT", f"{_API}/files/{_KEY}"), ("DELETE", f"{_API}/files/{_KEY}")], "never"),
    **dict.fromkeys(
        [("GET", _DRAFT), ("GET", f"{_DRAFT}/files"), ("GET", f"{_DRAFT}/files-archive"),
         ("GET", f"{_DRAFT}/files/{_KEY}"), ("GET", f"{_DRAFT}/files/{_KEY}/content")], "draft"),
    **dict.fromkeys(
        [("PUT", _DRAFT), ("DELETE", _DRAFT), ("POST", f"{_DRAFT}/actions/publish"),
         ("POST", f"{_DRAFT}/actions/files-import"), ("POST", f"{_DRAFT}/pids/doi"), ("DELETE", f"{_DRAFT}/pids/doi"),
         ("POST", f"{_DRAFT}/files"), ("DELETE", f"{_DRAFT}/files"), ("PUT", f"{_DRAFT}/files/{_KEY}/content"),
         ("PUT", f"{_DRAFT}/files/{_KEY}/content/<int:number>"),
         ("POST", f"{_DRAFT}/files/{_KEY}/commit"), ("PUT", f"{_DRAFT}/files/{_KEY}"),
         ("DELETE", f"{_DRAFT}/files/{_KEY}")], "draft change"),
    **dict.fromkeys([("POST", _DRAFT), ("POST", f"{_API}/versions")], "edit"),
    **dict.fromkeys([("PUT", f"{_API}/access")], "manage"),
    **dict.fromkeys([("DELETE", f"{_API}/delete"), ("POST", f"{_API}/restore")], "admins"),
    **dict.fromkeys([("GET", "/uploads/<record_id>")], "anywhere"),
    **dict.fromkeys([("GET", "/doi/<path:doi>"), ("GET", "/oai/<path:identifier>")], "leads"),
}  # fmt: skip
"""What each route is about; how it answers is told by `expected`."""


def expected(about: str, state: str, who: str) -> int:
    """The status. Who changes nothing is asked only where refused: what is allowed is tested where it is done."""
    if about == "anywhere":
        return 302  # leads to the page for depositors, whatever the id
    if state == UNSTARTED:
        return 403 if about == "admins" and who != "admin" else 404
    seen, is_stranger = row(state, who), who in STRANGERS
    match about:
        case "record":
            return seen.api
        case "page":
            return seen.page
        case "files":
            return seen.files
        case "previews":  # the one that is asked for is of none of its files
            return 404 if seen.files == 200 else seen.files
        case "versions":  # of a tombstone the versions that are left; of a draft for its owner
            return (403 if is_stranger else 200) if state == "draft" else 200 if seen.api in (200, 410) else seen.api
        case "version list":
            return 200 if seen.page == 200 else 404  # of the tombstones no version is left
        case "version at a time":
            return 302 if seen.page == 200 else 404
        case "newest":
            return 302 if seen.api == 200 else seen.api
        case "newest page":
            return 302 if seen.page == 200 else seen.page
        case "revisions":
            return 403 if seen.api == 200 and who != "admin" else seen.api
        case "never":
            return 403 if seen.api == 200 else seen.api
        case "draft" | "draft change":
            return (403 if is_stranger else 200) if state in WITH_DRAFT else 404
        case "edit":  # whoever may not see that it was there is not told so by a refusal
            return 404 if state in ("draft", "erased", "hidden") else 403
        case "manage":
            return 403 if seen.api == 200 or state == "draft" else seen.api
        case "admins":
            return 403
        case "leads":
            return 302 if seen.page in (200, 410) else 404
    raise AssertionError(about)


def routes(world: World) -> Iterator[tuple[str, Any]]:
    for rule in world.app.url_map.iter_rules():
        if rule.arguments & RECORD_PLACES:
            yield from ((method, rule) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def places(world: World, state: str) -> dict[str, str]:
    planted, given = world.records.get(state), {**PLACES, "name": f"{UNKNOWN_DIGEST}.webp"}
    domain = world.instance.settings.oai_domain
    if planted is None:
        unknown = {"identifier": f"oai:{domain}:{UNKNOWN}", "doi": "10.1234/unknown"}
        return {**given, "file_name": "datacite.json", **unknown}
    named = {"record_id": planted.id, "key": planted.key, "doi": planted.doi}
    return {**given, **named, "identifier": f"oai:{domain}:{planted.id}", "file_name": "datacite.json"}


def options(method: str, rule: Any) -> dict[str, Any]:
    if method in SAFE:
        return {}
    if rule.rule.endswith("/content"):
        return {"data": b"x"}
    return {"json": [] if rule.rule.endswith("/files") else {}}


def contents(world: World) -> str:
    """Digest of the whole database."""
    connection = sqlite3.connect(make_url(world.instance.settings.database).database or "")
    lines = [line for line in connection.iterdump() if "oai_clock" not in line]
    connection.close()
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_every_route_that_names_a_record_is_in_the_table(world: World) -> None:
    actual = {(method, rule.rule) for method, rule in routes(world)}
    assert sorted(actual - ROUTES.keys()) == [], "new routes: say who may do what there"
    assert sorted(ROUTES.keys() - actual) == []


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("state", ALL_STATES)
def test_who_reads_what(world: World, state: str, who: str) -> None:
    ask, wrong = Asker(world, who), []
    for method, rule in routes(world):
        if method not in SAFE:
            continue
        about, path = ROUTES[method, rule.rule], path_of(rule, places(world, state))
        status = expected(about, state, who)
        if about == "leads" and state == "erased" and "<path:doi>" in rule.rule:
            status = 404  # its DOI was erased with it
        for safe in SAFE:
            got = ask(path, "*/*" if about != "page" else "text/html", safe).status_code
            wrong += [(safe, path, got, status)] if got != status else []
    assert wrong == []


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("state", ALL_STATES)
def test_strangers_change_nothing(world: World, state: str, who: str) -> None:
    ask, wrong, before = Asker(world, who), [], contents(world)
    for method, rule in routes(world):
        if method not in SAFE:
            path = path_of(rule, places(world, state))
            got = ask(path, "*/*", method, **options(method, rule)).status_code
            status = expected(ROUTES[method, rule.rule], state, who)
            wrong += [(method, path, got, status)] if got != status else []
    assert wrong == []
    assert contents(world) == before


@pytest.mark.parametrize("state", ALL_STATES)
def test_owners_do_not_what_is_for_admins_or_for_nobody(world: World, state: str) -> None:
    ask, before = Asker(world, "owner"), contents(world)
    for method, rule in routes(world):
        about = ROUTES[method, rule.rule]
        if about in ("admins", "never"):
            path = path_of(rule, places(world, state))
            got = ask(path, "*/*", method, **options(method, rule)).status_code
            assert got == expected(about, state, "owner"), (method, path)
        if about == "never":
            got = Asker(world, "admin")(path, "*/*", method, **options(method, rule)).status_code
            assert got == expected(about, state, "admin"), (method, path)
    assert contents(world) == before


@pytest.mark.parametrize("state", ALL_STATES)
def test_a_wrong_token_is_told_and_gets_nothing(world: World, state: str) -> None:
    """Neither what everybody gets nor what its holder had once; in the header and in the query."""
    client, before = world.app.test_client(), contents(world)
    for method, rule in routes(world):
        path = path_of(rule, places(world, state))
        for given in ({"headers": {"Authorization": "Bearer wrong"}}, {"query_string": {"access_token": "wrong"}}):
            answer = client.open(path, method=method, buffered=True, **given, **options(method, rule))
            assert answer.status_code == 401, (method, path)
            planted = world.records.get(state)
            shown = planted.shown_in(everything(answer)) if planted else set()
            assert not shown - {"key", "doi"}, (method, path)
    assert contents(world) == before


def test_a_hidden_record_is_to_strangers_as_if_it_had_never_been(world: World) -> None:
    """In every answer to every method."""
    for who in STRANGERS:
        ask = Asker(world, who)
        for method, rule in routes(world):
            if ROUTES[method, rule.rule] not in ("anywhere",):
                got = [
                    ask(path_of(rule, places(world, state)), "*/*", method, **options(method, rule)).status_code
                    for state in ("hidden", UNSTARTED)
                ]
                assert got[0] == got[1], (method, rule.rule)
