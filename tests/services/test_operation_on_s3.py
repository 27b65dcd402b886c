"""Back-ups, fixity and the sweep over a bucket of Ceph, with PostgreSQL as the database and with SQLite."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from repository.errors import Unreachable
from repository.records.visibility import SYSTEM, Viewer
from repository.services import backup, drafts, fixity, parts, restoring, sweeping, transfers, uploads, withdrawal
from repository.services.instance import Instance
from repository.services.sweeping import Swept, sweep
from repository.storage.models import Blob
from repository.storage.objects.s3 import S3Store
from tests.cli.shell import Shell
from tests.instances import add_files, body, copy_instance, person, published
from tests.servers.ceph import CephServer
from tests.servers.postgres import PostgresServer
from tests.servers.proxy import Fault, FaultyProxy
from tests.services.copies import Make, check, fill, rows
from tests.services.interleaving import before

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("ceph")]
NOTHING = Swept(removed=0, marked=0, orphans=0, unfinished=0)
LATER = timedelta(hours=25)
WITH_FILES = {**body(), "files": {"enabled": True}}


@pytest.fixture
def scaled(
    tmp_path: Path, instance_template: Path, ceph: CephServer, postgres: PostgresServer, postgres_instance_template: str
) -> Iterator[Instance]:
    """An empty instance on PostgreSQL and a bucket of its own."""
    database = postgres.create_database(template=postgres_instance_template)
    objects = f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}"
    opened = copy_instance(instance_template, tmp_path / "instance", database=database, objects=objects)
    yield opened
    opened.close()


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def location(instance: Instance, content: bytes) -> str:
    with instance.database.read() as connection:
        found = connection.execute(select(Blob.location).where(Blob.sha256 == digest(content))).scalar_one()
    return str(found)


def objects(instance: Instance) -> set[str]:
    return {location for location, _written in instance.objects.locations()}


def replace_object(instance: Instance, content: bytes, other: bytes) -> None:
    store = instance.objects
    assert isinstance(store, S3Store)
    store.control.put_object(Bucket=store.bucket, Key=store.key(location(instance, content)), Body=other)


def faults(instance: Instance) -> dict[str, str]:
    return {faulty.sha256: faulty.fault for faulty in fixity.faults(instance, SYSTEM)}


@pytest.mark.parametrize("kind", ["postgresql+s3", "sqlite"])
def test_a_scaled_instance_is_copied_under_writers_and_restored_elsewhere(
    scaled: Instance, empty: Make, tmp_path: Path, kind: str
) -> None:
    """Into another database and bucket, and into SQLite and a folder."""
    fill(scaled)
    people = [person(scaled, f"writer{number}") for number in range(2)]
    ended, failures = threading.Event(), list[BaseException]()

    def write(number: int) -> None:
        try:
            for count in range(1000):
                files = {"x.txt": b"%d %d" % (number, count), "s.txt": b"shared"}
                record_id = published(scaled, people[number], body(f"{number} {count}"), files)
                if count % 3 == 0:
                    withdrawal.erase(scaled, SYSTEM, record_id)
                if ended.is_set():
                    return
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    try:
        made = [backup.backup(scaled, tmp_path / "backup") for _ in range(2)]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert [one.faulty for one in made] == [(), ()]
    target = empty(kind)
    done = restoring.restore(target, tmp_path / "backup")
    assert done.lacking == ()
    assert all(checked.fault == "" for checked in fixity.check(target, everything=True))
    check(target)
    last = backup.backup(scaled, tmp_path / "backup")
    restoring.restore(target, tmp_path / "backup", replace=True)
    assert {name: found for name, found in rows(target).items() if name not in ("blobs", "oai_clock")} == {
        name: found for name, found in rows(scaled).items() if name not in ("blobs", "oai_clock")
    }
    assert last.manifest.objects == len(rows(target)["blobs"])
    check(target)
    check(scaled)


def test_a_folder_is_restored_into_a_bucket(instance: Instance, empty: Make, tmp_path: Path) -> None:
    records = fill(instance)
    backup.backup(instance, tmp_path / "backup")
    withdrawal.erase(instance, SYSTEM, records[0])
    target = empty("postgresql+s3")
    done = restoring.restore(target, tmp_path / "backup", erased=[records[0]])
    assert (done.lacking, done.erased) == ((), (records[0],))
    assert objects(target) == {location(target, content) for content in (b"shared", b"", b"draft")}
    check(target)


def test_what_is_wrong_in_the_bucket_is_told_by_the_command(s3_instance: Instance, tmp_path: Path) -> None:
    """Changed, cut and missing objects; they are mended by `restore --replace`."""
    contents = {"gone": b"gone", "other": b"other", "short": b"short", "good": b"good"}
    record_id = published(s3_instance, person(s3_instance, "owner"), body(), contents)
    backup.backup(s3_instance, tmp_path / "backup")
    s3_instance.objects.delete(location(s3_instance, b"gone"))
    replace_object(s3_instance, b"other", b"0ther")
    replace_object(s3_instance, b"short", b"shor")
    stores = {"COLOPHON_OBJECTS": s3_instance.settings.objects}
    shell = Shell(tmp_path)
    done = json.loads(shell("files", "check", "--json", code=1, **stores).splitlines()[0])
    assert (done["read"], done["faulty"]) == (4, 3)
    assert {entry["sha256"]: entry["fault"] for entry in done["faults"]} == {
        digest(b"gone"): "missing",
        digest(b"short"): "altered: 4 bytes instead of 5",
        digest(b"other"): f"altered: SHA-256 is {digest(b'0ther')}",
    }
    assert f"held by {record_id}/gone" in shell("files", "check", code=1, **stores)
    assert "not copied" in shell("backup", "second", code=1, **stores)
    assert restoring.restore(s3_instance, tmp_path / "backup", replace=True).copied == 3
    assert "faulty 0" in shell("files", "check", "--all", "--sweep", **stores)
    check(s3_instance)


def test_one_object_that_s3_does_not_give_back_stops_nothing(
    behind: Instance, proxy: FaultyProxy, tmp_path: Path
) -> None:
    published(behind, person(behind, "owner"), body(), {"bad": b"bad", "good": b"good", "fine": b"fine"})
    backup.backup(behind, tmp_path / "backup")
    stores = {"COLOPHON_OBJECTS": behind.settings.objects}
    shell = Shell(tmp_path)
    with proxy.harming(Fault("refuse", "GET", location(behind, b"bad"))):
        told = shell("files", "check", code=1, **stores)
        assert "read 3" in told
        assert f"faulty {digest(b'bad')} (3 bytes): unreadable: The object store broke off" in told
        told = shell("backup", "second", code=1, **stores)
        assert f"not copied {digest(b'bad')}" in told
        assert "copied 2" in told
    with proxy.harming(Fault("refuse", "GET", location(behind, b"bad"))):
        done = restoring.restore(behind, tmp_path / "backup", replace=True)
    assert (done.copied, done.lacking) == (1, ())
    assert [checked.fault for checked in fixity.check(behind, everything=True)] == ["", "", ""]
    check(behind)


def test_a_bucket_that_is_away_is_no_fault_of_its_objects(behind: Instance, proxy: FaultyProxy, tmp_path: Path) -> None:
    published(behind, person(behind, "owner"), body(), {"a.txt": b"a"})
    proxy.down()
    with pytest.raises(Unreachable):
        list(fixity.check(behind))
    with pytest.raises(Unreachable):
        backup.backup(behind, tmp_path / "backup")
    proxy.up()
    assert [checked.fault for checked in fixity.check(behind)] == [""]
    check(behind)


def test_bytes_that_move_while_they_are_copied_are_not_told_as_faulty(
    s3_instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were faulty, and somebody deposits them again after the tables were read."""
    owner = person(s3_instance, "owner")
    published(s3_instance, owner, body(), {"a.txt": b"a"})
    with s3_instance.database.write() as connection:
        connection.execute(update(Blob).values(fault="unreadable: once"))
    old = location(s3_instance, b"a")
    draft_id = drafts.create(s3_instance, owner, WITH_FILES).id
    again = before(backup._copy_objects, lambda: add_files(s3_instance, owner, draft_id, {"again.txt": b"a"}))
    monkeypatch.setattr(backup, "_copy_objects", again)
    made = backup.backup(s3_instance, tmp_path / "backup")
    assert objects(s3_instance) == {location(s3_instance, b"a")} != {old}
    assert (made.copied, made.faulty, made.manifest.lacking) == (1, (), ())


