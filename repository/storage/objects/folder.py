"""Objects in a folder: a temporary file, made durable, renamed to its digest (`ab/cd/abcd…`)."""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from repository.errors import NotFound, Unreachable
from repository.storage.durability import storing, sync_folder
from repository.storage.objects.folder_parts import FolderParts
from repository.storage.objects.ownership import MARK, check_mark
from repository.storage.objects.store import Stored

_LOCATION = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}")
"""What we name. Anything else in the folder is somebody else's."""


class FolderStore:
    """See `ObjectStore`. Nothing is ever named by what a client sent."""

    content_addressed = True

    def __init__(self, root: str | Path, *, make: bool = True) -> None:
        """Makes the folder, unless it is to be claimed first: where a disk is not mounted nothing is to be made."""
        self.root = Path(root)
        self._incoming = self.root / "incoming"
        if make:
            self._incoming.mkdir(parents=True, exist_ok=True)
        self.parts = FolderParts(self, self._incoming)
        self._settled: set[Path] = set()
        """Folders whose names we have made durable ourselves."""
        self._owner, self._may_mark, self._is_own = "", False, True

    def claim(self, owner: str, *, new: bool = False, take_over: bool = False) -> None:
        self._owner, self._may_mark, self._is_own = owner, new, False
        if take_over:
            self._mark(replace=True)
        self.require_own()

    def require_own(self) -> None:
        if self._is_own:
            return
        found = self._read_mark()
        if found is None and self._may_mark:
            self._mark(replace=False)
            found = self._read_mark()
        check_mark(found, self._owner, f"The folder {self.root}")
        with storing():
            self._incoming.mkdir(exist_ok=True)
        self._is_own = True

    def _read_mark(self) -> bytes | None:
        try:
            return (self.root / MARK).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreachable(f"The folder of objects can't be read: {error.strerror}.") from error

    def _mark(self, *, replace: bool) -> None:
        """Of two that mark an empty store at once, one wins, and both then read whose it is."""
        with storing():
            self._incoming.mkdir(parents=True, exist_ok=True)
        mark, temporary = self.root / MARK, self._incoming / secrets.token_hex(16)
        try:
            with storing(), temporary.open("xb") as file:
                file.write(f"{self._owner}\n".encode())
                file.flush()
                os.fsync(file.fileno())
            if replace:
                temporary.replace(mark)
            else:
                with suppress(FileExistsError):
                    mark.hardlink_to(temporary)
            sync_folder(self.root)
        finally:
            temporary.unlink(missing_ok=True)

    def put(self, chunks: Iterable[bytes]) -> Stored:
        self.require_own()
        temporary = self._incoming / secrets.token_hex(16)
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        try:
            with storing(), self._begun(temporary) as file:
                for chunk in chunks:
                    sha256.update(chunk)
                    md5.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            with storing():
                location = self._settle(temporary, sha256.hexdigest())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return Stored(sha256.hexdigest(), md5.hexdigest(), size, location)

    def _begun(self, temporary: Path) -> BinaryIO:
        try:
            return temporary.open("xb")
        except FileNotFoundError as error:
            raise Unreachable(f"The folder {self.root} is no more what it was: is it mounted?") from error

    def _settle(self, temporary: Path, digest: str) -> str:
        """Renames to the digest and makes the rename durable: file first, folder second, row third."""
        location = f"{digest[:2]}/{digest[2:4]}/{digest}"
        target = self.root / location
        for folder in (self.root, target.parent.parent, target.parent):
            if folder not in self._settled or not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                sync_folder(folder.parent)  # also where somebody else has made it: it may not be durable yet
                self._settled.add(folder)
        temporary.replace(target)  # over an equal one: the bytes are the same
        sync_folder(target.parent)
        return location

    def open(self, location: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        try:
            stream = (self.root / location).open("rb")
        except FileNotFoundError as error:
            if self._owner:  # else a disk that is away would be told as bytes that never were
                self.reach()
            raise NotFound(f"The stored bytes {location} are missing.") from error
        if start:
            stream.seek(start)
        return stream

    def link(self, location: str, *, media_type: str, disposition: str, seconds: int) -> str:
        return ""

    def exists(self, location: str) -> bool:
        return (self.root / location).exists()

    def reach(self) -> None:
        try:
            os.scandir(self._incoming if self._is_own else self.root).close()
        except OSError as error:
            raise Unreachable(f"The folder of objects can't be read: {error.strerror}.") from error
        if self._owner:
            check_mark(self._read_mark(), self._owner, f"The folder {self.root}")

    def delete(self, location: str) -> None:
        self.require_own()
        try:
            (self.root / location).unlink()
        except FileNotFoundError:
            if self._owner:  # else whoever erases would forget bytes that are on a disk which is away
                self.reach()

    def locations(self) -> Iterator[tuple[str, datetime]]:
        for path in self.root.glob("??/??/*"):
            location = path.relative_to(self.root).as_posix()
            if _LOCATION.fullmatch(location) and (written := _written(path)):
                yield location, written

    def drop_unfinished(self, before: datetime, is_awaited: Callable[[str], bool]) -> int:
        self.require_own()
        old = [path for path in self._incoming.iterdir() if (written := _written(path)) and written < before]
        old = [path for path in old if not is_awaited(path.name)]
        for path in old:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(old)


def _written(path: Path) -> datetime | None:
    """None if it has gone meanwhile."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
