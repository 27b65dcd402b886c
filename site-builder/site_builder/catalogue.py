"""Which public records there are, so that lists can be made of them: a SQLite file beside each generation of the site.

The projection writes it; the views read it, frozen and live alike. It also remembers at which position of the log each
record was written, and which lists still have to be made anew after a change: a process that is killed in between makes
them when it comes again.
"""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

import orjson

from site_builder import axes, harvested, kept, shards
from site_builder.axes import Keys
from site_builder.counted import Counted
from site_builder.harvested import Changed, Described, Harvested, span
from site_builder.kept import FEED, Held, Kept, Move
from site_builder.sqlite_errors import transaction, translated

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL,
    place TEXT, is_latest INTEGER, kind TEXT, created TEXT, line TEXT, atom TEXT, keys TEXT, changed TEXT,
    seal TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS places ON entries (place, is_latest) WHERE place IS NOT NULL;
CREATE INDEX IF NOT EXISTS newest ON entries (created, id) WHERE is_latest = 1;
CREATE TABLE IF NOT EXISTS kinds (kind TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes (
    length INTEGER NOT NULL, node TEXT NOT NULL, shown INTEGER NOT NULL, listed INTEGER NOT NULL,
    PRIMARY KEY (length, node)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS touched (place TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unsynced (id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lists (node TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sitemaps (node TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_CHUNK = 500
_PRAGMAS = (
    "page_size=8192",  # of smaller pages SQLite takes one more for nearly every row
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-8000",
    "temp_store=MEMORY",
)


@dataclass(frozen=True, slots=True)
class Listing:
    """What lists show of a public record."""

    place: str
    """See `shards`."""
    is_latest: bool
    """Lists for people show the newest version only, sitemaps all."""
    kind: str
    """Id of the top level of its resource type."""
    created: str
    line: str
    """Its HTML in a list."""
    atom: str
    """Its entry in the feed, see `notes`."""
    resources: str
    """What ResourceSync lists of it beside its page, see `resources`."""
    turtle: str
    """What the DCAT catalogue says of it, see `formats.dcat_listed`."""
    subject: str
    """The subject's IRI."""
    title: str
    digest: str
    """SHA-256 of its landing page, in hexadecimal."""
    size: int
    """Bytes of its landing page."""
    keys: Keys = ()
    """Where it is browsed, see `axes`."""

    @property
    def held(self) -> Held | None:
        """How people browse it, if they do."""
        return Held(self.place, self.line, axes.held(self.keys)) if self.is_latest else None


@dataclass(frozen=True, slots=True)
class Claim:
    """A record as of one position; without a listing it is in no list."""

    record_id: str
    position: int
    listing: Listing | None
    change: Changed | None
    """What harvesters are told of it; nothing where nobody may know of it."""


class _Known(NamedTuple):
    """What the catalogue holds of a record."""

    position: int
    place: str | None
    is_latest: int
    kind: str
    changed: str | None
    """Place of its last change."""
    seal: str
    """Digest of everything that lists show of it."""
    line: str
    keys: str

    @property
    def held(self) -> Held | None:
        return Held(self.place, self.line, self.keys) if self.place and self.is_latest else None


_UNKNOWN = _Known(0, None, 0, "", None, "", "", "")
_COLUMNS = "id, position, place, is_latest, kind, created, line, atom, keys, changed, seal"
_MARKS = ", ".join("?" * 11)
_ADDED = (("entries", "keys", "TEXT DEFAULT ''"), ("changed", "kind", "TEXT NOT NULL DEFAULT ''"))
"""Columns that the catalogue of an older generation lacks."""
_SCHEMAS = _SCHEMA + harvested.SCHEMA + kept.SCHEMA


class Catalogue:
    """Raises Unreachable or StoreFull where the file can't be used. For one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.shown = Counted(connection, 1, "shown")
        self.all = Counted(connection, 0, "listed")
        self.harvested = Harvested(connection)
        self.kept = Kept(connection)

    @classmethod
    def open(cls, path: Path) -> Self:
        """For writing; made if there is none."""
        with translated():
            connection = sqlite3.connect(path, isolation_level=None)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()
            _widen(connection)
            connection.executescript(_SCHEMAS)
            return cls(connection)

    @classmethod
    def read(cls, path: Path) -> Self:
        """For reading beside the writer."""
        with translated():
            return cls(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None))

    @classmethod
    def empty(cls) -> Self:
        """What is read before the first build."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.executescript(_SCHEMAS)
        return cls(connection)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        return transaction(self._connection)

    def kinds(self) -> list[tuple[str, int]]:
        """Ids of resource types with the number of their records, the most frequent first."""
        query = "SELECT kind, number FROM kinds WHERE number > 0 ORDER BY number DESC, kind"
        return list(self._rows(query))

    def is_kind(self, kind: str) -> bool:
        """Whether there are records of this top level of resource types."""
        return bool(self._rows("SELECT EXISTS (SELECT 1 FROM kinds WHERE kind = ? AND number > 0)", kind)[0][0])

    def years(self) -> list[tuple[str, int]]:
        """Years with the number of their records, the latest first."""
        query = "SELECT node, shown FROM nodes WHERE length = ? AND shown > 0 ORDER BY node DESC"
        return list(self._rows(query, shards.YEAR))

    def number(self) -> int:
        """Of all public records, older versions included."""
        ((number,),) = self._rows("SELECT coalesce(sum(listed), 0) FROM nodes WHERE length = ?", shards.YEAR)
        return int(number)

    def newest(self, number: int) -> list[str]:
        """Lines of the records that were deposited last."""
        query = "SELECT line FROM entries WHERE is_latest = 1 ORDER BY created DESC, id DESC LIMIT ?"
        return [line for (line,) in self._rows(query, number)]

    def lines(self, node: str) -> list[tuple[str, str]]:
        """Place and line of every record of a node, the latest date first."""
        query = "SELECT place, line FROM entries WHERE place >= ? AND place < ? AND is_latest = 1 ORDER BY place DESC"
        return list(self._rows(query, *span(node)))

    def sitemaps(self) -> list[tuple[str, str]]:
        """The sitemaps that were made: node and time of the last change in it."""
        return list(self._rows("SELECT node, at FROM sitemaps ORDER BY node"))

    def sitemaps_of(self, month: str) -> list[str]:
        return [node for (node,) in self._rows("SELECT node FROM sitemaps WHERE node >= ? AND node < ?", *span(month))]

    def lists_of(self, node: str) -> list[str]:
        """The lists that were made of a node and below it."""
        return [found for (found,) in self._rows("SELECT node FROM lists WHERE node >= ? AND node < ?", *span(node))]

    def has_list(self, node: str) -> bool:
        """Whether a list was made of a node itself."""
        return bool(self._rows("SELECT EXISTS (SELECT 1 FROM lists WHERE node = ?)", node)[0][0])

    def touched(self) -> list[str]:
        """Places whose lists must be made anew."""
        return [place for (place,) in self._rows("SELECT place FROM touched ORDER BY place")]

    def fact(self, name: str) -> str:
        return next((value for (value,) in self._rows("SELECT value FROM facts WHERE name = ?", name)), "")

    def note(self, name: str, value: str) -> None:
        """Part of a transaction."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def claim(self, claims: Sequence[Claim], *, journal: bool) -> set[str]:
        """Notes what is about to be written and returns the ids of what is not older than what is there already.

        Part of a transaction. With `journal` it is also noted what has to be done again if this process is killed: the
        lists that show these records, or did, and files that a power cut may take away.
        """
        known = self._known([claim.record_id for claim in claims])
        accepted = [(known.get(claim.record_id, _UNKNOWN), claim) for claim in claims]
        accepted = [(before, claim) for before, claim in accepted if before.position <= claim.position]
        rows, touched, moved, fed = [], set[str](), set[str](), set[str]()
        kinds: Counter[str] = Counter()
        nodes: Counter[tuple[str, int]] = Counter()
        for before, claim in accepted:
            listing, changed, seal = claim.listing, claim.change.place if claim.change else None, _seal(claim)
            rows.append((claim.record_id, claim.position, *_columns(listing), changed, seal))
            if before.seal != seal:
                touched |= {place for place in (before.place, listing and listing.place) if place}
                kinds.subtract([before.kind] if before.place and before.is_latest else ())
                kinds.update([listing.kind] if listing and listing.is_latest else ())
                nodes.subtract(_nodes(before.place, before.is_latest))
                nodes.update(_nodes(listing.place, listing.is_latest) if listing else ())
            if (before.position, before.seal) != (claim.position, seal):
                moved |= {place for place in (before.changed, changed) if place}
                fed |= {one.kind for one in (before, listing) if one and one.held}
        self._connection.executemany(f"INSERT OR REPLACE INTO entries ({_COLUMNS}) VALUES ({_MARKS})", rows)  # noqa: S608 — marks
        self._harvest(accepted)
        moves = ((before.held, claim.listing) for before, claim in accepted)
        self.kept.replace(
            (Move(before, found.held if found else None, found.keys if found else ()) for before, found in moves),
            journal=journal,
        )
        self._connection.executemany(
            "INSERT INTO kinds VALUES (?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number",
            [(kind, number) for kind, number in kinds.items() if number],
        )
        self._connection.executemany(
            "INSERT INTO nodes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET shown = shown + excluded.shown, listed = listed + excluded.listed",
            _differences(nodes),
        )
        if journal:
            self._connection.executemany("INSERT OR IGNORE INTO touched VALUES (?)", [(place,) for place in touched])
            self.harvested.move(moved)
            self.kept.stir(f"{FEED}{kind}" for kind in fed)
            self._connection.executemany(
                "INSERT OR REPLACE INTO unsynced VALUES (?, ?)", [(row[0], row[1]) for row in rows]
            )
        return {claim.record_id for _before, claim in accepted}

    def _harvest(self, accepted: Sequence[tuple[_Known, Claim]]) -> None:
        gone = [before.place for before, _claim in accepted if before.place]
        unsaid = [before.changed for before, _claim in accepted if before.changed]
        shown = [
            (
                Described(found.place, claim.record_id, change.at, found.digest, found.size),
                found.resources,
                found.turtle,
            )
            for _before, claim in accepted
            if (found := claim.listing) and (change := claim.change)
        ]
        changes = [
            (change, found.kind if found is not None and found.is_latest else None)
            for _before, claim in accepted
            for change, found in [(claim.change, claim.listing)]
            if change
        ]
        self.harvested.replace((gone, unsaid), shown, changes)

    def unsynced(self) -> list[tuple[str, int]]:
        """Records whose files may not be on the disk yet, with the position they were written at."""
        return list(self._rows("SELECT id, position FROM unsynced ORDER BY id"))

    def synced(self, noted: Iterable[tuple[str, int]]) -> None:
        """Part of a transaction. What was written again in the meantime stays noted."""
        self._connection.executemany("DELETE FROM unsynced WHERE id = ? AND position = ?", noted)

    def settle(self, made: Iterable[str], removed: Iterable[str], touched: Iterable[str]) -> None:
        """Notes that lists were made and removed, and that nothing is left to do of these places. Part of a
        transaction."""
        self._connection.executemany("INSERT OR IGNORE INTO lists VALUES (?)", [(node,) for node in made])
        self._connection.executemany("DELETE FROM lists WHERE node = ?", [(node,) for node in removed])
        self._connection.executemany("DELETE FROM touched WHERE place = ?", [(place,) for place in touched])

    def settle_sitemaps(self, made: Iterable[str], removed: Iterable[str]) -> bool:
        """Notes which sitemaps there are now, and when something in them last changed; whether that is anything new.
        Part of a transaction."""
        before = self._connection.total_changes
        self._connection.executemany("DELETE FROM sitemaps WHERE node = ?", [(node,) for node in removed])
        newest = (
            "INSERT INTO sitemaps SELECT ?, max(at) FROM described WHERE place >= ? AND place < ? HAVING count(*) "
            "ON CONFLICT DO UPDATE SET at = excluded.at WHERE sitemaps.at != excluded.at"
        )
        self._connection.executemany(newest, [(node, *span(node)) for node in made])
        return self._connection.total_changes > before

    def _known(self, ids: Sequence[str]) -> dict[str, _Known]:
        found: dict[str, _Known] = {}
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT id, {', '.join(_Known._fields)} FROM entries WHERE id IN ({marks})"  # noqa: S608 — marks
            found |= {record_id: _Known(*rest) for record_id, *rest in self._rows(query, *chunk)}
        return found

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with translated():
            return self._connection.execute(query, values).fetchall()


def _nodes(place: str | None, is_latest: int) -> list[tuple[str, int]]:
    """The nodes that a record is counted in, and whether among those for people (1) or only among all (0)."""
    return [(node, int(is_latest)) for node in shards.counted(place)] if place else []


def _differences(nodes: Mapping[tuple[str, int], int]) -> list[tuple[int, str, int, int]]:
    """Rows to be added to those of `nodes`."""
    changed = {node for (node, _latest), number in nodes.items() if number}
    rows = []
    for node in sorted(changed):
        shown, older = nodes.get((node, 1), 0), nodes.get((node, 0), 0)
        rows.append((len(node), node, shown, shown + older))
    return rows


def _columns(listing: Listing | None) -> tuple[Any, ...]:
    if listing is None:
        return (None,) * 7
    said = axes.held(listing.keys)
    return (listing.place, int(listing.is_latest), listing.kind, listing.created, listing.line, listing.atom, said)


def _seal(claim: Claim) -> str:
    """Changes with whatever lists show of a record, the time of its last change included."""
    shown = orjson.dumps([claim.listing, claim.change and (claim.change.at, claim.change.action)])
    return sha256(shown).hexdigest()[:32]


def _widen(connection: sqlite3.Connection) -> None:
    """Makes it possible to write in an older generation, which is served until a new one is filled: what must not be
    seen any more is taken out of it."""
    for table, column, kind in _ADDED:
        found = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        if found and column not in found:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
