"""A folder that the site is published to: the same tree, which another machine or disk may hold."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from repository.errors import Unreachable, WrongSetting
from repository.storage.durability import storing
from site_builder.deploying.target import File, Held, check_site
from site_builder.hosting.facts import COMPRESSED

_OWN = ".colophon"
"""Folder of the mark, and of files that are not finished."""


class FolderTarget:
    """See `Target`. A file has the time of its original: one with the same size and time is the same. What lies
    compressed beside a file is not taken along, and nothing of the kind is left beside a file that has changed."""

    threads = 2

    def __init__(self, folder: Path, site_url: str) -> None:
        self._folder, self._url = folder, site_url
        self._mark = folder / _OWN / "site"
        self._unfinished = folder / _OWN / "unfinished"

    def is_known(self) -> bool:
        try:
            marked = self._mark.read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise Unreachable(f"The folder {self._folder} can't be read: {error.strerror}.") from error
        if marked:  # else one that was killed wrote it
            check_site(marked, self._url, f"The folder {self._folder}", f"{_OWN}/{self._mark.name}")
        return bool(marked)

    def claim(self) -> None:
        is_known = self.is_known()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not is_known and any(path.name != _OWN for path in self._folder.iterdir()):
                raise WrongSetting(
                    f"{self._folder} holds something else than a site. Empty it, or name another folder."
                )
            if self._unfinished.exists():
                shutil.rmtree(self._unfinished)
            self._unfinished.mkdir(parents=True)
            if not is_known:
                self._mark.write_text(f"{self._url}\n", encoding="utf-8")
        except OSError as error:
            raise Unreachable(f"The folder {self._folder} can't be written: {error.strerror}.") from error

    def name_of(self, path: str) -> str:
        return "" if path.rpartition(".")[2] in COMPRESSED else path

    def folders(self) -> list[str]:
        return [entry.name for entry in os.scandir(self._folder) if entry.is_dir() and entry.name != _OWN]

    def held(self, folder: str) -> Iterator[Held]:
        yield from self._held(folder, is_deep=bool(folder))

    def _held(self, folder: str, *, is_deep: bool) -> Iterator[Held]:
        base = f"{folder}/" if folder else ""
        found: list[tuple[str, os.DirEntry[str]]] = []
        with suppress(FileNotFoundError), os.scandir(self._folder / folder) as entries:
            found = [(f"{base}{entry.name}{'/' if entry.is_dir() else ''}", entry) for entry in entries]
        for name, entry in sorted(found, key=lambda pair: pair[0]):
            if not name.endswith("/"):
                found_of = entry.stat(follow_symlinks=False)
                yield Held(name, found_of.st_size, str(found_of.st_mtime_ns))
            elif is_deep:
                yield from self._held(name[:-1], is_deep=True)

    def put(self, data: bytes, time: int, file: File, held: Held | None) -> int:
        target = self._folder / file.name
        if held is not None and held.size == len(data):
            if held.mark == str(time):
                return -1
            if target.read_bytes() == data:
                os.utime(target, ns=(time, time))
                return -1
        with storing():
            unfinished = self._unfinished / hashlib.sha256(file.name.encode()).hexdigest()
            unfinished.write_bytes(data)
            os.utime(unfinished, ns=(time, time))
            target.parent.mkdir(parents=True, exist_ok=True)
            _remove_compressed(target)
            unfinished.replace(target)
        return len(data)

    def remove(self, name: str) -> None:
        path = self._folder / name
        _remove_compressed(path)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # which is not empty
            for folder in path.parents[: name.count("/")]:
                folder.rmdir()

    def finish(self) -> None:
        os.sync()


def _remove_compressed(path: Path) -> None:
    """Before the file is another one, or gone: nobody gets the old one by the compressed form."""
    for suffix in COMPRESSED:
        path.with_name(f"{path.name}.{suffix}").unlink(missing_ok=True)
