"""Uploads in parts to a folder: each part is a file below `incoming/`, durable when it is acknowledged."""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from repository.errors import InvalidInput, NotFound, Unreachable
from repository.storage.durability import storing, sync_folder
from repository.storage.objects.store import GONE, Stored, Upload, check_parts

if TYPE_CHECKING:
    from repository.storage.objects.folder import FolderStore

_BLOCK = 1 << 20
_COMPLETE = "complete"
"""Stands in the folder of an upload whose sending has ended: it waits to be hashed, however long that takes."""


class FolderParts:
    """See `PartUploads`."""

    least = 1
    direct = False

    def __init__(self, store: "FolderStore", incoming: Path) -> None:
        self._store, self._incoming = store, incoming

    def begin(self) -> Upload:
        self._store.require_own()
        name = f"parts-{secrets.token_hex(16)}"
        with self._asking(InvalidInput), storing():
            (self._incoming / name).mkdir()
            sync_folder(self._incoming)
        return {"folder": name}

    def links(self, upload: Upload, sizes: Sequence[int], seconds: int) -> list[str]:
        return []

    def put(self, upload: Upload, number: int, chunks: Iterable[bytes], size: int) -> None:
        self._store.require_own()
        folder = self._incoming / upload["folder"]
        temporary = folder / f"{number}-{secrets.token_hex(8)}"
        with self._asking(InvalidInput):
            try:
                with storing(), temporary.open("xb") as file:
                    _write(file, number, chunks, size)
                    temporary.replace(folder / f"{number}")
                    sync_folder(folder)
            finally:
                temporary.unlink(missing_ok=True)

    def complete(self, upload: Upload, sizes: Sequence[int]) -> None:
        self._store.require_own()
        folder = self._incoming / upload["folder"]
        with self._asking(InvalidInput):
            check_parts(_sizes(folder), sizes)
            with storing():
                (folder / _COMPLETE).touch()
                sync_folder(folder)

    def read(self, upload: Upload, step: Callable[[], object]) -> Stored:
        """Copies the parts into one object, which needs as much space again until `forget`."""
        folder = self._incoming / upload["folder"]

        def content() -> Iterator[bytes]:
            for path in paths:
                with path.open("rb") as file:
                    while block := file.read(_BLOCK):
                        step()
                        yield block

        with self._asking(NotFound):  # it may be forgotten meanwhile by another who has read it
            paths = sorted((path for path in folder.iterdir() if path.name.isdecimal()), key=lambda at: int(at.name))
            return self._store.put(content())

    def forget(self, upload: Upload) -> None:
        shutil.rmtree(self._incoming / upload["folder"], ignore_errors=True)

    def abandon(self, upload: Upload) -> None:
        self.forget(upload)

    def sweep(self, before: datetime) -> int:
        self._store.require_own()
        uploads = [path for path in self._incoming.iterdir() if re.fullmatch(r"parts-[0-9a-f]{32}", path.name)]
        old = [path for path in uploads if not (path / _COMPLETE).exists() and _is_older(path, before)]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return len(old)

    @contextmanager
    def _asking(self, gone: type[InvalidInput | NotFound]) -> Iterator[None]:
        """Raises `gone` where an upload is not there, and Unreachable where it can't be had. What is missing may be all
        of the disk: that the store is asked first."""
        try:
            yield
        except FileNotFoundError as error:
            self._store.reach()
            raise gone(GONE) from error
        except OSError as error:
            self._store.reach()
            raise Unreachable(f"The folder of an upload in parts can't be used: {error.strerror}.") from error


def _write(file: BinaryIO, number: int, chunks: Iterable[bytes], size: int) -> None:
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > size:
            break
        file.write(chunk)
    if received != size:
        more = "more" if received > size else f"{received}"
        raise InvalidInput(f"Part {number} must have {size} bytes; {more} were received.")
    file.flush()
    os.fsync(file.fileno())


def _is_older(path: Path, moment: datetime) -> bool:
    """Not, if it has gone meanwhile."""
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False


def _sizes(folder: Path) -> dict[int, int]:
    """Bytes of the parts that are whole."""
    return {int(path.name): path.stat().st_size for path in folder.iterdir() if path.name.isdecimal()}
