"""Trees of pages that are too large to be looked at whole: only the way to what has changed is walked.

The root's children are months; below them the nodes are those of `shards`. A page is a leaf, with all entries of its
node, or leads to its children.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from site_builder import shards

MONTH = len("2020-05")


class Places(Protocol):
    """See `harvested.Places`."""

    def is_leaf(self, node: str) -> bool: ...

    def first(self, node: str) -> str: ...

    def children(self, node: str, length: int) -> list[str]: ...


class Made(Protocol):
    """The pages that there are."""

    def made(self, node: str) -> list[str]:
        """Those of a node and below it."""
        ...

    def leads_on(self, node: str) -> bool:
        """Whether there are any below it."""
        ...


def children(places: Places, node: str) -> list[str]:
    """The pages that a page leads to; the empty node is the root."""
    return places.children(node, shards.child_length(node) if node else MONTH)


def leaf_of(places: Places, place: str) -> str:
    """The leaf in which an entry is."""
    node = shards.month_of(place)
    while not places.is_leaf(node):
        node = place[: shards.child_length(node)]
    return node


def whole(places: Places, node: str = "") -> Iterator[str]:
    """All pages from a node down that have entries, without the root."""
    if node:
        yield node
    if not node or not places.is_leaf(node):
        for child in children(places, node):
            yield from whole(places, child)


def leaves(made: list[str]) -> list[str]:
    """Those of the pages, in order, that lead to no other."""
    following = [*made[1:], ""] if made else []
    return [node for node, next_one in zip(made, following, strict=True) if not next_one.startswith(node)]


@dataclass(slots=True)
class Remade:
    """Pages that must be written, and pages that must go."""

    dirty: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


def remade(places: Places, pages: Made, touched: Iterable[str]) -> Remade:
    """What a change of these places does to the pages that were made."""
    found = Remade()
    for place in touched:
        _follow(places, pages, place, found)
    return found


def _follow(places: Places, pages: Made, place: str, found: Remade) -> None:
    """From the month down to the page in which the place is, or was."""
    node = shards.month_of(place)
    while places.first(node):
        found.dirty.add(node)
        if places.is_leaf(node):
            found.gone |= {*pages.made(node)} - {node}
            return
        if not pages.leads_on(node):  # it was a leaf, or there was nothing: all of what is below is new
            found.dirty |= {*whole(places, node)}
            return
        node = place[: shards.child_length(node)]
    found.gone |= {*pages.made(node)}