def test_the_sweep_removes_orphans_and_keeps_what_is_held_or_awaited(scaled: Instance) -> None:
    owner = person(scaled, "owner")
    published(scaled, owner, body(), {"a.txt": b"held"})
    scaled.objects.put([b"orphan"])
    draft_id = in_parts(scaled, owner, b"coming")
    left = in_parts(scaled, owner, b"left")
    drafts.discard(scaled, owner, left)
    assert sweep(scaled) == NOTHING, "nothing is a day old"
    assert len(objects(scaled)) == 2
    assert sweep(scaled, datetime.now(UTC) + LATER) == Swept(removed=0, marked=0, orphans=1, unfinished=0)
    assert objects(scaled) == {location(scaled, b"held")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfers, "AT_ONCE", 0)
        assert transfers.commit(scaled, owner, draft_id, "a.bin").status == "pending"
    assert len(objects(scaled)) == 2
    assert sweep(scaled, datetime.now(UTC) + parts.LIFETIME + LATER) == NOTHING, "it waits to be hashed"
    assert transfers.finish_received(scaled) == 1
    assert objects(scaled) == {location(scaled, b"held"), location(scaled, b"coming")}
    check(scaled)


def test_an_upload_in_parts_that_nobody_completes_goes_when_its_time_is_over(s3_instance: Instance) -> None:
    in_parts(s3_instance, person(s3_instance, "owner"), b"half")
    assert sweep(s3_instance, datetime.now(UTC) + parts.LIFETIME - LATER) == NOTHING
    late = datetime.now(UTC) + parts.LIFETIME + LATER
    assert sweep(s3_instance, late) == Swept(removed=0, marked=0, orphans=0, unfinished=1)


