"""The folder of the frozen site: one folder for each generation, the link `current`, and beside them what only the
builder needs: `.builder/<generation>.sqlite`, unfinished files, and the lock of the one process that writes.

Files come whole or not at all: written beside, then renamed into their place.
"""

import contextlib
import errno
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from repository.errors import Unreachable
from repository.following import Written
from repository.storage.durability import sync_folder
from site_builder.placing import place

_OWN = ".builder"
_CURRENT = "current"
COMPRESSED = (".gz", ".br")
"""Suffixes of what stands beside a file, compressed, see `compressing`."""
LEAST = 1000
"""Bytes of a file up to which it is not worth the while."""
_FRESH = 20_000
"""Paths that are kept in mind."""
_NAME = re.compile(r"g[0-9a-z]{1,20}")


@dataclass(frozen=True, slots=True)
class Staged:
    """A folder with files that are to be moved to where they belong."""

    folder: str
    files: int
    octets: int


class Output:
    """Paths are relative to a generation's folder, with `/` between segments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unfinished = folder / _OWN / "unfinished"
        self._files = self._octets = 0
        self._fresh = set[str]()
        self._told: Callable[[Path, str, bytes | None], None] | None = None
        self._told_of = ""

    @property
    def written(self) -> Written:
        """What was put into its place since this was made."""
        return Written(self._files, self._octets)

    def take_fresh(self) -> set[str] | None:
        """Files of which nothing compressed is there, put into their places since this was asked the last time; None if
        they were too many to keep in mind."""
        fresh, self._fresh = self._fresh, set()
        return fresh if len(fresh) <= _FRESH else None

    @property
    def own(self) -> Path:
        """Where what only the builder needs lies."""
        return self.folder / _OWN

    def tell(self, generation: str, told: Callable[[Path, str, bytes | None], None] | None) -> None:
        """Of every change of this generation's files `told` learns before it is made: tree, path, and the new bytes, or
        None where the file goes."""
        self._told, self._told_of = told, generation

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process on this machine writes. Raises Unreachable if another one does."""
        self.unfinished.mkdir(parents=True, exist_ok=True)
        with self.holding("lock") as is_alone:
            if not is_alone:
                raise Unreachable(f"Another process writes to {self.folder}.")
            self._sweep()
            yield

    @contextlib.contextmanager
    def holding(self, name: str) -> Iterator[bool]:
        """Whether this process got the lock of this name, which one on this machine has; until the end of the block."""
        self.own.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.own / name, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    def _sweep(self) -> None:
        """Removes what a killed process left unfinished. A tree that is still served stays, even without its
        catalogue."""
        shutil.rmtree(self.unfinished)
        self.unfinished.mkdir()
        trees, catalogues = self._trees(), self._catalogues()
        for generation in trees ^ catalogues:
            if generation != self.current():
                self.drop(generation)

    def current(self) -> str:
        """The generation that is served; empty before the first."""
        try:
            return (self.folder / _CURRENT).readlink().name
        except OSError:
            return ""

    def switch(self, generation: str) -> None:
        """Serves this generation from now on."""
        if self.current() != generation:
            link = self.folder / _OWN / _CURRENT
            link.unlink(missing_ok=True)
            link.symlink_to(generation)
            link.replace(self.folder / _CURRENT)
            sync_folder(self.folder)

    def generations(self) -> list[str]:
        """Those that have both pages and catalogue; one that lacks either is lost."""
        return sorted(self._trees() & self._catalogues())

    def create(self, generation: str) -> None:
        self.tree(generation).mkdir(parents=True)

    def drop(self, generation: str) -> None:
        if self.current() == generation:
            (self.folder / _CURRENT).unlink()
        if self.tree(generation).exists():
            shutil.rmtree(self.tree(generation))
        for suffix in ("-shm", "-wal", ""):
            path = self.catalogue(generation)
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def tree(self, generation: str) -> Path:
        """The folder that a web server serves."""
        return self.folder / generation

    def catalogue(self, generation: str) -> Path:
        return self.folder / _OWN / f"{generation}.sqlite"

    @property
    def previews(self) -> Path:
        """The folder of previews that were made, which outlive the generations; not served."""
        return self.folder / _OWN / "previews"

    def put(self, generation: str, path: str, data: bytes) -> bool:
        """Makes the file hold these bytes; whether it had to be written. Readers see the old or the new one, whole.

        It is on the disk after the next `sync`.
        """
        target = f"{self.folder}/{generation}/{path}"
        if _same(target, data):
            return False
        if self._told is not None and generation == self._told_of:
            self._told(self.tree(generation), path, data)
        unfinished = f"{self.unfinished}/{generation}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            _write(descriptor, data)
        finally:
            os.close(descriptor)
        _remove_compressed(target)
        try:
            place(unfinished, target)
        except FileNotFoundError:
            os.makedirs(target.rpartition("/")[0], exist_ok=True)  # noqa: PTH103 — as in `stage`
            place(unfinished, target)
        self._files += 1
        self._octets += len(data)
        if len(data) > LEAST and len(self._fresh) <= _FRESH:
            self._fresh.add(path)
        return True

    def stage(self, belongs: str, files: Mapping[str, bytes]) -> Staged:
        """Writes files by name to a folder that `adopt` will move to where it belongs; any process may call it."""
        folder = f"{self.unfinished}/{belongs.replace('/', '.')}"
        try:
            os.mkdir(folder)  # noqa: PTH102 — pathlib takes longer than the system does
        except FileExistsError:
            shutil.rmtree(folder)
            os.mkdir(folder)  # noqa: PTH102
        for file, data in files.items():
            target = os.open(f"{folder}/{file}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                _write(target, data)
            finally:
                os.close(target)
        return Staged(folder, len(files), sum(map(len, files.values())))

    def adopt(self, generation: str, staged: Staged, folder: str) -> None:
        """Puts a staged folder in place of whatever is there; for generations that nobody reads yet."""
        target = f"{self.folder}/{generation}/{folder}"
        os.makedirs(f"{self.folder}/{generation}/{folder.rpartition('/')[0]}", exist_ok=True)  # noqa: PTH103
        try:
            os.rename(staged.folder, target)  # noqa: PTH104 — as above
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            shutil.rmtree(target)
            os.rename(staged.folder, target)  # noqa: PTH104
        self._files += staged.files
        self._octets += staged.octets

    def names(self, generation: str, folder: str) -> list[str]:
        """Files of a folder and of those in it, by their paths from there, without those that were made by compressing
        others; none where there is no folder."""
        found: list[str] = []
        self._list(f"{self.folder}/{generation}/{folder}", "", found)
        return found

    def _list(self, folder: str, before: str, found: list[str]) -> None:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        self._list(entry.path, f"{before}{entry.name}/", found)
                    elif not entry.name.endswith(COMPRESSED):
                        found.append(before + entry.name)
        except FileNotFoundError:
            return

    def files(self, generation: str, folder: str) -> list[str]:
        """All files in a folder and below it, as `names` gives them."""
        root = self.tree(generation)
        found = (path for path in (root / folder).rglob("*") if path.suffix not in COMPRESSED and path.is_file())
        return sorted(str(path.relative_to(root)) for path in found)

    def remove(self, generation: str, path: str) -> None:
        """Removes a file, and the folders of which it was the last one."""
        target = self.folder / generation / path
        if self._told is not None and generation == self._told_of and target.exists():
            self._told(self.tree(generation), path, None)
        _remove_compressed(str(target))
        target.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # which is not empty
            for folder in target.parents[: path.count("/")]:
                folder.rmdir()

    @staticmethod
    def sync() -> None:
        """Everything that was written is on the disk. One call for thousands of files: fsync of each takes 1.5 ms."""
        os.sync()

    def _trees(self) -> set[str]:
        if not self.folder.is_dir():
            return set()
        return {path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name) and path.is_dir()}

    def _catalogues(self) -> set[str]:
        return {path.stem for path in (self.folder / _OWN).glob("*.sqlite")}


def _write(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    while written < len(data):  # a disk that is nearly full takes a part, and then raises
        written += os.write(descriptor, memoryview(data)[written:])


def _remove_compressed(target: str) -> None:
    """Before the file is another one, or gone: nobody gets the old one by the compressed form."""
    for suffix in COMPRESSED:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target + suffix)  # noqa: PTH108


def _same(target: str, data: bytes) -> bool:
    try:
        descriptor = os.open(target, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return os.fstat(descriptor).st_size == len(data) and os.read(descriptor, len(data) + 1) == data
    finally:
        os.close(descriptor)
