"""Bringing readers to the log's end: in threads, or, where much is to be read, each in a process of its own.

Threads share one interpreter, in which only one of them computes at a time, and a first fill is bound by the processor.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from rich.progress import TaskID

from repository.cli.instances import progress
from repository.cli.processes import end_with_parent
from repository.errors import Unreachable
from repository.following import FILLING, PACE, Outcome, ReaderStatus, collect_seldom, run_until_current, status
from repository.projections import NAMES, open_projections
from repository.services.instance import Instance, open_instance
from repository.settings import Settings

FAR = 2000
"""Changes to be read from which processes are worth their start."""
PROCESSORS = len(os.sched_getaffinity(0))
"""That this process may use."""
_LOOK = 0.2
"""Seconds between two looks at the readers' progress."""

Show = Callable[[tuple[ReaderStatus, ...]], None]


def is_far(instance: Instance, names: Sequence[str]) -> bool:
    """Whether several readers have a long way to go."""
    far = [reader for reader in status(instance.database, NAMES) if reader.name in names and reader.lag >= FAR]
    return len(far) > 1


def catch_up(instance: Instance, names: Sequence[str], *, quiet: bool, at_rest: bool = False) -> tuple[Outcome, ...]:
    """Brings the named readers to the present end of the log, in threads, with progress. One alone may have the memory
    that several would have together. `at_rest`: they also do what can wait."""
    collect_seldom()
    pace = FILLING if len(names) == 1 else PACE
    with progress(quiet=quiet) as display:
        tasks = {name: display.add_task(name, total=None) for name in names}
        show = _shown(tasks, display.update)
        readers = open_projections(instance, names)
        return run_until_current(instance.database, readers, pace=pace, progress=show, at_rest=at_rest)


def catch_up_beside(settings: Settings, names: Sequence[str], *, quiet: bool) -> tuple[Outcome, ...]:
    """As `catch_up`, each reader in a process. No instance may be open here: an open SQLite file survives no fork.

    Raises Unreachable where the database is not there.
    """
    children: list[_Child] = []
    try:
        for name in sorted(names, key=NAMES.index, reverse=True):  # the longest first
            children.append(_started(settings, name, children))
        with closing(open_instance(settings)) as instance, progress(quiet=quiet) as display:
            tasks = {name: display.add_task(name, total=None) for name in names}
            show = _shown(tasks, display.update)
            told = _run(children, lambda: show(status(instance.database, names)))
            reached = {reader.name: reader for reader in status(instance.database, names)}
            return tuple(told.get(name) or _died(reached[name]) for name in names)
    finally:
        for child in children:
            child.process.terminate()
        for child in children:
            child.process.join()


@dataclass(frozen=True, slots=True)
class _Child:
    """The process of one reader: it waits for a word on its channel, and says there what it has reached."""

    name: str
    process: ForkProcess
    channel: Connection


def _started(settings: Settings, name: str, earlier: Sequence[_Child]) -> _Child:
    context = multiprocessing.get_context("fork")  # no thread runs yet, and all that they import is here already
    ours, theirs = context.Pipe()
    not_its_own = [ours, *(child.channel for child in earlier)]
    process = context.Process(target=_reader, args=(settings, name, theirs, not_its_own), daemon=True)
    process.start()
    theirs.close()
    return _Child(name, process, ours)


def _run(children: Sequence[_Child], look: Callable[[], None]) -> dict[str, Outcome]:
    """Lets as many run at once as there are processors: more would only disturb each other. Returns what each told at
    its end; nothing of one that died."""
    told: dict[str, Outcome] = {}
    waiting, running = list(children), dict[Connection, str]()
    while waiting or running:
        while waiting and len(running) < PROCESSORS:
            child = waiting.pop(0)
            running[child.channel] = child.name
            with suppress(BrokenPipeError):  # it has died, which is found below
                child.channel.send(len(children))
        for channel in wait(list(running), _LOOK):
            if isinstance(channel, Connection):
                name = running.pop(channel)
                with suppress(EOFError, ConnectionResetError):
                    told[name] = channel.recv()
        look()
    return told


def _shown(tasks: dict[str, TaskID], update: Callable[..., None]) -> Show:
    """Moves the bar of each reader."""

    def show(readers: tuple[ReaderStatus, ...]) -> None:
        for reader in readers:
            if reader.name in tasks:
                filling = reader.building_total > 0
                done = reader.building_done if filling else reader.position
                total = reader.building_total if filling else reader.head
                update(tasks[reader.name], completed=done, total=total)

    return show


def _died(reader: ReaderStatus) -> Outcome:
    return Outcome(reader.name, reader.position, reader.head, 0, reader.parked, False, "its process has died", False)


def _reader(settings: Settings, name: str, channel: Connection, not_its_own: Sequence[Connection]) -> None:
    """The process of one reader. Ctrl-C is the parent's to handle: it ends us by SIGTERM."""
    for other in not_its_own:  # else nobody would see that the parent has gone
        other.close()
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    end_with_parent()
    collect_seldom()
    while not channel.poll(_LOOK):
        if stop.is_set():
            return
    try:
        readers = channel.recv()
    except EOFError:
        return
    # on few processors pages are rendered here, without processes to start and to send to
    processes = max(1, min(settings.site_processes, PROCESSORS - readers + 1))
    try:
        with closing(open_instance(replace(settings, site_processes=processes))) as instance:
            (outcome,) = run_until_current(instance.database, open_projections(instance, [name]), stop, FILLING)
    except Unreachable as error:
        outcome = Outcome(name, 0, 0, 0, 0, False, error.message, True)
    channel.send(outcome)
