"""Searching without scripts: a form, results, facets and pages as links."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from repository.cli.serve import build_app
from repository.following import run_until_current
from repository.projections import open_projections
from repository.records.visibility import Viewer
from repository.services.accounts import create_token
from repository.services.instance import Instance
from tests.instances import body, published
from tests.search.hostile import ANSWERED, REFUSED
from tests.site.site_output import parsed, text_of


@pytest.fixture
def client(instance: Instance, owner: Viewer) -> FlaskClient:
    article = {"resource_type": {"id": "publication-article"}}
    for number in range(12):
        published(instance, owner, body(f"Rain {number}", publication_date=f"{2010 + number}"))
    for number in range(3):
        published(instance, owner, body(f"Rain article {number}", **article))
    published(instance, owner, {**body("Rain kept secret"), "access": {"record": "restricted", "files": "restricted"}})
    run_until_current(instance.database, open_projections(instance, ("search",)))
    return build_app(instance).test_client()


def follow(client: FlaskClient, page: Any, label: str) -> Any:
    """The page behind the first link with this text."""
    href = page.xpath(f"//main//a[normalize-space(.)='{label}']/@href")[0]
    return parsed(client.get(href).data)


def titles(page: Any) -> list[str]:
    return [text_of(link) for link in page.xpath("//li[@class='entry']/a")]


def test_the_form_leads_to_results(client: FlaskClient) -> None:
    form = parsed(client.get("/search").data).forms[0]
    assert (form.action, form.method, "q" in form.fields) == ("/search/results", "GET", True)
    page = parsed(client.get("/search/results?q=rain").data)
    assert "15 results" in text_of(page)
    assert "Rain kept secret" not in text_of(page)
    assert page.forms[0].fields["q"] == "rain"


@pytest.mark.both
def test_closed_records_are_found_by_their_readers(instance: Instance, client: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {create_token(instance, 'owner@example.org')}"}
    answer = client.get("/search/results?q=secret", headers=headers)
    assert titles(parsed(answer.data)) == ["Rain kept secret"]
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.both
def test_pages_are_links(client: FlaskClient) -> None:
    first = parsed(client.get("/search/results?q=rain&size=10").data)
    assert "Page 1 of 2" in text_of(first)
    second = follow(client, first, "Next")
    assert (len(titles(first)), len(titles(second))) == (10, 5)
    assert len({*titles(first), *titles(second)}) == 15
    assert titles(follow(client, second, "Previous")) == titles(first)


@pytest.mark.both
def test_facets_narrow_and_widen(client: FlaskClient) -> None:
    page = follow(client, parsed(client.get("/search/results?q=rain").data), "Publication")
    assert len(titles(page)) == 3
    assert page.xpath("//a[@class='chosen']/text()") == ["Publication"]
    assert page.forms[0].fields["resource_type"] == "publication"
    assert len(titles(follow(client, page, "Publication"))) == 15
    inner = follow(client, parsed(client.get("/search/results?q=rain").data), "Journal article")
    assert len(titles(inner)) == 3
    assert inner.xpath("//a[@class='chosen']/text()") == ["Journal article"]
    by_year = follow(client, parsed(client.get("/search/results?q=rain").data), "2015")
    assert titles(by_year) == ["Rain 5"]


def test_sorts_are_links(client: FlaskClient) -> None:
    page = parsed(client.get("/search/results?q=rain").data)
    assert text_of(page.xpath("//p[@class='sorts']/strong")[0]) == "Best match"
    newest = follow(client, page, "Newest")
    oldest = follow(client, newest, "Oldest")
    assert titles(newest) == titles(oldest)[::-1]


def test_nothing_found_and_nothing_asked(client: FlaskClient) -> None:
    assert "Nothing was found." in client.get("/search/results?q=snow").text
    assert "15 results" in text_of(parsed(client.get("/search/results").data))


@pytest.mark.parametrize("query", ["size=0", "page=x", "sort=wrong", "q=*rain", "page=1000000", "q=title:/x/"])
def test_what_cannot_be_asked_is_said(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/search/results?{query}")
    assert answer.status_code == 400
    assert parsed(answer.data).xpath("//p[@role='alert']/text()")[0].strip()


def test_what_was_asked_stays_text(client: FlaskClient) -> None:
    answer = client.get("/search/results", query_string={"q": '"><script>alert(1)</script>'})
    assert "<script" not in answer.text


@pytest.mark.both
def test_hostile_searches_get_a_page(client: FlaskClient) -> None:
    for status, searches in ((400, REFUSED), (200, ANSWERED)):
        for name, asked in searches.items():
            if {"cursor", "suggest"}.isdisjoint(asked):  # the page has none of them
                answer = client.get("/search/results", query_string=asked)
                assert (answer.status_code, answer.mimetype) == (status, "text/html"), name
