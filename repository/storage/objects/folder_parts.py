"""Uploads in parts to a folder: each part is a file below `incoming/`, durable when it is acknowledged."""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from repository.errors import InvalidInput, NotFound
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
        with storing():
            (self._incoming / name).mkdir()
            sync_folder(self._incoming)
        return {"folder": name}

    def links(self, upload: Upload, sizes: Sequence[int], seconds: int) -> list[str]:
        return []

    def put(self, upload: Upload, number: int, chunks: Iterable[bytes], size: int) -> None:
        self._store.require_own()
        folder = self._folder(upload)
        temporary = folder / f"{number}-{secrets.token_hex(8)}"
        received = 0
        try:
            with storing(), temporary.open("xb") as file:
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
                temporary.replace(folder / f"{number}")
                sync_folder(folder)
        except FileNotFoundError as error:
            raise InvalidInput(GONE) from error
        finally:
            temporary.unlink(missing_ok=True)

    def complete(self, upload: Upload, sizes: Sequence[int]) -> None:
        self._store.require_own()
        folder = self._folder(upload)
        try:
            check_parts(_sizes(folder), sizes)
            with storing():
                (folder / _COMPLETE).touch()
                sync_folder(folder)
        except FileNotFoundError as error:
            raise InvalidInput(GONE) from error

    def read(self, upload: Upload, step: Callable[[], object]) -> Stored:
        """Copies the parts into one object, which needs as much space again until `forget`."""
        folder = self._incoming / upload["folder"]
        if not folder.is_dir():
            raise NotFound(GONE)

        def content() -> Iterator[bytes]:
            for path in sorted(
                (path for path in folder.iterdir() if path.name.isdecimal()), key=lambda at: int(at.name)
            ):
                with path.open("rb") as file:
                    while block := file.read(_BLOCK):
                        step()
                        yield block

        try:
            return self._store.put(content())
        except FileNotFoundError as error:  # forgotten by another who has read them
            raise NotFound(GONE) from error

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

    def _folder(self, upload: Upload) -> Path:
        folder: Path = self._incoming / upload["folder"]
        if not folder.is_dir():
            raise InvalidInput(GONE)
        return folder


def _is_older(path: Path, moment: datetime) -> bool:
    """Not, if it has gone meanwhile."""
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False


def _sizes(folder: Path) -> dict[int, int]:
    """Bytes of the parts that are whole."""
    return {int(path.name): path.stat().st_size for path in folder.iterdir() if path.name.isdecimal()}
