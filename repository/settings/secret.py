"""The instance's secret: made once, rotated by command. What it signed before stays valid for as long as it was to be.

Both files are readable by their owner only. `secret` holds the present one; `secret.old` has a line for each earlier
one, `<when it was replaced, seconds since 1970> <secret>`.
"""

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

OLD_SECONDS = 8 * 86_400
"""For so long an earlier secret is kept: longer than what it has signed stays valid (resumption tokens, 7 days)."""


def read_secret(home: Path) -> str:
    """The instance's secret; before `colophon init` has made one, a secret for this process only."""
    path = home / "secret"
    return path.read_text(encoding="ascii").strip() if path.exists() else secrets.token_urlsafe(48)


def old_secrets(home: Path, now: Callable[[], float] = time.time) -> tuple[str, ...]:
    """Earlier secrets, the newest first, without those that are too old for anything to be signed with them."""
    return tuple(secret for replaced, secret in reversed(_old(home)) if int(replaced) > now() - OLD_SECONDS)


def create_secret(home: Path) -> None:
    """Makes the instance's secret unless there is one."""
    path = home / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    _write(descriptor, secrets.token_urlsafe(48) + "\n")


def rotate_secret(home: Path, now: Callable[[], float] = time.time) -> None:
    """Makes a new secret; the present one joins the old ones first, so that a crash loses none."""
    present = read_secret(home)
    kept = [f"{replaced} {secret}" for replaced, secret in _old(home) if int(replaced) > now() - OLD_SECONDS]
    _replace(home / "secret.old", "\n".join([*kept, f"{int(now())} {present}", ""]))
    _replace(home / "secret", secrets.token_urlsafe(48) + "\n")


def _old(home: Path) -> list[tuple[str, str]]:
    path = home / "secret.old"
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return [(replaced, secret) for replaced, _space, secret in (line.partition(" ") for line in lines)]


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    _write(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), text)
    beside.replace(path)


def _write(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
