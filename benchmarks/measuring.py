"""What all measurements share: a fresh instance, a real server, percentiles, and one form of table."""

import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
"""Other people's records, beside the checkout: the measurements on real data need them."""
COLOPHON = [sys.executable, "-c", "from repository.cli import main; main()"]
UNLIMITED = dict.fromkeys(("COLOPHON_LIMITS_GUEST", "COLOPHON_LIMITS_ACCOUNT"), "999999999/hour")
"""Requests are counted as they always are, but never refused."""


@contextmanager
def fresh_home() -> Iterator[Path]:
    """An empty folder for an instance, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="colophon-bench-"))
    try:
        yield folder / "instance"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def command(home: Path, *arguments: str, **settings: str) -> str:
    """Runs a command of the instance; a refusal of some documents (exit code 1) is no failure here."""
    environment = {**os.environ, "COLOPHON_HOME": str(home), **settings}
    done = subprocess.run([*COLOPHON, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


@contextmanager
def serving(home: Path, *options: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real `colophon serve` on a free port: its address and its supervisor."""
    port = free_port()
    environment = {**os.environ, "COLOPHON_HOME": str(home), "COLOPHON_SERVE_PORT": str(port), **UNLIMITED, **settings}
    server = subprocess.Popen([*COLOPHON, "serve", *options], env=environment, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/readyz")
        yield url, server
    finally:
        server.terminate()
        server.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    """Until it answers with 200, for half a minute."""
    for _ in range(300):
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def resident(pid: int) -> int:
    """Memory of one process in bytes: its own and shared one, without mapped files (RssAnon and RssShmem)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon", "RssShmem")))


def descendants(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(status.parent.name)
            found += [child, *descendants(child)]
    return found


def percentile(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=100)[round(share * 100) - 1]


class _Pair:
    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def plus(self, other: int) -> int:
        return self.number + other


def pulse() -> float:
    """Seconds that a fixed piece of Python takes now: on a shared machine runs differ by what others do on it."""
    start = time.perf_counter()
    found: dict[str, int] = {}
    for number in range(600_000):
        key = f"{number}-{_Pair(number).plus(3)}".replace("1", "2")
        found[key] = found.get(key, 0) + len(key.split("-"))
    sorted(found)
    return time.perf_counter() - start


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table for docs/benchmarks.md, with the day, the machine and the command."""
    program = " ".join(["python", str(Path(sys.argv[0]).resolve().relative_to(ROOT)), *sys.argv[1:]])
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, pulse {pulse():.2f} s"
    print(f"\n### {title}\n")
    print(f"{datetime.now(UTC).date()}, `{program}`, {machine}\n")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
