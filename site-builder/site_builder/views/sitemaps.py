"""For crawlers: robots.txt, the sitemap index, and sitemaps cut like the lists, with all versions in them.

The sitemaps of records are the resource lists of ResourceSync as well, which adds a few elements to the same format.
Specified by: sitemaps.org, Sitemaps XML format; RFC 9309; ANSI/NISO Z39.99-2017, 10.
"""

from flask import Response

from repository.errors import NotFound
from repository.formats import datacite_xml, dcat_turtle, schema_org
from repository.formats.xml_text import escape
from repository.records.identifiers import landing_path
from site_builder import axes
from site_builder.context import pages
from site_builder.harvested import Described, Harvested
from site_builder.notes import seconds
from site_builder.rendering import kept
from site_builder.views.resource_sets import PAGES, urls

INDEX = "/sitemap.xml"
STANDING = "pages"
"""The sitemap of pages that are no records."""
_PAGES = (
    *("/", "/browse/", "/search", "/deposit", "/vocabularies/"),
    *(axes.url(f"{axis}?") for axis in axes.AXES),
)
_DESCRIBING = (schema_org.FORMAT, dcat_turtle.FORMAT, datacite_xml.FORMAT)
"""Of the frozen formats those that every record has and that harvesters know."""
# without media types: the schema of ResourceSync allows none with a `+` or a `.`
_DESCRIPTIONS = "".join(f'<rs:ln rel="describedby" href="{{0}}/{form.file_name}"/>' for form in _DESCRIBING)


def path(node: str, base: str = "") -> str:
    return f"/sitemaps{base}/{node}.xml"


def index() -> Response:
    site = pages().site.url
    with pages().source.catalogue() as catalogue:
        found = catalogue.sitemaps()
    rows = [f"<sitemap><loc>{escape(site + path(STANDING))}</loc></sitemap>"]
    rows += [
        f"<sitemap><loc>{escape(site + path(node, texts.base))}</loc><lastmod>{seconds(at)}</lastmod></sitemap>"
        for node, at in found
        for texts in pages().languages
    ]
    return urls("sitemapindex", "", rows)


def sitemap(shard: str) -> Response:
    site = pages().site.url
    if shard == STANDING:
        standing = [site + texts.base + page for page in _pages() for texts in pages().languages]
        return urls("urlset", "", [f"<url><loc>{escape(page)}</loc></url>" for page in standing])
    found = PAGES.resource_list(shard, Harvested.descriptions)
    head = PAGES.resource_head(max(entry.at for entry in found))
    address = escape(site)
    return urls("urlset", head, [_resource(entry, address) for entry in found])


def _pages() -> tuple[str, ...]:
    here = pages()
    return (*_PAGES, *(page.path for page in here.theme.texts[here.languages[0].language]))


def sitemap_in(language: str, shard: str) -> Response:
    """Of the same records their pages in another language. They tell of each other themselves, by `hreflang`; and to
    ResourceSync they are no resources. Raises NotFound."""
    base = f"/{language}"
    if base not in [texts.base for texts in pages().languages]:
        raise NotFound
    found = PAGES.resource_list(shard, Harvested.descriptions)
    address = escape(pages().site.url) + base
    rows = (
        f"<url><loc>{address}{landing_path(entry.id)}</loc><lastmod>{seconds(entry.at)}</lastmod></url>"
        for entry in found
    )
    return urls("urlset", "", rows)


def resource_lists() -> Response:
    """The index of the sitemaps of records, as ResourceSync wants it."""
    return PAGES.resource_index(path)


def _resource(entry: Described, site: str) -> str:
    """Modified at the time of the record's last change that was logged, whoever made it: a page tells of other versions
    too, whose coming does not touch the record's own `updated`. A rebuild knows no other time."""
    return (
        f"<url><loc>{site}{landing_path(entry.id)}</loc><lastmod>{seconds(entry.at)}</lastmod>"
        f'<rs:md hash="sha-256:{entry.digest}" length="{entry.size}" type="text/html"/>'
        f"{_DESCRIPTIONS.format(site + landing_path(entry.id))}</url>"
    )


_NOT_FOR_CRAWLERS = ("/search/results", "/login", "/logout", "/uploads/")


def robots() -> Response:
    """Search results would keep a crawler busy for ever; what they lead to is in the sitemap."""
    lines = (
        "User-agent: *",
        *(f"Disallow: {texts.base}{path}" for texts in pages().languages for path in _NOT_FOR_CRAWLERS),
        "",
        f"Sitemap: {pages().site.url}{INDEX}",
        f"Sitemap: {pages().site.url}{PAGES.resources}",
        "",
    )
    return kept(Response("\n".join(lines), content_type="text/plain; charset=utf-8"))
