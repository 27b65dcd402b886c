"""Services over a real S3: equal bytes keep one object, a row never lacks its bytes, an erasure leaves none."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from repository.records.visibility import Viewer
from repository.services import drafts, uploads, withdrawal
from repository.services.files import FileEntry
from repository.services.instance import Instance
from repository.storage.models import Blob
from tests.instances import METADATA, body, person, published

pytestmark = pytest.mark.service
CONTENT = b"rain " * 1000


@pytest.fixture
def owner(s3_instance: Instance) -> Viewer:
    return person(s3_instance, "owner")


def upload(instance: Instance, viewer: Viewer, content: bytes = CONTENT) -> FileEntry:
    """To a draft of its own."""
    draft = drafts.create(instance, viewer, {"metadata": METADATA, "files": {"enabled": True}})
    uploads.announce(instance, viewer, draft.id, [{"key": "a.txt"}])
    uploads.write_content(instance, viewer, draft.id, "a.txt", [content])
    return uploads.commit(instance, viewer, draft.id, "a.txt")


def stored(instance: Instance) -> list[str]:
    return [location for location, _ in instance.objects.locations()]


def named(instance: Instance) -> list[str]:
    with instance.database.read() as connection:
        return list(connection.execute(select(Blob.location)).scalars())


def alter(instance: Instance, **values: object) -> None:
    with instance.database.write() as connection:
        connection.execute(update(Blob).values(**values))


def content(instance: Instance, file: FileEntry) -> bytes:
    with instance.objects.open(file.location) as stream:
        return stream.read()


def test_equal_bytes_keep_one_object(s3_instance: Instance, owner: Viewer) -> None:
    first, second = upload(s3_instance, owner), upload(s3_instance, owner)
    assert first.location == second.location
    assert stored(s3_instance) == named(s3_instance) == [first.location]


def test_bytes_that_are_lost_are_replaced_by_an_upload(s3_instance: Instance, owner: Viewer) -> None:
    first = upload(s3_instance, owner)
    s3_instance.objects.delete(first.location)
    second = upload(s3_instance, owner)
    assert stored(s3_instance) == named(s3_instance) == [second.location] != [first.location]
    assert content(s3_instance, second) == CONTENT


@pytest.mark.parametrize("state", [{"dying_since": datetime(2026, 1, 1, tzinfo=UTC)}, {"fault": "other digest"}])
def test_bytes_that_are_dying_or_faulty_give_way_to_an_upload(
    s3_instance: Instance, owner: Viewer, state: dict[str, object]
) -> None:
    first = upload(s3_instance, owner)
    alter(s3_instance, checked=datetime(2026, 1, 1, tzinfo=UTC), **state)
    second = upload(s3_instance, owner)
    assert stored(s3_instance) == named(s3_instance) == [second.location] != [first.location]
    with s3_instance.database.read() as connection:
        row = connection.execute(select(Blob.dying_since, Blob.fault, Blob.checked)).one()
    assert tuple(row) == (None, "", None)


def test_an_erasure_deletes_the_object(s3_instance: Instance, owner: Viewer) -> None:
    admin = person(s3_instance, "admin", admin=True)
    record_id = published(s3_instance, owner, body(), {"a.txt": CONTENT, "large.bin": bytes(9 << 20)})
    assert len(stored(s3_instance)) == 2
    withdrawal.erase(s3_instance, admin, record_id)
    assert stored(s3_instance) == named(s3_instance) == []
