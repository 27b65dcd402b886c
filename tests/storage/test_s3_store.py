"""A bucket keeps the contract of object stores: all of this on a real Ceph."""

import hashlib
import os
import tracemalloc
from collections.abc import Iterator

import pytest

from repository.errors import NotFound, Unreachable
from repository.storage.objects.s3 import PART, S3Store
from tests.servers.ceph import CephServer
from tests.storage.objects_contract import RULES, Rule

pytestmark = pytest.mark.service


@pytest.fixture
def bucket(ceph: CephServer) -> str:
    return ceph.create_bucket()


@pytest.fixture
def store(ceph: CephServer, bucket: str) -> S3Store:
    return S3Store(f"s3://{bucket}?endpoint_url={ceph.endpoint}")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_contract(rule: Rule, store: S3Store) -> None:
    rule(store)


def test_a_large_file_takes_the_memory_of_one_part(store: S3Store) -> None:
    chunk = os.urandom(1 << 20)
    store.put([b"warm"])
    tracemalloc.start()
    stored = store.put(chunk for _ in range(80))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stored.size == 80 << 20
    assert peak < 3 * PART
    sha256 = hashlib.sha256()
    with store.open(stored.location) as stream:
        while block := stream.read(1 << 20):
            sha256.update(block)
    assert sha256.hexdigest() == stored.sha256


@pytest.mark.parametrize("size", [PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1])
def test_sizes_at_the_borders_of_parts(store: S3Store, size: int) -> None:
    content = os.urandom(size)
    stored = store.put([content])
    assert (stored.size, stored.md5) == (size, hashlib.md5(content).hexdigest())
    with store.open(stored.location) as stream:
        assert stream.read() == content


def test_an_upload_that_breaks_leaves_no_parts(store: S3Store, ceph: CephServer, bucket: str) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(3 * PART)
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.put(broken())
    assert "Uploads" not in ceph.client.list_multipart_uploads(Bucket=bucket)


def test_a_prefix_keeps_two_stores_of_one_bucket_apart(ceph: CephServer, bucket: str) -> None:
    one, two = (S3Store(f"s3://{bucket}/{name}/?endpoint_url={ceph.endpoint}") for name in ("one", "two"))
    stored = one.put([b"mine"])
    assert [location for location, _ in one.locations()] == [stored.location]
    assert list(two.locations()) == []
    assert [entry["Key"] for entry in ceph.client.list_objects_v2(Bucket=bucket)["Contents"]] == [
        f"one/{stored.location}"
    ]
    with pytest.raises(NotFound):
        two.open(stored.location)


def test_without_its_bucket_nothing_is_taken_for_missing(ceph: CephServer) -> None:
    store = S3Store(f"s3://no-such-bucket?endpoint_url={ceph.endpoint}")
    for call in (lambda: store.exists("ab/abc"), lambda: store.open("ab/abc"), lambda: store.put([b"x"]),
                 lambda: list(store.locations()), lambda: store.delete("ab/abc")):  # fmt: skip
        with pytest.raises(Unreachable, match="bucket"):
            call()


@pytest.mark.parametrize("left", [b"0123", b""])
def test_what_was_cut_off_is_missing_beyond_its_end(store: S3Store, left: bytes) -> None:
    """Nothing is wrong with the store then, and nothing of it is told."""
    stored = store.put([b"0123456789"])
    store.control.put_object(Bucket=store.bucket, Key=store.key(stored.location), Body=left)
    with store.open(stored.location, start=5, stop=10) as stream, pytest.raises(NotFound, match="has nothing there"):
        stream.read()


def test_wrong_credentials_are_told(store: S3Store, ceph: CephServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    refused = S3Store(f"s3://{store.bucket}?endpoint_url={ceph.endpoint}")
    with pytest.raises(Unreachable, match="Check bucket, credentials"):
        refused.put([b"x"])
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Unreachable, match="no credentials"):
        S3Store(f"s3://{store.bucket}?endpoint_url={ceph.endpoint}").put([b"x"])
