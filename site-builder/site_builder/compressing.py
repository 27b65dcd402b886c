"""Files compressed beforehand, as `<file>.gz` and `<file>.br` beside those that are served: web servers only send them.

They are made after a generation is switched to, and after a change is written, when there is nothing else to do; by a
thread, as compressing leaves the interpreter to others. The file without suffix is the truth. Whoever writes or removes
it removes first what was made of it (`Output`), and what the thread makes of a file is put beside it by the one that
writes files, if that file is still the one it was made of. So no old bytes are beside new ones, whenever a process is
killed. Nothing is noted: what lacks is found by looking through the folders, once for each leader.

Specified by: RFC 1952 (gzip; without time and name, so that a file always gives the same bytes), RFC 7932 (Brotli).
"""

import contextlib
import gzip
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, count, islice

import brotli
import structlog

from site_builder.output import COMPRESSED, LEAST, Output

log = structlog.get_logger("site")

_WAYS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    (".gz", partial(gzip.compress, compresslevel=6, mtime=0)),
    (".br", partial(brotli.compress, quality=5)),
)
_AT_ONCE = 500
"""Files: what is made of them is on the disk before it is beside them, and one sync does for all."""
_PAUSE = 60.0
"""Seconds after a failure, such as a full disk."""
_DENSE = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".woff2", ".pdf", ".zip")
"""What compressing only makes longer."""


@dataclass(frozen=True, slots=True)
class _Made:
    """The compressed bytes of a file, in another place."""

    unfinished: str
    path: str
    suffix: str
    origin: tuple[int, int, int]
    """Which file it was made of, see `_identity`."""


class Compressing:
    """For the generation that is served. For one thread, beside its own."""

    def __init__(self, output: Output, *, is_wanted: bool) -> None:
        self._output = output
        self._is_wanted = is_wanted
        self._root = ""
        self._walk: Iterator[str] = iter(())
        self._is_done = True
        self._numbers = count()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._made: list[_Made] = []
        self._error: OSError | None = None
        self._next = 0.0

    def begin(self, generation: str) -> None:
        """Looks through the whole generation from now on."""
        self.end()
        self._root = f"{self._output.folder}/{generation}/"
        self._output.take_fresh()
        self._walk, self._is_done = _lacking(self._root, "", is_wanted=self._is_wanted), False

    def step(self) -> bool:
        """Puts into place what was made, and has more made; whether there is more to do, now or in a moment."""
        if self._thread is not None:
            if self._thread.is_alive():
                return True
            self._settle()
        fresh = self._output.take_fresh()
        if fresh is None:
            self.begin(self._root.rstrip("/").rpartition("/")[2])
        paths = sorted(fresh or ()) if self._is_wanted else []
        if (self._is_done and not paths) or time.monotonic() < self._next:
            return False
        self._thread = threading.Thread(target=self._work, args=(paths,), name="site compression", daemon=True)
        self._thread.start()
        return True

    def end(self) -> None:
        """What is half made is left alone."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._thread, self._is_done = None, True
        self._stopped.clear()
        for made in self._made:
            os.unlink(made.unfinished)  # noqa: PTH108 — thousands of them
        self._made = []

    def _settle(self) -> None:
        self._thread = None
        for made in self._made:
            if _identity(self._root + made.path) == made.origin:
                os.replace(made.unfinished, self._root + made.path + made.suffix)  # noqa: PTH105
            else:
                os.unlink(made.unfinished)  # noqa: PTH108
        self._made = []
        if self._error is not None:
            log.warning("files are not compressed for now", error=str(self._error))
            self._error, self._next = None, time.monotonic() + _PAUSE
            self.begin(self._root.rstrip("/").rpartition("/")[2])

    def _work(self, fresh: Sequence[str]) -> None:
        """In the thread."""
        made: list[_Made] = []
        try:
            looked_at = 0
            for path in chain(fresh, islice(self._walk, max(0, _AT_ONCE - len(fresh)))):
                if self._stopped.is_set():
                    break
                looked_at += 1
                for one in self._compressed(path) if self._is_wanted else self._removed(path):
                    made.append(one)
            self._is_done = looked_at < _AT_ONCE
            if made:
                os.sync()
        except OSError as error:
            self._error = error
            for one in made:
                os.unlink(one.unfinished)  # noqa: PTH108 — what fills a disk is taken from it again
        self._made = made if self._error is None else []

    def _compressed(self, path: str) -> Iterator[_Made]:
        with contextlib.suppress(FileNotFoundError), open(self._root + path, "rb") as file:  # noqa: PTH123
            found = os.fstat(file.fileno())
            if found.st_size <= LEAST or path.lower().endswith(_DENSE):
                return
            data = file.read()
            for suffix, compress in _WAYS:
                unfinished = f"{self._output.unfinished}/{next(self._numbers)}{suffix}"
                try:
                    with open(unfinished, "wb") as target:  # noqa: PTH123
                        target.write(compress(data))
                except OSError:
                    with contextlib.suppress(OSError):
                        os.unlink(unfinished)  # noqa: PTH108
                    raise
                yield _Made(unfinished, path, suffix, (found.st_ino, found.st_mtime_ns, found.st_size))

    def _removed(self, path: str) -> tuple[()]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._root + path)  # noqa: PTH108
        return ()


def _identity(path: str) -> tuple[int, int, int] | None:
    """Another one for each file that is renamed into its place; none where there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _lacking(root: str, folder: str, *, is_wanted: bool) -> Iterator[str]:
    """Files that have not been compressed; if that is not wanted, those that it was done to and what came of it.
    However many there are, only the names of one folder are in memory."""
    names = set()
    with contextlib.suppress(FileNotFoundError), os.scandir(root + folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _lacking(root, f"{folder}{entry.name}/", is_wanted=is_wanted)
            else:
                names.add(entry.name)
    for name in sorted(names):
        if name.endswith(COMPRESSED) != is_wanted and not (
            is_wanted and all(name + suffix in names for suffix in COMPRESSED)
        ):
            yield folder + name
