"""Records by type, subject, licence, language, creator and affiliation: lists of keys, and of the records of a key."""

from dataclasses import dataclass

from flask import Response

from repository.api import localised
from repository.errors import NotFound
from repository.records.identifiers import concept_iri
from site_builder import axes
from site_builder.axes import AXES, Named
from site_builder.context import pages
from site_builder.entries import joined
from site_builder.kept import Numbered
from site_builder.landing.links import Link
from site_builder.landing.people import scheme_of
from site_builder.rendering import framed, html, macros, words
from site_builder.texts import counted
from site_builder.views import feed, lists

_ABOVE = 3
"""Lists of names on the way to one that are named: a way may be long where many names begin alike."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What the page of a key says of it."""

    name: str
    iri: str
    scheme: str
    """`ORCID`, `ROR`, …"""
    concept: str
    """Path of the concept that it is."""
    feed: str


def names(axis: str, beginning: str = "") -> Response:
    """The keys of an axis whose names begin so, or where there are more. Raises NotFound."""
    node = axes.node_of_names(axis, beginning)
    with pages().source.catalogue() as catalogue:
        kept = catalogue.kept
        if not node or not kept.is_page(node):
            raise NotFound
        is_leaf = kept.is_leaf(node)
        children = [] if is_leaf else kept.children(node)
        found = kept.names(node) if is_leaf else []
    name = words().axes[axis]
    return html(
        "names.html",
        heading=f"{name}: {axes.beginning(node)}" if beginning else name,
        above=[*_axis(axis)[: 1 if not beginning else 2], *_letters(node)],
        children=[Link(axes.beginning(child), axes.url(child)) for child in children],
        found=[_line(each) for each in found],
    )


def records(axis: str, key: str, rest: str = "") -> Response:
    """The records of a key, or where there are more. Raises NotFound."""
    node = axes.node_of_key(axis, key, rest)
    with pages().source.catalogue() as catalogue:
        kept = catalogue.kept
        found = kept.numbered(f"{axis}/{key}") if node else None
        if not found or (rest and not kept.is_page(node)):
            raise NotFound
        is_leaf = kept.is_leaf(node) if rest else found.number <= axes.LIMIT
        children = [] if is_leaf else kept.children(node)
        lines = kept.lines(node) if is_leaf else []
        is_fed = axis == "types" and not rest and catalogue.is_kind(axes.named(found.said).term)
    about = _about(axis, axes.named(found.said), is_fed=is_fed)
    place = node.rpartition("/")[2]
    total = len(lines) if place else found.number
    said, parts = words(), macros("key_parts.html")
    return framed(
        "key.html",
        heading=f"{about.name}: {lists.name(place)}" if place else about.name,
        axis=said.axes[axis],
        total=counted(said, said.records, total) if total else "",
        feed_link=parts.feed_link(about, pages().site) if about.feed else "",
        trail=parts.trail([*_axis(axis), *_way(about.name, node)]),
        about=parts.about(about) if about.iri or about.concept or about.feed else "",
        shown=parts.entries(joined(lines)) if is_leaf else parts.children(_linked(children)),
    )


def _way(name: str, node: str) -> list[Link]:
    """The lists between the axis and a part of a key's records."""
    path, _, place = node.rpartition("/")
    parts = ["", *lists.above(place)] if place else []
    return [Link(lists.name(part) if part else name, axes.url(f"{path}/{part}")) for part in parts]


def _linked(nodes: list[str]) -> list[Link]:
    return [Link(lists.name(node.rpartition("/")[2]), axes.url(node)) for node in nodes]


def _axis(axis: str) -> list[Link]:
    said = words()
    return [Link(said.browse, "/browse/"), Link(said.axes[axis], axes.url(f"{axis}?"))]


def _letters(node: str) -> list[Link]:
    root = axes.root_of(node)
    way = [node[:length] for length in range(len(root) + 1, len(node))]
    return [Link(axes.beginning(part), axes.url(part)) for part in way[-_ABOVE:]]


def _line(found: Numbered) -> tuple[str, str, int]:
    said = axes.named(found.said)
    name = said.filed if "" in said.titles else _name(said)
    return pages().base + axes.url(f"{found.path}/"), name, found.number


def _name(said: Named) -> str:
    return localised.title({"title": said.titles, "id": said.filed}, pages().language)


def _about(axis: str, said: Named, *, is_fed: bool) -> _Key:
    return _Key(
        name=_name(said),
        iri=said.iri,
        scheme=scheme_of(said.iri) or said.iri,
        concept=concept_iri("", AXES[axis], said.term) if AXES[axis] and said.term else "",
        feed=feed.path(said.term) if is_fed else "",
    )
