"""Under which keys public records are browsed: part of the catalogue, and of its transactions. See `axes`.

A row for each key of a record, and one for each key with its name and the number of its records. A name is that which
the key's last record by place gives it, or, where its records are in several lists, the first one: that seldom changes,
and all these lists bear the name. A rebuild finds the same.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from site_builder import axes, shards
from site_builder.axes import Keys
from site_builder.harvested import span
from site_builder.sqlite_errors import translated
from site_builder.trees import Remade

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (node TEXT PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS named (
    path TEXT PRIMARY KEY, node TEXT NOT NULL, said TEXT NOT NULL, number INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS spelled ON named (node);
CREATE TABLE IF NOT EXISTS stirred (node TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages_of_keys (node TEXT PRIMARY KEY) WITHOUT ROWID;
"""
CONCEPT, FEED = "=", "@"
"""What nodes in the journal begin with that are no pages of keys: of a concept, of the feed of a type."""


class Held(NamedTuple):
    """How a record is browsed."""

    place: str
    line: str
    keys: str
    """See `axes.held`."""

    @property
    def nodes(self) -> list[str]:
        return [f"{path}/{self.place}" for path in self.keys.split("\n")[1:]]


class Move(NamedTuple):
    """What a change does to a record in lists of keys."""

    before: Held | None
    after: Held | None
    keys: Keys
    """Those after it."""


class Numbered(NamedTuple):
    """A key in a list of keys."""

    path: str
    said: str
    number: int


