"""A real `colophon serve` in a temporary instance, for tests that are its clients."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.instances import UNLIMITED
from tests.servers.plain import PLAIN

COMMAND = Path(sys.executable).parent / "colophon"
START_SECONDS = 180.0
STOP_SECONDS = 30.0
READERS_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, and how to ask it in the shell."""

    home: Path
    base: str
    variables: dict[str, str]
    """The environment of its commands."""

    def colophon(self, *arguments: str) -> str:
        """Runs a command on the instance; returns what it prints."""
        done = subprocess.run([COMMAND, *arguments], env=self.variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def token(self, email: str) -> str:
        return self.colophon("accounts", "token", email).split()[-1]

    def wait_for_readers(self) -> None:
        """Until every reader has read what is in the log now."""
        until(READERS_SECONDS, lambda: all(reader["lag"] == 0 for reader in self.status()), "the readers lag behind")

    def status(self) -> list[dict[str, object]]:
        return list(httpx.get(f"{self.base}/api/status", timeout=30, verify=PLAIN).json()["projections"])


@contextlib.contextmanager
def served(home: Path) -> Iterator[Served]:
    """An empty instance on a free port, with a depositor `ada@example.org` and an admin `ben@example.org`."""
    port = free_port()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
    variables |= {"COLOPHON_HOME": str(home), "COLOPHON_SERVE_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    variables |= {f"COLOPHON_{name.replace('__', '_').upper()}": limit for name, limit in UNLIMITED.items()}
    service = Served(home, f"http://127.0.0.1:{port}", variables)
    service.colophon("init", "--admin", "ben@example.org")
    service.colophon("accounts", "create", "ada@example.org")
    process = subprocess.Popen([COMMAND, "serve"], env=variables)
    try:
        until(START_SECONDS, lambda: answers(f"{service.base}/readyz"), "the server does not start")
        yield service
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, timeout=30, verify=PLAIN).status_code == 200
    return False


def until(seconds: float, condition: Callable[[], bool], failure: str) -> None:
    """Waits for a condition, looking ten times a second."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure
        time.sleep(0.1)
