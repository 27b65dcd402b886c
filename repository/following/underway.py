"""A build while its leader makes it: it says how far it is, and asks whether it is still wanted."""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from repository.following import builds
from repository.following.builds import Kind, Line, State
from repository.following.failures import describe, is_of_the_store
from repository.following.leading import Leading, Stopped
from repository.following.lease import LeaseLost
from repository.following.parking import Refusal
from repository.following.projection import Counting, Written


class Cancelled(Exception):
    """Somebody does not want the build any more: what was made of it is dropped."""


class Underway:
    """One build, or several that are the same. Says nothing of a reader that does not count what it writes."""

    def __init__(self, leading: Leading) -> None:
        self._leading = leading
        self._counting = leading.projection if isinstance(leading.projection, Counting) else None
        self._before = self._written()
        self._ids: list[int] = []
        self._said: list[Line] = []
        self._total = self._tenths = 0
        self._refused: set[str] = set()

    def begin(self, connection: Connection, kind: Kind, asked: Collection[int], total: int) -> None:
        """Part of a transaction."""
        if self._counting is not None:
            self._ids = builds.begin(connection, self._leading.name, kind, asked, total)
            self._total = total
            self.say(f"{total:,} records are to be written." if total else "It begins.")

    def say(self, text: str) -> None:
        """Is in the log with the next word on how far it is."""
        if self._ids:
            self._said.append(builds.line(text))

    def passed(self, done: int, refused: Mapping[str, Refusal]) -> None:
        """So many records are done. Raises Cancelled and LeaseLost."""
        if not self._ids:
            return
        for record_id in refused.keys() - self._refused:
            self.say(f"{record_id} can't be written: {refused[record_id].error}")
        self._refused = set(refused)
        tenths = 10 * done // max(self._total, 1)
        if tenths > self._tenths:
            self._tenths = tenths
            self.say(f"{done:,} records of {self._total:,} are written.")
        with self._leading.database.write() as connection:
            given_up = builds.note(connection, self._ids, self._taken(), done=done, **self._counts())
            self._leading.lease.hold(connection)
        if given_up:
            raise Cancelled

    def end(self, state: State, text: str) -> None:
        """Raises LeaseLost."""
        if not self._ids:
            return
        self.say(text)
        position = self._leading.position
        with self._leading.database.write() as connection:
            builds.end(connection, self._ids, state, self._taken(), position=position, **self._counts())
            self._leading.lease.hold(connection)

    def _taken(self) -> list[Line]:
        said, self._said = self._said, []
        return said

    def _written(self) -> Written:
        return self._counting.tally() if self._counting is not None else Written(0, 0)

    def _counts(self) -> dict[str, Any]:
        now, before = self._written(), self._before
        return {"files": now.files - before.files, "octets": now.octets - before.octets}


@contextlib.contextmanager
def underway(leading: Leading) -> Iterator[Underway]:
    """A build from its beginning to its end, however that is. One that ends with its leader is begun again by the next
    one; see `builds.leave_off`."""
    build = Underway(leading)
    try:
        yield build
    except (Stopped, LeaseLost):
        raise
    except Cancelled:
        build.end("cancelled", "It was cancelled: the site stays as it was.")
        raise
    except Exception as error:
        if not is_of_the_store(error):
            build.end("failed", describe(error))
        raise
    build.end("done", "It is done.")
