"""For crawlers: robots.txt, the sitemap index, and sitemaps cut like the lists, with all versions in them.

Specified by: sitemaps.org, Sitemaps XML format; RFC 9309.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from flask import Response

from repository.errors import NotFound
from site_builder import shards
from site_builder.context import pages
from site_builder.rendering import kept

STANDING = "pages"
"""The sitemap of pages that are no records."""
_PAGES = ("/", "/about/", "/browse/", "/search", "/deposit")
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def path(node: str) -> str:
    return f"/sitemaps/{node}.xml"


def index() -> Response:
    site = pages().site.url
    with pages().source.catalogue() as catalogue:
        found = catalogue.sitemaps()
    rows = [f"<sitemap><loc>{escape(site + path(STANDING))}</loc></sitemap>"]
    rows += [
        f"<sitemap><loc>{escape(site + path(node))}</loc><lastmod>{_time(updated)}</lastmod></sitemap>"
        for node, updated in found
    ]
    return _xml("sitemapindex", rows)


def sitemap(shard: str) -> Response:
    site = pages().site.url
    if shard == STANDING:
        return _xml("urlset", [f"<url><loc>{escape(site + page)}</loc></url>" for page in _PAGES])
    with pages().source.catalogue() as catalogue:
        node = shard if shards.is_month_or_below(shard) else ""
        found = catalogue.pages(node) if node and shards.shard(catalogue.all, node).is_leaf else []
    if not found:
        raise NotFound
    return _xml(
        "urlset",
        [
            f"<url><loc>{escape(f'{site}/records/{record_id}')}</loc><lastmod>{_time(updated)}</lastmod></url>"
            for record_id, updated in found
        ],
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
        f"Sitemap: {pages().site.url}/sitemap.xml",
        "",
    )
    return kept(Response("\n".join(lines), content_type="text/plain; charset=utf-8"))


def _xml(root: str, rows: Iterable[str]) -> Response:
    text = f'{_DECLARATION}<{root} xmlns="{_NAMESPACE}">\n' + "".join(f"{row}\n" for row in rows) + f"</{root}>\n"
    return kept(Response(text.encode(), content_type="application/xml"))


def _time(moment: str) -> str:
    """Seconds are enough, and `Z` is shorter. Specified by: W3C Date and Time Formats."""
    return f"{moment[:19]}Z"
