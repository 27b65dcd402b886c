"""Whoever has switched scripts off can do everything on the pages; so can whoever has a keyboard only."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.proven_site import FILES, ProvenSite

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("chromium"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900}) as context:
        yield context.new_page()


def test_from_the_home_page_a_search_leads_to_a_record_and_its_file(proven: ProvenSite, page: Page) -> None:
    page.goto(proven.address("home"))
    page.locator("main input[type=search]").fill("once more")
    page.keyboard.press("Enter")
    page.locator(".entry > a").first.click()
    assert page.url == proven.address("landing")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download rain.csv").click()
    assert download.value.path().read_bytes() == FILES["rain.csv"]


def test_citations_and_exports_are_there_to_be_taken(proven: ProvenSite, page: Page) -> None:
    address = proven.address("landing")
    page.goto(address)
    for name, beginning in (("APA", "Holm, A."), ("BibTeX", "@"), ("DataCite XML", "<?xml")):
        link = page.get_by_role("link", name=name, exact=True)
        target = link.get_attribute("href")
        answer = page.request.get(f"{proven.url}{target}")
        assert answer.text().startswith(beginning), name
    assert "Holm" in page.locator(".citation").inner_text()


def test_folds_open(proven: ProvenSite, page: Page) -> None:
    page.goto(proven.address("landing of 3,000 authors"))
    last = page.get_by_text("Given2999 Family2999", exact=True)
    assert not last.is_visible()
    page.get_by_text("Show all 3,000").click()
    assert last.is_visible()
    page.goto(proven.address("landing"))
    more = page.get_by_role("link", name="Turtle")
    assert not more.first.is_visible()
    page.get_by_text("More formats").click()
    assert more.first.is_visible()
    page.get_by_text("Checksums").first.click()
    assert page.locator(".checksum").first.is_visible()


def test_versions_and_languages_are_links(proven: ProvenSite, page: Page) -> None:
    page.goto(proven.address("landing of an older version"))
    page.locator(".notice.newer a").click()
    assert page.url == proven.address("landing")
    page.locator(".versions a").click()
    assert page.url == proven.address("landing of an older version")
    page.get_by_role("link", name="Čeština").click()
    assert page.url == proven.address("landing of an older version", "cs")
    assert page.locator("html").get_attribute("lang") == "cs"


def test_pages_keep_to_their_policy(proven: ProvenSite, browser: Browser) -> None:
    """A browser with scripts on says what of a page its Content-Security-Policy or a missing file has stopped."""
    said: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
        for kind in ("home", "landing", "landing of everything", "results", "login", "about"):
            page.goto(proven.address(kind))
    assert said == []


def test_the_first_key_leads_past_the_header_and_focus_is_seen(proven: ProvenSite, page: Page) -> None:
    page.goto(proven.address("landing"))
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.get_attribute("href") == "#content"
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1
    style = page.locator(":focus").evaluate("e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]")
    assert style[0] == "solid"
    assert re.fullmatch("[23]px", style[1])
