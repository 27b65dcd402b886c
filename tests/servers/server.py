"""What the servers of the tests have in common: a folder and a port of their own, and an end by their ids."""

import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import httpx

from tests.servers.postgres import free_port

START_SECONDS = 120.0


class Server(ABC):
    """Started on entry; stopped on exit by the ids of its processes, and its folder removed."""

    name: ClassVar[str]

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix=f"colophon-{self.name.lower()}-"))
        self.port = free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @abstractmethod
    def start(self) -> None:
        """Returns when it answers at `port`. Raises RuntimeError with what its processes said if it does not."""

    @property
    def root(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Those first that were started last. Nothing in it is to be kept."""
        for process in reversed(self._processes.values()):
            process.kill()
            process.wait()
        self._processes.clear()

    def run_beside(
        self, name: str, command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Starts a process of the server."""
        with self._said(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(command, cwd=cwd, env=environment, stdout=log, stderr=log)

    def wait_until_it_answers(self, path: str = "/", *, status: int | None = None) -> None:
        """With this status, or with any."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(path, status):
            ended = [name for name, process in self._processes.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                name = ended[0] if ended else list(self._processes)[-1]
                said = self._said(name).read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name}: {name} {'has ended' if ended else 'does not answer'}:\n{said}")
            time.sleep(0.1)

    def _answers(self, path: str, status: int | None) -> bool:
        try:
            return httpx.get(f"{self.root}{path}", timeout=5).status_code == status or status is None
        except httpx.TransportError:
            return False

    def _said(self, name: str) -> Path:
        return self.folder / f"{name}.out"

    def _end(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
