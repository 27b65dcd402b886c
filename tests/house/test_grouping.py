"""Tests of one group run in one process, which pytest-xdist does not see to with this pytest."""

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.conftest import ROOT

CONFTEST = """
from tests.grouping import note_groups, pytest_configure_node, pytest_xdist_make_scheduler

def pytest_collection_modifyitems(config, items):
    note_groups(config, items)
"""
MODULE = """
import os, pathlib, time
import pytest

@pytest.fixture
def ceph():
    return "a server"

@pytest.fixture
def note(request):
    yield
    time.sleep(0.05)  # so that the other process is not always too late
    with pathlib.Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(f"{request.node.name} {os.environ['PYTEST_XDIST_WORKER']}\\n")

@pytest.mark.parametrize("number", range(5))
def test_server(number, ceph, note):
    pass

@pytest.mark.xdist_group("ceph")
def test_marked(note):
    pass

@pytest.mark.parametrize("number", range(5))
def test_of_NAME(number, note):
    pass
"""


@pytest.mark.long
def test_a_server_and_a_module_have_one_process_each(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for name in ("one", "other", "third"):
        (tmp_path / f"test_{name}.py").write_text(MODULE.replace("NAME", name))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", tmp_path, "-n", "3"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(ROOT), "NOTES": str(tmp_path / "notes")}
    done = subprocess.run(
        [*command, "--dist", "loadgroup", "--no-loadscope-reorder"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    processes: dict[str, set[str]] = defaultdict(set)
    for line in (tmp_path / "notes").read_text().splitlines():
        name, worker = line.split()
        processes[name.partition("[")[0]].add(worker)
    assert processes["test_server"] == processes["test_marked"]
    assert {name: len(workers) for name, workers in processes.items()} == dict.fromkeys(processes, 1)
    assert len(set.union(*processes.values())) > 1
