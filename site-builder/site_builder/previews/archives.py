"""What is in a ZIP, by the directory at its end. Nothing is unpacked. Specified by: PKWARE APPNOTE.TXT 6.3.10, 4.3."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence

from site_builder.previews.preview import HTML, NOTHING, Draw, Kind, Opened, Preview

_SHOWN = 20
_WIDTH = 120
"""Characters of a name that are shown."""
_DIRECTORY = 1_000_000
"""Bytes of a directory that is read: some ten thousand entries."""
_LARGEST = 2**63 - 1
"""Bytes that an archive is said to hold, whatever its entries claim."""
_ERRORS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OverflowError, IndexError, KeyError, NotImplementedError,
    struct.error, EOFError,
)  # fmt: skip
"""What the library says of what is no ZIP."""


class _TooMuch(ValueError):
    """The directory is larger than what is read."""


class _Parts(io.RawIOBase):
    """A file of which parts are read, and not more than a directory has."""

    def __init__(self, file: Opened) -> None:
        self._file, self._position, self._left = file, 0, 2 * _DIRECTORY

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        self._position = start + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._file.size if size < 0 else min(self._file.size, self._position + size)
        wanted = max(0, end - self._position)
        if wanted > min(_DIRECTORY, self._left):
            raise _TooMuch
        data = self._file.read(self._position, end) if wanted else b""
        self._position += len(data)
        self._left -= len(data)
        return data


def preview(size: int, read: Callable[[int, int], bytes]) -> Preview:
    """Names and sizes as the archive tells them, which may be anything: they are only shown."""
    try:
        with zipfile.ZipFile(_Parts(Opened(size, read))) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except _ERRORS:
        return NOTHING
    return _listing(entries) if entries else NOTHING


def _listing(entries: Sequence[zipfile.ZipInfo]) -> Preview:
    shown: list[tuple[str, int]] = []
    for entry in entries[:_SHOWN]:
        shown.append((_name(entry.filename), entry.file_size))
        if Preview("listing", entries=tuple(shown)).weight > HTML:
            shown.pop()
            break
    if not shown:
        return NOTHING
    octets, total = min(sum(entry.file_size for entry in entries), _LARGEST), len(entries)
    return Preview("listing", "", len(shown), total, entries=tuple(shown), octets=octets, is_whole=len(shown) == total)


def _name(name: str) -> str:
    """What can be written in UTF-8; of a long one the end."""
    name = name.encode("utf-8", "replace").decode()
    return name if len(name) <= _WIDTH else f"…{name[1 - _WIDTH :]}"


def _make(file: Opened, _draw: Draw) -> Preview:
    return preview(file.size, file.read)


KIND = Kind(
    "archive",
    frozenset(("zip", "crate", "jar", "kmz", "mbz")),
    frozenset(("application/zip", "application/x-zip-compressed")),
    2**62,
    _make,
    (__name__,),
)
