"""Readers that have far to go, each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from repository.projections import NAMES
from tests.cli.shell import Shell
from tests.cli.test_commands import DOCUMENT

pytestmark = pytest.mark.long

RUN = ["projections", "run", "--until-current", "--json"]
FAR = "from repository.cli import catching_up, main; catching_up.FAR = 2; "
KILLED = """
import os, signal
real = catching_up.run_until_current
def run(database, projections, *rest):
    if projections[0].name == "ld":
        os.kill(os.getpid(), signal.SIGKILL)
    return real(database, projections, *rest)
catching_up.run_until_current = run
"""
AWAY = """
import os
from repository.errors import Unreachable
real, parent = catching_up.open_instance, os.getpid()
def open_instance(settings):
    if (os.getpid() == parent) == ("{where}" == "parent"):
        raise Unreachable("The database does not answer.")
    return real(settings)
catching_up.open_instance = open_instance
"""


def command(home: Path, program: str, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    """Exit code, and what was printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nmain()", *arguments],
        env={**os.environ, "COLOPHON_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def home(instance_template: Path, tmp_path: Path) -> Path:
    """Of an instance with three records that no reader has seen."""
    documents = tmp_path / "documents.jsonl"
    documents.write_text("".join(json.dumps({**DOCUMENT, "doi": f"10.1234/{n}"}) + "\n" for n in range(3)))
    Shell.over(instance_template, tmp_path)("records", "import", str(documents), "--json")
    return tmp_path / "instance"


def test_each_reader_reaches_the_head_in_its_own_process(home: Path) -> None:
    code, outcomes = command(home, FAR, *RUN)
    assert code == 0
    expected = [{"projection": name, "position": 3, "head": 3, "taken": 3, "parked": 0} for name in NAMES]
    assert outcomes == expected
    pages = list((home / "static-build" / "current" / "records").glob("*/index.html"))
    assert len(pages) == 3
    assert [reader["leader"] for reader in command(home, FAR, "projections", "list", "--json")[1]] == [""] * len(NAMES)


def test_a_process_that_dies_is_told_and_the_others_go_on(home: Path) -> None:
    code, outcomes = command(home, FAR + KILLED, *RUN)
    assert code == 1
    assert {str(one["projection"]): one.get("error", "") for one in outcomes} == {
        name: "its process has died" if name == "ld" else "" for name in NAMES
    }
    assert command(home, FAR, *RUN)[0] == 0


@pytest.mark.parametrize("where", ["parent", "readers"])
def test_a_database_that_is_away_is_exit_code_3_and_leaves_no_process(home: Path, where: str) -> None:
    code, outcomes = command(home, FAR + AWAY.format(where=where), *RUN)
    assert code == 3
    assert [one["error"] for one in outcomes] == ["The database does not answer."] * (0 if where == "parent" else 4)
    assert command(home, FAR, *RUN)[0] == 0
