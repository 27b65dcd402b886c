"""Every address of the application, from its URL map: a route that is new is tested without anybody thinking of it."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from repository.formats import FORMATS
from tests.servers.colophon import PASSWORD

SAFE = ("GET", "HEAD", "OPTIONS")
UNKNOWN = "aaaaa-bbbbb"
PLACES: Mapping[str, str] = {
    "record_id": UNKNOWN, "key": "a.txt", "file_name": FORMATS[0].file_name, "number": "1", "doi": "10.1234/x",
    "identifier": "oai:repository.test:aaaaa-bbbbb", "node": "2024", "shard": "pages", "name": "search",
    "kind": "languages", "term_id": "eng", "scheme": "orcid", "value": "0000-0002-1825-0097",
    "set_id": "1", "suffix": "ttl", "build_id": "1", "axis": "types",
    "beginning": "a", "language": "cs", "rest": "about",
}  # fmt: skip
"""A value for each place of a URL that a rule leaves open."""


def path_of(rule: Rule, places: Mapping[str, str] = PLACES) -> str:
    """The address with its open places filled. Fails for a name that nobody has thought of."""
    path = ""
    for is_open, text in _pieces(rule.rule):
        path += quote(places[text], safe="/:") if is_open else text
    return path


def _pieces(rule: str) -> Iterator[tuple[bool, str]]:
    """Whether a piece of a rule is an open place, and its name or text."""
    while "<" in rule:
        text, _, rest = rule.partition("<")
        place, _, rule = rest.partition(">")
        yield False, text
        yield True, place.rpartition(":")[2]
    yield False, rule


def addresses(app: Flask, places: Mapping[str, str] = PLACES) -> list[tuple[str, str]]:
    """(method, path) of everything that the application answers, and of a page that there is not."""
    found = {(method, path_of(rule, places)) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    return sorted({*found, ("GET", "/nosuch"), ("GET", "/api/nosuch"), ("POST", "/api/nosuch")})


def signed_in(app: Flask, who: str = "owner") -> tuple[FlaskClient, str]:
    """A browser with that account's session, and the token by which its own pages change something."""
    browser = app.test_client()
    answer = browser.post("/api/login", json={"email": f"{who}@example.org", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    token = browser.get_cookie("csrftoken")
    assert token is not None
    return browser, token.value
