"""Compares the search index with the change log, record by record, while both go on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from repository.following.leading import standing
from repository.search.engine import Held, SearchIndex
from repository.storage import changes
from repository.storage.changes import Place
from repository.storage.database import Database

_PAGE = 2_000

Fault = Literal["missing", "too old", "too new", "too many"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A record of which the index holds something else than it should.

    missing: it can't be found; too old, too new: by an earlier or a later change than the log's last one; too many: it
    can be found, though it was removed or never was.
    """

    record_id: str
    fault: Fault
    position: int
    """Of its last change in the log; 0 where there is none."""
    held: int
    """Of the change that the index holds; 0 where there is none."""


@dataclass(slots=True)
class Check:
    """One comparison. The numbers are complete when `differences` has ended."""

    database: Database
    index: SearchIndex
    records: int = 0
    """Compared."""
    waiting: int = 0
    """Not compared: the reader has not come to their last change yet."""

    def differences(self) -> Iterator[Difference]:
        """By record id, in bounded memory. Raises Unreachable.

        The reader's position is looked up before the index, and the log is read behind it: so what the log says up to
        that position must be in the index, and whatever else that holds must be in the log.
        """
        with self.database.read() as connection:
            reader = standing(connection, "search")
        read = reader.position if reader else 0
        for place, held in _pairs(self.index.held(), self._places()):
            if place is not None and place.position > read:
                self.waiting += 1
                continue
            self.records += place is not None
            difference = _difference(place, held)
            if difference is not None:
                yield difference

    def _places(self) -> Iterator[Place]:
        last = ""
        while True:
            with self.database.read() as connection:
                page = changes.places(connection, last, _PAGE)
            if not page:
                return
            yield from page
            last = page[-1].record_id


def _pairs(index: Iterator[Held], log: Iterator[Place]) -> Iterable[tuple[Place | None, Held | None]]:
    """What both say of each record; both are in the order of ids."""
    held, place = next(index, None), next(log, None)
    while held is not None or place is not None:
        if held is None or (place is not None and place.record_id < held.id):
            yield place, None
            place = next(log, None)
        elif place is None or held.id < place.record_id:
            yield None, held
            held = next(index, None)
        else:
            yield place, held
            held, place = next(index, None), next(log, None)


def _difference(place: Place | None, held: Held | None) -> Difference | None:
    record_id = place.record_id if place is not None else held.id if held is not None else ""
    wanted, there = place is not None and place.published, held is not None and held.shown
    position, found = place.position if place else 0, held.position if held else 0
    fault: Fault | None = None
    if wanted and not there:
        fault = "missing"
    elif there and not wanted:
        fault = "too many"
    elif wanted and found != position:
        fault = "too old" if found < position else "too new"
    return Difference(record_id, fault, position, found) if fault else None
