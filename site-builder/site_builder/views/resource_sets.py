"""Sets of resources of ResourceSync: the lists that each has, and how they are written.

Specified by: ANSI/NISO Z39.99-2017, ResourceSync Framework Specification, 8 (sets of resources).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from flask import Response

from repository.errors import NotFound
from repository.formats.xml_text import attribute, document, escape
from site_builder import notes, rendering, shards, trees
from site_builder.context import pages
from site_builder.harvested import Harvested
from site_builder.views import stream

SOURCE = "/.well-known/resourcesync"
NEWEST = 250
EVER = "1970-01-01T00:00:00.000Z"
NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"'
Found = TypeVar("Found")
"""What is known of a change, or of a resource."""


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """A set of resources, cut into lists by date of publication, and its changes by day."""

    folder: str

    @property
    def capabilities(self) -> str:
        return f"{self.folder}/capabilitylist.xml"

    @property
    def resources(self) -> str:
        return f"{self.folder}/resourcelist.xml"

    @property
    def changes(self) -> str:
        return f"{self.folder}/changelist.xml"

    @property
    def recent(self) -> str:
        return f"{self.folder}/recent.xml"

    def changes_path(self, node: str) -> str:
        return f"{self.folder}/changes/{node}.xml"

    def up(self) -> str:
        return link("up", self.capabilities)

    def capability_list(self) -> Response:
        """Specified by: 9."""
        rows = [named(self.resources, "resourcelist"), named(self.changes, "changelist", self.recent)]
        return urls("urlset", link("up", SOURCE) + md(capability="capabilitylist"), rows)

    def resource_index(self, path: Callable[[str], str]) -> Response:
        """The index of resource lists, each at the path of its node. Specified by: 10.2.

        As of the beginning of the day of the last change, so that it is not another one after every change: who applies
        the changes since then to what the lists say now has what there is.
        """
        with pages().source.catalogue() as catalogue:
            nodes = [node for node, _at in catalogue.sitemaps()]
            at = begin_of(catalogue.harvested.day)
        site = escape(pages().site.url)
        rows = [f"<sitemap><loc>{site}{path(node)}</loc></sitemap>" for node in nodes]
        return urls("sitemapindex", self.up() + md(capability="resourcelist", at=at), rows)

    def resource_list(self, node: str, find: Callable[[Harvested, str], list[Found]]) -> list[Found]:
        """What is found of the records of a leaf. Raises NotFound where the node is none."""
        with pages().source.catalogue() as catalogue:
            is_list = shards.is_month_or_below(node) and catalogue.harvested.described.is_leaf(node)
            found = find(catalogue.harvested, node) if is_list else []
        if not found:
            raise NotFound
        return found

    def resource_head(self, at: str) -> str:
        """Of a resource list as of this moment."""
        return self.up() + link("index", self.resources) + md(capability="resourcelist", at=at)

    def change_index(self) -> Response:
        """The index of change lists. Specified by: 12.2."""
        with pages().source.catalogue() as catalogue:
            nodes = trees.leaves(catalogue.harvested.made(""))
        begin = begin_of(nodes[0]) if nodes else EVER
        site = escape(pages().site.url)
        rows = [
            f'<sitemap><loc>{site}{self.changes_path(node)}</loc><rs:md from="{begin_of(node)}"/></sitemap>'
            for node in nodes
        ]
        return urls("sitemapindex", self.up() + md(capability="changelist", begin=begin), rows)

    def change_list(
        self, node: str, find: Callable[[Harvested, str], list[Found]], row: Callable[[Found], str]
    ) -> Response:
        """The changes of a leaf, the earliest first. Raises NotFound where the node is none. Specified by: 12.1."""
        with pages().source.catalogue() as catalogue:
            is_list = shards.is_month_or_below(node) and catalogue.harvested.changed.is_leaf(node)
            found = find(catalogue.harvested, node) if is_list else []
        if not found:
            raise NotFound
        head = self.up() + link("index", self.changes) + md(capability="changelist", begin=begin_of(node))
        return urls("urlset", head, map(row, found))

    def recent_list(self, find: Callable[[Harvested, int], list[Found]], row: Callable[[Found], str]) -> Response:
        """The last changes as one list, for clients that read no index; `from` tells how far back it goes: who was here
        before that must begin anew."""
        with pages().source.catalogue() as catalogue:
            found = find(catalogue.harvested, NEWEST)
            begin = just_after(catalogue.harvested.before_recent(NEWEST))
        return urls("urlset", self.up() + md(capability="changelist", begin=begin), map(row, found))


PAGES = ResourceSet("/resourcesync")
"""Landing pages; their resource lists are the sitemaps."""
DOCUMENTS = ResourceSet("/resourcesync/documents")
"""Metadata documents and files: a set of its own, since a mirror keeps resources as files by their addresses, and can't
keep both a page and what is below its address."""


def just_after(at: str) -> str:
    """The next moment after a change that a list does not tell any more: others of the same time may be left out too.
    The beginning of time if there is no such change."""
    return notes.moment(datetime.fromisoformat(at) + timedelta(milliseconds=1)) if at else EVER


@lru_cache(maxsize=4096)
def begin_of(node: str) -> str:
    """The first moment of a node's day or month."""
    bounds = stream.period(node[: len("2026-11-24")])
    return f"{bounds[0]}T00:00:00.000Z" if bounds else ""


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
