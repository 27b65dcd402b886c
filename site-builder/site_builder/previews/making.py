"""Makes the previews of records' files that are not in the cache yet."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from repository.errors import NotFound, Unreachable
from repository.records.snapshot import Json, Snapshot
from repository.records.visibility import sight
from repository.services import reading
from repository.storage.database import Database
from repository.storage.durability import storing
from repository.storage.objects import ObjectStore
from site_builder.previews.cache import Cache
from site_builder.previews.choosing import Shown, choose
from site_builder.previews.drawing import Drawing
from site_builder.previews.preview import NOTHING, Kind, Opened, Preview

log = structlog.get_logger("site")

_PAUSE = 30.0
"""Seconds for which a store that did not answer is left alone: every file would wait for it."""
_AT_ONCE = 10.0
"""Seconds that previews of a batch may take: what is left waits, not the changes of other records."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the page of a record shows of its files."""

    shown: tuple[Shown, ...] = ()
    names: tuple[str, ...] = ()
    """All that was looked at, as it is named in the cache."""
    is_owed: bool = False
    """Whether something could not be read, and is to be tried again."""


NONE = Made()


class _Later(Exception):
    """Enough was made for this batch."""


class Making:
    """For one thread. `objects` is asked for when the first file has to be read."""

    def __init__(self, cache: Cache, database: Database, objects: Callable[[], ObjectStore]) -> None:
        self._cache = cache
        self._database = database
        self._objects = objects
        self._store: ObjectStore | None = None
        self._drawing = Drawing()
        self._away_until = 0.0
        self._spent = 0.0

    def of(self, snapshot: Snapshot) -> Made:
        """Of files that everybody may see; others are never looked at. Raises only StoreFull, for the cache."""
        if not snapshot.files.get("entries") or sight(snapshot) != "full":
            return NONE
        names: list[str] = []
        unread: list[str] = []

        def get(name: str, entry: Json, kind: Kind) -> Preview | None:
            names.append(name)
            found = self._cache.read(name)
            if found is None:
                try:
                    found = self._made(name, entry, kind)
                except _Later:
                    unread.append(name)
                except (Unreachable, NotFound, OSError) as error:
                    unread.append(name)
                    log.warning("preview not made", record=snapshot.id, sha256=entry["sha256"], error=repr(error))
            return found

        shown = choose(snapshot, get)
        return Made(shown, tuple(names), bool(unread))

    def picture(self, name: str) -> bytes:
        return self._cache.picture(name)

    def close(self) -> None:
        """Ends a batch: until the next picture comes no process waits for it."""
        self._spent = 0.0
        self._drawing.close()

    def _made(self, name: str, entry: Json, kind: Kind) -> Preview | None:
        """None where nobody knows the bytes any more: another change of the record comes. Raises what reading does, and
        _Later."""
        location = reading.location(self._database, entry["sha256"])
        if not location:
            return None
        if time.monotonic() < self._away_until:
            raise Unreachable("The object store did not answer a moment ago.")
        if self._spent > _AT_ONCE:
            raise _Later
        began = time.monotonic()
        try:
            made = kind.make(self._opened(location, entry["size"]), self._drawing.draw)
        except Unreachable:
            self._away_until = time.monotonic() + _PAUSE
            raise
        except (NotFound, OSError):
            raise
        except Exception:  # a file that a reader stumbles over must not keep its record from being shown
            log.exception("file can't be shown", sha256=entry["sha256"], kind=kind.name)
            made = NOTHING
        finally:
            self._spent += time.monotonic() - began
        with storing():
            self._cache.write(name, made)
        return made

    def _opened(self, location: str, size: int) -> Opened:
        if self._store is None:
            self._store = self._objects()
        store = self._store

        def read(start: int, stop: int) -> bytes:
            with store.open(location, start=start, stop=stop) as stream:
                return stream.read(stop - start)

        return Opened(size, read)
