"""Nothing that axe-core finds is wrong with any kind of page, in either theme, language and width, and no page is
wider than a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.proven_site import STANDING, STATES, ProvenSite
from tests.servers import node

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("chromium"), pytest.mark.timeout(600)]

AXE = ("axe-core", "4.14.1")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1440, "height": 900}
ROUNDS = (("en", DESK, "light"), ("en", PHONE, "dark"), ("cs", PHONE, "light"))
"""Each language, width and theme; the colours are the same in both languages, and all eight would take long."""
LONG = ("landing of 3,000 authors", "landing of 1,000 files")
ALIKE = ".people li:nth-child(n+60), .files tr:nth-child(n+60)"
"""What is repeated on long pages is taken out when their width has been seen: axe compares each with each."""
RUN = """([tags, alike]) => { document.querySelectorAll(alike).forEach(one => one.remove());
    return axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]}).then(found =>
    found.violations.flatMap(({id, nodes}) => nodes.map(one => [id, one.html.slice(0, 200), one.failureSummary]))) }"""
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
KINDS = (*STANDING, "landing", "landing of an older version", *STATES)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(bypass_csp=True) as context:  # the policy of the pages lets nobody's scripts run
        context.add_init_script(path=node.package(*AXE) / "axe.min.js")
        yield context.new_page()


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_is_a_hindrance(proven: ProvenSite, page: Page, kind: str) -> None:
    shown = ""
    for language, size, theme in ROUNDS[1:2] if kind in LONG else ROUNDS:
        if shown != language:
            page.goto(proven.address(kind, language))
            shown = language
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        needed, given = page.evaluate(WIDTHS)
        assert needed <= given, (language, size)
        assert page.evaluate(RUN, [RULES, ALIKE]) == [], (language, size, theme)
