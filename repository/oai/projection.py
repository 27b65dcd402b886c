"""The reader that turns changes of records into items of OAI-PMH."""

import contextlib
import hashlib
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import ClassVar

from sqlalchemy import Connection, delete, insert, select

from repository.formats import FORMATS, Format
from repository.formats.format import source_digest
from repository.oai import clock, layers
from repository.oai.clock import Now
from repository.oai.held import unchanged
from repository.oai.rendering import Rendered, deleted, relisted, render
from repository.oai.writing import write
from repository.records import sets
from repository.records.sets import SETS, SetFamily, Sets
from repository.records.snapshot import Site
from repository.records.visibility import is_public
from repository.storage import oai_sets
from repository.storage.changes import Change
from repository.storage.database import Database
from repository.storage.models import OaiCount, OaiItem, OaiLayer, OaiMember, OaiMove

_RULES = "3"
"""Raised when items are to be written otherwise although no format and no setting has changed (headers, `about`)."""
_SETS_SOURCE = source_digest(sets.__name__)


class OaiProjection:
    """Items in the database. Stamps and sequences belong to the items and outlast every generation of renderings."""

    name: ClassVar[str] = "oai"
    in_database: ClassVar[bool] = True

    def __init__(
        self,
        database: Database,
        site: Site,
        formats: Sequence[Format] = FORMATS,
        now: Now = time.time,
        families: tuple[SetFamily, ...] = SETS,
    ) -> None:
        self._database = database
        self._site = site
        self._formats = tuple(format_ for format_ in formats if format_.oai)
        self._prefixes = {each.oai.prefix: each.is_partial for each in self._formats if each.oai}
        """Prefix → whether not every record can be had in it."""
        self._partial = frozenset(prefix for prefix, is_partial in self._prefixes.items() if is_partial)
        self._now = now
        self._families = families
        self._to_drop: set[str] = set()
        self._filling: set[str] = set()
        writers = [format_.rules for format_ in self._formats]
        self._output = _digest([_RULES, site.url, site.name, site.oai_domain, site.metadata_licence, *writers])[:16]
        self._sets_version = -1
        self._sets = Sets(families)
        self._sets_rules = ""

    def rules(self) -> str:
        """`<prefixes>:<output>`: a format that is new is offered only when all its renderings are there, so it needs a
        generation beside the current one; so does one that gets lists of its own."""
        self._look_at_sets()
        shape = [f"{prefix} {is_partial}" for prefix, is_partial in self._prefixes.items()]
        return f"{_digest(shape)[:12]}:{_digest([self._output, self._sets_rules])[:40]}"

    def leading(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()

    def prepare(self, changes: Sequence[Change]) -> list[Rendered]:
        """Where nothing but the sets may have changed, nothing is rendered. The definitions are those of this moment:
        whatever `rules` has told of before is in them, and what comes later changes the rules once more."""
        self._look_at_sets()
        alike: frozenset[str] = frozenset()
        if not self._filling:
            with self._database.read() as connection:
                alike = unchanged(connection, changes, self._output, frozenset(self._prefixes))
        return [
            relisted(change, self._sets, self._output)
            if change.record_id in alike and is_public(change.snapshot)
            else render(change, self._site, self._formats, self._sets, self._output)
            for change in changes
        ]

    def write(self, prepared: Sequence[Rendered], generation: str, connection: Connection | None) -> None:
        write(_given(connection), prepared, generation, self._site.oai_domain, self._now, self._partial)

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        """Marks items as deleted, in every generation: what must not be seen in one must not be seen in another."""
        self.write([deleted(change, self._site, listed=False) for change in changes], generation, connection)

    def create(self, generation: str) -> None:
        """The very first generation is visible at once, as each of its items is at the moment of its stamp."""
        self._filling.add(generation)
        with self._database.write() as connection:
            moment = clock.lock(connection)
            rows = [
                {"generation": generation, "prefix": prefix, "partial": is_partial}
                for prefix, is_partial in self._prefixes.items()
            ]
            nothing = _has_no_items(connection)
            is_first = nothing and not layers.layers(connection, moment.generation)
            if nothing:
                _forget_members(connection)
            if rows:
                connection.execute(insert(OaiLayer), rows)
            if is_first:
                clock.move(connection, replace(moment, generation=generation))

    def activate(self, generation: str) -> None:
        with self._database.write() as connection:
            moment = clock.lock(connection)
            if moment.generation != generation:
                clock.move(connection, replace(moment, generation=generation))
        for old in self._to_drop - {generation}:
            layers.drop(self._database, old)
        self._to_drop.clear()
        self._filling.discard(generation)

    def drop(self, generation: str) -> None:
        """A generation that harvesters read (a first fill that was killed) stays until another one is activated: its
        items must not vanish and come again with old stamps."""
        self._filling.discard(generation)
        with self._database.read() as connection:
            visible = clock.read(connection).generation
        if generation == visible:
            self._to_drop.add(generation)
        else:
            layers.drop(self._database, generation)

    def generations(self) -> Iterable[str]:
        with self._database.read() as connection:
            return sorted({layer.generation for layer in layers.layers(connection)} - self._to_drop)

    def _look_at_sets(self) -> None:
        """Takes over the definitions if they are others than those that are known here."""
        with self._database.snapshot() as connection:
            version = oai_sets.version(connection)
            if version == self._sets_version:
                return
            defined = oai_sets.every(connection)
        self._sets = Sets(self._families, defined)
        # With the version: a set may have been deleted and defined again while records were passed over.
        parts = [f"{one.spec} {one.search_pattern}" for one in defined]
        self._sets_rules = _digest([_SETS_SOURCE, str(version), *parts])
        self._sets_version = version


def _has_no_items(connection: Connection) -> bool:
    return connection.execute(select(OaiItem.record_id).limit(1)).first() is None


def _forget_members(connection: Connection) -> None:
    """Who was in which list: where the items were lost, and come anew, nothing else would take them out."""
    for table in (OaiMember, OaiCount, OaiMove):
        connection.execute(delete(table))


def _given(connection: Connection | None) -> Connection:
    if connection is None:
        raise TypeError("a projection in the database writes through the connection that it is given")
    return connection


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
