"""For crawlers: robots.txt, the sitemap index, and sitemaps cut like the lists, with all versions in them.

The sitemaps of records are the resource lists of ResourceSync as well, which adds a few elements to the same format.
Specified by: sitemaps.org, Sitemaps XML format; RFC 9309; ANSI/NISO Z39.99-2017, 10.
"""

from flask import Response

from repository.errors import NotFound
from repository.formats.xml_text import escape
from repository.records.identifiers import landing_path
from site_builder import shards
from site_builder.context import pages
from site_builder.harvested import Described
from site_builder.rendering import kept
from site_builder.views import resourcesync
from site_builder.views.resourcesync import begin_of, descriptions, link, md, seconds, up, urls

INDEX = "/sitemap.xml"
STANDING = "pages"
"""The sitemap of pages that are no records."""
_PAGES = ("/", "/about/", "/browse/", "/search", "/deposit")


def path(node: str) -> str:
    return f"/sitemaps/{node}.xml"


def index() -> Response:
    site = pages().site.url
    with pages().source.catalogue() as catalogue:
        found = catalogue.sitemaps()
    rows = [f"<sitemap><loc>{escape(site + path(STANDING))}</loc></sitemap>"]
    rows += [
        f"<sitemap><loc>{escape(site + path(node))}</loc><lastmod>{seconds(at)}</lastmod></sitemap>"
        for node, at in found
    ]
    return urls("sitemapindex", "", rows)


def sitemap(shard: str) -> Response:
    site = pages().site.url
    if shard == STANDING:
        return urls("urlset", "", [f"<url><loc>{escape(site + page)}</loc></url>" for page in _PAGES])
    with pages().source.catalogue() as catalogue:
        node = shard if shards.is_month_or_below(shard) else ""
        is_list = bool(node) and catalogue.harvested.described.is_leaf(node)
        found = catalogue.harvested.descriptions(node) if is_list else []
    if not found:
        raise NotFound
    at = max(entry.at for entry in found)
    head = up() + link("index", resourcesync.RESOURCES) + md(capability="resourcelist", at=at)
    address = escape(site)
    return urls("urlset", head, [_resource(entry, address) for entry in found])


def resource_lists() -> Response:
    """The index of the sitemaps of records, as ResourceSync wants it. Specified by: Z39.99, 10.2.

    As of the beginning of the day of the last change, so that it is not another one after every change: who applies the
    changes since then to what the lists say now has what there is.
    """
    with pages().source.catalogue() as catalogue:
        nodes = [node for node, _at in catalogue.sitemaps()]
        at = begin_of(catalogue.harvested.day)
    site = escape(pages().site.url)
    rows = [f"<sitemap><loc>{site}{path(node)}</loc></sitemap>" for node in nodes]
    return urls("sitemapindex", up() + md(capability="resourcelist", at=at), rows)


def _resource(entry: Described, site: str) -> str:
    """Modified at the time of the record's last change that was logged, whoever made it: a page tells of other versions
    too, whose coming does not touch the record's own `updated`. A rebuild knows no other time."""
    return (
        f"<url><loc>{site}{landing_path(entry.id)}</loc><lastmod>{seconds(entry.at)}</lastmod>"
        f'<rs:md hash="sha-256:{entry.digest}" length="{entry.size}" type="text/html"/>'
        f"{descriptions(entry.id, site)}</url>"
    )


def robots() -> Response:
    """Search results would keep a crawler busy for ever; what they lead to is in the sitemap."""
    lines = (
        "User-agent: *",
        "Disallow: /search/results",
        "Disallow: /login",
        "Disallow: /logout",
        "Disallow: /uploads/",
        "",
        f"Sitemap: {pages().site.url}{INDEX}",
        f"Sitemap: {pages().site.url}{resourcesync.RESOURCES}",
        "",
    )
    return kept(Response("\n".join(lines), content_type="text/plain; charset=utf-8"))
