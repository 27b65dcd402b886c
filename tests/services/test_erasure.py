"""Bytes go after the erasure is certain, and only those that nobody holds by then."""

import threading
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from repository.cli.projections import run_for_good
from repository.errors import Forbidden, Gone
from repository.records.visibility import ANONYMOUS, SYSTEM
from repository.services import drafts, editions, reading, sweeping, transfers, uploads, withdrawal
from repository.services.instance import Instance
from repository.services.measures import measures
from repository.storage.models import Blob
from tests.conftest import row_count
from tests.following.processes import eventually
from tests.instances import add_files, body, person, published
from tests.services.interleaving import Beside, before
from tests.services.test_publishing import log

WITH_FILES = {**body(), "files": {"enabled": True}}


def stored(instance: Instance) -> set[bytes]:
    return {path.read_bytes() for path in instance.settings.home.glob("objects/??/??/*")}


class Broken(Exception):
    pass


def fail(*_arguments: object) -> None:
    raise Broken


def test_an_erasure_that_fails_deletes_nothing(any_instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body(), {"a.txt": b"precious"})
    with monkeypatch.context() as broken:
        broken.setattr(withdrawal, "append", fail)
        with pytest.raises(Broken):
            withdrawal.erase(any_instance, SYSTEM, record_id)
    assert stored(any_instance) == {b"precious"}
    (file,) = reading.files(any_instance, ANONYMOUS, record_id)[1]
    with any_instance.objects.open(file.location) as stream:
        assert stream.read() == b"precious"
    withdrawal.erase(any_instance, SYSTEM, record_id)
    assert stored(any_instance) == set()
    assert row_count(any_instance.database, "blobs") == 0


def test_no_bytes_are_deleted_before_the_erasure_is_seen_by_all(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body(), {"a.txt": b"a", "b.txt": b"b"})
    deleted: list[str] = []

    def delete(location: str) -> None:
        with pytest.raises(Gone):
            reading.read(any_instance, ANONYMOUS, record_id)
        deleted.append(location)

    monkeypatch.setattr(any_instance.objects, "delete", delete)
    withdrawal.erase(any_instance, SYSTEM, record_id)
    assert len(deleted) == 2


def test_bytes_that_could_not_be_deleted_go_with_the_next_erasure(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body(), {"a.txt": b"a", "b.txt": b"b"})
    second = published(any_instance, owner, body(), {"c.txt": b"c"})
    with monkeypatch.context() as broken:
        broken.setattr(any_instance.objects, "delete", fail)
        with pytest.raises(Broken):
            withdrawal.erase(any_instance, SYSTEM, first)
    with pytest.raises(Gone):
        reading.read(any_instance, ANONYMOUS, first)
    assert stored(any_instance) == {b"a", b"b", b"c"}
    withdrawal.erase(any_instance, SYSTEM, second)
    assert stored(any_instance) == set()
    assert row_count(any_instance.database, "blobs") == 0


def test_bytes_that_the_store_does_not_delete_keep_no_others_and_go_when_it_is_asked_again(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body(), {"a.txt": b"a", "b.txt": b"b"})
    second = published(any_instance, owner, body(), {"c.txt": b"c", "d.txt": b"d"})
    with monkeypatch.context() as broken:
        broken.setattr(any_instance.objects, "delete", fail)
        with pytest.raises(Broken):
            withdrawal.erase(any_instance, SYSTEM, first)
    delete, errors = any_instance.objects.delete, [Broken("with a secret"), OSError()]

    def delete_the_later(location: str) -> None:
        if errors:
            raise errors.pop(0)
        delete(location)

    with monkeypatch.context() as broken, capture_logs() as logged:
        broken.setattr(any_instance.objects, "delete", delete_the_later)
        with pytest.raises(Broken):
            withdrawal.erase(any_instance, SYSTEM, second, "on request")
    assert len(stored(any_instance)) == row_count(any_instance.database, "blobs") == 2
    assert [line["error"] for line in logged] == ["Broken", "OSError"]
    assert "secret" not in repr(logged)
    for _time in range(2):
        again = withdrawal.erase(any_instance, SYSTEM, second, "once more")
        assert again.tombstone is not None
        assert again.tombstone["note"] == "on request"
        assert stored(any_instance) == set()
        assert row_count(any_instance.database, "blobs") == 0
    assert [kind for kind, _ in log(any_instance)] == ["published", "published", "erased", "erased"]


