"""The wheel alone is enough: in an empty environment and an empty folder, `colophon demo` comes up from it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docs.served import free_port, until
from tests.servers.plain import PLAIN

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300.0
STOP_SECONDS = 40.0
LAST_LINE = "Ctrl-C"

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`colophon` in an environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    uv("venv", "--python", sys.executable, folder / "venv")
    uv("pip", "install", "--python", folder / "venv" / "bin" / "python", wheel)
    return folder / "venv" / "bin" / "colophon"


def uv(*arguments: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uv", *arguments], env=clean(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def clean() -> dict[str, str]:
    """The environment without what would lead to this checkout."""
    drop = ("COLOPHON_", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(drop)}


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a demo is, and what it has printed until it was up."""

    base: str
    output: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.base}{path}", timeout=30, verify=PLAIN)

    @property
    def tokens(self) -> list[str]:
        return re.findall(r"token (\S+)", self.output)


@contextlib.contextmanager
def demo(command: Path, folder: Path) -> Iterator[Demo]:
    """`colophon demo` in `folder`, ended as a human does it."""
    port = free_port()
    path = folder / f"printed-{port}.txt"
    with path.open("wb") as printed:
        process = subprocess.Popen(
            [command, "demo", "--port", f"{port}"],
            cwd=folder,
            env=clean(),
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Demo(f"http://127.0.0.1:{port}", until_up(process, path))
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until_up(process: subprocess.Popen[bytes], path: Path) -> str:
    """What it prints up to the line that says how to end it."""

    def is_up() -> bool:
        assert process.poll() is None, f"the demo ended:\n{path.read_text(encoding='utf-8')}"
        return LAST_LINE in path.read_text(encoding="utf-8")

    until(START_SECONDS, is_up, "the demo does not come up")
    return path.read_text(encoding="utf-8")


def test_wheel_holds_everything_that_is_no_code(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for pattern in (
        r"repository/samples/records/.+\.json",
        r"repository/samples/files/.+",
        r"repository/vocabularies/.+\.jsonl",
        r"repository/vocabularies/.+\.jsonl\.gz",
        r"repository/schemas/record-v\d+\.json",
        r"repository/storage/migrations/versions/.+\.py",
        r"site_builder/templates/.+\.html",
        r"site_builder/static/.+\.css",
    ):
        assert any(re.fullmatch(pattern, name) for name in names), pattern
    assert not [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/", "static-build/"))]


def test_demo_comes_up_from_the_wheel_alone_and_loads_nothing_the_second_time(command: Path, tmp_path: Path) -> None:
    with demo(command, tmp_path) as first:
        assert (tmp_path / "instance" / "colophon.sqlite").exists()
        for path in ("/", "/api/records", "/oai?verb=Identify"):
            assert f"{first.base}{path}" in first.output
            assert first.get(path).status_code == 200
        assert "/login" in first.output
        assert "<Identify>" in first.get("/oai?verb=Identify").text
        found = first.get("/api/records?size=100").json()["hits"]
        assert found["total"] >= 20
        page = first.get(f"/records/{found['hits'][0]['id']}")
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert roles(first) == [False, True]
        before = counted(first)

    with demo(command, tmp_path) as second:
        after = counted(second)
        assert second.get(f"/records/{found['hits'][0]['id']}").status_code == 200
    assert after["position"] == before["position"]
    assert after["records"] == before["records"]
    assert "sample records" not in second.output


def counted(running: Demo) -> dict[str, Any]:
    """The status, as the admin is told it."""
    headers = {"Authorization": f"Bearer {running.tokens[1]}"}
    found: dict[str, Any] = httpx.get(f"{running.base}/api/status", headers=headers, timeout=30, verify=PLAIN).json()
    return found


def roles(running: Demo) -> list[bool]:
    """For each printed token, whether it opens what only admins may see."""
    answers = [
        httpx.get(
            f"{running.base}/api/status/parked/oai",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            verify=PLAIN,
        )
        for token in running.tokens
    ]
    return [answer.status_code == 200 for answer in answers]
