"""How many public records are below each node of the tree by date of publication."""

import sqlite3
from dataclasses import dataclass

from site_builder import shards
from site_builder.harvested import span


@dataclass(frozen=True, slots=True)
class Counted:
    """The entries of which lists are cut: those for people, or all. See `shards.Counts`.

    Large nodes are counted by the transactions that change them, so that to look at one costs the same whatever its
    size; only below these are entries looked through.
    """

    connection: sqlite3.Connection
    least: int
    column: str

    def count(self, node: str) -> int:
        if shards.is_counted(node, len(node)):
            query = f"SELECT {self.column} FROM nodes WHERE length = ? AND node = ?"  # noqa: S608 — one of two names
            return int((self.connection.execute(query, (len(node), node)).fetchone() or (0,))[0])
        query = "SELECT count(*) FROM entries WHERE place >= ? AND place < ? AND is_latest >= ?"
        return int(self.connection.execute(query, (*span(node), self.least)).fetchone()[0])

    def children(self, node: str, length: int) -> dict[str, int]:
        if shards.is_counted(node, length):
            query = (
                f"SELECT node, {self.column} FROM nodes "  # noqa: S608 — one of two names
                f"WHERE length = ? AND node >= ? AND node < ? AND {self.column} > 0 ORDER BY node"
            )
            return dict(self.connection.execute(query, (length, *span(node))))
        query = (
            "SELECT substr(place, 1, ?), count(*) FROM entries "
            "WHERE place >= ? AND place < ? AND is_latest >= ? GROUP BY 1 ORDER BY 1"
        )
        return dict(self.connection.execute(query, (length, *span(node), self.least)))
