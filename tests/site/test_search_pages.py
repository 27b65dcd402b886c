"""Searching without scripts: a form, results, facets and pages as links."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from repository.cli.serve import build_app
from repository.following import run_until_current
from repository.projections import open_projections
from repository.records.visibility import Viewer
from repository.search import arguments, cursors, engine
from repository.services import drafts, editions, publishing
from repository.services.accounts import create_token
from repository.services.instance import Instance
from site_builder.views import searching
from tests.instances import body, published
from tests.search.hostile import ANSWERED, REFUSED
from tests.servers.postgres import free_port
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


def test_while_the_engine_is_away_the_form_keeps_what_was_asked(instance: Instance) -> None:
    away = replace(instance.settings, search=f"opensearch://127.0.0.1:{free_port()}/away")
    answer = build_app(replace(instance, settings=away)).test_client().get("/search/results?q=rain&file_type=csv")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert int(answer.headers["Retry-After"]) > 0
    page = parsed(answer.data)
    assert "Try again" in page.xpath("//main//p[@role='alert']/text()")[0]
    assert (page.forms[0].fields["q"], page.forms[0].fields["file_type"]) == ("rain", "csv")


def test_what_was_asked_stays_text(client: FlaskClient) -> None:
    answer = client.get("/search/results", query_string={"q": '"><script>alert(1)</script>'})
    assert "<script" not in answer.text


def test_what_was_found_is_marked(client: FlaskClient, instance: Instance, owner: Viewer) -> None:
    published(instance, owner, body("Snow & <ice>", description="<p>Nothing but ice & snow, <b>snow</b>.</p>"))
    run_until_current(instance.database, open_projections(instance, ("search",)))
    page = parsed(client.get("/search/results?q=snow").data)
    (entry,) = page.xpath("//li[@class='entry']")
    assert entry.xpath("a/em/text()") == ["Snow"]
    assert text_of(entry.xpath("a")[0]) == "Snow & <ice>"
    assert text_of(entry.xpath("p[@class='fragments']")[0]) == "Nothing but ice & snow, snow."
    assert entry.xpath("p[@class='fragments']/em/text()") == ["snow", "snow"]
    assert not parsed(client.get("/search/results").data).xpath("//em")


def test_a_mistyped_word_leads_to_the_one_that_was_meant(client: FlaskClient) -> None:
    page = parsed(client.get("/search/results?q=artcile&sort=oldest").data)
    assert "Did you mean: article" in text_of(page)
    meant = follow(client, page, "article")
    assert (len(titles(meant)), meant.forms[0].fields["sort"]) == (3, "oldest")
    assert "Did you mean" not in text_of(parsed(client.get("/search/results?q=sceret").data)), (
        "only a closed one has it"
    )


def test_pages_go_on_behind_the_window(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engine, cursors, arguments, searching):
        monkeypatch.setattr(module, "WINDOW", 8)
    page, seen = parsed(client.get("/search/results?q=rain&sort=oldest&size=4").data), []
    while True:
        seen.append(titles(page))
        if not page.xpath("//a[@rel='next']"):
            break
        page = follow(client, page, "Next")
    assert [len(found) for found in seen] == [4, 4, 4, 3]
    assert len({title for found in seen for title in found}) == 15
    assert "Page 4 of 4" in text_of(page)
    assert not page.xpath("//a[@rel='prev']")
    ranked = parsed(client.get("/search/results?q=rain&size=4&page=2").data)
    assert not ranked.xpath("//a[@rel='next']")
    assert "Page 2 of 2" in text_of(ranked)
    newest = follow(client, ranked, "See all, the newest first")
    assert titles(newest) == [title for found in seen for title in found][::-1][:4]


def test_older_versions_are_one_link_away(client: FlaskClient, instance: Instance, owner: Viewer) -> None:
    first = published(instance, owner, body("Hail once"))
    draft = editions.new_version(instance, owner, first)
    drafts.save(instance, owner, draft.id, body("Hail twice"))
    publishing.publish(instance, owner, draft.id)
    run_until_current(instance.database, open_projections(instance, ("search",)))
    page = parsed(client.get("/search/results?q=hail").data)
    assert titles(page) == ["Hail twice"]
    every = follow(client, page, "Include older versions")
    assert sorted(titles(every)) == ["Hail once", "Hail twice"]
    assert titles(follow(client, every, "Only the newest versions")) == ["Hail twice"]


@pytest.mark.both
def test_hostile_searches_get_a_page(client: FlaskClient) -> None:
    for status, searches in ((400, REFUSED), (200, ANSWERED)):
        for name, asked in searches.items():
            answer = client.get("/search/results", query_string=asked)
            assert (answer.status_code, answer.mimetype) == (status, "text/html"), name
