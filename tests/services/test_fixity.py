"""Stored bytes are read back; what is wrong with them is noted, told, and cleared once it is mended."""

import errno
import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from repository.errors import Forbidden, Unreachable
from repository.following import Pace, status
from repository.following.lease import TASK, acquire
from repository.records.visibility import SYSTEM, Viewer
from repository.services import drafts, fixity, reading_back, sweeping, uploads, withdrawal
from repository.services.instance import Instance
from repository.storage.models import Blob, File
from tests.conftest import row_count
from tests.instances import add_files, body, copy_instance, person, published
from tests.services.interleaving import before

PACE = Pace(lease=60)


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def place(content: bytes) -> str:
    """Where a folder has it."""
    name = digest(content)
    return f"{name[:2]}/{name[2:4]}/{name}"


def path_of(instance: Instance, content: bytes) -> Path:
    return next(instance.settings.home.glob(f"objects/??/??/{digest(content)}"))


def faults(instance: Instance) -> dict[str, str]:
    return {faulty.sha256: faulty.fault for faulty in fixity.faults(instance, SYSTEM)}


def read_back(instance: Instance, **options: Any) -> list[str]:
    return [checked.sha256 for checked in fixity.check(instance, **options)]


def counts(instance: Instance) -> fixity.Counts:
    with instance.database.read() as connection:
        return fixity.counts(connection, instance)


def set_checked(instance: Instance, content: bytes, ago: timedelta) -> None:
    with instance.database.write() as connection:
        statement = update(Blob).where(Blob.sha256 == digest(content))
        connection.execute(statement.values(checked=datetime.now(UTC) - ago))


def test_what_was_never_read_back_comes_first_then_what_is_longest_unseen(any_instance: Instance) -> None:
    contents = (b"a", b"b", b"c", b"d")
    published(any_instance, person(any_instance, "owner"), body(), {f"{one!r}": one for one in contents})
    assert counts(any_instance) == fixity.Counts(blobs=4, checked=0, due=4, faulty=0)
    for content, days in ((b"a", 89), (b"b", 91), (b"c", 200)):
        set_checked(any_instance, content, timedelta(days=days))
    assert counts(any_instance) == fixity.Counts(blobs=4, checked=3, due=3, faulty=0)
    assert read_back(any_instance) == [digest(b"d"), digest(b"c"), digest(b"b")]
    assert counts(any_instance) == fixity.Counts(blobs=4, checked=4, due=0, faulty=0)
    assert read_back(any_instance) == []
    assert len(read_back(any_instance, everything=True)) == 4


@pytest.mark.parametrize("everything", [False, True])
def test_what_was_read_back_while_the_clock_was_ahead_is_due(any_instance: Instance, everything: bool) -> None:
    published(any_instance, person(any_instance, "owner"), body(), {"a.txt": b"a", "b.txt": b"b"})
    assert len(read_back(any_instance)) == 2
    set_checked(any_instance, b"b", timedelta(days=-400))
    assert counts(any_instance) == fixity.Counts(blobs=2, checked=2, due=1, faulty=0)
    assert fixity.number_due(any_instance) == 1
    assert read_back(any_instance, everything=everything) == ([digest(b"a")] if everything else []) + [digest(b"b")]
    assert counts(any_instance).due == 0