def test_what_is_hashed_while_the_sweep_goes_on_is_no_orphan(scaled: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is awaited when the sweep begins, and a blob when the sweep looks for rows."""
    owner = person(scaled, "owner")
    draft_id = in_parts(scaled, owner, b"coming")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfers, "AT_ONCE", 0)
        transfers.commit(scaled, owner, draft_id, "a.bin")
    finish = before(sweeping._unnamed, lambda: transfers.finish_received(scaled))
    monkeypatch.setattr(sweeping, "_unnamed", finish)
    scaled.objects.put([b"orphan"])
    assert sweep(scaled, datetime.now(UTC) + LATER).orphans == 1
    assert objects(scaled) == {location(scaled, b"coming")}


def test_nobody_waits_for_the_deletion_of_orphans(s3_instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody publishes in the middle of it; on SQLite, too, where one writes at a time."""
    owner = person(s3_instance, "owner")
    s3_instance.objects.put([b"orphan"])
    delete = s3_instance.objects.delete
    done = list[str]()
    act = before(delete, lambda: done.append(published(s3_instance, owner, body(), {"a.txt": b"a"})))
    monkeypatch.setattr(s3_instance.objects, "delete", act)
    assert sweep(s3_instance, datetime.now(UTC) + LATER).orphans == 1
    assert len(done) == 1


def test_nobody_waits_for_the_deletion_of_what_nobody_holds(
    s3_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor for that of an erasure: on SQLite one writes at a time. The same bytes may come again in the middle of it."""
    owner = person(s3_instance, "owner")
    add_files(s3_instance, owner, (draft := drafts.create(s3_instance, owner, WITH_FILES)).id, {"d.txt": b"dying"})
    drafts.discard(s3_instance, owner, draft.id)
    erased = published(s3_instance, owner, body(), {"a.txt": b"erased"})
    sweep(s3_instance, datetime.now(UTC))
    delete = s3_instance.objects.delete
    done = list[str]()

    def deposit() -> None:
        if not done:
            done.append("begun")
            done.append(published(s3_instance, owner, body(), {"a": b"dying", "b": b"erased"}))

    again = before(delete, deposit)
    for act in (
        lambda: withdrawal.erase(s3_instance, SYSTEM, erased),
        lambda: sweep(s3_instance, datetime.now(UTC) + LATER),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(s3_instance.objects, "delete", again)
            act()
    assert len(done) == 2
    check(s3_instance)
    assert [checked.fault for checked in fixity.check(s3_instance, everything=True)] == ["", ""]
    assert objects(s3_instance) == {location(s3_instance, b"dying"), location(s3_instance, b"erased")}


def test_a_removal_that_ends_before_its_object_is_gone_is_ended_by_the_next(
    s3_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed, or refused: its row is nobody's, and keeps the location; the same bytes deposited again are others."""
    owner = person(s3_instance, "owner")
    record_id = published(s3_instance, owner, body(), {"a.txt": b"same"})
    first = location(s3_instance, b"same")
    with monkeypatch.context() as patch:
        patch.setattr(s3_instance.objects, "delete", refuse)
        with pytest.raises(Killed):
            withdrawal.erase(s3_instance, SYSTEM, record_id)
    published(s3_instance, owner, body(), {"a.txt": b"same"})
    assert objects(s3_instance) == {first, location(s3_instance, b"same")}
    assert sweeping.finish_erasures(s3_instance) == 1
    assert objects(s3_instance) == {location(s3_instance, b"same")} != {first}
    assert sweep(s3_instance, datetime.now(UTC) + LATER) == NOTHING


class Killed(BaseException):
    pass


def refuse(_location: str) -> None:
    raise Killed


def in_parts(instance: Instance, owner: Viewer, content: bytes) -> str:
    """A draft with a file whose only part has come, at the link that was given for it."""
    draft_id = drafts.create(instance, owner, WITH_FILES).id
    wish = {"type": "M", "parts": 1, "part_size": len(content)}
    uploads.announce(instance, owner, draft_id, [{"key": "a.bin", "size": len(content), "transfer": wish}])
    transfer = uploads.read_file(instance, owner, draft_id, "a.bin").transfer
    assert transfer is not None
    (link,) = instance.objects.parts.links(transfer["upload"], [len(content)], 600)
    assert httpx.put(link, content=content).status_code == 200
    return draft_id
