"""`colophon serve` on PostgreSQL and a bucket of Ceph: from upload to erasure, and big bodies in little memory."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from repository.services import transfers
from repository.storage.objects.s3 import S3Store
from tests.instances import METADATA
from tests.servers.ceph import CephServer
from tests.servers.colophon import ColophonServer, running
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.service

BIG = 64 << 20
AT_ONCE = 3
MEMORY = 200 << 20
"""Bytes that a web worker may have: the budget of the house."""


@pytest.fixture(scope="module")
def server(
    instance_template: Path, tmp_path_factory: pytest.TempPathFactory, ceph: CephServer,
    postgres: PostgresServer, postgres_instance_template: str,
) -> Iterator[ColophonServer]:  # fmt: skip
    home = tmp_path_factory.mktemp("on-s3") / "instance"
    stores = {
        "database": postgres.create_database(template=postgres_instance_template),
        "objects": f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}",
    }
    with running(ColophonServer.over(instance_template, home, **stores)) as started:
        yield started


@pytest.fixture
def bucket(server: ColophonServer) -> S3Store:
    return S3Store(server.overrides["objects"])


def pattern(number: int, size: int) -> Iterator[bytes]:
    """Bytes that need no memory to be sent: a block of its own for each number, again and again."""
    block = hashlib.sha256(str(number).encode()).digest() * (1 << 12)
    for _ in range(size // len(block)):
        yield block


def upload(server: ColophonServer, number: int, size: int = BIG) -> dict[str, str]:
    """A draft with one file, committed; returns the draft's links."""
    request = {"metadata": METADATA, "files": {"enabled": True}}
    links: dict[str, str] = server.request("POST", "/api/records", "owner", json=request).json()["links"]
    server.request("POST", links["files"], "owner", json=[{"key": "rain gauge.bin"}])
    address = f"{links['files']}/rain%20gauge.bin"
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    sent = server.request("PUT", f"{address}/content", "owner", content=pattern(number, size), headers=headers)
    assert sent.status_code == 200, sent.text
    done = server.request("POST", f"{address}/commit", "owner")
    assert done.json()["size"] == size, done.text
    return links


def publish(server: ColophonServer, links: dict[str, str]) -> str:
    answer = server.request("POST", links["publish"], "owner")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def download(server: ColophonServer, record_id: str) -> str:
    """The SHA-256 of what comes."""
    sha256 = hashlib.sha256()
    url = f"{server.base}/api/records/{record_id}/files/rain%20gauge.bin/content"
    with httpx.stream("GET", url, timeout=60) as answer:
        for block in answer.iter_bytes():
            sha256.update(block)
    return sha256.hexdigest()


def erase(server: ColophonServer, record_id: str) -> None:
    settings = {"home": str(server.home), **server.overrides}
    variables = {f"COLOPHON_{name.replace('.', '_').upper()}": str(value) for name, value in settings.items()}
    command = [Path(sys.executable).parent / "colophon", "records", "erase", record_id]
    subprocess.run([*command, "--yes"], env={**os.environ, **variables}, check=True, capture_output=True)


def test_a_file_lives_from_upload_to_erasure(server: ColophonServer, bucket: S3Store) -> None:
    content = b"".join(pattern(0, 20 << 20))
    record_id = publish(server, upload(server, 0, len(content)))
    assert len(list(bucket.locations())) == 1
    for address in (f"/api/records/{record_id}/files/rain%20gauge.bin/content",
                    f"/records/{record_id}/files/rain%20gauge.bin"):  # fmt: skip
        whole = server.get(address)
        assert whole.content == content
        assert whole.headers["Content-Length"] == str(len(content))
        assert whole.headers["ETag"] == f'"md5:{hashlib.md5(content).hexdigest()}"'
        from_end = (f"bytes={len(content) - 10}-", slice(-10, None))
        for asked, part in (
            ("bytes=9000000-9000099", slice(9_000_000, 9_000_100)),
            from_end,
            ("bytes=-5", slice(-5, None)),
        ):
            answer = server.get(address, headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, content[part])
        assert server.get(address, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    erase(server, record_id)
    assert server.get(f"/api/records/{record_id}").status_code == 410
    assert list(bucket.locations()) == []


def test_equal_bytes_keep_one_object(server: ColophonServer, bucket: S3Store) -> None:
    before = set(bucket.locations())
    records = [publish(server, upload(server, 100, 1 << 20)) for _ in range(2)]
    assert len(set(bucket.locations()) - before) == 1
    assert download(server, records[0]) == download(server, records[1])


def test_a_large_file_in_parts_is_hashed_beside_the_readers(server: ColophonServer, bucket: S3Store) -> None:
    part, size = 30 << 20, transfers.AT_ONCE + (1 << 20)
    content = b"".join(pattern(200, size))
    request = {"metadata": METADATA, "files": {"enabled": True}}
    links = server.request("POST", "/api/records", "owner", json=request).json()["links"]
    wish = {"key": "rain gauge.bin", "size": size, "transfer": {"type": "M", "parts": 3, "part_size": part}}
    entry = server.request("POST", links["files"], "owner", json=[wish]).json()["entries"][0]
    for number, link in enumerate(entry["links"]["parts"]):
        assert link["url"].startswith(bucket.control.meta.endpoint_url)
        assert httpx.put(link["url"], content=content[number * part : (number + 1) * part]).status_code == 200
    done = server.request("POST", entry["links"]["commit"], "owner")
    assert (done.status_code, done.json()["status"]) == (200, "pending")
    server.wait_for(lambda: server.get(entry["links"]["self"], "owner").json()["status"] == "completed", 60)
    assert download(server, publish(server, links)) == hashlib.sha256(content).hexdigest()


def test_big_bodies_take_little_memory(server: ColophonServer) -> None:
    expected, records, failed = {}, [], []

    def go(number: int) -> None:
        try:
            record_id = publish(server, upload(server, number))
            expected[record_id] = hashlib.sha256(b"".join(pattern(number, BIG))).hexdigest()
            records.append((record_id, download(server, record_id)))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(1, AT_ONCE + 1)]
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        most = max(most, *(anonymous_memory(process.id) for process in server.processes()))
        threads[0].join(0.05)
    for thread in threads:
        thread.join()
    assert not failed, server.end_of_log()
    assert dict(records) == expected
    print(f"most anonymous memory of one process: {most >> 20} MiB")
    assert most < MEMORY


def anonymous_memory(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(found[0].split()[1]) << 10 if found else 0
