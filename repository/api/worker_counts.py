"""The files in which web workers count, for Prometheus: room for them is made before they are written, and whatever
is wrong with one, no worker fails for it.

Each worker has one file of each kind, mapped into its memory, in the folder that the supervisor names. A page of such a
file for which the disk has no room would end the worker (SIGBUS): so room is allocated first, and what there is no room
for is not counted.

Specified by: the multiprocess mode of prometheus-client (`mmap_dict.py`).
"""

import fcntl
import json
import os
import shutil
import struct
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import structlog
from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
KINDS = ("counter", "histogram")
"""Of metrics, by which the files are named: `<kind>_<process id>.db`."""
FIRST = 1 << 18
"""Bytes of a new file: all that a worker counts in most repositories. It is doubled as it fills."""
NEEDED = 1 << 15
"""More than one request can add: it has one counter and the buckets of one histogram, each with a name and labels."""
_PREFIX, _LOCK = "metrics-", "supervisor"
"""Of the folders, and the file in each that its supervisor has locked while it lives."""
_DEAD = 0
"""The process id under which the counts of ended workers are kept."""
_NEW, _MERGED = ".new", ".merged"
"""Beside them, while files are added up: the new sums, and the names of the files that are in them."""
_WRONG = (struct.error, ValueError, RuntimeError, TypeError, AttributeError, OSError)
"""What reading a file raises that is no whole one (UnicodeDecodeError and JSONDecodeError are ValueErrors)."""

_log = structlog.get_logger("metrics")


@contextmanager
def folder_of_workers(home: Path) -> Iterator[Mapping[str, str]]:
    """A folder for their files below the instance's, as a variable of their environment; none where there is no room
    for one. Then each worker counts for itself.

    It is not among the temporary files, which the machine clears now and then. What supervisors have left that were
    killed is removed.
    """
    with ExitStack() as held:
        try:
            folder = _new_folder(home / "run", held)
        except OSError as error:
            _log.warning("workers count each for itself", error=str(error))
            yield {}
            return
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        yield {FOLDER: str(folder)}


def _new_folder(run: Path, held: ExitStack) -> Path:
    """Of a name that no other supervisor has; its lock is held until the end, so that none takes it for left behind."""
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(run):  # nobody clears between the folder and its lock
        for left in run.glob(f"{_PREFIX}*"):
            with suppress(OSError), (left / _LOCK).open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(mkdtemp(prefix=_PREFIX, dir=run))
        lock = held.enter_context((folder / _LOCK).open("a"))
        fcntl.flock(lock, fcntl.LOCK_EX)
    return folder


class Room:
    """Room on disk for what this process counts; `more` is called, under a lock, before new keys are written."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._sizes = dict.fromkeys(KINDS, 0)
        self._is_told = False
        self.lock = threading.Lock()

    def more(self) -> bool:
        """Whether NEEDED bytes can be written to the file of each kind without asking the disk for anything."""
        if self._folder is None:
            return True
        try:
            for kind in KINDS:
                self._allocate(kind, self._folder / f"{kind}_{os.getpid()}.db")
        except OSError as error:
            if not self._is_told:
                _log.warning("some requests are not counted", folder=str(self._folder), error=str(error))
            self._is_told = True
            return False
        return True

    def _allocate(self, kind: str, path: Path) -> None:
        """The library doubles a file when it is full, without allocating: it must find it doubled already."""
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = self._sizes[kind] or FIRST
            used = int.from_bytes(os.pread(file, 4, 0), sys.byteorder)
            size = size if used + NEEDED <= size else 2 * size
            if size != self._sizes[kind]:
                os.posix_fallocate(file, 0, size)
                self._sizes[kind] = size
        finally:
            os.close(file)


class WorkerCounts(Collector):
    """The sums over all workers that there are and were. What is broken is left out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        with ExitStack() as held:
            try:
                held.enter_context(_alone(self._folder))
            except FileNotFoundError:  # somebody has cleared it away
                return ()
            merged = {path for kind in KINDS for path in _merged(self._folder, kind)}
            files = [path for path in self._folder.glob("*_*.db") if path not in merged]
            whole = [str(path) for path in files if _values(path) is not None]
            found: Iterable[Metric] = MultiProcessCollector.merge(whole)
        return found


def begin() -> None:
    """Once in a new worker, before it counts: adds up the files of those that have ended, and removes broken ones.

    So nothing is lost and files do not pile up. Where the disk is full, they stay as they are. Raises nothing.
    """
    name = os.environ.get(FOLDER)
    if name is None:
        return
    folder = Path(name)
    try:
        with _alone(folder):
            for kind in KINDS:
                _keep(folder, kind)
    except OSError as error:
        _log.warning("counts of ended workers stay by themselves", folder=name, error=str(error))


def _keep(folder: Path, kind: str) -> None:
    kept, sums = folder / f"{kind}_{_DEAD}.db", dict[str, float]()
    _remove(_merged(folder, kind), kept)
    ended = [path for path in folder.glob(f"{kind}_*.db") if path != kept and _has_ended(path)]
    for path in (kept, *ended):
        values = _values(path) if path.exists() else {}
        if values is None:
            _log.warning("broken counts are left out", file=path.name)
        for key, value in (values or {}).items():
            sums[key] = sums.get(key, 0.0) + value
    if ended:
        new = kept.with_suffix(_NEW)
        try:
            new.write_bytes(_packed(sums))
            kept.with_suffix(_MERGED).write_text(" ".join(path.name for path in ended))
            new.replace(kept)
        except OSError:
            with suppress(OSError):
                kept.with_suffix(_MERGED).unlink(missing_ok=True)
                new.unlink()
            raise
    _remove(ended, kept)


def _merged(folder: Path, kind: str) -> list[Path]:
    """Files whose counts are among the sums already: whoever added them up was killed before they were removed.

    They are named before the new sums take the place of the old ones: while those wait, nothing is among them yet.
    """
    kept = folder / f"{kind}_{_DEAD}.db"
    named = kept.with_suffix(_MERGED)
    if kept.with_suffix(_NEW).exists() or not named.exists():
        return []
    return [folder / name for name in named.read_text().split()]


def _remove(merged: Iterable[Path], kept: Path) -> None:
    for path in merged:
        path.unlink(missing_ok=True)
    kept.with_suffix(_MERGED).unlink(missing_ok=True)


def _has_ended(path: Path) -> bool:
    """Of a process that had the id which is ours now, too."""
    process = path.stem.rpartition("_")[2]
    return process == str(os.getpid()) or not Path(f"/proc/{process}").exists()


def _values(path: Path) -> dict[str, float] | None:
    """What a file counts; None for one that is broken."""
    try:
        found = {key: value for key, value, _time, _place in MmapedDict.read_all_values_from_file(str(path))}
        for key in found:
            _name, _sample, labels, _help = json.loads(key)
            labels.items()
    except _WRONG:
        return None
    return found


def _packed(values: Mapping[str, float]) -> bytes:
    """A file as the library makes it, by plain writing: a full disk is an error then, and no signal."""
    entries = bytearray()
    for key, value in values.items():
        name = key.encode()
        padded = name + b" " * (8 - (len(name) + 4) % 8)
        entries += struct.pack(f"i{len(padded)}sdd", len(name), padded, value, 0.0)
    return struct.pack("ii", 8 + len(entries), 0) + bytes(entries)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds a lock on the folder itself, which needs no room."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
