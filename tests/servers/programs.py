"""Programs of the operating system that tests need, beyond what `pip` brings."""

import os
import shutil

import pytest

PACKAGES = {"strace": "strace", "faketime": "faketime", "mkfs.ext4": "e2fsprogs", "nginx": "nginx-light"}
"""Program → the Debian package that has it."""


def require(program: str) -> str:
    """Its path. Where it is absent the test is left out, and says how to install it; in CI that is an error."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        _leave_out(f"{program} is not installed: apt-get install {PACKAGES[program]}")
    assert path is not None
    return path


def require_root() -> None:
    """What mounts file systems needs the rights of root."""
    if os.getuid() != 0:
        _leave_out("mounting a file system needs root: sudo make test")


def _leave_out(message: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
