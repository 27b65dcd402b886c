"""A back-up is the instance as of one moment, whoever writes meanwhile; it lacks only what it tells."""

import errno
import io
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from repository.errors import Conflict, InvalidInput, NotFound
from repository.records.visibility import ANONYMOUS, SYSTEM
from repository.services import (
    backup,
    drafts,
    fixity,
    publishing,
    reading,
    transfers,
    uploads,
    withdrawal,
)
from repository.services.backup import read_manifest
from repository.services.instance import Instance
from repository.services.restoring import restore
from repository.storage import dumps
from tests.conftest import row_count
from tests.instances import add_files, body, person, published
from tests.services.copies import Make, check, fill
from tests.services.interleaving import before

pytestmark = pytest.mark.long


def test_writers_go_on_meanwhile_and_what_is_copied_is_one_moment(
    any_instance: Instance, empty: Make, tmp_path: Path
) -> None:
    fill(any_instance)
    ended = threading.Event()
    failures: list[BaseException] = []
    people = [person(any_instance, f"writer{number}") for number in range(3)]

    def write(number: int) -> None:
        try:
            count = 0
            while not ended.is_set():
                count += 1
                files = {"x.txt": b"%d %d" % (number, count), "s.txt": b"shared"}
                record_id = published(any_instance, people[number], body(f"{number} {count}"), files)
                if count % 3 == 0:
                    withdrawal.erase(any_instance, SYSTEM, record_id)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    try:
        positions = [backup.backup(any_instance, tmp_path / "backup").manifest.position for _ in range(4)]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert positions == sorted(positions)
    target = empty("sqlite")
    done = restore(target, tmp_path / "backup")
    assert done.lacking == ()
    assert done.manifest.position >= positions[-1]
    check(target)


