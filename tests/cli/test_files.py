"""`colophon files check` as an operator and a cron job see it."""

import json
from pathlib import Path

import pytest

from repository.services.instance import open_instance
from repository.settings import load
from tests.cli.shell import Shell
from tests.instances import body, person, published

pytestmark = pytest.mark.long


@pytest.fixture
def shell(instance_template: Path, tmp_path: Path) -> Shell:
    return Shell.over(instance_template, tmp_path)


def test_faulty_bytes_are_named_and_end_the_command_with_1(shell: Shell) -> None:
    home = shell.folder / "instance"
    instance = open_instance(load(home, environment={}))
    record_id = published(instance, person(instance, "owner"), body(), {"a.txt": b"a", "b.txt": b"b"})
    instance.close()
    assert "read 2, bytes 2, blobs 2, checked 2, due 0, faulty 0" in shell("files", "check")
    path = next(path for path in home.glob("objects/??/??/*") if path.read_bytes() == b"a")
    path.write_bytes(b"x")
    assert "read 0" in shell("files", "check"), "nothing is due"
    told = shell.apart("files", "check", "--all", code=1)
    assert f"faulty {path.name} (1 bytes): altered" in told
    assert f"held by {record_id}/a.txt" in told
    done = json.loads(shell("files", "check", "--json", code=1).splitlines()[0])
    assert (done["read"], done["faulty"]) == (1, 1), "what is faulty is looked at each time"
    assert [(entry["sha256"], entry["held_by"]) for entry in done["faults"]] == [(path.name, [f"{record_id}/a.txt"])]
    status = json.loads(shell("status", "--json"))
    assert status["files"] == {"blobs": 2, "checked": 2, "due": 0, "faulty": 1}
    path.write_bytes(b"a")
    done = json.loads(shell("files", "check", "--sweep", "--json"))
    assert (done["faulty"], done["faults"]) == (0, [])
    assert done["swept"] == {"removed": 0, "marked": 0, "orphans": 0, "unfinished": 0}
