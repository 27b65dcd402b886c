"""The test of wholeness sees what is broken."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from repository.records.visibility import Viewer
from repository.services import drafts, transfers, uploads
from repository.services.instance import Instance
from repository.storage.models import ChangeRow, File, OaiRendering
from tests.instances import body, person, published
from tests.wholeness import assert_whole, run

pytestmark = pytest.mark.long


def blob_of(instance: Instance) -> Path:
    return next(instance.settings.home.glob("objects/??/??/*"))


def remove_bytes(instance: Instance) -> None:
    blob_of(instance).unlink()


def alter_bytes(instance: Instance) -> None:
    blob_of(instance).write_bytes(b"b")


def leave_a_gap(instance: Instance) -> None:
    with instance.database.write() as connection:
        connection.execute(text("UPDATE log_head SET position = position + 1"))


def skip_a_change(instance: Instance) -> None:
    with instance.database.write() as connection:
        connection.execute(update(ChangeRow).where(ChangeRow.position == 2).values(position=1000))
        connection.execute(update(ChangeRow).where(ChangeRow.position == 1000).values(position=2, record_id="x"))


def lose_a_rendering(instance: Instance) -> None:
    with instance.database.write() as connection:
        connection.execute(delete(OaiRendering))


def lose_a_page(instance: Instance) -> None:
    next((instance.settings.site_output / "current").resolve().rglob("*.html")).unlink()


def complete_without_bytes(instance: Instance) -> None:
    with instance.database.write() as connection:
        connection.execute(update(File).values(blob=None))


def fail_without_a_reason(instance: Instance) -> None:
    with instance.database.write() as connection:
        connection.execute(update(File).values(blob=None, status="failed"))


def lose_what_was_received(instance: Instance) -> None:
    """The parts were acknowledged, and are gone."""
    owner = Viewer(account="1")
    draft_id = drafts.create(instance, owner, {**body(), "files": {"enabled": True}}).id
    transfer = {"type": "M", "parts": 1, "part_size": 4}
    uploads.announce(instance, owner, draft_id, [{"key": "a.bin", "size": 4, "transfer": transfer}])
    transfers.write_part(instance, owner, draft_id, "a.bin", 1, [b"rain"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfers, "AT_ONCE", 0)
        transfers.commit(instance, owner, draft_id, "a.bin")
    for folder in instance.settings.home.glob("objects/incoming/parts-*"):
        shutil.rmtree(folder)


@pytest.fixture
def filled(any_instance: Instance) -> Instance:
    owner = person(any_instance, "owner")
    published(any_instance, owner, body("Rain"), {"a.txt": b"a"})
    published(any_instance, owner, body("Snow"))
    run(any_instance)
    return any_instance


def check(instance: Instance) -> None:
    assert_whole(instance.settings.home, {"database": instance.settings.database})


def test_an_instance_that_nothing_happened_to_is_whole(filled: Instance) -> None:
    check(filled)


DAMAGES = {
    "bytes of .* are missing": remove_bytes,
    "other bytes than": alter_bytes,
    "lacks its bytes": complete_without_bytes,
    "is failed, and its parts say": fail_without_a_reason,
    "were received and are lost": lose_what_was_received,
    "positions are missing": leave_a_gap,
    "not in the log": skip_a_change,
    "oai": lose_a_rendering,
    "site": lose_a_page,
}


@pytest.mark.parametrize("told", DAMAGES)
def test_what_is_broken_is_seen(filled: Instance, told: str) -> None:
    DAMAGES[told](filled)
    with pytest.raises(AssertionError, match=told):
        check(filled)
