"""The sweep removes what nobody needs, a day after that was so, and never what somebody is about to need."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, event, select, update

from repository.errors import Forbidden, InvalidInput, Unreachable
from repository.records.visibility import SYSTEM, Viewer
from repository.services import drafts, parts, sweeping, transfers, uploads, withdrawal
from repository.services.instance import Instance
from repository.services.sweeping import Swept, sweep
from repository.storage.models import Blob, File
from tests.conftest import row_count
from tests.instances import add_files, body, person, published
from tests.services.interleaving import Beside, before

WITH_FILES = {**body(), "files": {"enabled": True}}
NOTHING = Swept(removed=0, marked=0, orphans=0, unfinished=0)
HOUR = timedelta(hours=1)


def stored(instance: Instance) -> set[bytes]:
    return {path.read_bytes() for path in instance.settings.home.glob("objects/??/??/*")}


def now() -> datetime:
    return datetime.now(UTC)


def draft_with(instance: Instance, owner: Viewer, files: dict[str, bytes]) -> str:
    draft_id = drafts.create(instance, owner, WITH_FILES).id
    add_files(instance, owner, draft_id, files)
    return draft_id


def age(path: Path, hours: float = 25) -> None:
    past = (now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (past, past))


def orphan(instance: Instance, content: bytes, hours: float = 25) -> Path:
    path = instance.settings.home / "objects" / instance.objects.put([content]).location
    age(path, hours)
    return path


def marks(instance: Instance) -> list[datetime | None]:
    with instance.database.read() as connection:
        return list(connection.execute(select(Blob.dying_since)).scalars())


def assert_no_row_lacks_its_bytes(instance: Instance) -> None:
    with instance.database.read() as connection:
        locations = connection.execute(select(Blob.location)).scalars().all()
    assert [location for location in locations if not instance.objects.exists(location)] == []


def test_bytes_that_nobody_holds_are_marked_and_removed_a_day_later(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    draft_id = draft_with(any_instance, owner, {"a.txt": b"a", "b.txt": b"b"})
    published(any_instance, owner, body(), {"b.txt": b"b"})
    drafts.discard(any_instance, owner, draft_id)
    assert sweep(any_instance) == Swept(removed=0, marked=1, orphans=0, unfinished=0)
    assert sweep(any_instance, now() + 23 * HOUR) == NOTHING
    assert stored(any_instance) == {b"a", b"b"}
    assert sweep(any_instance, now() + 25 * HOUR) == Swept(removed=1, marked=0, orphans=0, unfinished=0)
    assert stored(any_instance) == {b"b"}
    assert row_count(any_instance.database, "blobs") == 1
    assert sweep(any_instance, now() + 50 * HOUR) == NOTHING


def test_bytes_that_are_sent_again_lose_their_mark(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    drafts.discard(any_instance, owner, draft_with(any_instance, owner, {"a.txt": b"a"}))
    assert sweep(any_instance).marked == 1
    draft_with(any_instance, owner, {"again.txt": b"a"})
    assert marks(any_instance) == [None]
    assert sweep(any_instance, now() + 25 * HOUR) == NOTHING
    assert stored(any_instance) == {b"a"}


def test_marked_bytes_that_somebody_holds_stay_and_lose_their_mark(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    published(any_instance, owner, body(), {"a.txt": b"a"})
    with any_instance.database.write() as connection:
        connection.execute(update(Blob).values(dying_since=now()))
    assert sweep(any_instance, now() + 25 * HOUR) == NOTHING
    assert marks(any_instance) == [None]
    assert stored(any_instance) == {b"a"}


def test_an_erasure_does_not_take_what_the_sweep_has_marked_today(instance: Instance, owner: Viewer) -> None:
    drafts.discard(instance, owner, draft_with(instance, owner, {"a.txt": b"a"}))
    sweep(instance)
    record_id = published(instance, owner, body(), {"b.txt": b"b"})
    withdrawal.erase(instance, SYSTEM, record_id)
    assert stored(instance) == {b"a"}


def test_the_sweep_takes_at_once_what_an_erasure_has_left(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = published(instance, owner, body(), {"a.txt": b"a"})

    def fail(_location: str) -> None:
        raise OSError("away")

    with monkeypatch.context() as broken:
        broken.setattr(instance.objects, "delete", fail)
        with pytest.raises(OSError, match="away"):
            withdrawal.erase(instance, SYSTEM, record_id)
    assert sweep(instance).removed == 1
    assert stored(instance) == set()


@pytest.mark.parametrize("answers", [True, False])
def test_one_object_that_is_out_of_reach_keeps_no_others_while_the_store_answers(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    drafts.discard(instance, owner, draft_with(instance, owner, {name: name.encode() for name in "abcde"}))
    sweep(instance, now() - 25 * HOUR)
    delete, tried = instance.objects.delete, list[str]()

    def fail(*location: str) -> None:
        raise Unreachable("away")

    def delete_others(location: str) -> None:
        tried.append(location)
        if not answers or location.endswith(sha256(b"a").hexdigest()):
            fail()
        delete(location)

    monkeypatch.setattr(instance.objects, "delete", delete_others)
    if not answers:
        monkeypatch.setattr(instance.objects, "reach", fail)
    with pytest.raises(Unreachable):
        sweep(instance)
    assert len(tried) == (5 if answers else 1)
    assert len(stored(instance)) == (1 if answers else 5)


def test_bytes_without_a_row_go_when_they_are_a_day_old(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    published(any_instance, owner, body(), {"a.txt": b"a"})
    age(next(any_instance.settings.home.glob("objects/??/??/*")))
    orphan(any_instance, b"old")
    orphan(any_instance, b"young", hours=23)
    assert sweep(any_instance) == Swept(removed=0, marked=0, orphans=1, unfinished=0)
    assert stored(any_instance) == {b"a", b"young"}


def test_many_orphans_go_in_several_batches(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_LISTED", 7)
    monkeypatch.setattr(sweeping, "_REMOVED", 3)
    for number in range(20):
        orphan(instance, b"%d" % number)
    assert sweep(instance).orphans == 20
    assert stored(instance) == set()


def test_an_upload_in_parts_is_awaited_until_its_time_is_over(any_instance: Instance) -> None:
    """Also between two parts that are days apart, and while it waits to be hashed."""
    owner = person(any_instance, "owner")
    draft_id = in_parts(any_instance, owner)
    assert sweep(any_instance, now() + 25 * HOUR) == NOTHING
    transfers.write_part(any_instance, owner, draft_id, "a.bin", 2, [b"def"])
    assert sweep(any_instance, now() + parts.LIFETIME - HOUR) == NOTHING
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfers, "AT_ONCE", 0)
        assert transfers.commit(any_instance, owner, draft_id, "a.bin").status == "pending"
    assert sweep(any_instance, now() + parts.LIFETIME + HOUR) == NOTHING, "all of it is here"
    assert transfers.finish_received(any_instance) == 1
    assert stored(any_instance) == {b"abcdef"}


def test_an_upload_in_parts_that_nobody_completes_goes_when_its_time_is_over(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    draft_id = in_parts(any_instance, owner)
    assert sweep(any_instance, now() + parts.LIFETIME + HOUR) == replace(NOTHING, unfinished=1)
    with pytest.raises(InvalidInput, match="announce it again"):
        transfers.commit(any_instance, owner, draft_id, "a.bin")


def test_parts_whose_file_is_no_more_go_when_they_are_a_day_old(any_instance: Instance) -> None:
    """What was left because the store did not answer when the file was deleted."""
    owner = person(any_instance, "owner")
    draft_id = in_parts(any_instance, owner)
    with any_instance.database.write() as connection:
        connection.execute(delete(File).where(File.record_id == draft_id))
    assert sweep(any_instance, now() + 23 * HOUR) == NOTHING
    assert sweep(any_instance, now() + 25 * HOUR) == replace(NOTHING, unfinished=1)


def in_parts(instance: Instance, owner: Viewer) -> str:
    """A draft with a file of two parts, of which the first has come."""
    draft_id = drafts.create(instance, owner, WITH_FILES).id
    transfer = {"type": "M", "parts": 2, "part_size": 3}
    uploads.announce(instance, owner, draft_id, [{"key": "a.bin", "size": 6, "transfer": transfer}])
    transfers.write_part(instance, owner, draft_id, "a.bin", 1, [b"abc"])
    return draft_id


def test_the_files_that_wait_for_parts_are_found_by_an_index(instance: Instance) -> None:
    statements: list[str] = []
    listen = event.listens_for(instance.database.engine, "before_cursor_execute")
    listen(lambda *call: statements.append(call[2]))
    sweep(instance)
    (awaited,) = [statement for statement in statements if "files.transfer" in statement]
    with instance.database.read() as connection:
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {awaited}")]
    assert plan == ["SEARCH files USING INDEX ix_files_blob (blob=?)"]


def test_uploads_that_never_ended_go_when_they_are_a_day_old(instance: Instance) -> None:
    incoming = instance.settings.home / "objects" / "incoming"
    for name, hours in (("old", 25), ("young", 23)):
        (incoming / name).write_bytes(b"half")
        age(incoming / name, hours)
    assert sweep(instance) == Swept(removed=0, marked=0, orphans=0, unfinished=1)
    assert [path.name for path in incoming.iterdir()] == ["young"]


def test_bytes_that_come_again_right_before_the_sweep_removes_them_stay(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep has seen them without a row; their row is there when it looks again."""
    owner = person(any_instance, "owner")
    orphan(any_instance, b"same")
    draft_id = drafts.create(any_instance, owner, WITH_FILES).id

    def send() -> None:
        if not drafts.read(any_instance, owner, draft_id).files:
            add_files(any_instance, owner, draft_id, {"a.txt": b"same"})

    monkeypatch.setattr(sweeping, "_remove_unnamed", before(sweeping._remove_unnamed, send))
    assert sweep(any_instance).orphans == 0
    assert stored(any_instance) == {b"same"}
    assert_no_row_lacks_its_bytes(any_instance)


