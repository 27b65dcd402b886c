"""Parts that were acknowledged outlive a disk that is away, or gives back nothing, for as long as that lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from repository.errors import Unreachable
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.services import drafts, parts, sweeping, transfers, uploads
from repository.services.instance import Instance
from repository.storage.models import File
from tests.instances import body

CONTENT = b"rainfall"


def announce(instance: Instance, owner: Viewer) -> str:
    """A file of two parts; returns the id of its draft."""
    draft_id = drafts.create(instance, owner, {**body(), "files": {"enabled": True}}).id
    transfer = {"type": "M", "parts": 2, "part_size": 4}
    uploads.announce(instance, owner, draft_id, [{"key": "a.bin", "size": len(CONTENT), "transfer": transfer}])
    return draft_id


def send(instance: Instance, owner: Viewer, draft_id: str) -> None:
    for number in (1, 2):
        transfers.write_part(instance, owner, draft_id, "a.bin", number, [CONTENT[4 * number - 4 : 4 * number]])


@pytest.fixture
def received(instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A draft whose file has come and waits to be hashed by the task."""
    monkeypatch.setattr(transfers, "AT_ONCE", 0)
    draft_id = announce(instance, owner)
    send(instance, owner, draft_id)
    transfers.commit(instance, owner, draft_id, "a.bin")
    return draft_id


@contextmanager
def away(instance: Instance, *, within: str = "") -> Iterator[None]:
    """An empty folder is where the disk was; or where something `within` it was."""
    place = instance.settings.home / "objects" / within
    disk = place.rename(instance.settings.home / "away")
    place.mkdir()
    yield
    place.rmdir()  # nothing was made in it
    disk.rename(place)


def note(instance: Instance, **changed: Any) -> Json:
    with instance.database.write() as connection:
        found: Json = connection.execute(select(File.transfer)).scalar_one()
        connection.execute(update(File).values(transfer={**found, **changed}))
    return found


def try_often(instance: Instance, times: int = 25) -> None:
    """As if the pause between two attempts had passed each time."""
    for _ in range(times):
        assert transfers.finish_received(instance) == 0
        note(instance, until=datetime(2000, 1, 1, tzinfo=UTC).isoformat())


def assert_completes(instance: Instance, owner: Viewer, draft_id: str) -> None:
    assert uploads.read_file(instance, owner, draft_id, "a.bin").status == "pending"
    assert transfers.finish_received(instance) == 1
    file = uploads.read_file(instance, owner, draft_id, "a.bin")
    assert file.completed
    with instance.objects.open(file.location) as stream:
        assert stream.read() == CONTENT


def test_received_parts_are_hashed_when_the_disk_is_back(instance: Instance, owner: Viewer, received: str) -> None:
    with away(instance):
        try_often(instance)
    assert_completes(instance, owner, received)


def test_received_parts_that_cannot_be_read_for_long_wait(instance: Instance, owner: Viewer, received: str) -> None:
    """While the store as a whole is there: a folder stands for one of them, which no program can read."""
    with away(instance, within=f"incoming/{note(instance)['upload']['folder']}/2"):
        try_often(instance)
    assert_completes(instance, owner, received)


def test_no_file_is_refused_for_good_while_the_disk_is_away(instance: Instance, owner: Viewer) -> None:
    draft_id = announce(instance, owner)
    with away(instance):
        for attempt in (send, lambda *given: transfers.commit(*given, "a.bin")):
            with pytest.raises(Unreachable):
                attempt(instance, owner, draft_id)
        with pytest.raises(Unreachable):
            announce(instance, owner)
    send(instance, owner, draft_id)
    assert transfers.commit(instance, owner, draft_id, "a.bin").completed


def test_a_small_file_waits_where_its_commit_could_not_read_it(
    instance: Instance, owner: Viewer, tmp_path: Path
) -> None:
    draft_id = announce(instance, owner)
    send(instance, owner, draft_id)
    part = f"incoming/{note(instance)['upload']['folder']}/2"
    with pytest.MonkeyPatch.context() as patch:
        complete = type(instance.objects.parts).complete

        def complete_and_lose(*given: Any) -> None:
            complete(*given)
            (instance.settings.home / "objects").rename(tmp_path / "away")

        patch.setattr(type(instance.objects.parts), "complete", complete_and_lose)
        with pytest.raises(Unreachable):
            transfers.commit(instance, owner, draft_id, "a.bin")
    (tmp_path / "away").rename(instance.settings.home / "objects")
    assert (instance.settings.home / "objects" / part).exists()
    assert transfers.commit(instance, owner, draft_id, "a.bin").completed


def test_what_could_not_be_hashed_is_kept_until_its_time_is_over(
    instance: Instance, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often: whatever was wrong may be mended, and these bytes are the only ones."""
    folder = instance.settings.home / "objects" / "incoming" / note(instance)["upload"]["folder"]

    def fail(*_given: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(type(instance.objects.parts), "read", fail)
    try_often(instance)
    assert note(instance)["error"], received
    now = datetime.now(UTC)
    sweeping.sweep(instance, now + parts.LIFETIME - timedelta(hours=1))
    assert (folder / "1").read_bytes() + (folder / "2").read_bytes() == CONTENT
    assert sweeping.sweep(instance, now + parts.LIFETIME + timedelta(hours=1)).unfinished == 1
    assert not folder.exists()
