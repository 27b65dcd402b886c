"""How long lists are cut: by month of publication, then day, then the beginning of the id, and never by rank.

So a record belongs to the same lists whatever else is published, and one that comes or goes touches few of them.
A record's *place* is `2020-05-12-<id>`; a node is the beginning of places: `2020`, `2020-05`, `2020-05-12`,
`2020-05-12-7`, `2020-05-12-7k`. A month or day that is not given is `00`; a month that is not given has no days.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

LIMIT = 120
"""Most entries of one list. A change makes a dozen lists of each kind anew, and a record takes up to 15 kB in some."""
YEAR = len("2020")
ID = len("xxxxx-xxxxx")
_COUNTED_LETTERS = 3
"""Of an id: its nodes of more letters are counted when somebody asks."""
_NODE = re.compile(r"\d{4}(?:-00(?:-[0-9a-z][0-9a-z-]{0,10})?|-\d\d(?:-\d\d(?:-[0-9a-z][0-9a-z-]{0,10})?)?)?")
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?(?![\d-])")


class Counts(Protocol):
    """How many entries there are."""

    def count(self, node: str) -> int:
        """Entries whose place begins so."""
        ...

    def children(self, node: str, length: int) -> dict[str, int]:
        """The nodes of this length below a node that have entries, in order, with their numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Shard:
    """One list: all entries of the node if it is a leaf, else links to its children."""

    node: str
    children: tuple[tuple[str, int], ...] = ()

    @property
    def is_leaf(self) -> bool:
        return not self.children


def place(publication_date: str, created: str, record_id: str) -> str:
    """Where a record belongs: the day on which its date of publication begins, or else that of its deposit."""
    match = _DATE.match(publication_date) or _DATE.match(created)
    year, month, day = match.groups() if match else ("0000", None, None)
    return f"{year}-{month}-{day or '00'}-{record_id}" if month else f"{year}-00-{record_id}"


def id_of(place: str) -> str:
    """The record's."""
    return place[-ID:]


def month_of(place: str) -> str:
    return place[:7]


def child_length(node: str) -> int:
    """Length of a node's children."""
    if len(node) < 7:
        return 4 if not node else 7
    if node[5:7] == "00":
        return 9 if len(node) == 7 else len(node) + 1
    return 10 if len(node) == 7 else 12 if len(node) == 10 else len(node) + 1


def counted(place: str) -> list[str]:
    """The nodes in which an entry is counted when it comes or goes; what is below them has few entries."""
    found = [place[:YEAR], month_of(place)]
    while (length := child_length(found[-1])) <= len(place) and is_counted(place, length):
        found.append(place[:length])
    return found


def is_counted(node: str, length: int) -> bool:
    """Whether there is a number of each node of this length that begins as this one does."""
    return length <= (8 if node[5:7] == "00" else 11) + _COUNTED_LETTERS


def shard(counts: Counts, node: str) -> Shard:
    """The list of a month or of something below it."""
    return _shard(counts, node, counts.count(node))


def _shard(counts: Counts, node: str, number: int) -> Shard:
    return Shard(node) if number <= LIMIT else Shard(node, tuple(counts.children(node, child_length(node)).items()))


def layout(counts: Counts, node: str) -> Iterator[Shard]:
    """The lists of a node that has entries, from itself down to leaves."""
    number = counts.count(node)
    if number:
        yield from _layout(counts, node, number)


def _layout(counts: Counts, node: str, number: int) -> Iterator[Shard]:
    found = _shard(counts, node, number)
    yield found
    for child, below in found.children:
        yield from _layout(counts, child, below)


def url(node: str) -> str:
    """Path of the list of a node: `/browse/2020/05/`."""
    return f"/browse/{'/'.join(_parts(node))}/"


def is_month_or_below(node: str) -> bool:
    """Whether the text is a node of which there is a sitemap, if anything is in it."""
    return len(node) >= 7 and _NODE.fullmatch(node) is not None


def node_of(path: str) -> str:
    """The node of `2020/05/12`, the inverse of `url`; empty if it can be none."""
    parts = path.strip("/").split("/")
    node = "-".join(parts)
    return node if _NODE.fullmatch(node) and url(node) == f"/browse/{'/'.join(parts)}/" else ""


def _parts(node: str) -> list[str]:
    """Year, month, day, beginning of the id; the id itself has a dash."""
    known = 2 if node[5:7] == "00" else 3
    return node.split("-", known)
