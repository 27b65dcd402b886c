"""Services over a real S3: equal bytes keep one object, a row never lacks its bytes, an erasure leaves none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from repository.errors import WrongSetting
from repository.records.visibility import Viewer
from repository.services import drafts, sweeping, uploads, withdrawal
from repository.services.files import FileEntry
from repository.services.instance import Instance, initialise, open_instance
from repository.settings import load
from repository.storage.models import Blob
from tests.instances import METADATA, body, person, published
from tests.servers.ceph import CephServer
from tests.servers.proxy import FaultyProxy

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


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The folder of another instance, which is not a copy of the first."""
    initialise(tmp_path / "other").close()
    return tmp_path / "other"


def test_another_instance_is_refused_the_bucket_until_it_takes_it_over(
    s3_instance: Instance, owner: Viewer, other: Path
) -> None:
    file = upload(s3_instance, owner)
    wrong = {"objects": s3_instance.settings.objects}
    for _ in range(2):
        with pytest.raises(WrongSetting, match="belongs to another instance"):
            open_instance(load(other, environment={}, overrides=wrong))
        with pytest.raises(WrongSetting, match="belongs to another instance"):
            initialise(other, wrong)
    assert content(s3_instance, file) == CONTENT
    open_instance(s3_instance.settings).close()
    initialise(other, wrong, take_over=True).close()
    open_instance(load(other, environment={}, overrides=wrong)).close()
    with pytest.raises(WrongSetting):
        open_instance(s3_instance.settings)


def test_who_opens_while_s3_is_down_is_refused_before_anything_is_changed(
    s3_instance: Instance, owner: Viewer, other: Path, ceph: CephServer
) -> None:
    file = upload(s3_instance, owner)
    with FaultyProxy(ceph.port) as proxy:
        proxy.down()
        through = s3_instance.settings.objects.replace(ceph.endpoint, proxy.endpoint)
        instance = open_instance(load(other, environment={}, overrides={"objects": through}))
        proxy.up()
        late = datetime(2100, 1, 1, tzinfo=UTC)
        for change in (
            lambda: sweeping.sweep(instance, late),
            lambda: instance.objects.put([b"x"]),
            lambda: instance.objects.delete(file.location),
            instance.objects.parts.begin,
        ):
            with pytest.raises(WrongSetting, match="belongs to another instance"):
                change()
        instance.close()
    assert stored(s3_instance) == [file.location]


def test_the_mark_is_asked_for_once_and_never_swept(s3_instance: Instance, owner: Viewer, ceph: CephServer) -> None:
    with FaultyProxy(ceph.port) as proxy:
        through = s3_instance.settings.objects.replace(ceph.endpoint, proxy.endpoint)
        instance = open_instance(load(s3_instance.settings.home, environment={}, overrides={"objects": through}))
        upload(instance, owner)
        upload(instance, owner, b"other")
        sweeping.sweep(instance, datetime(2100, 1, 1, tzinfo=UTC))
        assert sum("colophon-instance" in target for _method, target in proxy.requests) == 1
        instance.close()
    open_instance(s3_instance.settings).close()