def test_missing_and_altered_bytes_are_told_with_what_holds_them(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    files = {"gone.txt": b"gone", "short.txt": b"short", "other.txt": b"other", "good.txt": b"good"}
    record_id = published(any_instance, owner, body(), files)
    path_of(any_instance, b"gone").unlink()
    path_of(any_instance, b"short").write_bytes(b"shor")
    path_of(any_instance, b"other").write_bytes(b"0ther")
    assert len(read_back(any_instance)) == 4
    assert faults(any_instance) == {
        digest(b"gone"): "missing",
        digest(b"short"): "altered: 4 bytes instead of 5",
        digest(b"other"): f"altered: SHA-256 is {digest(b'0ther')}",
    }
    held = {faulty.sha256: faulty.held_by for faulty in fixity.faults(any_instance, SYSTEM)}
    assert held[digest(b"gone")] == (f"{record_id}/gone.txt",)
    assert counts(any_instance).faulty == 3
    with pytest.raises(Forbidden):
        fixity.faults(any_instance, owner)


def test_what_is_mended_is_faulty_no_more(instance: Instance, owner: Viewer) -> None:
    published(instance, owner, body(), {"a.txt": b"a", "b.txt": b"b"})
    path = path_of(instance, b"a")
    path.rename(path.with_name("away"))
    read_back(instance)
    assert faults(instance) == {digest(b"a"): "missing"}
    path.with_name("away").rename(path)
    assert read_back(instance, again=timedelta(hours=1)) == [], "not so soon by the schedule"
    assert read_back(instance) == [digest(b"a")]
    assert faults(instance) == {}


def test_faulty_bytes_that_are_sent_again_are_looked_at_again(instance: Instance, owner: Viewer) -> None:
    published(instance, owner, body(), {"a.txt": b"a"})
    path_of(instance, b"a").unlink()
    read_back(instance)
    with instance.database.write() as connection:
        connection.execute(update(Blob).values(location="a place that was lost"))
    draft_id = drafts.create(instance, owner, {**body(), "files": {"enabled": True}}).id
    add_files(instance, owner, draft_id, {"again.txt": b"a"})
    file = uploads.read_file(instance, owner, draft_id, "again.txt")
    assert instance.objects.exists(file.location)
    assert read_back(instance, again=timedelta(days=1)) == [digest(b"a")]
    assert faults(instance) == {}


def test_bytes_that_are_erased_while_they_are_read_have_no_fault(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = published(any_instance, person(any_instance, "owner"), body(), {"a.txt": b"a"})
    erase = before(any_instance.objects.open, lambda: withdrawal.erase(any_instance, SYSTEM, record_id))
    monkeypatch.setattr(any_instance.objects, "open", erase)
    with capture_logs() as logged:
        assert read_back(any_instance) == []
    assert faults(any_instance) == {}
    assert logged == []


def test_bytes_that_come_again_while_missing_ones_are_noted_have_no_fault(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = published(instance, owner, body(), {"a.txt": b"a"})

    look = reading_back.fault_of
    faults_found = ["missing"]

    def renew(*blob: Any) -> str:
        if not faults_found:
            return look(*blob)
        withdrawal.erase(instance, SYSTEM, first)
        published(instance, owner, body(), {"a.txt": b"a"})
        return faults_found.pop()

    monkeypatch.setattr(reading_back, "fault_of", renew)
    assert [checked.fault for checked in fixity.check(instance)] == [""]
    assert faults(instance) == {}


class Broken(io.RawIOBase):
    """A stream of a disk that fails."""

    def read(self, _size: int = -1) -> bytes:
        raise OSError(errno.EIO, "what the system says")


def test_one_object_that_cannot_be_read_is_a_fault_and_the_others_are_checked(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad sector, and something else in its place."""
    published(instance, owner, body(), {name: name.encode() for name in ("a", "b", "c", "d")})
    path_of(instance, b"b").unlink()
    path_of_b = instance.settings.home / "objects" / place(b"b")
    path_of_b.mkdir()
    opens = instance.objects.open
    bad = place(b"a")
    monkeypatch.setattr(instance.objects, "open", lambda location: Broken() if location == bad else opens(location))
    assert len(read_back(instance)) == 4
    assert faults(instance) == {
        digest(b"a"): "unreadable: what the system says",
        digest(b"b"): "unreadable: Is a directory",
    }


def test_a_store_that_answers_and_gives_back_nothing_is_no_fault_of_its_objects(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a Ceph whose placement groups are inactive, or that asks to slow down: its bucket is found all the same."""
    published(instance, owner, body(), {name: name.encode() for name in "abcdef"})
    opened: list[str] = []

    def broken(location: str) -> Broken:
        opened.append(location)
        return Broken()

    with monkeypatch.context() as patch:
        patch.setattr(instance.objects, "open", broken)
        for _time in range(2):
            with pytest.raises(Unreachable, match="gives back none of 6 objects"):
                read_back(instance)
    assert counts(instance).checked == 0
    assert len(opened) == 12
    assert faults(instance) == {}
    assert len(read_back(instance)) == 6
    assert faults(instance) == {}


def test_many_objects_that_cannot_be_read_do_not_hide_each_other(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five bad ones come first: each is noted, since a sixth can be read, and all are looked at."""
    contents = [name.encode() for name in "abcdefg"]
    published(instance, owner, body(), {content.decode(): content for content in contents})
    opens, bad = instance.objects.open, {place(content) for content in contents[:5]}
    for content in contents[5:]:
        set_checked(instance, content, timedelta(days=100))
    monkeypatch.setattr(instance.objects, "open", lambda location: Broken() if location in bad else opens(location))
    assert len(read_back(instance)) == 7
    assert set(faults(instance)) == {digest(content) for content in contents[:5]}


def test_the_last_objects_that_cannot_be_read_are_noted_too(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(instance, owner, body(), {"a": b"a", "b": b"b"})
    monkeypatch.setattr(instance.objects, "open", lambda _location: Broken())
    assert sorted(read_back(instance)) == sorted([digest(b"a"), digest(b"b")])
    assert len(faults(instance)) == 2


def test_a_store_that_is_away_is_no_fault_of_its_objects(instance: Instance, owner: Viewer) -> None:
    published(instance, owner, body(), {"a.txt": b"a"})
    objects = instance.settings.home / "objects"
    objects.rename(objects.with_name("away"))
    with pytest.raises(Unreachable, match="No such file or directory"):
        read_back(instance)
    assert counts(instance).checked == 0
    objects.with_name("away").rename(objects)
    read_back(instance)
    assert faults(instance) == {}


def test_bytes_that_an_erasure_has_left_or_is_removing_are_not_looked_at(any_instance: Instance) -> None:
    """Killed between the bytes and their row, an erasure leaves the row: no fault, and the next sweep takes it."""
    published(any_instance, person(any_instance, "owner"), body(), {"a.txt": b"a", "b.txt": b"b"})
    path_of(any_instance, b"a").unlink()
    read_back(any_instance)
    assert counts(any_instance) == fixity.Counts(blobs=2, checked=2, due=0, faulty=1)
    with any_instance.database.write() as connection:
        connection.execute(delete(File).where(File.blob == digest(b"a")))
        connection.execute(update(Blob).where(Blob.sha256 == digest(b"a")).values(dying_since=sweeping.ERASED))
    assert counts(any_instance) == fixity.Counts(blobs=1, checked=1, due=0, faulty=0)
    assert faults(any_instance) == {}
    assert read_back(any_instance, everything=True) == [digest(b"b")]
    assert fixity.number_due(any_instance) == 0
    assert sweeping.sweep(any_instance).removed == 1
    assert row_count(any_instance.database, "blobs") == 1


class Slow(io.BytesIO):
    """Bytes during whose reading something happens."""

    act: Callable[[], None]

    def read(self, size: int | None = -1) -> bytes:
        self.act()
        return super().read(size)


def test_the_clock_stops_in_the_middle_of_a_file(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(instance, owner, body(), {"a.txt": b"a" * 100, "b.txt": b"b"})
    stop = threading.Event()
    stream = Slow(b"a" * 100)
    stream.act = stop.set
    monkeypatch.setattr(instance.objects, "open", lambda _location: stream)
    fixity.watch(instance, stop, lambda _seconds: pytest.fail("it should not wait for the next look"))
    assert counts(instance).checked == 0


def test_one_process_reads_back_at_a_time(any_instance: Instance) -> None:
    published(any_instance, person(any_instance, "owner"), body(), {"a.txt": b"a"})
    held = acquire(any_instance.database, f"{TASK}fixity", PACE)
    assert held is not None
    fixity.check_slowly(any_instance, threading.Event())
    assert counts(any_instance).checked == 0
    with held.kept():
        pass
    fixity.check_slowly(any_instance, threading.Event())
    assert counts(any_instance).checked == 1
    assert [reader.name for reader in status(any_instance.database)] == [], "the lease is no reader's"


def test_every_fault_that_the_clock_finds_is_logged(instance: Instance, owner: Viewer) -> None:
    record_id = published(instance, owner, body(), {"a.txt": b"a", "b.txt": b"b"})
    path_of(instance, b"a").write_bytes(b"x")
    with capture_logs() as logged:
        found = fixity.check_slowly(instance, threading.Event())
    assert [checked.sha256 for checked in found] == [digest(b"a")]
    (line,) = [line for line in logged if line["log_level"] == "error"]
    assert (line["sha256"], line["held_by"]) == (digest(b"a"), (f"{record_id}/a.txt",))


def test_the_clock_outlives_stores_that_fail(instance: Instance, owner: Viewer) -> None:
    published(instance, owner, body(), {"a.txt": b"a"})
    stop = threading.Event()
    objects = instance.settings.home / "objects"
    objects.rename(objects.with_name("away"))
    looks: list[int] = []

    def wait(_seconds: float) -> bool:
        looks.append(counts(instance).checked)
        if len(looks) == 2:
            objects.with_name("away").rename(objects)
        if looks[-1]:
            stop.set()
        return stop.is_set()

    with capture_logs() as logged:
        fixity.watch(instance, stop, wait)
    assert looks == [0, 0, 1]
    assert [line["log_level"] for line in logged] == ["error", "error"]
    assert faults(instance) == {}


def test_the_schedule_rests_as_long_as_its_rate_says(
    tmp_path: Path, instance_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = copy_instance(instance_template, tmp_path / "slow", files__check_rate=1_000_000)
    published(instance, person(instance, "owner"), body(), {"a.bin": bytes(3_000_000)})
    rests: list[float] = []
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", rests.append)
    fixity.check_slowly(instance, stop)
    assert sum(rests) == pytest.approx(3.1)
    assert counts(instance).checked == 1
    with instance.database.read() as connection:
        assert connection.execute(select(Blob.fault)).scalars().all() == [""]
    instance.close()
