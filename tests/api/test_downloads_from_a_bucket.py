"""A download asks S3 once, for what is sent and no more; cut off, it goes on in the very same object."""

import os
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.cli.serve import build_app
from repository.errors import Unreachable
from repository.services.instance import Instance
from repository.storage.models import Blob
from tests.instances import body, person, published
from tests.servers.ceph import CephServer
from tests.servers.proxy import Fault, FaultyProxy

pytestmark = pytest.mark.service

CONTENT = os.urandom(3_000_000)


@pytest.fixture
def client(behind: Instance) -> FlaskClient:
    return build_app(behind).test_client()


@pytest.fixture
def path(behind: Instance, proxy: FaultyProxy) -> str:
    record_id = published(behind, person(behind, "owner"), body(), {"a.bin": CONTENT, "empty": b""})
    proxy.requests.clear()
    proxy.ranges.clear()
    return f"/api/records/{record_id}/files/a.bin/content"


def location(instance: Instance) -> str:
    with instance.database.read() as connection:
        return str(connection.execute(select(Blob.location).where(Blob.size > 0)).scalar_one())


def test_a_download_is_one_request(client: FlaskClient, proxy: FaultyProxy, path: str) -> None:
    assert client.get(path, buffered=True).data == CONTENT
    part = client.get(path, headers={"Range": "bytes=1000000-1999999"}, buffered=True)
    assert (part.status_code, part.data) == (206, CONTENT[1_000_000:2_000_000])
    assert part.headers["Content-Range"] == f"bytes 1000000-1999999/{len(CONTENT)}"
    assert client.get(path, headers={"Range": "bytes=-10"}, buffered=True).data == CONTENT[-10:]
    assert client.get(path.replace("a.bin", "empty"), buffered=True).data == b""
    assert [method for method, _ in proxy.requests] == ["GET"] * 3
    assert proxy.ranges == ["bytes=0-2999999", "bytes=1000000-1999999", "bytes=2999990-2999999"]


def test_who_gets_no_bytes_costs_no_request(client: FlaskClient, proxy: FaultyProxy, path: str) -> None:
    head = client.head(path)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(CONTENT)))
    tag = head.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-Match": '"another"'}).status_code == 412
    assert client.get(path, headers={"Range": "bytes=9000000-"}).status_code == 416
    assert proxy.requests == []


def test_bytes_that_are_missing_are_told_before_the_answer_begins(
    behind: Instance, client: FlaskClient, path: str
) -> None:
    behind.objects.delete(location(behind))
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"Range": "bytes=5-9"}).status_code == 404


def test_a_range_that_is_cut_is_taken_up_at_the_byte_reached(
    client: FlaskClient, proxy: FaultyProxy, path: str
) -> None:
    with proxy.harming(Fault("cut answer", "GET", bytes=500_000, times=1)):
        part = client.get(path, headers={"Range": "bytes=1000000-1999999"}, buffered=True)
    assert part.data == CONTENT[1_000_000:2_000_000]
    assert proxy.ranges == ["bytes=1000000-1999999", "bytes=1500000-1999999"]


def test_what_goes_on_is_the_same_object(behind: Instance, proxy: FaultyProxy, path: str, ceph: CephServer) -> None:
    """Nobody of us writes to a key again; but if it were done, two objects must not be mixed."""
    store: Any = behind.objects
    stream = store.open(location(behind), stop=len(CONTENT))
    with proxy.harming(Fault("cut answer", "GET", bytes=500_000, times=1)):
        assert stream.read(400_000) == CONTENT[:400_000]
        ceph.client.put_object(Bucket=store.bucket, Key=store.key(location(behind)), Body=bytes(len(CONTENT)))
        with pytest.raises(Unreachable, match="412"):
            stream.read()
    stream.close()