def test_bytes_that_come_again_while_the_sweep_removes_them_are_asked_for_once_more(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lie where the orphan lay when it is removed; their row must not be written after that."""
    owner = person(any_instance, "owner")
    orphan(any_instance, b"same")
    draft_id = drafts.create(any_instance, owner, WITH_FILES).id
    uploads.announce(any_instance, owner, draft_id, [{"key": "a.txt"}])
    upload = Beside(any_instance, lambda: uploads.write_content(any_instance, owner, draft_id, "a.txt", [b"same"]))
    monkeypatch.setattr(any_instance.objects, "delete", before(any_instance.objects.delete, upload.begin))
    assert sweep(any_instance).orphans == 1
    with pytest.raises(Forbidden, match="send them again"):
        upload.finish()
    assert row_count(any_instance.database, "blobs") == 0
    add_files(any_instance, owner, draft_id, {"once more.txt": b"same"})
    assert_no_row_lacks_its_bytes(any_instance)


def test_a_sweep_in_the_middle_of_an_upload_takes_nothing_from_it(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload's row is written and not committed when the sweep comes for its bytes."""
    owner = person(any_instance, "owner")
    draft_id = drafts.create(any_instance, owner, WITH_FILES).id
    uploads.announce(any_instance, owner, draft_id, [{"key": "a.txt"}])
    later = now() + 25 * HOUR  # so that bytes that have just been stored are old
    sweeper = Beside(any_instance, lambda: sweep(any_instance, later))
    monkeypatch.setattr(any_instance.objects, "exists", before(any_instance.objects.exists, sweeper.begin))
    uploads.write_content(any_instance, owner, draft_id, "a.txt", [b"same"])
    sweeper.finish()
    assert stored(any_instance) == {b"same"}
    assert_no_row_lacks_its_bytes(any_instance)


def test_a_marked_blob_is_named_again_while_the_sweep_comes_for_it(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    drafts.discard(any_instance, owner, draft_with(any_instance, owner, {"a.txt": b"same"}))
    sweep(any_instance, now() - 25 * HOUR)
    assert sha256(b"same").hexdigest() in next(any_instance.settings.home.glob("objects/??/??/*")).name
    draft_id = drafts.create(any_instance, owner, WITH_FILES).id
    uploads.announce(any_instance, owner, draft_id, [{"key": "a.txt"}])
    sweeper = Beside(any_instance, lambda: sweep(any_instance))
    monkeypatch.setattr(any_instance.objects, "exists", before(any_instance.objects.exists, sweeper.begin))
    uploads.write_content(any_instance, owner, draft_id, "a.txt", [b"same"])
    sweeper.finish()
    assert stored(any_instance) == {b"same"}
    assert_no_row_lacks_its_bytes(any_instance)
