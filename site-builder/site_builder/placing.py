"""Puts a file into the place of another one.

Where `rename` replaces a file, ext4 begins to write the new one to the disk at once and lets who renames wait for that
(`auto_da_alloc`): a millisecond for each of a hundred files. To exchange the two and remove the old one is as atomic,
and is left to the next sync. Which of them a fall of the machine leaves is known by the catalogue, see `syncing`.
"""

import ctypes
import errno
import os
from collections.abc import Callable

_HERE = -100
"""AT_FDCWD: paths are relative to the working directory, unless they are absolute."""
_EXCHANGE = 2
"""RENAME_EXCHANGE of renameat2(2)."""
_NOT_HERE = (errno.EINVAL, errno.ENOSYS, errno.EPERM)
"""What a kernel or a file system says that can't exchange files."""


def _found() -> Callable[..., int] | None:
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return function


_renameat2 = _found()


def place(unfinished: str, target: str) -> None:
    """Moves a file to where it belongs; who opens the target gets the old or the new one, whole. Raises OSError."""
    failed = errno.ENOSYS
    if _renameat2 is not None:
        done = _renameat2(_HERE, os.fsencode(unfinished), _HERE, os.fsencode(target), _EXCHANGE)
        if done == 0:
            os.unlink(unfinished)  # noqa: PTH108 — the old one; who reads it can go on
            return
        failed = ctypes.get_errno()
    if failed not in (errno.ENOENT, *_NOT_HERE):
        raise OSError(failed, os.strerror(failed), target)
    os.replace(unfinished, target)  # noqa: PTH105 — pathlib takes longer than the system does
