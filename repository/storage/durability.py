"""What makes files durable, and what a full disk is called."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repository.errors import StoreFull

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def storing() -> Iterator[None]:
    """Raises StoreFull where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull("The file store has no more space.") from error
        raise


def sync_folder(path: Path) -> None:
    """Names in the folder outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
