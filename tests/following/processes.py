"""Starts reader processes that tests kill or stop.

They are forked by a server process that has loaded little more than the loop: it has no store open and no threads.
"""

import contextlib
import importlib.util
import inspect
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import structlog

from repository.following import Pace, follow
from repository.storage.database import Database

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.following.processes", "repository.storage.models", "psycopg"])


@contextlib.contextmanager
def reader_process(
    make: Callable[[Database, Path], Any], database: Database, folder: Path, pace: Pace
) -> Iterator[ForkServerProcess]:
    """Follows with `make`'s projection, a function of a module, in a process of its own, which is killed at the end."""
    url = database.url.render_as_string(hide_password=False)
    process = _CONTEXT.Process(
        target=_follow, args=(inspect.getfile(make), make.__name__, url, folder, pace), daemon=True
    )
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


def _follow(file: str, name: str, url: str, folder: Path, pace: Pace) -> None:
    """Runs in the new process, until it is killed."""
    structlog.configure(logger_factory=lambda *_arguments: structlog.PrintLogger(sys.stderr))
    spec = importlib.util.spec_from_file_location("made_by", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_by"] = module
    spec.loader.exec_module(module)
    database = Database(url)
    follow(database, getattr(module, name)(database, folder), threading.Event(), pace)


def eventually(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Waits until the condition is true, and returns what it gave; fails after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)
