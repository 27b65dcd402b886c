"""Whether a place where bytes lie can be reached and written, asked without writing."""

import os
from pathlib import Path

from repository.errors import StoreFull, Unreachable
from repository.storage.objects import FolderStore, ObjectStore


def objects(store: ObjectStore) -> None:
    """Raises Unreachable, StoreFull, WrongSetting."""
    if isinstance(store, FolderStore):
        folder(store.root, must_exist=True)
    store.reach()


def folder(path: Path, *, must_exist: bool = False) -> None:
    """Raises Unreachable where it can't be read and written, or made; StoreFull where its disk has no room left."""
    place = path
    while not must_exist and not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        raise Unreachable(f"The folder {path} is not there, or can't be written.")
    if os.statvfs(place).f_bavail == 0:
        raise StoreFull(f"The disk of {path} has no more space.")