def test_a_second_copy_takes_only_what_is_new_and_forgets_what_is_gone(instance: Instance, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    owner = person(instance, "owner")
    published(instance, owner, body(), {"a.txt": b"a"})
    gone = published(instance, owner, body(), {"b.txt": b"b"})
    backup.backup(instance, folder)
    published(instance, owner, body(), {"c.txt": b"c"})
    withdrawal.erase(instance, SYSTEM, gone)
    assert backup.backup(instance, folder).copied == 1
    assert {path.read_bytes() for path in folder.glob("objects/??/??/*")} == {b"a", b"c"}
    assert len(list(folder.glob("database-*"))) == 1
    assert gone in (folder / "erased.txt").read_text()


def test_a_copy_that_breaks_off_leaves_the_one_before(
    instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    owner = person(instance, "owner")
    published(instance, owner, body(), {"a.txt": b"a"})
    first = backup.backup(instance, folder)
    published(instance, owner, body(), {"b.txt": b"b"})

    def fail(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(backup, "_finish", fail)
        with pytest.raises(KeyboardInterrupt):
            backup.backup(instance, folder)
    assert restore(empty("sqlite"), folder).manifest == first.manifest
    assert backup.backup(instance, folder).manifest.position == 2


def test_a_folder_that_holds_something_else_is_left_alone(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to_ada.txt").write_text("Dear Ada")
    with pytest.raises(InvalidInput, match="neither empty nor a back-up"):
        backup.backup(instance, tmp_path / "letters")


def test_two_copies_do_not_write_into_one_folder(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_arguments: object) -> None:
        with pytest.raises(Conflict, match="Another back-up"):
            backup.backup(instance, tmp_path / "backup")

    monkeypatch.setattr(dumps, "write", before(dumps.write, again))
    backup.backup(instance, tmp_path / "backup")


def test_what_is_erased_while_it_is_copied_is_told_and_does_not_come_back(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = fill(any_instance)
    copy = before(backup._copy_objects, lambda: withdrawal.erase(any_instance, SYSTEM, records[0]))
    monkeypatch.setattr(backup, "_copy_objects", copy)
    made = backup.backup(any_instance, tmp_path / "backup")
    assert (made.faulty, made.erased) == ((), (records[0],))
    assert made.manifest.lacking == (sha256(b"a").hexdigest(),)
    target = empty("sqlite")
    done = restore(target, tmp_path / "backup")
    assert (done.lacking, done.erased) == ((), (records[0],))
    check(target)


@pytest.mark.parametrize("moment", ["_copy_objects", "_still_there"], ids=["before its bytes", "after its bytes"])
def test_a_draft_that_is_published_and_erased_while_it_is_copied_does_not_come_back(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    owner = person(any_instance, "owner")
    draft_id = drafts.create(any_instance, owner, {**body("Draft"), "files": {"enabled": True}}).id
    add_files(any_instance, owner, draft_id, {"d.txt": b"draft"})

    def erase() -> None:
        publishing.publish(any_instance, owner, draft_id)
        withdrawal.erase(any_instance, SYSTEM, draft_id)

    monkeypatch.setattr(backup, moment, before(getattr(backup, moment), erase))
    made = backup.backup(any_instance, tmp_path / "backup")
    assert (made.faulty, made.erased) == ((), (draft_id,))
    target = empty("sqlite")
    assert restore(target, tmp_path / "backup").erased == (draft_id,)
    with pytest.raises(NotFound):
        drafts.read(target, SYSTEM, draft_id)
    assert row_count(target.database, "blobs") == row_count(target.database, "parents") == 0
    check(target)


def test_bytes_that_are_lost_are_told_and_cost_nothing_else(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the instance: missing, altered, unreadable. In the back-up: altered."""
    owner = person(any_instance, "owner")
    contents = {"gone": b"gone", "altered": b"altered", "bad": b"bad", "later": b"later", "good": b"good"}
    record_id = published(any_instance, owner, body(), contents)
    paths = {path.read_bytes(): path for path in any_instance.settings.home.glob("objects/??/??/*")}
    paths[b"gone"].unlink()
    paths[b"altered"].write_bytes(b"Altered")
    opens = any_instance.objects.open

    def fail(location: str) -> Any:
        return Unreadable() if location.endswith(paths[b"bad"].name) else opens(location)

    monkeypatch.setattr(any_instance.objects, "open", fail)
    made = backup.backup(any_instance, tmp_path / "backup")
    lost = {sha256(content).hexdigest() for content in (b"gone", b"altered", b"bad")}
    assert set(made.faulty) == lost
    assert made.manifest.objects == len(list((tmp_path / "backup").glob("objects/??/??/*"))) == 2
    later = next(path for path in (tmp_path / "backup").glob("objects/??/??/*") if path.read_bytes() == b"later")
    later.write_bytes(b"LATER")
    target = empty("sqlite")
    done = restore(target, tmp_path / "backup")
    assert set(done.lacking) == lost | {later.name}
    assert {faulty.sha256 for faulty in fixity.faults(target, SYSTEM)} == set(done.lacking)
    list(fixity.check(target))
    assert {faulty.fault for faulty in fixity.faults(target, SYSTEM)} == {"missing"}
    files = {file.key: file for file in reading.files(target, ANONYMOUS, record_id)[1]}
    with target.objects.open(files["good"].location) as stream:
        assert stream.read() == b"good"


class Unreadable(io.RawIOBase):
    def read(self, _size: int = -1) -> bytes:
        raise OSError(errno.EIO, "bad sector")


def test_a_manifest_tells_what_there_is(instance: Instance, tmp_path: Path) -> None:
    (instance.settings.home / "colophon.toml").write_text('[site]\nname = "Harbour"\n')
    fill(instance)
    made = backup.backup(instance, tmp_path / "backup")
    manifest = read_manifest(tmp_path / "backup")
    assert manifest == made.manifest
    assert (manifest.position, manifest.bytes, manifest.tables["records"].rows) == (6, 12, 4)
    assert (tmp_path / "backup" / "colophon.toml").read_text() == '[site]\nname = "Harbour"\n'
    for name in ("manifest.json", "colophon.toml"):
        assert (tmp_path / "backup" / name).stat().st_mode & 0o077 == 0
    assert set(manifest.tables) == {table.name for table in dumps.TABLES}


def test_bytes_that_are_to_be_removed_are_not_copied(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store did not take the erasure; also where the copy before has them. The row of bytes that the sweep has
    marked is left out as well."""
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body(), {"a.txt": b"secret"})
    published(any_instance, owner, body(), {"b.txt": b"b"})
    backup.backup(any_instance, tmp_path / "backup")

    def fail(_location: str) -> None:
        raise OSError("away")

    with monkeypatch.context() as broken:
        broken.setattr(any_instance.objects, "delete", fail)
        with pytest.raises(OSError, match="away"):
            withdrawal.erase(any_instance, SYSTEM, record_id)
    for folder in (tmp_path / "backup", tmp_path / "second"):
        made = backup.backup(any_instance, folder)
        assert (made.manifest.objects, made.manifest.tables["blobs"].rows, made.faulty) == (1, 1, ())
        assert {path.read_bytes() for path in folder.glob("objects/??/??/*")} == {b"b"}
    target = empty("sqlite")
    assert restore(target, tmp_path / "second").lacking == ()
    check(target)


def test_uploads_in_parts_that_are_not_hashed_yet_are_told(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their files are there, without bytes, and can be sent again where they are restored."""
    owner = person(any_instance, "owner")
    draft_id = drafts.create(any_instance, owner, {**body("Draft"), "files": {"enabled": True}}).id
    transfer = {"type": "M", "parts": 1, "part_size": 4}
    wish = [{"key": key, "size": 4, "transfer": transfer} for key in ("come.bin", "half.bin", "wrong.bin")]
    wish[2]["checksum"] = f"md5:{'0' * 32}"
    uploads.announce(any_instance, owner, draft_id, wish)
    for key in ("come.bin", "wrong.bin"):
        transfers.write_part(any_instance, owner, draft_id, key, 1, [b"rain"])
    with pytest.raises(InvalidInput, match="checksum"):
        transfers.commit(any_instance, owner, draft_id, "wrong.bin")
    monkeypatch.setattr(transfers, "AT_ONCE", 0)
    assert transfers.commit(any_instance, owner, draft_id, "come.bin").status == "pending"
    made = backup.backup(any_instance, tmp_path / "backup")
    assert made.manifest.waiting == (f"{draft_id}/come.bin",)
    target = empty("sqlite")
    assert restore(target, tmp_path / "backup").manifest.waiting == (f"{draft_id}/come.bin",)
    states = {file.key: (file.status, file.transfer) for file in uploads.list_files(target, SYSTEM, draft_id)[1]}
    assert states == dict.fromkeys(("come.bin", "half.bin", "wrong.bin"), ("pending", None))
    uploads.write_content(target, SYSTEM, draft_id, "come.bin", [b"rain"])
    assert uploads.commit(target, SYSTEM, draft_id, "come.bin").status == "completed"
    check(target)
    assert transfers.finish_received(any_instance) == 1
    assert backup.backup(any_instance, tmp_path / "backup").manifest.waiting == ()


def test_copies_are_read_back_when_asked_and_made_anew_where_they_are_faulty(
    instance: Instance, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    published(instance, person(instance, "owner"), body(), {"a.txt": b"rain", "b.txt": b"snow", "c.txt": b"hail"})
    backup.backup(instance, folder)
    copies = {path.read_bytes(): path for path in folder.glob("objects/??/??/*")}
    copies[b"rain"].write_bytes(b"RAIN")
    copies[b"hail"].write_bytes(b"HAIL")
    made = backup.backup(instance, folder)
    assert (made.copied, made.renewed, copies[b"rain"].read_bytes()) == (0, 0, b"RAIN")
    lost = next(path for path in instance.settings.home.glob("objects/??/??/*") if path.read_bytes() == b"hail")
    lost.unlink()
    made = backup.backup(instance, folder, verify=True)
    assert (made.copied, made.renewed, made.faulty) == (0, 1, (lost.name,))
    assert made.manifest.lacking == (lost.name,)
    assert {path.read_bytes() for path in folder.glob("objects/??/??/*")} == {b"rain", b"snow"}
