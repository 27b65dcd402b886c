"""ResourceSync: landing pages as resources, and how they changed. The resource lists are the sitemaps. Metadata and
files are another set of resources, see `documents`.

Specified by: ANSI/NISO Z39.99-2017, ResourceSync Framework Specification.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from flask import Response

from repository.errors import NotFound
from repository.formats import datacite_xml, dcat_turtle, schema_org
from repository.formats.xml_text import attribute, document, escape
from repository.records.identifiers import landing_path
from site_builder import rendering, shards, trees
from site_builder.context import pages
from site_builder.harvested import Changed
from site_builder.notes import moment
from site_builder.views import stream

SOURCE = "/.well-known/resourcesync"
CAPABILITIES = "/resourcesync/capabilitylist.xml"
RESOURCES = "/resourcesync/resourcelist.xml"
CHANGES = "/resourcesync/changelist.xml"
DOCUMENTS = "/resourcesync/documents/capabilitylist.xml"
"""Of the other set, see `documents`."""
RECENT = "/resourcesync/recent.xml"
NEWEST = 250
_DESCRIBING = (schema_org.FORMAT, dcat_turtle.FORMAT, datacite_xml.FORMAT)
"""Of the frozen formats those that every record has and that harvesters know."""
EVER = "1970-01-01T00:00:00.000Z"
NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"'


def changes_path(node: str) -> str:
    return f"/resourcesync/changes/{node}.xml"


def source() -> Response:
    """Where a client begins. Specified by: 8."""
    about = link("describedby", "/about/", "text/html")
    sets = [named(path, "capabilitylist") for path in (CAPABILITIES, DOCUMENTS)]
    return urls("urlset", about + md(capability="description"), sets)


def capabilities() -> Response:
    """Specified by: 9."""
    rows = [named(RESOURCES, "resourcelist"), named(CHANGES, "changelist", RECENT)]
    return urls("urlset", link("up", SOURCE) + md(capability="capabilitylist"), rows)


def change_lists() -> Response:
    """The index of change lists. Specified by: 12.2."""
    with pages().source.catalogue() as catalogue:
        nodes = trees.leaves(catalogue.harvested.made(""))
    begin = begin_of(nodes[0]) if nodes else EVER
    site = escape(pages().site.url)
    rows = [
        f'<sitemap><loc>{site}{changes_path(node)}</loc><rs:md from="{begin_of(node)}"/></sitemap>' for node in nodes
    ]
    return urls("sitemapindex", up() + md(capability="changelist", begin=begin), rows)


def changes(node: str) -> Response:
    """The changes of a leaf, the earliest first. Raises NotFound where the node is none. Specified by: 12.1."""
    with pages().source.catalogue() as catalogue:
        is_list = shards.is_month_or_below(node) and catalogue.harvested.changed.is_leaf(node)
        found = catalogue.harvested.changes(node) if is_list else []
    if not found:
        raise NotFound
    site = escape(pages().site.url)
    head = up() + link("index", CHANGES) + md(capability="changelist", begin=begin_of(node))
    return urls("urlset", head, (_change(entry, site) for entry in found))


def recent() -> Response:
    """The last changes as one list, for clients that read no index; `from` tells how far back it goes: who was here
    before that must begin anew."""
    with pages().source.catalogue() as catalogue:
        found = catalogue.harvested.recent(NEWEST)
        begin = just_after(catalogue.harvested.before_recent(NEWEST))
    site = escape(pages().site.url)
    return urls("urlset", up() + md(capability="changelist", begin=begin), (_change(entry, site) for entry in found))


def _change(entry: Changed, site: str) -> str:
    """What is there has the `lastmod` of its sitemap: clients keep it as the time of their copy, and compare."""
    lastmod = f"<lastmod>{seconds(entry.at)}</lastmod>" if entry.action != "deleted" else ""
    facts = f'<rs:md change="{entry.action}" datetime="{entry.at}"/>'
    return f"<url><loc>{site}{landing_path(entry.id)}</loc>{lastmod}{facts}</url>"


def seconds(at: str) -> str:
    """A moment for `lastmod`: seconds are enough, and `Z` is shorter. Specified by: W3C Date and Time Formats."""
    return f"{at[:19]}Z"


# without media types: the schema of ResourceSync allows none with a `+` or a `.`
_DESCRIPTION = "".join(f'<rs:ln rel="describedby" href="{{0}}/{form.file_name}"/>' for form in _DESCRIBING)


def descriptions(record_id: str, site: str) -> str:
    return _DESCRIPTION.format(site + landing_path(record_id))


def just_after(at: str) -> str:
    """The next moment after a change that a list does not tell any more: others of the same time may be left out too.
    The beginning of time if there is no such change."""
    return moment(datetime.fromisoformat(at) + timedelta(milliseconds=1)) if at else EVER


@lru_cache(maxsize=4096)
def begin_of(node: str) -> str:
    """The first moment of a node's day or month."""
    bounds = stream.period(node[: len("2026-11-24")])
    return f"{bounds[0]}T00:00:00.000Z" if bounds else ""


def up() -> str:
    return link("up", CAPABILITIES)


def link(relation: str, path: str, media_type: str = "application/xml") -> str:
    return f'<rs:ln rel="{relation}" href="{escape(pages().site.url)}{path}" type="{media_type}"/>'


def md(*, capability: str = "", at: str = "", begin: str = "") -> str:
    return f"<rs:md{attribute('capability', capability)}{attribute('at', at)}{attribute('from', begin)}/>"


def named(path: str, capability: str, current: str = "") -> str:
    """An entry for a list, and a link to the list of what is newest in it, if there is one: a capability list names
    one document for each capability. Specified by: 9; RFC 5005, 3 (`current`)."""
    newest = link("current", current) if current else ""
    return f"<url><loc>{escape(pages().site.url)}{path}</loc>{md(capability=capability)}{newest}</url>"


def urls(root: str, head: str, rows: Iterable[str]) -> Response:
    body = "\n".join(rows)
    return rendering.document(document(f"<{root} {NAMESPACES}>{head}\n{body}\n</{root}>"), "application/xml")