class Kept:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def is_leaf(self, node: str) -> bool:
        """Whether everything below a node is in one list."""
        query = f"SELECT count(*) FROM (SELECT 1 FROM {_table(node)} WHERE node >= ? AND node < ? LIMIT ?)"  # noqa: S608
        return bool(self._rows(query, *span(node), axes.LIMIT + 1)[0][0] <= axes.LIMIT)

    def is_empty(self, node: str) -> bool:
        query = f"SELECT EXISTS (SELECT 1 FROM {_table(node)} WHERE node >= ? AND node < ?)"  # noqa: S608
        return not self._rows(query, *span(node))[0][0]

    def children(self, node: str) -> list[str]:
        """The pages that a page leads to: one step in the index for each."""
        length, found, after = axes.child_length(node), list[str](), node
        query = f"SELECT min(node) FROM {_table(node)} WHERE node >= ? AND node < ?"  # noqa: S608
        while first := self._rows(query, after, span(node)[1])[0][0]:
            found.append(first[:length])
            after = span(found[-1])[1]
        return found

    def is_page(self, node: str) -> bool:
        """Whether there is to be a page of a node."""
        root = axes.root_of(node)
        if node == root:
            return root.endswith("?") or not self.is_empty(node)
        way = [root]
        while len(way[-1]) < len(node):
            if self.is_leaf(way[-1]):
                return False
            way.append(node[: axes.child_length(way[-1])])
        return way[-1] == node and not self.is_empty(node)

    def lines(self, node: str) -> list[str]:
        """Of the records of a leaf, the latest first."""
        query = (
            "SELECT entries.line FROM kept CROSS JOIN entries ON entries.id = substr(kept.node, ?) "
            "WHERE kept.node >= ? AND kept.node < ? ORDER BY kept.node DESC"
        )
        return [line for (line,) in self._rows(query, -shards.ID, *span(node))]

    def names(self, node: str) -> list[Numbered]:
        """The keys of a leaf by name."""
        query = "SELECT path, said, number FROM named WHERE node >= ? AND node < ? ORDER BY node"
        return [Numbered(*row) for row in self._rows(query, *span(node))]

    def numbered(self, path: str) -> Numbered | None:
        """A key; nothing if no record has it."""
        found = self._rows("SELECT path, said, number FROM named WHERE path = ?", path)
        return Numbered(*found[0]) if found else None

    def all_of(self, axis: str) -> Iterator[Numbered]:
        """The keys of an axis; the table may change meanwhile."""
        query = "SELECT path, said, number FROM named WHERE path >= ? AND path < ? ORDER BY path LIMIT 1000"
        bounds = span(f"{axis}/")
        while found := self._rows(query, *bounds):
            yield from (Numbered(*row) for row in found)
            bounds = (f"{found[-1][0]} ", bounds[1])

    def terms(self, axis: str) -> Iterator[str]:
        """Ids of the vocabulary's terms that records name on an axis."""
        return (term for found in self.all_of(axis) if (term := axes.named(found.said).term))

    def replace(self, moves: Iterable[Move], *, journal: bool) -> None:
        """Keeps records under their keys. With `journal` the keys are named and counted, and it is noted which pages
        have to be made anew; without it `recount` does this in the end."""
        moved = [move for move in moves if move.before != move.after]
        gone = [node for move in moved if move.before for node in move.before.nodes]
        rows = sorted((f"{path}/{move.after.place}", said) for move in moved if move.after for path, said in move.keys)
        self._connection.executemany("DELETE FROM kept WHERE node = ?", [(node,) for node in gone])
        self._connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", rows)
        if journal:
            numbers = Counter(node.rpartition("/")[0] for node, _said in rows)
            numbers.subtract(node.rpartition("/")[0] for node in gone)
            self.stir({*gone, *(node for node, _said in rows)})
            for path in sorted(numbers):
                self._name(path, numbers[path])

    def _name(self, path: str, more: int) -> None:
        """Names and counts a key that has so many records more."""
        found = self._rows("SELECT * FROM named WHERE path = ?", path)
        before = found[0] if found else None
        number = (before[3] if before else 0) + more
        bounds = f"WHERE node >= ? AND node < ? ORDER BY node {'ASC' if number > axes.LIMIT else 'DESC'}"
        said = self._rows(f"SELECT said FROM kept {bounds} LIMIT 1", *span(f"{path}/"))  # noqa: S608 — a word of ours
        after = _row(path, said[0][0], number) if said else None
        if before == after:
            return
        if after is None:
            self._connection.execute("DELETE FROM named WHERE path = ?", (path,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO named VALUES (?, ?, ?, ?)", after)
        rows = [row for row in (before, after) if row]
        self.stir({row[1] for row in rows} | {node for row in rows if (node := concept_of(path, row[2]))})
        if before and after and before[2] != after[2]:
            self.stir(self.made(f"{path}/"))

    def recount(self) -> None:
        """Names and counts all keys from what is kept. Part of a transaction."""
        self._connection.execute("DELETE FROM named")
        rows = self._connection.execute("SELECT node, said FROM kept ORDER BY node")
        by_path = groupby(rows, lambda row: row[0].rpartition("/")[0])
        self._connection.executemany("INSERT INTO named VALUES (?, ?, ?, ?)", _counted(by_path))

    def stir(self, nodes: Iterable[str]) -> None:
        """Notes what has to be made anew. Part of a transaction."""
        self._connection.executemany("INSERT OR IGNORE INTO stirred VALUES (?)", [(node,) for node in nodes])

    def stirred(self) -> list[str]:
        return [node for (node,) in self._rows("SELECT node FROM stirred ORDER BY node")]

    def remade(self, stirred: Iterable[str]) -> Remade:
        """What a change of these places does to pages: only the way to each is walked."""
        found = Remade()
        for place in stirred:
            self._follow(place, found)
        found.gone -= found.dirty
        return found

    def _follow(self, place: str, found: Remade) -> None:
        """A page that leads on is made anew if one that it leads to comes or goes; the first one of a key tells the
        number of its records, too. A page itself is a place of which only that page is made anew."""
        root = node = axes.root_of(place)
        while not self.is_empty(node) or (node == root and root.endswith("?")):
            if self.is_leaf(node):
                found.dirty.add(node)
                found.gone |= {*self.made(node)} - {node}
                return
            if not self._leads_on(node):  # it was a leaf, or there was nothing: all of what is below is new
                found.dirty |= {*self.whole(node)}
                return
            child = place[: axes.child_length(node)]
            if child == node or node == root.rstrip("?") or self.is_empty(child) == self._is_made(child):
                found.dirty.add(node)
            if child == node:
                return
            node = child
        found.gone |= {*self.made(node)}

    def pages_of(self, axis: str) -> Iterator[str]:
        """All pages of an axis."""
        for found in self.all_of(axis):
            node = f"{found.path}/"
            yield from [node] if found.number <= axes.LIMIT else self.whole(node)
        yield from self.whole(f"{axis}?")

    def whole(self, node: str) -> Iterator[str]:
        """All pages from a node down; the node has entries or is a root."""
        yield node
        if not self.is_leaf(node):
            for child in self.children(node):
                yield from self.whole(child)

    def made(self, node: str) -> list[str]:
        """The pages that were made of a node and below it."""
        return [found for (found,) in self._rows(f"{_MADE} ORDER BY node", *span(node))]

    def no_longer(self) -> Iterator[str]:
        """Pages that were made and are not to be any more; what was found may be removed meanwhile."""
        bounds = span("")
        while found := self._rows(f"{_MADE} ORDER BY node LIMIT 1000", *bounds):
            yield from (node for (node,) in found if not self.is_page(node))
            bounds = (f"{found[-1][0]} ", bounds[1])

    def _is_made(self, node: str) -> bool:
        return bool(self._rows("SELECT EXISTS (SELECT 1 FROM pages_of_keys WHERE node = ?)", node)[0][0])

    def _leads_on(self, node: str) -> bool:
        query = "SELECT EXISTS (SELECT 1 FROM pages_of_keys WHERE node > ? AND node < ?)"
        return bool(self._rows(query, *span(node))[0][0])

    def settle(self, made: Iterable[str], removed: Iterable[str], stirred: Iterable[str]) -> None:
        """Notes that pages were made and removed, and that nothing is left to do of these places. Part of a
        transaction."""
        self._connection.executemany("INSERT OR IGNORE INTO pages_of_keys VALUES (?)", [(node,) for node in made])
        self._connection.executemany("DELETE FROM pages_of_keys WHERE node = ?", [(node,) for node in removed])
        self._connection.executemany("DELETE FROM stirred WHERE node = ?", [(node,) for node in stirred])

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with translated():
            return self._connection.execute(query, values).fetchall()


_MADE = "SELECT node FROM pages_of_keys WHERE node >= ? AND node < ?"


def concept_of(path: str, said: str) -> str:
    """The concept that a key is, as the journal names it; empty if it is none."""
    vocabulary, term = axes.AXES[path.partition("/")[0]], axes.named(said).term
    return f"{CONCEPT}{vocabulary}/{term}" if vocabulary and term else ""


def _counted(by_path: Iterable[tuple[str, Iterable[Sequence[str]]]]) -> Iterator[tuple[str, str, str, int]]:
    for path, rows in by_path:
        number, first, last = 0, "", ""
        for _node, last in rows:
            number, first = number + 1, first or last
        yield _row(path, first if number > axes.LIMIT else last, number)


def _row(path: str, said: str, number: int) -> tuple[str, str, str, int]:
    return path, axes.listed_at(path, axes.named(said).filed), said, number


def _table(node: str) -> str:
    return "named" if "?" in node else "kept"
