"""Which addresses have changed since when, for those who keep copies of them: CDNs and deployments.

A SQLite file beside the generations, which outlives them. An address stands in it once, with the number of its last
change, or once for each of its files: a tombstone takes the place of a page. Numbers only grow. Where it can't be said
which ones changed (a whole new build, a process that was killed while it wrote, too many), all of them did: that is one
row.
"""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

import orjson

from repository.formats import FORMATS
from repository.records.identifiers import landing_path
from site_builder.freezer import PAGE, TOMBSTONE
from site_builder.hosting.facts import COMPRESSED, Facts
from site_builder.sqlite_errors import transaction, translated
from site_builder.syncing import boot

_SCHEMA = """
CREATE TABLE IF NOT EXISTS changed (
    number INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, file TEXT NOT NULL, at TEXT NOT NULL,
    UNIQUE (address, file)
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
NAME = "changed.db"
EVERYTHING = "/*"
"""The address that stands for all of them."""
MOST = 100_000
"""Addresses that are told apart."""
_LINKSET = re.compile(r"records/[^/]+/linkset\.json")
_FOREIGN = re.compile(r"((?:/[a-z]+)?/vocabularies/[^/]+/)(https?:/.*)")
_RECORD = re.compile(r"records/([^/]+)")
_LIVE = (*(form.file_name for form in FORMATS if not form.frozen), "latest")
"""What the service answers below a record's address, beside its files."""


class Change(NamedTuple):
    number: int
    address: str
    """From the site's root, with a slash before it."""
    file: str
    """The file of the tree that has it; empty for what the service answers."""
    at: str
    """RFC 3339, in seconds."""


def address_of(file: str, bare: str) -> str:
    """Of a file of the tree; empty where it has none of its own. `bare`: see `Facts.bare`."""
    folder, _slash, name = f"/{file}".rpartition("/")
    if name.rpartition(".")[2] in COMPRESSED:
        return ""
    if name not in (PAGE, TOMBSTONE):
        return _encoded(f"{folder}/{name}")
    return _encoded(folder if re.search(bare, folder) else f"{folder}/")


def _encoded(path: str) -> str:
    """As it stands in links: a concept whose id is an address of its own has no slashes, see `concept_files`."""
    match = _FOREIGN.fullmatch(path)
    return match[1] + quote(match[2].replace(":/", "://", 1), safe=":") if match else quote(path, safe="/:")


class Journal:
    """Raises Unreachable or StoreFull where the file can't be used. For one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._noted: set[tuple[str, str]] = set()
        self._is_marked = False

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The one in `.builder` of a site's folder, made if there is none. Several processes may have it open."""
        with translated():
            folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(folder / NAME, isolation_level=None, timeout=10)
            # what the system has taken outlives the end of a process; its own fall is looked for by `begin`
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            connection.executescript(_SCHEMA)
            return cls(connection)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The one who writes the site

    def begin(self) -> None:
        """From now on this process writes the site. Was the last one killed in the middle of something, or did the
        machine fall, everything has changed."""
        if self.fact("writing") or self.fact("open") not in ("", boot() or "unknown"):
            with transaction(self._connection):
                self._insert({(EVERYTHING, "")})
                self._forget("writing")
        self.note_fact("open", boot() or "unknown")

    def end(self) -> None:
        """It was ended in order, and all of it is on the disk."""
        self._connection.execute("PRAGMA synchronous=FULL")
        with transaction(self._connection):
            self._forget("open")

    def note(self, address: str, file: str) -> None:
        """An address is about to change; told when the batch ends."""
        if not self._is_marked:
            self.note_fact("writing", "1")
            self._is_marked = True
        self._noted.add((address, file))

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """What is noted in it is told at its end, when the files are in place; even if it ends by an exception."""
        try:
            yield
        finally:
            if self._is_marked:
                noted, self._noted, self._is_marked = self._noted, set(), False
                with transaction(self._connection):
                    self._insert(noted)
                    self._forget("writing")

    def _insert(self, noted: set[tuple[str, str]]) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        (number,) = self._connection.execute("SELECT count(*) FROM changed").fetchone()
        if (EVERYTHING, "") in noted or number + len(noted) > MOST:
            self._connection.execute("DELETE FROM changed")
            noted = {(EVERYTHING, "")}
        self._connection.executemany(
            "INSERT OR REPLACE INTO changed (address, file, at) VALUES (?, ?, ?)",
            [(address, file, now) for address, file in sorted(noted)],
        )

    # Those who read

    def since(self, number: int, most: int = MOST) -> list[Change]:
        """What has changed after that number, the earliest first."""
        query = "SELECT number, address, file, at FROM changed WHERE number > ? ORDER BY number LIMIT ?"
        with translated():
            return [Change(*row) for row in self._connection.execute(query, (number, most))]

    def number_at(self, at: str) -> int:
        """The number of the last change before that moment."""
        with translated():
            query = "SELECT coalesce(max(number), 0) FROM changed WHERE at < ?"
            return int(self._connection.execute(query, (at,)).fetchone()[0])

    def last(self) -> int:
        with translated():
            return int(self._connection.execute("SELECT coalesce(max(number), 0) FROM changed").fetchone()[0])

    def fact(self, name: str) -> str:
        with translated():
            row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def note_fact(self, name: str, value: str) -> None:
        with transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _forget(self, name: str) -> None:
        self._connection.execute("DELETE FROM facts WHERE name = ?", (name,))


class Noting:
    """Notes every address that a changed file bears, and what the service answers of the same record."""

    def __init__(self, journal: Journal, facts: Facts) -> None:
        self._journal = journal
        self._url, self._bare = facts.url, facts.bare

    def note(self, tree: Path, file: str, new: bytes | None) -> None:
        """`file` of this tree is about to hold other bytes, or to go."""
        address = address_of(file, self._bare)
        if not address:
            return
        self._journal.note(address, file)
        match = _RECORD.fullmatch(file.rpartition("/")[0])
        if match and file.rpartition("/")[2] in (PAGE, TOMBSTONE):
            for name in _LIVE:
                self._journal.note(f"{landing_path(match[1])}/{name}", "")
        if _LINKSET.fullmatch(file):
            for href in sorted(_items(_read(tree / file)) - _items(new or b"")):
                self._journal.note(href.removeprefix(self._url), "")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _items(linkset: bytes) -> set[str]:
    """Addresses of the files that a record's set of links names."""
    if not linkset:
        return set()
    return {item["href"] for context in orjson.loads(linkset)["linkset"] for item in context.get("item", ())}
