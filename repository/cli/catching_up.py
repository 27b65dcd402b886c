"""Bringing readers to the log's end: in threads, or, where much is to be read, each in a process of its own.

Threads share one interpreter, in which only one of them computes at a time, and a first fill is bound by the processor.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection, wait

from rich.progress import TaskID

from repository.cli.instances import progress
from repository.cli.processes import end_with_parent
from repository.errors import ColophonError
from repository.following import Outcome, ReaderStatus, collect_seldom, run_until_current, status
from repository.projections import NAMES, open_projections
from repository.services.instance import Instance, open_instance
from repository.settings import Settings

FAR = 2000
"""Changes to be read from which processes are worth their start."""
_LOOK = 0.2
"""Seconds between two looks at the readers' progress."""

Show = Callable[[tuple[ReaderStatus, ...]], None]


def is_far(instance: Instance, names: Sequence[str]) -> bool:
    """Whether several readers have a long way to go."""
    far = [reader for reader in status(instance.database, NAMES) if reader.name in names and reader.lag >= FAR]
    return len(far) > 1


def catch_up(instance: Instance, names: Sequence[str], *, quiet: bool) -> tuple[Outcome, ...]:
    """Brings the named readers to the present end of the log, in threads, with progress."""
    with progress(quiet=quiet) as display:
        tasks = {name: display.add_task(name, total=None) for name in names}
        show = _shown(tasks, display.update)
        return run_until_current(instance.database, open_projections(instance, names), progress=show)


def catch_up_beside(settings: Settings, names: Sequence[str], *, quiet: bool) -> tuple[Outcome, ...]:
    """As `catch_up`, each reader in a process. No instance may be open here: an open SQLite file survives no fork."""
    context = multiprocessing.get_context("fork")  # no thread runs yet, and all that they import is here already
    pipes = {name: context.Pipe(duplex=False) for name in names}
    children = {name: context.Process(target=_reader, args=(settings, name, pipes[name][1])) for name in names}
    for name, child in children.items():
        child.start()
        pipes[name][1].close()
    receivers = {name: receiver for name, (receiver, _sender) in pipes.items()}
    instance = open_instance(settings)
    try:
        with progress(quiet=quiet) as display:
            tasks = {name: display.add_task(name, total=None) for name in names}
            show = _shown(tasks, display.update)
            told = _received(receivers, lambda: show(status(instance.database, names)))
        reached = {reader.name: reader for reader in status(instance.database, names)}
        return tuple(told.get(name) or _died(reached[name]) for name in names)
    finally:
        instance.close()
        for child in children.values():
            child.terminate()
            child.join()


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


def _received(receivers: dict[str, Connection], look: Callable[[], None]) -> dict[str, Outcome]:
    """What each process told at its end; nothing of one that died."""
    told, waiting = {}, dict(receivers)
    while waiting:
        for ready in wait(list(waiting.values()), _LOOK):
            name = next(name for name, receiver in waiting.items() if receiver is ready)
            receiver = waiting.pop(name)
            try:
                told[name] = receiver.recv()
            except EOFError:
                continue
        look()
    return told


def _died(reader: ReaderStatus) -> Outcome:
    return Outcome(reader.name, reader.position, reader.head, 0, reader.parked, True, "its process has died", False)


def _reader(settings: Settings, name: str, sender: Connection) -> None:
    """The process of one reader. Ctrl-C is the parent's to handle: it ends us by SIGTERM."""
    end_with_parent()
    collect_seldom()
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    try:
        # the others keep the processor busy: pages are rendered here, without processes to start and to send to
        instance = open_instance(replace(settings, site_processes=1))
    except ColophonError:  # the parent meets the same, and says it
        return
    try:
        (outcome,) = run_until_current(instance.database, open_projections(instance, [name]), stop)
        sender.send(outcome)
    finally:
        instance.close()
