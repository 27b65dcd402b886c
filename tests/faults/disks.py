"""File systems of a test's own, mounted in its folder."""

import contextlib
import fcntl
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.installed import EXT4, leave_out, require

_SHUTDOWN = 0x8004587D
"""`FS_IOC_SHUTDOWN`: from now on nothing reaches the disk. Specified by: linux/fs.h."""
_WITHOUT_LOG = 2
"""What the journal has in memory is lost as well."""


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk in memory of so many bytes."""
    _require_root()
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
    _require_root()
    require(EXT4)
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(size)
    run("mkfs.ext4", "-q", image)
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
    """Some machines allow it to nobody: the test is then left out there, in CI too."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, timeout=60, check=False)
    if any(word in done.stderr for word in ("permission denied", "not permitted", "failed to setup loop")):
        pytest.skip(f"this machine allows no mounts: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr


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


def _require_root() -> None:
    if os.getuid() != 0:
        leave_out("mounting a file system needs root: sudo make test")
