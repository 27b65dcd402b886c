"""Where the parts of linked data meet on one machine: the embedded store's folder, the query service's socket."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

_LONGEST_SOCKET = 100
"""Bytes of a socket's path; the operating systems' limits are 104 and 108 with the closing NUL."""


def is_embedded(url: str) -> bool:
    """Whether the setting `graph` names a folder, not a server."""
    return url.startswith("oxigraph:")


def graph_folder(url: str) -> Path:
    """The folder of the setting `graph`, `oxigraph:///folder`."""
    parts = urlsplit(url)
    return Path(parts.netloc + parts.path)


def socket_path(home: Path) -> Path:
    """The socket of the query service of the instance in `home`.

    Where its path would be too long for a socket, it lies in a short folder for temporary files, which belongs to us.
    """
    path = home / "run" / "sparql.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    name = Path(f"colophon-{os.getuid()}-{mark}") / "sparql.sock"
    path = Path(tempfile.gettempdir()) / name
    return path if len(os.fsencode(path)) <= _LONGEST_SOCKET else Path("/tmp") / name  # noqa: S108 — folder is checked


def make_folder(path: Path) -> None:
    """Makes the socket's folder, for our own eyes only. Raises PermissionError if it is somebody else's."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = path.lstat()
    if status.st_uid != os.getuid() or path.is_symlink():
        raise PermissionError(f"{path} belongs to somebody else")
    path.chmod(0o700)
