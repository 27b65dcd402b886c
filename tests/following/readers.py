"""Runs a notebook's loop in the background of a test."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from repository.following import Pace, follow, status
from repository.following.status import ReaderStatus
from repository.storage.database import Database
from repository.storage.models import Checkpoint
from tests.following.contract import QUICK, SMALL_STEPS
from tests.following.notebook import FolderNotebook, Notebook, TableNotebook

both_kinds = pytest.mark.parametrize("kind", [TableNotebook, FolderNotebook], ids=["table", "folder"])


@contextlib.contextmanager
def following(database: Database, projection: Any, pace: Pace = QUICK) -> Iterator[threading.Event]:
    """Follows in a thread until the block ends; the event stops it earlier."""
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(database, projection, stop, pace))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def state_of(database: Database, projection: Any) -> ReaderStatus:
    return next(reader for reader in status(database, [projection.name]) if reader.name == projection.name)


def is_current(database: Database, projection: Any) -> bool:
    reader = state_of(database, projection)
    return bool(reader.generation) and reader.lag == 0


def rules_of(database: Database, projection: Any) -> str:
    with database.read() as connection:
        query = select(Checkpoint.rules).where(Checkpoint.projection == projection.name)
        return connection.execute(query).scalar_one()


def make(kind: type[Notebook], database: Database, folder: Path) -> Any:
    return kind(database, folder / "notebook")


def stop_after_first_write(database: Database, notebook: Any) -> None:
    """Follows in small steps, and stops as if by SIGTERM while the first batch is being written."""
    stop, write = threading.Event(), notebook.write

    def write_and_stop(*arguments: Any) -> None:
        write(*arguments)
        stop.set()

    notebook.write = write_and_stop
    follow(database, notebook, stop, SMALL_STEPS)
