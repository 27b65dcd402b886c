"""What lists for machines are made of: a row for each public record by its place, and one for each by its last change.

What the DCAT catalogue and the lists of documents say of a record is ten times as long as the rest; it has a table of
its own, so that to count and list the others stays a look at few pages.

Part of the catalogue, and of its transactions. Rows of one list lie side by side, so that a list of some hundred
entries is read at once.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from site_builder import shards

SCHEMA = """
CREATE TABLE IF NOT EXISTS described (
    place TEXT PRIMARY KEY, id TEXT NOT NULL, at TEXT NOT NULL,
    digest TEXT NOT NULL, size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS catalogued (
    place TEXT PRIMARY KEY, resources TEXT NOT NULL, turtle TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changed (
    place TEXT PRIMARY KEY, id TEXT NOT NULL, position INTEGER NOT NULL, at TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, title TEXT NOT NULL, is_fed INTEGER NOT NULL, kind TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS moments ON changed (at, id);
CREATE INDEX IF NOT EXISTS fed ON changed (at, id) WHERE is_fed = 1;
CREATE INDEX IF NOT EXISTS fed_by_kind ON changed (kind, at, id) WHERE is_fed = 1;
CREATE TABLE IF NOT EXISTS moved (place TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages_of_changes (node TEXT PRIMARY KEY) WITHOUT ROWID;
"""
Action = Literal["created", "updated", "deleted"]


class Described(NamedTuple):
    """A public record, as the catalogue and the resource lists name it."""

    place: str
    """By date of publication, see `shards`."""
    id: str
    at: str
    """When its last change was logged: `2026-11-24T10:00:00.000Z`."""
    digest: str
    """SHA-256 of its landing page, in hexadecimal."""
    size: int
    """Bytes of its landing page."""


class Changed(NamedTuple):
    """The last change of a record of which everybody may know, tombstones included."""

    place: str
    """By day of the change, see `shards`."""
    id: str
    position: int
    """In the log."""
    at: str
    """As above."""
    action: Action
    subject: str
    """The subject's IRI; empty where the record was removed."""
    title: str


_CHANGES = f"SELECT {', '.join(Changed._fields)} FROM changed"  # noqa: S608 — names of our own
_CHANGED_RESOURCES = (
    "SELECT changed.*, coalesce(catalogued.resources, '') FROM changed "
    "LEFT JOIN entries ON entries.id = changed.id LEFT JOIN catalogued ON catalogued.place = entries.place"
)


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one of the two tables: what `trees` is asked about. Nothing here looks at a whole table."""

    connection: sqlite3.Connection
    table: Literal["described", "changed"]

    def is_leaf(self, node: str) -> bool:
        """Whether everything below the node goes into one list."""
        query = f"SELECT count(*) FROM (SELECT 1 FROM {self.table} WHERE place >= ? AND place < ? LIMIT ?)"  # noqa: S608
        return bool(self.connection.execute(query, (*span(node), shards.LIMIT + 1)).fetchone()[0] <= shards.LIMIT)

    def first(self, node: str) -> str:
        """The first place below a node; empty if there is none."""
        return self._one(f"SELECT min(place) FROM {self.table} WHERE place >= ? AND place < ?", *span(node))  # noqa: S608

    def before(self, node: str) -> str:
        """The last place before all those of a node; empty if there is none."""
        return self._one(f"SELECT max(place) FROM {self.table} WHERE place < ?", node)  # noqa: S608

    def after(self, node: str) -> str:
        """The first place behind all those of a node; empty if there is none."""
        return self._one(f"SELECT min(place) FROM {self.table} WHERE place >= ?", span(node)[1])  # noqa: S608

    @property
    def last(self) -> str:
        return self._one(f"SELECT max(place) FROM {self.table}")  # noqa: S608

    def children(self, node: str, length: int) -> list[str]:
        """The nodes of this length below a node that have entries, in order: one step in the index for each."""
        found = []
        place = self.first(node)
        while place.startswith(node) and place:
            found.append(place[:length])
            place = self.after(found[-1])
        return found

    def _one(self, query: str, *values: str) -> str:
        return self.connection.execute(query, values).fetchone()[0] or ""


class Harvested:
    """The two tables, and which pages of changes were made and have to be made."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.described = Places(connection, "described")
        self.changed = Places(connection, "changed")

    def descriptions(self, node: str) -> list[Described]:
        """Every public record of a node, by place."""
        rows = self._rows("SELECT * FROM described WHERE place >= ? AND place < ? ORDER BY place", *span(node))
        return [Described(*row) for row in rows]

    def turtle(self, node: str) -> list[str]:
        """What the DCAT catalogue says of every public record of a node, by place."""
        query = "SELECT turtle FROM catalogued WHERE place >= ? AND place < ? ORDER BY place"
        return [text for (text,) in self._rows(query, *span(node))]

    def resources(self, node: str) -> list[tuple[str, str]]:
        """Of every public record of a node, by place: its entries, see `resources`, and when it last changed."""
        query = (
            "SELECT catalogued.resources, described.at FROM described JOIN catalogued USING (place) "
            "WHERE described.place >= ? AND described.place < ? ORDER BY place"
        )
        return list(self._rows(query, *span(node)))

    def resources_changed(self, node: str) -> list[tuple[Changed, str]]:
        """Every change of a node, the earliest first, with the record's entries."""
        query = f"{_CHANGED_RESOURCES} WHERE changed.place >= ? AND changed.place < ? ORDER BY at, position"
        return [(Changed(*row), listed) for *row, _is_fed, _kind, listed in self._rows(query, *span(node))]

    def recent_resources(self, number: int) -> list[tuple[Changed, str]]:
        """The last changes of all, the earliest first, with the records' entries."""
        query = f"{_CHANGED_RESOURCES} ORDER BY changed.at DESC, changed.id DESC LIMIT ?"
        return [(Changed(*row), listed) for *row, _is_fed, _kind, listed in reversed(self._rows(query, number))]

    def changes(self, node: str) -> list[Changed]:
        """Every change of a node, the earliest first."""
        query = f"{_CHANGES} WHERE place >= ? AND place < ? ORDER BY at, position"
        return [Changed(*row) for row in self._rows(query, *span(node))]

    def recent(self, number: int) -> list[Changed]:
        """The last changes of all, the earliest first."""
        query = f"{_CHANGES} ORDER BY at DESC, id DESC LIMIT ?"
        return [Changed(*row) for row in reversed(self._rows(query, number))]

    def before_recent(self, number: int) -> str:
        """When the last change was that is not among so many of the last; empty if all are."""
        found = self._rows("SELECT at FROM changed ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?", number)
        return found[0][0] if found else ""

    def newest(self, number: int) -> list[tuple[str, str]]:
        """What the feed says of the records that were changed last, older versions left out, and when that was. However
        many were removed since, they are not looked at."""
        query = (
            "SELECT entries.atom, changed.at FROM changed INDEXED BY fed CROSS JOIN entries ON entries.id = changed.id "
            "WHERE changed.is_fed = 1 ORDER BY changed.at DESC, changed.id DESC LIMIT ?"
        )
        return list(self._rows(query, number))

    def newest_of(self, kind: str, number: int) -> list[tuple[str, str]]:
        """The same of the records of one type."""
        query = (
            "SELECT entries.atom, changed.at FROM changed INDEXED BY fed_by_kind CROSS JOIN entries "
            "ON entries.id = changed.id WHERE changed.is_fed = 1 AND changed.kind = ? "
            "ORDER BY changed.at DESC, changed.id DESC LIMIT ?"
        )
        return list(self._rows(query, kind, number))

    @property
    def moment(self) -> str:
        """Of the last change; the beginning of time if there is none."""
        return self._rows("SELECT max(at) FROM changed")[0][0] or "1970-01-01T00:00:00.000Z"

    @property
    def day(self) -> str:
        """Of the last change: `2026-11-24`."""
        return self.moment[:10]

    def replace(
        self,
        gone: tuple[Iterable[str], Iterable[str]],
        described: Sequence[tuple[Described, str, str]],
        changed: Iterable[tuple[Changed, str | None]],
    ) -> None:
        """Takes these places out of the tables, then adds rows; with each record what of it lists of
        ResourceSync name and what the DCAT catalogue says, with each change in the feed of which type
        it is, None if in no feed."""
        for table, places in (("described", gone[0]), ("catalogued", gone[0]), ("changed", gone[1])):
            query = f"DELETE FROM {table} WHERE place = ?"  # noqa: S608 — one of three names
            self._connection.executemany(query, [(place,) for place in places])
        self._connection.executemany(
            "INSERT OR REPLACE INTO described VALUES (?, ?, ?, ?, ?)", [row for row, *_said in described]
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO catalogued VALUES (?, ?, ?)", [(row.place, *said) for row, *said in described]
        )
        rows = [(*row, int(kind is not None), kind or "") for row, kind in changed]
        self._connection.executemany("INSERT OR REPLACE INTO changed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def move(self, places: Iterable[str]) -> None:
        """Notes of which places pages of changes must be made anew."""
        self._connection.executemany("INSERT OR IGNORE INTO moved VALUES (?)", [(place,) for place in places])

    def moved(self) -> list[str]:
        return [place for (place,) in self._rows("SELECT place FROM moved ORDER BY place")]

    def made(self, node: str) -> list[str]:
        """The pages of changes that were made of a node and below it."""
        query = "SELECT node FROM pages_of_changes WHERE node >= ? AND node < ? ORDER BY node"
        return [found for (found,) in self._rows(query, *span(node))]

    def are_made(self, nodes: Iterable[str]) -> bool:
        """Whether pages of changes were made of all these nodes."""
        query = "SELECT EXISTS (SELECT 1 FROM pages_of_changes WHERE node = ?)"
        return all(self._rows(query, node)[0][0] for node in nodes)

    def leads_on(self, node: str) -> bool:
        """Whether pages of changes were made below a node."""
        query = "SELECT EXISTS (SELECT 1 FROM pages_of_changes WHERE node > ? AND node < ?)"
        return bool(self._rows(query, *span(node))[0][0])

    def settle(self, made: Iterable[str], removed: Iterable[str], moved: Iterable[str]) -> None:
        """Notes that pages were made and removed, and that nothing is left to do of these places."""
        self._connection.executemany("INSERT OR IGNORE INTO pages_of_changes VALUES (?)", [(node,) for node in made])
        self._connection.executemany("DELETE FROM pages_of_changes WHERE node = ?", [(node,) for node in removed])
        self._connection.executemany("DELETE FROM moved WHERE place = ?", [(place,) for place in moved])

    def _rows(self, query: str, *values: Any) -> list[Any]:
        return self._connection.execute(query, values).fetchall()


def span(node: str) -> tuple[str, str]:
    """Bounds of the places that begin with a node; no place has a character behind `z`."""
    return node, node + "~"
