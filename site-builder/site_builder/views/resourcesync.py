"""ResourceSync: where clients begin, and landing pages as resources: how they changed. The resource lists are the
sitemaps. Metadata and files are another set of resources, see `documents`.

Specified by: ANSI/NISO Z39.99-2017, ResourceSync Framework Specification.
"""

from flask import Response

from repository.formats.xml_text import escape
from repository.records.identifiers import landing_path
from site_builder import notes
from site_builder.context import pages
from site_builder.harvested import Changed, Harvested
from site_builder.views.resource_sets import DOCUMENTS, PAGES, link, md, named, urls


def source() -> Response:
    """Where a client begins. Specified by: 8."""
    about = link("describedby", "/about/", "text/html")
    sets = [named(each.capabilities, "capabilitylist") for each in (PAGES, DOCUMENTS)]
    return urls("urlset", about + md(capability="description"), sets)


def capabilities() -> Response:
    return PAGES.capability_list()


def change_lists() -> Response:
    return PAGES.change_index()


def changes(node: str) -> Response:
    """Raises NotFound."""
    return PAGES.change_list(node, Harvested.changes, _change)


def recent() -> Response:
    return PAGES.recent_list(Harvested.recent, _change)


def _change(entry: Changed) -> str:
    """What is there has the `lastmod` of its sitemap: clients keep it as the time of their copy, and compare."""
    lastmod = f"<lastmod>{notes.seconds(entry.at)}</lastmod>" if entry.action != "deleted" else ""
    facts = f'<rs:md change="{entry.action}" datetime="{entry.at}"/>'
    return f"<url><loc>{escape(pages().site.url)}{landing_path(entry.id)}</loc>{lastmod}{facts}</url>"
