"""How often somebody has asked in this minute and this hour, counted by all processes of a machine together.

The counts lie in a file of fixed size that every process has mapped. It is cut into buckets of eight slots, a slot for
each who asks; who finds a bucket full takes the slot of the one that has asked least. Locks are the kernel's: it frees
those of a process that is killed, and what that left half-written is a wrong count at most.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
import weakref
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import structlog

from repository.settings import Limit

BUCKETS = 8192
_SLOTS = 8
_LOCKS = 16
"""Parts of the file that are locked by themselves: processes seldom wait for each other."""
_SLOT = struct.Struct("=QIIII")
"""Mark of who asks; minute and count in it; hour and count in it."""
_BUCKET = struct.Struct("=" + "QIIII" * _SLOTS)
_PLACES = range(0, 5 * _SLOTS, 5)
"""Where a slot begins among the numbers of a bucket."""
SIZE = BUCKETS * _BUCKET.size
FILE_NAME = "counters-1"
"""The number is that of the layout."""


def _lock(kind: int) -> list[bytes]:
    """For each part the kernel's `struct flock`. Specified by: fcntl(2), open file description locks (Linux)."""
    return [struct.pack("@hhqqi0q", kind, os.SEEK_SET, part, 1, 0) for part in range(_LOCKS)]


_HOLD, _FREE = _lock(fcntl.F_WRLCK), _lock(fcntl.F_UNLCK)
_log = structlog.get_logger("counters")


class Taken(NamedTuple):
    """What a request has taken from whom it is counted for: the window that has least left."""

    limit: int
    remaining: int
    reset: int
    """When the window ends, in seconds since 1970."""
    is_over: bool


class Counters:
    """Shared by all threads; `folder` is that of the instance's processes."""

    def __init__(self, folder: Path, secret: str) -> None:
        self._key = secret.encode()[: blake2b.MAX_KEY_SIZE]
        self._threads = [threading.Lock() for _ in range(_LOCKS)]
        self._file = -1
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, file)
            os.posix_fallocate(file, 0, SIZE)  # a page that the disk had no room for would end the process
            self._table = mmap.mmap(file, SIZE)
            self._file = file
        except OSError as error:
            _log.warning("limits hold for each process by itself", folder=str(folder), error=str(error))
            self._table = mmap.mmap(-1, SIZE)

    def take(self, who: str, limit: Limit, now: float | None = None) -> Taken | None:
        """Counts a request unless a window is full; None where there is no limit."""
        if limit == (0, 0):
            return None
        moment = int(time.time() if now is None else now)
        minute, hour = moment // 60, moment // 3600
        digest = blake2b(who.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key).digest()
        mark = int.from_bytes(digest, "little") or 1  # 0 is an empty slot
        start = mark % BUCKETS * _BUCKET.size
        lock = mark % _LOCKS
        with self._threads[lock]:
            if self._file >= 0:
                fcntl.fcntl(self._file, fcntl.F_OFD_SETLKW, _HOLD[lock])
            try:
                values = _BUCKET.unpack_from(self._table, start)
                slot = next((slot for slot in _PLACES if values[slot] == mark), None)
                if slot is None:
                    slot = min(_PLACES, key=lambda slot: values[slot + 4] if values[slot + 3] == hour else -1)
                known, its_minute, in_minute, its_hour, in_hour = values[slot : slot + 5]
                in_minute = in_minute if known == mark and its_minute == minute else 0
                in_hour = in_hour if known == mark and its_hour == hour else 0
                windows = (limit.minute, in_minute, 60 * (minute + 1)), (limit.hour, in_hour, 3600 * (hour + 1))
                over = [Taken(most, 0, reset, True) for most, count, reset in windows if most and count >= most]
                if not over:
                    its_place = start + slot // 5 * _SLOT.size
                    _SLOT.pack_into(self._table, its_place, mark, minute, in_minute + 1, hour, in_hour + 1)
            finally:
                if self._file >= 0:
                    fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _FREE[lock])
        left = [Taken(most, most - count - 1, reset, False) for most, count, reset in windows if most]
        return over[-1] if over else min(left, key=lambda taken: taken.remaining)
