"""A real `colophon serve` over a copy of an instance, and a look at its processes."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from repository.services import accounts
from repository.services.instance import open_instance
from repository.settings import load
from tests.instances import UNLIMITED
from tests.servers.plain import PLAIN
from tests.servers.postgres import free_port

START_SECONDS = 90.0
STOP_SECONDS = 30.0
PEOPLE = (("owner", False), ("other", False), ("admin", True))
PASSWORD = "correct horse"


@dataclass(frozen=True, slots=True)
class Process:
    """One process as /proc shows it."""

    id: int
    parent: int
    command: str


@dataclass(slots=True)
class ColophonServer:
    """Started by `start`, stopped by `stop`; whatever is left of its processes is then killed, each by its id."""

    home: Path
    overrides: Mapping[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    tokens: dict[str, str] = field(default_factory=dict)
    """A bearer token for each of PEOPLE, by name."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables of its processes, beside those of the suite."""
    log_folder: Path | None = None
    """Where its log goes; beside its home if not said."""
    process: subprocess.Popen[bytes] | None = None
    readers_beside: int = 0
    """Processes of readers beside that of the server: they wait until they may lead."""
    beside: list[subprocess.Popen[bytes]] = field(default_factory=list)
    seen: dict[int, Process] = field(default_factory=dict)
    """All of its processes that were ever looked at: one that has lost its parent is ended too."""

    @classmethod
    def over(cls, template: Path, home: Path, readers_beside: int = 0, **overrides: Any) -> Self:
        """A server over a copy of an instance, in which there are PEOPLE; settings with `__` for their dot.

        Requests are not limited unless it is said.
        """
        shutil.copytree(template, home)
        server = cls(home, {name.replace("__", "."): value for name, value in {**UNLIMITED, **overrides}.items()})
        server.readers_beside = readers_beside
        instance = open_instance(load(home, environment={}, overrides=server.overrides))
        for name, admin in PEOPLE:
            accounts.create_account(instance, f"{name}@example.org", PASSWORD, admin=admin)
            server.tokens[name] = accounts.create_token(instance, f"{name}@example.org")
        instance.close()
        return server

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return (self.log_folder or self.home.parent) / f"{self.home.name}.log"

    def start(self) -> None:
        """Raises AssertionError with the log if it does not come up."""
        self.process = self.run("serve")
        self.wait_for(lambda: self.status("/readyz") == 200, START_SECONDS)
        self.beside = [self.run("projections", "run") for _number in range(self.readers_beside)]

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        """A command on the instance, its output in the log."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
        environment |= self.environment
        settings = {"home": str(self.home), "serve.port": str(self.port), **self.overrides}
        environment |= {f"COLOPHON_{name.replace('.', '_').upper()}": str(value) for name, value in settings.items()}
        with self.log.open("ab") as log:
            command = Path(sys.executable).parent / "colophon"
            return subprocess.Popen([command, *words], env=environment, stdout=log, stderr=log)

    def stop(self) -> list[Process]:
        """SIGTERM; returns the processes that were left after STOP_SECONDS, which are killed."""
        if self.process is None:
            return []
        self.processes()
        started = [self.process, *self.beside]
        for process in started:
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            for process in started:
                process.wait(STOP_SECONDS)
        left = [found for found in self.seen.values() if is_running(found)]
        for found in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.id, signal.SIGKILL)
        for process in started:
            process.wait()
        self.process, self.beside = None, []
        return left

    def kill(self) -> None:
        """SIGKILL to all of its processes, as a loss of power ends them."""
        for found in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.id, signal.SIGKILL)
        assert self.process is not None
        for process in (self.process, *self.beside):
            process.wait()
        self.process, self.beside = None, []

    def get(self, path: str, who: str = "", **options: Any) -> httpx.Response:
        """One request, by one of PEOPLE or nobody."""
        return self.request("GET", path, who, **options)

    def request(self, method: str, path: str, who: str = "", **options: Any) -> httpx.Response:
        headers = dict(options.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        url = path if path.startswith("http") else f"{self.base}{path}"
        return httpx.request(method, url, headers=headers, timeout=options.pop("timeout", 60), verify=PLAIN, **options)

    def status(self, path: str) -> int:
        """Of a GET; 0 if nobody answers."""
        with contextlib.suppress(httpx.TransportError):
            return self.get(path, timeout=10).status_code
        return 0

    def processes(self) -> list[Process]:
        """The supervisor, the readers beside it, and all their descendants."""
        assert self.process is not None
        everybody = list(_running())
        started = {self.process.pid, *(process.pid for process in self.beside)}
        tree = [process for process in everybody if process.id in started]
        for above in tree:  # grows while it is walked
            tree += [process for process in everybody if process.parent == above.id]
        self.seen |= {process.id: process for process in tree}
        return tree

    def wait_for(self, condition: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Waits until the condition gives something true, and returns it; fails with the end of the log."""
        deadline = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            assert self.process is not None
            assert self.process.poll() is None, f"the server ended:\n{self.end_of_log()}"
            assert time.monotonic() < deadline, f"it did not come to pass:\n{self.end_of_log()}"
            time.sleep(0.1)

    def end_of_log(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]


@contextlib.contextmanager
def running(server: ColophonServer) -> Iterator[ColophonServer]:
    """Started, and stopped at the end of the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def is_running(process: Process) -> bool:
    """Whether this very process, not another one of its id, is still there; one that only waits to be reaped is not.

    Of one that was killed the first thread may be gone before the others, which hold its sockets until they are too:
    then it has no command any more.
    """
    return any(other.id == process.id and other.command in (process.command, "") for other in _running())


def _running() -> Iterator[Process]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(") ")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if state != "Z" or len(list((folder / "task").iterdir())) > 1:
                yield Process(int(folder.name), int(parent), command)
