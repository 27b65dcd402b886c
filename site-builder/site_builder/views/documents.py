"""ResourceSync's second set of resources: metadata documents and files, and how they changed.

A set of its own, since a mirror keeps resources as files by their addresses, and can't keep both a page and what is
below its address. Cut as the lists of pages are.
Specified by: ANSI/NISO Z39.99-2017, 8 (sets of resources), 10, 12.
"""

from flask import Response

from repository.errors import NotFound
from repository.formats.xml_text import escape
from site_builder import resources, shards, trees
from site_builder.context import pages
from site_builder.harvested import Changed
from site_builder.views.resourcesync import (
    DOCUMENTS,
    EVER,
    NEWEST,
    SOURCE,
    begin_of,
    just_after,
    link,
    md,
    named,
    urls,
)

CAPABILITIES = DOCUMENTS
RESOURCES = "/resourcesync/documents/resourcelist.xml"
CHANGES = "/resourcesync/documents/changelist.xml"
RECENT = "/resourcesync/documents/recent.xml"


def path(node: str) -> str:
    return f"/resourcesync/documents/resources/{node}.xml"


def changes_path(node: str) -> str:
    return f"/resourcesync/documents/changes/{node}.xml"


def capabilities() -> Response:
    rows = [named(RESOURCES, "resourcelist"), named(CHANGES, "changelist", RECENT)]
    return urls("urlset", link("up", SOURCE) + md(capability="capabilitylist"), rows)


def resource_lists() -> Response:
    """The index of resource lists, as of the same time as that of pages."""
    with pages().source.catalogue() as catalogue:
        nodes = [node for node, _at in catalogue.sitemaps()]
        at = begin_of(catalogue.harvested.day)
    site = escape(pages().site.url)
    rows = [f"<sitemap><loc>{site}{path(node)}</loc></sitemap>" for node in nodes]
    return urls("sitemapindex", _up() + md(capability="resourcelist", at=at), rows)


def resource_list(node: str) -> Response:
    """Documents and files of the records of a leaf. Raises NotFound where the node is none."""
    with pages().source.catalogue() as catalogue:
        is_list = shards.is_month_or_below(node) and catalogue.harvested.described.is_leaf(node)
        found = catalogue.harvested.resources(node) if is_list else []
    if not found:
        raise NotFound
    at = max(moment for _listed, moment in found)
    head = _up() + link("index", RESOURCES) + md(capability="resourcelist", at=at)
    return urls("urlset", head, (listed for listed, _moment in found))


def change_lists() -> Response:
    """The index of change lists."""
    with pages().source.catalogue() as catalogue:
        nodes = trees.leaves(catalogue.harvested.made(""))
    begin = begin_of(nodes[0]) if nodes else EVER
    site = escape(pages().site.url)
    rows = [
        f'<sitemap><loc>{site}{changes_path(node)}</loc><rs:md from="{begin_of(node)}"/></sitemap>' for node in nodes
    ]
    return urls("sitemapindex", _up() + md(capability="changelist", begin=begin), rows)


def changes(node: str) -> Response:
    """The changes of a leaf, the earliest first. Raises NotFound where the node is none."""
    with pages().source.catalogue() as catalogue:
        is_list = shards.is_month_or_below(node) and catalogue.harvested.changed.is_leaf(node)
        found = catalogue.harvested.resources_changed(node) if is_list else []
    if not found:
        raise NotFound
    head = _up() + link("index", CHANGES) + md(capability="changelist", begin=begin_of(node))
    return urls("urlset", head, [_change(entry, listed) for entry, listed in found])


def recent() -> Response:
    """What changed with the last changes of records, as one list."""
    with pages().source.catalogue() as catalogue:
        found = catalogue.harvested.recent_resources(NEWEST)
        begin = just_after(catalogue.harvested.before_recent(NEWEST))
    rows = [_change(entry, listed) for entry, listed in found]
    return urls("urlset", _up() + md(capability="changelist", begin=begin), rows)


def _change(entry: Changed, listed: str) -> str:
    if entry.action == "deleted":
        return resources.removed(entry.id, pages().site.url, entry.at)
    return resources.changed(listed, entry.action, entry.at)


def _up() -> str:
    return link("up", CAPABILITIES)
