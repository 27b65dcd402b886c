"""Frozen copies of an embedded graph store: the leader publishes them, the processes that answer queries open them.

A copy is a folder of hard links, `snapshots/<generation>.<number>`, and `current` is a symbolic link to the newest.
RocksDB opens some of its files only when a query first needs them, so a copy must stay as long as it is in use: readers
hold a shared lock on the folder, and only folders without one are removed.
"""

import contextlib
import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Store

_CURRENT = "current"
_FOLDER = "snapshots"
_SHARE = 4.0
"""Publishing takes at most one part in five of the time: the pause after it is so many times as long as it was, …"""
_LONGEST_PAUSE = 1.0
"""… but never longer, in seconds."""
_PRUNE_AGAIN = 5.0
"""Seconds until copies that were in use are looked at again."""
_TRIES = 50


def newest(folder: Path) -> Path | None:
    """The published copy; None before the first."""
    path = Path(os.path.realpath(folder / _CURRENT))
    return path if path.is_dir() else None


def has_lost_copy(folder: Path) -> bool:
    """Whether one is named as published and is not there."""
    return (folder / _CURRENT).is_symlink() and newest(folder) is None


def published_generation(folder: Path) -> str:
    """The generation of which the newest copy is; empty before the first."""
    path = newest(folder)
    return path.name.partition(".")[0] if path else ""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[Path | None]:
    """The newest copy, which stays as long as the block lasts; None before the first."""
    descriptor, path = _hold(folder)
    try:
        yield path
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _hold(folder: Path) -> tuple[int | None, Path | None]:
    for _try in range(_TRIES):
        path = newest(folder)
        if path is None:
            return None, None
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                if path.stat().st_ino == os.fstat(descriptor).st_ino:
                    return descriptor, path
            except (BlockingIOError, FileNotFoundError):
                pass
            os.close(descriptor)
        time.sleep(0.01)
    raise BlockingIOError(f"no copy in {folder} can be held")


class Publisher:
    """Makes copies of the leader's store, and removes those that nobody uses any more."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies = folder / _FOLDER
        self._copies.mkdir(parents=True, exist_ok=True)
        self._number = max((_number(path) for path in self._copies.iterdir()), default=0)
        self._next = 0.0
        self._lock = threading.Lock()
        self._pruning: threading.Timer | None = None

    def wait_turn(self) -> None:
        """Pauses so long that publishing does not take most of the time. The changes that come meanwhile are then
        published together."""
        time.sleep(max(0.0, self._next - time.monotonic()))

    def publish(self, store: Store, generation: str) -> None:
        """Makes everything that was written durable, and what queries see from now on."""
        start = time.monotonic()
        with self._lock:
            self._number += 1
            path = self._copies / f"{generation}.{self._number}"
            unfinished = path.with_name(path.name + ".part")
            store.backup(unfinished)
            unfinished.rename(path)
            link = self._folder / f"{_CURRENT}.new"
            link.unlink(missing_ok=True)
            link.symlink_to(Path(_FOLDER) / path.name)
            link.replace(self._folder / _CURRENT)
        now = time.monotonic()
        self._next = now + min(_LONGEST_PAUSE, _SHARE * (now - start))

    def prune(self) -> None:
        """Removes all copies but the newest; those in use soon after they are no longer."""
        with self._lock:
            current = newest(self._folder)
            if not self._copies.is_dir():  # removed with the whole store since this was put off
                return
            removed = [path == current or _remove_unused(path) for path in list(self._copies.iterdir())]
            self._pruning = None
            if not all(removed):
                self._pruning = threading.Timer(_PRUNE_AGAIN, self.prune)
                self._pruning.daemon = True
                self._pruning.start()

    def close(self) -> None:
        with self._lock:
            if self._pruning is not None:
                self._pruning.cancel()


def _number(path: Path) -> int:
    number = path.name.split(".")[1] if "." in path.name else ""
    return int(number) if number.isdigit() else 0


def _remove_unused(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
