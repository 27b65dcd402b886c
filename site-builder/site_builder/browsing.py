"""The pages of keys, the feeds of types, and concepts that records begin or cease to name: which of them to make anew.

In bounded steps; see `kept` for the journal.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Protocol

from site_builder import axes, concept_files
from site_builder.catalogue import Catalogue
from site_builder.kept import CONCEPT, FEED
from site_builder.views import feed

_AT_ONCE = 500
"""Pages between two notes of what was made."""


class Pages(Protocol):
    """Where pages are made: a `building.Generation`."""

    catalogue: Catalogue

    def put(self, addresses: Iterable[str]) -> set[str]: ...

    def remove(self, addresses: Iterable[str]) -> None: ...

    def renew(self, addresses: Iterable[str]) -> None: ...


def catch_up(pages: Pages, stirred: Sequence[str]) -> None:
    """Makes what the journal names: the pages of keys, then what leads to them, and removes in the end."""
    kept = pages.catalogue.kept
    remade = kept.remade(node for node in stirred if node[0] not in (CONCEPT, FEED))
    pages.put(map(axes.url, sorted(remade.dirty)))
    pages.renew(feed.path(node[1:]) for node in stirred if node[0] == FEED)
    told, untold = concept_files.changed(stirred, kept, pages.catalogue.fact("small vocabularies").split(" "))
    pages.renew(told)
    with pages.catalogue.transaction():
        pages.remove(untold)
        pages.remove(map(axes.url, sorted(remade.gone, reverse=True)))
        kept.settle(remade.dirty, remade.gone, stirred)


def complete(pages: Pages) -> None:
    """Makes all of them."""
    catalogue = pages.catalogue
    with catalogue.transaction():
        catalogue.kept.recount()
    for nodes in _lots(chain.from_iterable(map(catalogue.kept.pages_of, axes.AXES))):
        pages.put(map(axes.url, nodes))
        with catalogue.transaction():
            catalogue.kept.settle(nodes, (), ())
    for nodes in _lots(catalogue.kept.no_longer()):
        with catalogue.transaction():
            pages.remove(map(axes.url, sorted(nodes, reverse=True)))
            catalogue.kept.settle((), nodes, ())
    pages.put(feed.path(kind) for kind, _number in catalogue.kinds() if kind)
    catch_up(pages, catalogue.kept.stirred())


def _lots(nodes: Iterator[str]) -> Iterator[list[str]]:
    while lot := list(islice(nodes, _AT_ONCE)):
        yield lot
