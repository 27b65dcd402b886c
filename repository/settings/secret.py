"""The instance's secret, in a file of its own."""

import os
import secrets
from pathlib import Path


def read_secret(home: Path) -> str:
    """The instance's secret; before `colophon init` has made one, a secret for this process only."""
    path = home / "secret"
    return path.read_text(encoding="ascii").strip() if path.exists() else secrets.token_urlsafe(48)


def create_secret(home: Path) -> None:
    """Makes the instance's secret, readable by its owner only, unless there is one."""
    path = home / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(file.fileno())
