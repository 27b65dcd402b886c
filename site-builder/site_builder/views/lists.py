"""Home and the lists of records by date of publication."""

from functools import lru_cache

from babel.dates import get_month_names
from flask import Response

from repository.errors import NotFound
from site_builder import axes, shards
from site_builder.catalogue import Catalogue
from site_builder.context import pages
from site_builder.entries import joined
from site_builder.landing.links import Link
from site_builder.rendering import html, words
from site_builder.shards import Shard
from site_builder.texts import Texts, date_text, locale
from site_builder.views import catalog, feed, interfaces, stream
from site_builder.views.resource_sets import PAGES
from site_builder.vocabulary import resource_type

NEWEST = 10
KINDS = 8
YEAR = len("2020")
SIGNPOSTS = (
    ("api-catalog", interfaces.API_CATALOG, interfaces.LINKSET, ""),
    ("search", interfaces.OPENSEARCH, "application/opensearchdescription+xml", ""),
    ("alternate", feed.PATH, "application/atom+xml", "Atom"),
    *(("alternate", address, media_type, "DCAT") for address, media_type in catalog.OFFERED),
    ("alternate", stream.ROOT, catalog.TURTLE, "LDES"),
    ("describedby", interfaces.VOID, catalog.TURTLE, "VoID"),
    ("resourcesync", PAGES.capabilities, "application/xml", ""),
    ("sitemap", "/sitemap.xml", "application/xml", ""),
    ("service-desc", "/api/openapi.json", "application/json", ""),
)
"""Relation, address, media type, title: whoever knows only this page finds everything that there is for machines."""


def home() -> Response:
    language = pages().language
    with pages().source.catalogue() as catalogue:
        kinds = catalogue.kinds()
        newest = catalogue.newest(NEWEST)
        found = catalogue.years()
    response = html(
        "home.html",
        signposts=SIGNPOSTS,
        total=sum(number for _kind, number in kinds),
        kinds=[
            (pages().base + axes.url(f"types/{axes.key_of(kind)}/"), resource_type(kind, language), number)
            for kind, number in kinds[:KINDS]
        ],
        axes=axis_links(),
        newest=joined(newest),
        years=_linked(found),
    )
    if pages().is_live:
        response.headers["Link"] = f'<{interfaces.API_CATALOG}>; rel="api-catalog"; type="{interfaces.LINKSET}"'
    return response


def years() -> Response:
    with pages().source.catalogue() as catalogue:
        found = catalogue.years()
    return html("years.html", years=_linked(found), axes=axis_links())


def axis_links() -> list[Link]:
    """To the first page of each axis, and to what terms mean."""
    said = words()
    found = [Link(name, axes.url(f"{axis}?")) for axis, name in said.axes.items()]
    return [*found, Link(said.communities, "/communities/"), Link(said.vocabularies, "/vocabularies/")]


def _linked(years: list[tuple[str, int]]) -> list[tuple[str, str, int]]:
    return [(url(year), year, number) for year, number in years]


def url(node: str) -> str:
    """The address of a list in the language of the page."""
    return pages().base + shards.url(node)


def browse(node: str) -> Response:
    """A year with its months, and whatever else is one list. Raises NotFound where there is nothing."""
    found = shards.node_of(node)
    with pages().source.catalogue() as catalogue:
        total = catalogue.shown.count(found) if found else 0
        if not total:
            raise NotFound
        shard = shards.shard(catalogue.shown, found)
        children = _months(catalogue, found) if len(found) == YEAR else list(shard.children)
        groups = _groups(catalogue, shard) if shard.is_leaf else []
    return html(
        "browse.html",
        heading=name(found),
        total=total,
        above=[Link(words().browse, "/browse/"), *(Link(name(way), shards.url(way)) for way in above(found))],
        children=[(url(child), name(child), number) for child, number in children],
        groups=groups,
    )


def _months(catalogue: Catalogue, year: str) -> list[tuple[str, int]]:
    return list(catalogue.shown.children(year, shards.child_length(year)).items())


def _groups(catalogue: Catalogue, shard: Shard) -> list[tuple[str, str, str]]:
    """Lines under headings: the months of a year, with their address. Other lists have one group without heading."""
    is_year = len(shard.node) == YEAR
    groups: dict[str, list[str]] = {}
    for place, line in catalogue.lines(shard.node):
        groups.setdefault(shards.month_of(place) if is_year else "", []).append(line)
    return [(name(node) if node else "", node, joined(lines)) for node, lines in groups.items()]


def name(node: str) -> str:
    """`2020`, `May 2020`, `12 May 2020`, …"""
    return _name(node, words())


@lru_cache(maxsize=4096)
def _name(node: str, said: Texts) -> str:
    year, month, rest = node[:4], node[5:7], node[8:]
    if not month:
        return year
    if month == "00":
        named = f"{said.no_month}, {year}"
        return f"{named}: {said.ids_from.format(rest)}" if rest else named
    if not rest:
        return date_text(f"{year}-{month}", said.language)
    day, prefix = rest[:2], rest[3:]
    month_name = get_month_names("wide", "stand-alone", locale(said.language))[int(month)]
    named = f"{month_name} {year}: {said.no_day}" if day == "00" else date_text(node[:10], said.language)
    return f"{named}: {said.ids_from.format(prefix)}" if prefix else named


def above(node: str) -> list[str]:
    """The lists on the way to one; those of single characters of the id are left out."""
    return [node[:length] for length in (4, 7, 10) if length < len(node) and (length < 10 or node[5:7] != "00")]
