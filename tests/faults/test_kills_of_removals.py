"""An erasure and a sweep killed between bytes and their row: no fault is left, and the next one ends it."""

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from repository.records.visibility import SYSTEM
from repository.services import backup, drafts, fixity, sweeping, withdrawal
from repository.services.instance import Instance, open_instance
from repository.settings import load
from repository.storage.models import Blob
from tests.cli.shell import PROGRAM
from tests.conftest import ROOT, row_count
from tests.faults.test_kills_at_system_calls import require_strace
from tests.instances import add_files, body, copy_instance, person, published
from tests.wholeness import assert_whole

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


def run(home: Path, arguments: tuple[str, ...], *strace: str) -> int:
    """A command, under strace where asked; its exit status."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "COLOPHON_HOME": str(home)}
    command = [*strace, *PROGRAM, *arguments]
    done = subprocess.run(
        command, cwd=home.parent, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in (0, 137, -9), done.stderr
    return done.returncode


def kill_around_deletions(template: Path, arguments: tuple[str, ...], then: Callable[[Path], None]) -> None:
    """Kills the command, over a copy of its own each time, as it is about to delete an object, and as it is about to
    write to the database what it has deleted. The row of a blob without bytes is left at least once."""
    home = template.with_name("undisturbed")
    shutil.copytree(template, home)
    log = template.with_name("calls.txt")
    assert run(home, arguments, "strace", "-f", "-o", str(log), "-e", "trace=unlink,pwrite64") == 0
    then(home)
    kills = list(deletions(log.read_text()))
    assert len(kills) >= 4
    rows_alone = 0
    for call, number in kills:
        home = template.with_name(f"{call}{number}")
        shutil.copytree(template, home)
        kill = f"inject={call}:signal=SIGKILL:when={number}"
        status = run(home, arguments, "strace", "-f", "-o", os.devnull, "-e", f"trace={call}", "-e", kill)
        assert status != 0, kill
        rows_alone += without_bytes(home)
        then(home)
    assert rows_alone > 0, "it was never killed in between"


def deletions(calls: str) -> Iterator[tuple[str, int]]:
    """Of what strace has seen: each deletion of an object, and the first write after it, by their numbers."""
    seen, deleted = Counter[str](), False
    for call, path in re.findall(r"^\d+ +(\w+)\((\S*)", calls, re.MULTILINE):
        seen[call] += 1
        if call == "unlink" and "/objects/" in path:
            deleted = True
            yield call, seen[call]
        elif call == "pwrite64" and deleted:
            deleted = False
            yield call, seen[call]


def without_bytes(home: Path) -> int:
    """Rows of blobs whose bytes are gone."""
    instance = open_instance(load(home, environment={}))
    with instance.database.read() as connection:
        locations = connection.execute(select(Blob.location)).scalars().all()
    instance.close()
    return sum(not (home / "objects" / location).exists() for location in locations)


def require_sound(home: Path) -> None:
    """Nothing that is held lacks its bytes, and what is being removed is told by nobody."""
    instance = open_instance(load(home, environment={}))
    assert [checked.fault for checked in fixity.check(instance, everything=True) if checked.fault] == []
    assert fixity.faults(instance, SYSTEM) == ()
    copied = backup.backup(instance, home.with_name(f"{home.name}-copy"))
    assert (copied.faulty, copied.manifest.lacking) == ((), ())
    instance.close()
    assert_whole(home)


@pytest.fixture
def filled(instance_template: Path, tmp_path: Path) -> Instance:
    require_strace()
    return copy_instance(instance_template, tmp_path / "template")


def test_an_erasure_that_is_killed_is_ended_by_the_next(filled: Instance, tmp_path: Path) -> None:
    owner = person(filled, "owner")
    record_id = published(filled, owner, body("Erased"), {"a.txt": b"a", "b.txt": b"b", "shared.txt": b"shared"})
    published(filled, owner, body("Kept"), {"shared.txt": b"shared"})
    filled.close()

    def then(home: Path) -> None:
        require_sound(home)
        instance = open_instance(load(home, environment={}))
        withdrawal.erase(instance, SYSTEM, record_id)
        assert {path.read_bytes() for path in home.glob("objects/??/??/*")} == {b"shared"}
        assert row_count(instance.database, "blobs") == 1
        instance.close()

    kill_around_deletions(tmp_path / "template", ("records", "erase", record_id, "--yes"), then)


def test_a_sweep_that_is_killed_is_ended_by_the_next(filled: Instance, tmp_path: Path) -> None:
    owner = person(filled, "owner")
    past = datetime.now(UTC) - timedelta(days=3)
    published(filled, owner, body("Kept"), {"held.txt": b"held"})
    for content in (b"dying", b"dying too"):
        draft_id = drafts.create(filled, owner, {**body(), "files": {"enabled": True}}).id
        add_files(filled, owner, draft_id, {"a.txt": content})
        drafts.discard(filled, owner, draft_id)
    orphan = filled.settings.home / "objects" / filled.objects.put([b"orphan"]).location
    os.utime(orphan, (past.timestamp(), past.timestamp()))
    with filled.database.write() as connection:
        connection.execute(update(Blob).where(Blob.size > 4).values(dying_since=past))
    filled.close()

    def then(home: Path) -> None:
        require_sound(home)
        instance = open_instance(load(home, environment={}))
        sweeping.sweep(instance)
        assert {path.read_bytes() for path in home.glob("objects/??/??/*")} == {b"held"}
        assert row_count(instance.database, "blobs") == 1
        instance.close()

    kill_around_deletions(tmp_path / "template", ("files", "check", "--sweep"), then)
