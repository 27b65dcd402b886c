"""Two people at once, in an order that a test decides: one acts in the middle of what the other does."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from unittest.mock import patch

from sqlalchemy import Connection, text

from repository.services.instance import Instance

SECONDS = 120.0
"""Nothing here takes so long, whatever else the machine does."""
_BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@dataclass(slots=True)
class Beside:
    """Another thread's act. `begin` is called within a transaction, and `finish` after it."""

    instance: Instance
    act: Callable[[], object]
    error: Exception | None = None
    """What the act raised."""
    begun: bool = False
    _progress: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Returns as soon as the act is over or waits for the transaction from which this is called; acts once."""
        if self.begun:
            return
        self.begun = True
        thread = self._thread = threading.Thread(target=self._run)
        database = self.instance.database
        write = database.write

        def watched_write() -> AbstractContextManager[Connection]:
            if threading.current_thread() is thread:
                self._progress.set()
            return write()

        if database.is_sqlite:  # one writer at a time: who asks to write, waits
            with patch.object(database, "write", watched_write):
                thread.start()
                assert self._progress.wait(SECONDS)
        else:
            thread.start()
            while thread.is_alive() and not self._is_blocked():
                self._progress.wait(0.005)

    def _is_blocked(self) -> bool:
        with self.instance.database.read() as connection:
            return bool(connection.execute(_BLOCKED).scalar_one())

    def _run(self) -> None:
        try:
            self.act()
        except Exception as error:
            self.error = error
        finally:
            self._progress.set()

    def finish(self) -> None:
        """Waits for the end of the act, and raises what it raised."""
        assert self._thread is not None, "it was never begun"
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error


def before(function: Callable[..., object], act: Callable[[], object]) -> Callable[..., object]:
    """The function, with the act in front of each call: to be put in its place."""

    def both(*arguments: object, **named: object) -> object:
        act()
        return function(*arguments, **named)

    return both
