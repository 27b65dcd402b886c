"""What an index takes of many records, made by processes beside this one while a generation is filled.

To make a record's document takes more of the processor than all the rest of a rebuild.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import structlog

from repository.following import collect_seldom
from repository.records.snapshot import Json, load
from repository.search.documents import document
from repository.storage.changes import Change

log = structlog.get_logger("search")

PROCESSES = min(4, len(os.sched_getaffinity(0)))
"""At most: what one writer takes, four can make."""
_WORTH_IT = 100
"""Fewer records are made here."""
_LOT = 100
"""Records that are handed over at once, if each process gets so many; a cluster gets as many in one request."""

Row = Any
"""What an engine's index takes of one record."""
MakesRow = Callable[[Json], Row]


class Making:
    """Makes rows here or, between `begin` and `end`, beside. For one thread."""

    def __init__(self, row: MakesRow) -> None:
        """`row`: a function of a module, which other processes find by its name."""
        self._row = row
        self._makers: list[_Maker] = []
        self._is_filling = False

    def begin(self) -> None:
        """From now on many records come; processes are started with the first of them."""
        self._is_filling = PROCESSES > 1

    def end(self) -> None:
        self._is_filling = False
        for maker in self._makers:
            maker.close()
        self._makers = []

    def rows(self, changes: Sequence[Change]) -> Iterable[list[Row]]:
        """In the order given, in lots: the first of them are being made beside when this returns. Raises, at the
        latest when the lots are taken, what a record's document raises."""
        if not self._is_filling or len(changes) < _WORTH_IT:
            return [self._here(changes)]
        size = min(_LOT, -(-len(changes) // PROCESSES))
        lots = [changes[start : start + size] for start in range(0, len(changes), size)]
        try:
            if not self._makers:
                self._makers = [_Maker(self._row) for _ in range(PROCESSES)]
            for maker, lot in zip(self._makers, lots, strict=False):
                maker.ask(lot)
        except (OSError, EOFError, AssertionError):  # the last: this process may not have any
            self._go_on_alone()
        return self._taken(lots)

    def _here(self, changes: Sequence[Change]) -> list[Row]:
        return [self._row(document(change.snapshot, change.position)) for change in changes]

    def _taken(self, lots: list[Sequence[Change]]) -> Iterator[list[Row]]:
        for number, lot in enumerate(lots):
            if not self._makers:
                yield self._here(lot)
                continue
            maker, following = self._makers[number % PROCESSES], number + PROCESSES
            try:
                made = maker.answer()
                if following < len(lots):
                    maker.ask(lots[following])
            except (OSError, EOFError):  # no record's fault: a process was killed
                self._go_on_alone()
                made = self._here(lot)
            if isinstance(made, Exception):
                raise made
            yield made

    def _go_on_alone(self) -> None:
        log.warning("documents are made without processes beside this one", exc_info=True)
        self.end()


class _Maker:
    """A process that makes rows. It has one lot at a time, so that never both sides wait for the other to read."""

    def __init__(self, row: MakesRow) -> None:
        context = get_context("spawn")  # never forked: other readers run in threads of this process
        self._channel, theirs = context.Pipe()
        self._process = context.Process(target=_make, args=(row, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._is_asked = False

    def ask(self, lot: Sequence[Change]) -> None:
        """Raises OSError and EOFError where the process has died."""
        if self._is_asked:  # somebody did not take all
            self.answer()
        self._is_asked = True
        self._channel.send([(change.body, change.position) for change in lot])

    def answer(self) -> "list[Row] | Exception":
        """Raises OSError and EOFError where the process has died."""
        found: list[Row] | Exception = self._channel.recv()
        self._is_asked = False
        return found

    def close(self) -> None:
        self._process.terminate()
        self._process.join()
        self._channel.close()


def _make(row: MakesRow, channel: Connection) -> None:
    """In the process, until nobody asks any more: it ends with the one that started it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    try:
        while True:
            lot = channel.recv()
            try:
                made: list[Row] | Exception = [row(document(load(body), position)) for body, position in lot]
            except Exception as error:
                made = ValueError(f"{type(error).__name__}: {error}")
            channel.send(made)
    except (EOFError, OSError):
        return
