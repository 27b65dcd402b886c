"""Files as the readers want them: seekable, without a byte order mark in the way, and never too much in memory."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from repository.formats.reading.intake import Refused

LARGEST = 32 * 1024 * 1024
"""Bytes of one document; what is larger is refused, because a document is held in memory."""
_SPOOL = 1024 * 1024


class Counted:
    """A stream that refuses to go on when one document takes more than `LARGEST` bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > LARGEST:
            raise Refused("document", f"larger than {LARGEST} bytes")
        return data

    def restart(self) -> None:
        """A document has been read; the next one begins."""
        self._read = 0


@contextmanager
def opened(origin: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """The file at a path, or a binary stream; one that can't seek is copied to a temporary file. Raises OSError."""
    if isinstance(origin, Path):
        with origin.open("rb") as stream:
            yield stream
    elif origin.seekable():
        yield origin
    else:
        with tempfile.SpooledTemporaryFile(_SPOOL) as copy:
            shutil.copyfileobj(origin, copy)
            copy.seek(0)
            yield copy
