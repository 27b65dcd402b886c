"""A repository as OAI-PMH sees it, without services: changes go straight into the projection, and time stands still."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lxml import etree
from snapshots import SITE, minimal, with_metadata

from repository import settings as settings_module
from repository.formats import FORMATS, Format
from repository.oai.projection import OaiProjection
from repository.oai.provider import Provider
from repository.records.sets import SETS, SetFamily
from repository.records.snapshot import Snapshot, dump
from repository.settings import Settings
from repository.storage import oai_sets
from repository.storage.changes import Change, Kind
from repository.storage.database import Database

OAI = "{http://www.openarchives.org/OAI/2.0/}"
BASE_URL = f"{SITE.url}/oai"
START = 1_700_000_000
SECRET = "a secret of at least thirty-two characters"
PREFIXES = tuple(form.oai.prefix for form in FORMATS if form.oai and not form.is_partial)
"""Of the formats in which every record can be had."""
ALL_PREFIXES = tuple(form.oai.prefix for form in FORMATS if form.oai)
"""Every format that is offered, in the order in which they are listed."""


@dataclass
class StandingClock:
    """Seconds since 1970, moved by the test only."""

    seconds: float = START

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds


def make_settings(folder: Path, **overrides: Any) -> Settings:
    named = {"site.url": SITE.url, "site.name": SITE.name, "secret": SECRET, "oai.page_size": 3}
    return settings_module.load(
        folder, {}, named | {name.replace("_", ".", 1): value for name, value in overrides.items()}
    )


@dataclass
class World:
    """`generation` is filled from the beginning; `page_size` and `formats` may be changed before the first use."""

    database: Database
    folder: Path
    page_size: int = 3
    formats: Sequence[Format] = FORMATS
    sets: tuple[SetFamily, ...] = SETS
    clock: StandingClock = field(default_factory=StandingClock)
    position: int = 0
    last: dict[str, Change] = field(default_factory=dict)
    """The last change of each record."""

    generation: str = "g1"

    def __post_init__(self) -> None:
        self.use_settings()
        self.projection.create(self.generation)

    def use_settings(self, **overrides: Any) -> None:
        """Makes projection and provider anew, as a restart would."""
        self.settings = make_settings(self.folder, oai_page_size=self.page_size, **overrides)
        self.projection = OaiProjection(self.database, self.settings.site, self.formats, self.clock)
        self.provider = Provider(self.database, self.settings, self.formats, self.clock, self.sets)

    def change(self, snapshot: Snapshot, kind: Kind = "revised", position: int | None = None) -> Change:
        if position is None:
            self.position += 1
            position = self.position
        return Change(position, snapshot.id, kind, datetime(2024, 5, 1, tzinfo=UTC), dump(snapshot))

    def project(self, *changes: Change, generation: str | None = None) -> None:
        self.last |= {change.record_id: change for change in changes}
        prepared = self.projection.prepare(changes)
        with self.database.write() as connection:
            self.projection.write(prepared, generation or self.generation, connection)

    def put(self, *snapshots: Snapshot) -> None:
        self.project(*(self.change(snapshot) for snapshot in snapshots))

    def define(self, spec: str, query: str, name: str = "A set", description: str = "") -> None:
        """Defines or redefines a set, as the service does; no item is written yet."""
        now = datetime.now(UTC)
        values = {"name": name, "search_pattern": query, "description": description, "updated": now}
        with self.database.write() as connection:
            oai_sets.lock(connection)
            old = oai_sets.by_spec(connection, spec)
            if old is None:
                oai_sets.add(connection, {**values, "spec": spec, "revision_id": 1, "created": now})
            else:
                oai_sets.change(connection, old.id, values)
            oai_sets.grow(connection)

    def undefine(self, spec: str) -> None:
        with self.database.write() as connection:
            old = oai_sets.by_spec(connection, spec)
            if old is not None:
                oai_sets.remove(connection, old.id)
                oai_sets.grow(connection)

    def pass_over(self, page: int = 2) -> None:
        """Writes the last change of every record again, some at a time, as a leader does when rules have changed."""
        states = [self.last[record_id] for record_id in sorted(self.last)]
        for start in range(0, len(states), page):
            self.project(*states[start : start + page])

    def pass_over_into(self, generation: str, page: int = 3) -> None:
        """Fills a generation with the last change of every record, in the order of the log."""
        states = sorted(self.last.values(), key=lambda change: change.position)
        for start in range(0, len(states), page):
            self.project(*states[start : start + page], generation=generation)

    def hide(self, *snapshots: Snapshot) -> None:
        changes = [self.change(snapshot) for snapshot in snapshots]
        with self.database.write() as connection:
            self.projection.hide(changes, self.generation, connection)

    def raw(self, query: bytes) -> bytes:
        return self.provider.answer(query, BASE_URL).body

    def ask(self, verb: str, **arguments: str) -> etree._Element:
        """Arguments by name; `from_` is `from`."""
        named = {name.rstrip("_"): value for name, value in arguments.items()}
        return etree.fromstring(self.raw(urlencode({"verb": verb, **named}).encode()))

    def identifiers(self, **arguments: str) -> list[str]:
        """Record ids of a whole list, in its order; `!` before those that are deleted; [] if none match."""
        return [mark(header) for header in self.headers(**arguments)]

    def headers(self, verb: str = "ListIdentifiers", prefix: str = "oai_dc", **arguments: str) -> list[etree._Element]:
        return [header for page in self.pages(verb, prefix, **arguments) for header in page.iter(f"{OAI}header")]

    def pages(self, verb: str = "ListRecords", prefix: str = "oai_dc", **arguments: str) -> Iterator[etree._Element]:
        answer = self.ask(verb, metadataPrefix=prefix, **arguments)
        if code(answer) == "noRecordsMatch":
            return
        while True:
            assert code(answer) is None, etree.tostring(answer)
            yield answer
            token = answer.find(f".//{OAI}resumptionToken")
            if token is None or not token.text:
                return
            answer = self.ask(verb, resumptionToken=token.text)


def code(answer: etree._Element) -> str | None:
    error = answer.find(f"{OAI}error")
    return None if error is None else error.get("code")


def mark(header: etree._Element) -> str:
    record_id = header.findtext(f"{OAI}identifier", "").rpartition(":")[2]
    return f"!{record_id}" if header.get("status") == "deleted" else record_id


def numbered(number: int, **metadata: Any) -> Snapshot:
    """A small record with a title of its own."""
    return with_metadata(minimal(number), title=f"Record {number}", **metadata)


def suiting(number: int, **metadata: Any) -> Snapshot:
    """A small record that can be had in every format."""
    metadata = {"rights": [{"title": {"en": "A licence"}}], "subjects": [{"subject": "rain"}], **metadata}
    return numbered(number, **metadata)


def withdrawn(snapshot: Snapshot, **tombstone: Any) -> Snapshot:
    return replace(snapshot, state="withdrawn", tombstone={"is_visible": True, "note": "", **tombstone})


def closed(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, access={**snapshot.access, "record": "restricted", "status": "restricted"})


def of_type(snapshot: Snapshot, key: str, title: str) -> Snapshot:
    return with_metadata(snapshot, resource_type={"id": key, "title": {"en": title}})


def attributes(element: etree._Element) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}