def test_the_reader_process_finishes_what_an_erasure_has_left(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And counts it until then."""
    record_id = published(any_instance, person(any_instance, "owner"), body(), {"a.txt": b"a", "b.txt": b"b"})
    with monkeypatch.context() as broken:
        broken.setattr(any_instance.objects, "delete", fail)
        with pytest.raises(Broken):
            withdrawal.erase(any_instance, SYSTEM, record_id)
        assert measures(any_instance).erased_left == 2
        stop, looks = threading.Event(), list[int]()
        with capture_logs() as logged:
            sweeping.watch(any_instance, stop, lambda _seconds: looks.append(1) or stop.set() or True)
        assert [line["event"] for line in logged if line.get("exc_info")] == ["erasures not finished"]
    assert stored(any_instance) == {b"a", b"b"}
    stop = threading.Event()
    sweeping.watch(any_instance, stop, lambda _seconds: stop.set() or True)
    assert stored(any_instance) == set()
    assert measures(any_instance).erased_left == 0


def test_bytes_that_come_again_right_after_an_erasure_stay(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body(), {"a.txt": b"same", "b.txt": b"only here"})
    draft_id = drafts.create(any_instance, owner, WITH_FILES).id

    def send() -> None:
        if not drafts.read(any_instance, owner, draft_id).files:
            add_files(any_instance, owner, draft_id, {"again.txt": b"same"})

    monkeypatch.setattr(withdrawal, "remove_dying", before(withdrawal.remove_dying, send))
    withdrawal.erase(any_instance, SYSTEM, record_id)
    assert stored(any_instance) == {b"same"}
    file = uploads.read_file(any_instance, owner, draft_id, "again.txt")
    assert (file.size, file.completed) == (4, True)


def test_bytes_that_come_again_while_they_are_deleted_are_asked_for_once_more(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are on the disk already when the deletion begins; their row must not be written after it."""
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body(), {"a.txt": b"same"})
    draft_id = drafts.create(any_instance, owner, WITH_FILES).id
    uploads.announce(any_instance, owner, draft_id, [{"key": "again.txt"}])
    upload = Beside(any_instance, lambda: uploads.write_content(any_instance, owner, draft_id, "again.txt", [b"same"]))
    delete = any_instance.objects.delete
    monkeypatch.setattr(any_instance.objects, "delete", before(delete, upload.begin))
    withdrawal.erase(any_instance, SYSTEM, record_id)
    with pytest.raises(Forbidden, match="send them again"):
        upload.finish()
    assert stored(any_instance) == set()
    assert row_count(any_instance.database, "blobs") == 0
    add_files(any_instance, owner, draft_id, {"once more.txt": b"same"})
    assert stored(any_instance) == {b"same"}


def test_files_are_taken_over_in_the_order_in_which_an_erasure_locks_their_bytes(any_instance: Instance) -> None:
    """Else each of the two could hold what the other waits for."""
    owner = person(any_instance, "owner")
    contents = sorted((b"shared", b"shared too"), key=lambda content: sha256(content).digest())
    record_id = published(any_instance, owner, body(), {"b.txt": contents[0], "a.txt": contents[1]})
    draft_id = editions.new_version(any_instance, owner, record_id).id
    taking_over = Beside(any_instance, lambda: uploads.import_previous(any_instance, owner, draft_id))
    with any_instance.database.write() as connection:
        for content in contents:
            digest = sha256(content).hexdigest()
            connection.execute(select(Blob.sha256).where(Blob.sha256 == digest).with_for_update())
            taking_over.begin()
    taking_over.finish()
    files = drafts.read(any_instance, owner, draft_id).files
    assert [(file.key, file.completed) for file in files] == [("a.txt", True), ("b.txt", True)]


def test_two_erasures_at_once_remove_what_only_they_shared(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body(), {"a.txt": b"shared", "b.txt": b"shared too"})
    second = published(any_instance, owner, body(), {"a.txt": b"shared", "b.txt": b"shared too"})
    other = Beside(any_instance, lambda: withdrawal.erase(any_instance, SYSTEM, second))
    monkeypatch.setattr(withdrawal, "append", before(withdrawal.append, other.begin))
    withdrawal.erase(any_instance, SYSTEM, first)
    other.finish()
    assert stored(any_instance) == set()
    assert row_count(any_instance.database, "blobs") == 0


def test_an_erasure_is_finished_while_a_huge_file_is_hashed(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which may take hours; the processes of the readers do both."""
    record_id = published(any_instance, person(any_instance, "owner"), body(), {"a.txt": b"a"})
    with monkeypatch.context() as broken:
        broken.setattr(any_instance.objects, "delete", fail)
        with pytest.raises(Broken):
            withdrawal.erase(any_instance, SYSTEM, record_id)
    stop, hashing = threading.Event(), threading.Event()

    def hash_for_hours(_instance: Instance) -> None:
        hashing.set()
        stop.wait()

    monkeypatch.setattr(transfers, "finish_received", hash_for_hours)
    tasks = threading.Thread(target=run_for_good, args=(any_instance, (), stop))
    tasks.start()
    try:
        assert hashing.wait(30)
        eventually(lambda: not list(any_instance.settings.home.glob("objects/??/??/*")))  # it may go while it is read
    finally:
        stop.set()
        tasks.join()
