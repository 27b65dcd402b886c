"""Which records' pages show which previews, and which records' previews could not be made yet."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from site_builder.sqlite_errors import transaction, translated

_SCHEMA = """
CREATE TABLE IF NOT EXISTS uses (record TEXT, name TEXT, PRIMARY KEY (record, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS names ON uses (name);
CREATE TABLE IF NOT EXISTS owed (record TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_CHUNK = 500


class Uses:
    """Of all generations together. For the one process that writes. Raises Unreachable, StoreFull."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with translated():
            self._connection = sqlite3.connect(path, isolation_level=None)
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
                self._connection.execute(f"PRAGMA {pragma}").fetchall()
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def settle(self, used: Mapping[str, Sequence[str]], owed: Iterable[str]) -> set[str]:
        """Notes what pages of records now show, and whose previews could not be made; returns the names that nobody
        uses any more."""
        with translated():
            before = self._rows("SELECT record, name FROM uses WHERE record IN ({})", list(used))
            late = {record for (record,) in self._rows("SELECT record FROM owed WHERE record IN ({})", list(used))}
            now = {(record, name) for record, names in used.items() for name in names}
            if now == {*before} and late == {*owed}:
                return set()
            gone, come = {*before} - now, now - {*before}
            with transaction(self._connection):
                self._connection.executemany("DELETE FROM uses WHERE record = ? AND name = ?", gone)
                self._connection.executemany("INSERT OR IGNORE INTO uses VALUES (?, ?)", come)
                self._connection.executemany("DELETE FROM owed WHERE record = ?", [(record,) for record in late])
                self._connection.executemany("INSERT OR IGNORE INTO owed VALUES (?)", [(record,) for record in owed])
            return self.unused([name for _record, name in gone])

    def unused(self, names: Sequence[str]) -> set[str]:
        """Of these names those that no record uses."""
        with translated():
            return {*names} - {name for (name,) in self._rows("SELECT name FROM uses WHERE name IN ({})", names)}

    def owed(self, most: int) -> list[str]:
        """Records whose previews could not be made yet, some of them."""
        with translated():
            found = self._connection.execute("SELECT record FROM owed ORDER BY random() LIMIT ?", (most,)).fetchall()
        return [record for (record,) in found]

    def _rows(self, query: str, values: Sequence[str]) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for start in range(0, len(values), _CHUNK):
            some = values[start : start + _CHUNK]
            found += self._connection.execute(query.format(",".join("?" * len(some))), some).fetchall()
        return found
