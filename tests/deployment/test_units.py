"""The systemd units of the documents: systemd takes them without a word, and what they start exists and is shut in."""

import subprocess
from pathlib import Path

import click
import pytest

from repository.cli import main
from tests.servers import installed
from tests.servers.front import DEPLOYMENT

pytestmark = pytest.mark.service
UNITS = sorted((DEPLOYMENT / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PROGRAM = "/opt/colophon/bin/colophon"
EXPOSED = 20
"""Tenths of what systemd calls an exposure level: it calls up to 2.0 of 10 well protected."""


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units as they are, but for the place of a program that exists."""
    installed.require(installed.SYSTEMD)
    program = tmp_path / "colophon"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for path in UNITS:
        said = path.read_text(encoding="utf-8").replace(PROGRAM, str(program))
        (tmp_path / path.name).write_text(said, encoding="utf-8")
    return [tmp_path / path.name for path in UNITS]


def test_systemd_takes_the_units_without_a_warning(units: list[Path]) -> None:
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_services_are_shut_in(units: list[Path]) -> None:
    services = [path for path in units if path.suffix == ".service"]
    command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSED}", "--no-pager", *services]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_what_a_service_starts_is_a_command_with_its_options(path: Path) -> None:
    (line,) = [line for line in path.read_text().splitlines() if line.startswith("ExecStart=")]
    program, *words = line.removeprefix("ExecStart=").split()
    assert program == PROGRAM
    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, line
        command = found
    command.make_context(path.stem, words)  # raises UsageError


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_ends_as_the_guide_says(path: Path) -> None:
    lines = path.read_text().splitlines()
    if "Type=oneshot" not in lines:
        assert {"KillMode=mixed", "TimeoutStopSec=30", "Restart=always"} <= {*lines}
