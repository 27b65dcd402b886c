"""The processes that `colophon serve` supervises; each imports only what it needs, and ends with its supervisor."""

import ctypes
import os
import signal
import sys
import threading

from repository.cli import logs, reports
from repository.errors import ColophonError
from repository.settings import load

GRACE = 20
"""Seconds that a web worker gets to finish its requests; the operator guide says so."""
BEHIND_REQUESTS = 5
"""By how much the readers are nicer than the web: where processors are scarce, answers come before indexes."""
_PR_SET_PDEATHSIG = 1


def web() -> None:
    """Granian with its WSGI workers."""
    from granian.constants import Interfaces
    from granian.server import Server

    settings = load()
    Server(
        "repository.cli.serve:wsgi",
        factory=True,
        address=settings.serve_host,
        port=settings.serve_port,
        interface=Interfaces.WSGI,
        workers=settings.serve_workers,
        blocking_threads=settings.serve_threads,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
        log_enabled=False,
    ).serve()


def readers() -> None:
    """All projections, and the clock task beside them."""
    from repository.cli.projections import run_for_good
    from repository.projections import NAMES
    from repository.services.instance import open_instance

    stop = stop_on_signal(signal.SIGTERM, signal.SIGINT)
    os.nice(BEHIND_REQUESTS)
    settings = load()
    logs.configure(*reports.begin(settings))
    instance = open_instance(settings)
    run_for_good(instance, NAMES, stop)
    instance.close()


def sparql() -> None:
    """The query service with its children."""
    from repository.ld.sparql_pool import run_pool

    stop = stop_on_signal(signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes: the supervisor ends this one last
    run_pool(load(), stop)


def stop_on_signal(*numbers: signal.Signals) -> threading.Event:
    """What is set when one of them comes: by a thread, since the one that the signal interrupts may just hold the
    event's lock. For the main thread."""
    stop = threading.Event()
    for number in numbers:
        signal.signal(number, lambda _number, _frame: threading.Thread(target=stop.set, daemon=True).start())
    return stop


def end_with_parent() -> None:
    """If the parent is killed without a chance to end its children, the kernel asks this process to end (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


PROCESSES = {"web": web, "readers": readers, "sparql": sparql}

if __name__ == "__main__":
    logs.configure()
    end_with_parent()
    name, supervisor = sys.argv[1:]
    if os.getppid() != int(supervisor):
        sys.exit("The supervisor has gone.")
    try:
        PROCESSES[name]()
    except ColophonError as error:
        sys.exit(error.message)
