"""A cache in front that is as careless as can be gives nobody's session to anybody else. Zenodo, May 2026."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.oai import browsing
from tests.security.addresses import PLACES, addresses, signed_in
from tests.system.test_canaries import ALLOWED
from tests.system.world import World, everything, text_of

pytestmark = pytest.mark.long

ACCEPTS = ("*/*", "text/html")
SAME_FOR_ALL = ("/oai", "/oai2d", "/healthz", "/readyz", *(f"/oai/{name}" for name in browsing.FILES))
"""Addresses, beside those below /static/, that never look at who asks."""


@dataclass
class CarelessCache:
    """Keeps whatever it is not forbidden to keep, by URL and `Accept` only, and never asks again.

    `Vary: Cookie`, ages and revalidation are nothing to it.
    """

    kept: dict[tuple[str, str], TestResponse] = field(default_factory=dict)

    def get(self, client: FlaskClient, path: str, accept: str, **more: Any) -> TestResponse:
        key = (path, accept)
        if key not in self.kept:
            answer = client.get(path, headers={"Accept": accept, **more}, buffered=True)
            control = answer.headers.get("Cache-Control", "")
            if "no-store" in control or "private" in control:
                return answer
            assert "Set-Cookie" not in answer.headers, path
            self.kept[key] = answer
        return self.kept[key]


def paths(world: World) -> list[str]:
    """Every address that is read, with the values of every record."""
    found = []
    for planted in world.records.values():
        places = {
            **PLACES, "record_id": planted.id, "key": planted.key, "file_name": "datacite.json", "doi": planted.doi,
            "identifier": f"oai:{world.instance.settings.oai_domain}:{planted.id}",
        }  # fmt: skip
        found += [path for method, path in addresses(world.app, places) if method == "GET" and path != "/logout"]
    found += ["/api/records?allversions=true", "/search/results?q=rain", "/api/records?q=rain&expand=1"]
    return sorted({*found} - {"/api/logout", "/api/nosuch"})


def test_nothing_of_a_session_is_kept_for_others(world: World) -> None:
    """Two sessions and two tokens go first, then nobody asks for the same."""
    cache = CarelessCache()
    for who in ("owner", "admin"):
        browser, _token = signed_in(world.app, who)
        for path in paths(world):
            for accept in ACCEPTS:
                cache.get(browser, path, accept)
                cache.get(world.app.test_client(), path, accept, Authorization=f"Bearer {world.tokens[who]}")
    stranger = world.app.test_client()
    for path in paths(world):
        for accept in ACCEPTS:
            text = everything(cache.get(stranger, path, accept))
            for who in ("owner", "other", "admin"):
                assert f"{who}@example.org" not in text, (path, accept)
            for state, planted in world.records.items():
                assert planted.shown_in(text.replace(planted.key, "") if planted.key in path else text) <= (
                    ALLOWED.get(state, set()) | ({"doi"} if planted.doi in path else set())
                    | ({"key"} if planted.key in path else set())
                ), (path, accept)  # fmt: skip


def sessionless(text: str) -> str:
    """Without the moment at which OAI-PMH has answered."""
    return re.sub(r"<responseDate>[^<]+</responseDate>", "", text)


def test_whatever_a_session_was_read_for_is_nobody_elses(world: World) -> None:
    browser, _token = signed_in(world.app)
    bearer = {"Authorization": f"Bearer {world.tokens['owner']}"}
    for path in paths(world):
        if path.startswith("/static/") or path in SAME_FOR_ALL:
            theirs, ours = (client.get(path, buffered=True) for client in (browser, world.app.test_client()))
            assert sessionless(text_of(theirs)) == sessionless(text_of(ours)), path
            assert "Set-Cookie" not in theirs.headers, path
            continue
        for answer in (
            browser.get(path, buffered=True),
            world.app.test_client().get(path, headers=bearer, buffered=True),
        ):
            assert answer.headers["Cache-Control"] == "private, no-store", path
        query = f"{'&' if '?' in path else '?'}access_token={world.tokens['owner']}"
        by_query = world.app.test_client().get(path + query, buffered=True)
        assert by_query.headers["Cache-Control"] == "private, no-store", path


def test_the_careless_cache_keeps_what_everybody_may_see(world: World) -> None:
    """Else the test above would see no leak if there was one."""
    cache = CarelessCache()
    path = f"/records/{world.records['open'].id}"
    assert world.records["open"].words["title"] in text_of(cache.get(world.app.test_client(), path, "text/html"))
    assert (path, "text/html") in cache.kept
