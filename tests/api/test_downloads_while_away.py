"""Bytes on a disk that is away are told as such: nobody hears that there are none."""

from repository.app import create_app
from repository.services.instance import Instance
from tests.instances import body, person, published


def test_a_download_from_a_disk_that_is_away_is_a_503(instance: Instance) -> None:
    record_id = published(instance, person(instance, "owner"), body(), {"a.txt": b"rain"})
    client, path = create_app(instance).test_client(), f"/api/records/{record_id}/files/a.txt/content"
    objects = instance.settings.home / "objects"
    away = objects.rename(objects.with_name("away"))
    objects.mkdir()
    assert client.get(path).status_code == 503
    assert client.get(path, headers={"Range": "bytes=0-1"}).status_code == 503
    objects.rmdir()
    away.rename(objects)
    assert client.get(path, buffered=True).data == b"rain"
    for stored in objects.glob("??/??/*"):
        stored.unlink()
    assert client.get(path).status_code == 404, "the disk is there, and the bytes are not"
