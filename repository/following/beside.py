"""What readers make of many records, made by processes beside this one while a generation is filled.

To make it takes more of the processor than all the rest of a rebuild. Not an executor of the standard library: of
Python 3.11 one waits for ever where a process is killed while it takes something.
"""

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

import structlog

from repository.errors import Unreachable
from repository.following.failures import describe, is_of_the_store
from repository.following.pace import collect_seldom

log = structlog.get_logger("following")

Given = TypeVar("Given")
Made = TypeVar("Made")
Works = Callable[[list[Any]], list[Made]]
"""Makes all of a lot."""


class Beside(Generic[Given, Made]):
    """Makes things here or, between `begin` and `end`, beside. For one thread."""

    def __init__(
        self,
        here: Callable[[Sequence[Given]], list[Made]],
        pack: Callable[[Given], Any],
        there: Callable[[], Works[Made]],
        *,
        processes: int,
        worth_it: int,
        lot: int = 50,
    ) -> None:
        """`there`: a function of a module, or a `partial` of one, which each process calls once and which gives what
        makes a lot of what was packed. Fewer things than `worth_it` are made here."""
        self._here, self._pack, self._there = here, pack, there
        self._processes, self._worth_it, self._lot = processes, worth_it, lot
        self._workers: list[_Worker[Made]] = []
        self._is_filling = False

    def begin(self) -> None:
        """From now on much comes; processes are started with the first of it."""
        self._is_filling = self._processes > 1

    def end(self) -> None:
        self._is_filling = False
        for worker in self._workers:
            worker.close()
        self._workers = []

    def lots(self, given: Sequence[Given]) -> Iterable[list[Made]]:
        """In the order given, in lots: the first of them are being made beside when this returns. Raises, at the
        latest when the lots are taken, what making raises."""
        self._settle()
        if not self._is_filling or len(given) < self._worth_it:
            return [self._here(given)]
        size = min(self._lot, -(-len(given) // self._processes))
        lots = [given[start : start + size] for start in range(0, len(given), size)]
        try:
            while len(self._workers) < self._processes:
                self._workers.append(_Worker(self._there))
            for worker, lot in zip(self._workers, lots, strict=False):
                worker.ask(self._packed(lot))
        except (OSError, EOFError, AssertionError):  # the last: this process may not have any
            self._go_on_alone()
        return self._taken(lots)

    def _packed(self, lot: Sequence[Given]) -> list[Any]:
        return [self._pack(one) for one in lot]

    def _taken(self, lots: list[Sequence[Given]]) -> Iterator[list[Made]]:
        for number, lot in enumerate(lots):
            if not self._workers:
                yield self._here(lot)
                continue
            worker, following = self._workers[number % self._processes], number + self._processes
            try:
                made = worker.answer()
                if following < len(lots) and not isinstance(made, Exception):
                    worker.ask(self._packed(lots[following]))
            except (OSError, EOFError):  # no record's fault: a process was killed
                self._go_on_alone()
                made = self._here(lot)
            if isinstance(made, Exception):
                self._settle()
                raise made
            yield made

    def _settle(self) -> None:
        """Nothing is being made any more: what is made again must not be written by two at once."""
        try:
            for worker in self._workers:
                worker.settle()
        except (OSError, EOFError):
            self._go_on_alone()

    def _go_on_alone(self) -> None:
        log.warning("this process goes on without processes beside it", exc_info=True)
        self.end()


class _Worker(Generic[Made]):
    """A process that makes things. It has one lot at a time, so that never both sides wait for the other to read."""

    def __init__(self, there: Callable[[], Works[Made]]) -> None:
        context = get_context("spawn")  # never forked: other readers run in threads of this process
        self._channel, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(there, theirs), daemon=True)
        try:
            self._process.start()
        finally:
            theirs.close()
        self._is_asked = False

    def ask(self, lot: list[Any]) -> None:
        """Raises OSError where the process has died."""
        self._is_asked = True
        self._channel.send(lot)

    def answer(self) -> list[Made] | Exception:
        """Raises OSError and EOFError where the process has died."""
        found: list[Made] | Exception = self._channel.recv()
        self._is_asked = False
        return found

    def settle(self) -> None:
        """Waits for what somebody has asked for and not taken. Raises as `answer` does."""
        if self._is_asked:
            self.answer()

    def close(self) -> None:
        self._process.terminate()
        self._process.join()
        self._channel.close()


def _work(there: Callable[[], Works[Made]], channel: Connection) -> None:
    """In the process, until nobody asks any more: it ends with the one that started it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    works = there()
    with contextlib.suppress(EOFError, OSError):
        while True:
            lot = channel.recv()
            channel.send(_made(works, lot))


def _made(works: Works[Made], lot: list[Any]) -> list[Made] | Exception:
    """An error is told in words: not every one can be sent. But it stays the store's fault or the record's."""
    try:
        return works(lot)
    except Exception as error:
        return Unreachable(describe(error)) if is_of_the_store(error) else ValueError(describe(error))
