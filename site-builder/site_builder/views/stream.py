"""The event stream of changes: pages cut by the day of the change, each member the last change of one record.

A record that changes again leaves its page for that of the day. What was removed is a member that says so.
Specified by: Linked Data Event Streams; TREE hypermedia specification; Activity Streams 2.0 (Create, Update, Delete).
"""

from datetime import date, timedelta
from functools import lru_cache

from flask import Response

from repository.errors import NotFound
from repository.formats import dcat_turtle
from repository.formats.rdf_graph import text
from repository.records.snapshot import Site
from site_builder import shards, trees
from site_builder.context import pages
from site_builder.harvested import Changed
from site_builder.rendering import document
from site_builder.views.catalog import TURTLE

ROOT = "/ldes"
_STREAM = "<ldes#stream>"
_ACTIVITIES = {"created": "as:Create", "updated": "as:Update", "deleted": "as:Delete"}
_NAMESPACES = {
    "as": "https://www.w3.org/ns/activitystreams#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "ldes": "https://w3id.org/ldes#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "tree": "https://w3id.org/tree#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def path(node: str) -> str:
    return f"/changes/{node}.ttl"


def root() -> Response:
    """What the stream is, and the months in which something changed."""
    with pages().source.catalogue() as catalogue:
        months = trees.children(catalogue.harvested.changed, "")
    said = (
        f"{_STREAM} a ldes:EventStream ; tree:view <ldes> ; ldes:timestampPath dct:modified ;\n"
        "  ldes:versionOfPath dct:isVersionOf ; ldes:versionCreateObject as:Create ;\n"
        "  ldes:versionUpdateObject as:Update ; ldes:versionDeleteObject as:Delete .\n"
        "<ldes> tree:viewDescription <ldes#view> ; ldes:retentionPolicy <ldes#retention> .\n"
        "<ldes#view> a tree:ViewDescription ; ldes:retentionPolicy <ldes#retention> .\n"
        "<ldes#retention> a ldes:LatestVersionSubset ; ldes:amount 1 ; ldes:versionKey ( dct:isVersionOf ) .\n"
    )
    return _document(f"{said}{_node('<ldes>', months)}")


def page(node: str) -> Response:
    """The members of a leaf, or where there are more. Raises NotFound where nothing has changed."""
    with pages().source.catalogue() as catalogue:
        changed = catalogue.harvested.changed
        if not shards.is_month_or_below(node) or not changed.first(node):
            raise NotFound
        is_leaf = changed.is_leaf(node)
        below = [] if is_leaf else trees.children(changed, node)
        members = catalogue.harvested.changes(node) if is_leaf else []
    return _document(_node(f"<{path(node)[1:]}>", below) + "".join(map(_member, members)))


def _member(change: Changed) -> str:
    page_ = f"records/{change.id}"
    member = f"<{page_}#change-{change.position}>"
    said = [
        f"{_STREAM} tree:member {member} .\n{member} a {_ACTIVITIES[change.action]}",
        f"as:object <{page_}>",
        f"dct:isVersionOf <{page_}>",
        f'dct:modified "{change.at}"^^xsd:dateTime',
    ]
    if change.action != "deleted":
        said.append(f"dct:title {text(change.title)}")
        said.append(f"foaf:primaryTopic <{change.subject}>")
        said.append(f"rdfs:seeAlso <{page_}/{dcat_turtle.FORMAT.file_name}>")
    return f"{' ; '.join(said)} .\n"


def _node(node: str, below: list[str]) -> str:
    """A page as a node of the tree, with relations to pages below it."""
    relations = "".join(f"{node} tree:relation {relation} .\n" for child in below for relation in _relations(child))
    return f"{node} a tree:Node .\n{relations}"


def _relations(child: str) -> list[str]:
    """In months and days all members are from the one time to the other."""
    leads = f"tree:node <{path(child)[1:]}>"
    bounds = period(child)
    if bounds is None:
        return [f"[ a tree:Relation ; {leads} ]"]
    value = 'tree:path dct:modified ; tree:value "{}T00:00:00.000Z"^^xsd:dateTime'
    return [
        f"[ a tree:GreaterThanOrEqualToRelation ; {leads} ; {value.format(bounds[0])} ]",
        f"[ a tree:LessThanRelation ; {leads} ; {value.format(bounds[1])} ]",
    ]


def period(node: str) -> tuple[date, date] | None:
    """First day of a month or day, and the first day behind it; None of a part of a day."""
    if len(node) == trees.MONTH:
        begin = date(int(node[:4]), int(node[5:7]), 1)
        return begin, (begin + timedelta(days=31)).replace(day=1)
    if len(node) == len("2026-11-24"):
        begin = date.fromisoformat(node)
        return begin, begin + timedelta(days=1)
    return None


def _document(said: str) -> Response:
    return document(f"{_header(pages().site)}{said}".encode(), TURTLE)


@lru_cache(maxsize=8)
def _header(site: Site) -> str:
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in _NAMESPACES.items())
    return f"@base <{site.url}/> .\n{prefixes}"
