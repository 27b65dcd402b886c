"""File systems of a test's own, mounted in its folder."""

import contextlib
import fcntl
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers.programs import require, require_root

_SHUTDOWN = 0x8004587D
"""`FS_IOC_SHUTDOWN`: from now on nothing reaches the disk. Specified by: linux/fs.h."""
_WITHOUT_LOG = 2
"""What the journal has in memory is lost as well."""


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk in memory of so many bytes."""
    require_root()
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size}", "none", folder)
    try:
        yield folder
    finally:
        unmount(folder)


def grow(folder: Path, size: int) -> None:
    mount("-o", f"remount,size={size}", folder)


@contextlib.contextmanager
def real_disk(folder: Path, size: int = 256 << 20) -> Iterator[Path]:
    """A file system with a journal on a disk image, whose power can be cut."""
    require_root()
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(size)
    run(require("mkfs.ext4"), "-q", image)
    folder.mkdir()
    mount("-o", "loop", image, folder)
    try:
        yield folder
    finally:
        unmount(folder)


def cut_power(folder: Path) -> None:
    """Nothing that is not on the disk yet will ever be."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _WITHOUT_LOG))
    finally:
        os.close(descriptor)


def start_again(folder: Path) -> None:
    """As a machine does after a loss of power: the journal is played back."""
    unmount(folder)
    mount("-o", "loop", folder.with_suffix(".img"), folder)


def mount(*arguments: str | Path) -> None:
    run("mount", *arguments)


def unmount(folder: Path) -> None:
    """Tried again for some seconds: processes that have just been killed may still hold files open."""
    for attempt in range(50):
        done = subprocess.run(["umount", folder], capture_output=True, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.1 if attempt < 49 else 0)
    raise AssertionError(done.stderr.decode())


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
