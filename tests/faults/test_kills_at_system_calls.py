"""A process that is killed at any of its calls that make things durable: the next one finds all that was said."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from repository.errors import NotFound
from repository.records.visibility import Viewer
from repository.services import reading, uploads
from repository.services.instance import Instance, open_instance
from repository.settings import load
from tests.conftest import ROOT
from tests.faults.depositor import CONTENT, PARTS
from tests.instances import copy_instance, person
from tests.servers.installed import STRACE, require
from tests.wholeness import assert_files_are_whole, assert_whole

pytestmark = pytest.mark.service

CALLS = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir"

OF_FOLDERS = ("fsync", "rename", "unlinkat")
"""Those by which parts come, become one object, and go."""


def require_strace() -> None:
    require(STRACE)
    traced = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if traced.returncode != 0:
        pytest.skip(f"this machine lets nobody trace a process: {traced.stderr.strip()}")


def run(home: Path, viewer: Viewer, way: str, *strace: str) -> tuple[dict[str, str], int]:
    """The depositor, under strace where asked; what it said by step, and its exit status."""
    command = [*strace, sys.executable, "-m", "tests.faults.depositor", str(home), viewer.account, way]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    said = dict(line.split() for line in done.stdout.splitlines())
    assert done.returncode in (0, 137, -9), done.stderr
    return said, done.returncode


def require_said(instance: Instance, viewer: Viewer, said: dict[str, str]) -> None:
    """What was acknowledged is there, with its bytes."""
    if "published" in said:
        _record, file = reading.file(instance, viewer, said["published"], "data.txt")
    elif "content" in said:
        try:
            file = uploads.read_file(instance, viewer, said["content"], "data.txt")
        except NotFound:  # published already, which it had no time to say
            _record, file = reading.file(instance, viewer, said["content"], "data.txt")
        assert file.completed or "committed" not in said
    else:
        require_parts(instance, viewer, said)
        return
    if file.transfer is not None:
        require_parts(instance, viewer, said)
        return
    with instance.objects.open(file.location) as stream:
        assert stream.read() == CONTENT


def require_parts(instance: Instance, viewer: Viewer, said: dict[str, str]) -> None:
    """Parts that were acknowledged wait whole until all have come and are one object."""
    for number, content in enumerate(PARTS, 1):
        if f"part{number}" in said:
            transfer = uploads.read_file(instance, viewer, said[f"part{number}"], "data.txt").transfer
            assert transfer is not None
            folder = instance.settings.home / "objects" / "incoming" / transfer["upload"]["folder"]
            assert (folder / str(number)).read_bytes() == content


@pytest.mark.parametrize(
    ("way", "steps"), [("whole", ["content"]), ("parts", [*(f"part{n}" for n, _ in enumerate(PARTS, 1)), "content"])]
)
def test_killed_at_any_durable_step_nothing_said_is_lost(
    instance_template: Path, tmp_path: Path, way: str, steps: list[str]
) -> None:
    require_strace()
    template = tmp_path / "template"
    made = copy_instance(instance_template, template)
    viewer = person(made, "owner")
    made.close()
    shutil.copytree(template, tmp_path / "undisturbed")
    log = tmp_path / "calls.txt"
    whole, _ = run(tmp_path / "undisturbed", viewer, way, "strace", "-f", "-o", str(log), "-e", f"trace={CALLS}")
    calls = Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))
    assert list(whole) == ["draft", *steps, "committed", "published"]
    assert calls["rename"] >= 1
    assert calls["fsync"] + calls["fdatasync"] >= 8
    assert way == "whole" or calls["unlinkat"] >= len(PARTS), "parts that are one object now are removed"
    if way == "parts":  # those of the database are tried by the other way
        calls = Counter({call: times for call, times in calls.items() if call in OF_FOLDERS})
    for call, number in [(call, number) for call, times in calls.items() for number in range(1, times + 1)]:
        home = tmp_path / f"{call}{number}"
        shutil.copytree(template, home)
        kill = f"inject={call}:signal=SIGKILL:when={number}"  # strace counts each call's name for itself
        said, status = run(home, viewer, way, "strace", "-f", "-o", os.devnull, "-e", f"trace={call}", "-e", kill)
        assert status != 0, kill
        instance = open_instance(load(home, environment={}))
        require_said(instance, viewer, said)
        instance.close()
        if "published" not in said and not is_published(home, said.get("draft")):
            again, status = run(home, viewer, way)
            assert (status, "published" in again) == (0, True)
        if way == "whole":
            assert_whole(home)
        else:  # what readers make of a record is the same in both ways
            instance = open_instance(load(home, environment={}))
            assert_files_are_whole(instance)
            instance.close()


def is_published(home: Path, draft_id: str | None) -> bool:
    instance = open_instance(load(home, environment={}))
    try:
        return draft_id is not None and bool(reading.read(instance, Viewer(account="1"), draft_id))
    except NotFound:
        return False
    finally:
        instance.close()
