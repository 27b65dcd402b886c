"""S3 that is down, slow, cut off, or answers 500 after the fact: clear answers, nothing half-written, whole again."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from repository.cli.serve import build_app
from repository.errors import Unreachable
from repository.services import withdrawal
from repository.services.accounts import create_token
from repository.services.instance import Instance
from repository.storage.models import Blob
from repository.storage.objects.s3 import PART
from tests.instances import METADATA, copy_instance, person
from tests.servers.ceph import CephServer
from tests.servers.proxy import Fault, FaultyProxy, Harm
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service

SMALL = b"rain " * 1000
LARGE = 2 * PART + 1000


class Depositor:
    """Uses the API with a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def __call__(self, method: str, url: str, **options: Any) -> TestResponse:
        path = "/" + url.removeprefix("http://repository.test").lstrip("/")
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, buffered=True, **options)

    def draft(self, *, files: bool = True) -> dict[str, str]:
        """Links of a draft with one file that is announced."""
        draft = self("POST", "/api/records", json={"metadata": METADATA, "files": {"enabled": files}}).json
        assert draft is not None
        if files:
            assert self("POST", draft["links"]["files"], json=[{"key": "a.bin"}]).status_code == 201
        links: dict[str, str] = draft["links"]
        return links

    def send(self, draft: dict[str, str], content: bytes) -> TestResponse:
        octets = {"Content-Type": "application/octet-stream"}
        return self("PUT", f"{draft['files']}/a.bin/content", data=content, headers=octets)

    def publish(self, draft: dict[str, str]) -> TestResponse:
        self("POST", f"{draft['files']}/a.bin/commit")
        return self("POST", draft["publish"])


@pytest.fixture
def proxy(ceph: CephServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(ceph.port) as started:
        yield started


@pytest.fixture
def behind(proxy: FaultyProxy, ceph: CephServer, tmp_path: Path, instance_template: Path) -> Iterator[Instance]:
    """An instance that reaches its bucket through the proxy. Whatever was done to it, it is whole at the end."""
    url = f"s3://{ceph.create_bucket()}?endpoint_url={proxy.endpoint}"
    opened = copy_instance(instance_template, tmp_path / "instance", objects=url)
    proxy.requests.clear()  # among them was the mark of the bucket
    yield opened
    opened.close()
    proxy.mend()
    assert_whole(tmp_path / "instance", {"objects": url})


@pytest.fixture
def depositor(behind: Instance) -> Depositor:
    person(behind, "owner")
    return Depositor(build_app(behind).test_client(), create_token(behind, "owner@example.org"))


def rows(instance: Instance) -> list[str]:
    with instance.database.read() as connection:
        return list(connection.execute(select(Blob.location)).scalars())


def objects(instance: Instance) -> list[str]:
    return [location for location, _ in instance.objects.locations()]


def uploads_begun(instance: Instance, ceph: CephServer) -> int:
    bucket = instance.objects.bucket  # type: ignore[attr-defined]
    return len(ceph.client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()))


def is_unreachable(answer: TestResponse) -> bool:
    return (
        answer.status_code == 503
        and answer.json is not None
        and answer.json["status"] == 503
        and "object store" in answer.json["message"]
        and int(answer.headers["Retry-After"]) > 0
    )


def test_while_s3_is_down_only_files_are_refused_and_afterwards_all_is_whole(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy
) -> None:
    draft = depositor.draft()
    assert depositor.send(draft, SMALL).status_code == 200
    record_id = depositor.publish(draft).json["id"]  # type: ignore[index]
    content = f"/api/records/{record_id}/files/a.bin/content"
    waiting = depositor.draft()

    proxy.down()
    bare = depositor.draft(files=False)
    assert depositor("POST", bare["publish"]).status_code == 202
    assert is_unreachable(depositor.send(waiting, b"other"))
    assert is_unreachable(depositor("GET", content))
    assert depositor("GET", f"/records/{record_id}/files/a.bin").status_code == 503
    assert depositor("GET", f"{waiting['files']}/a.bin").json["status"] == "pending"  # type: ignore[index]
    assert len(rows(behind)) == 1

    proxy.up()
    assert objects(behind) == rows(behind)
    assert depositor("GET", content).data == SMALL
    assert depositor.send(waiting, b"other").status_code == 200
    assert depositor.publish(waiting).status_code == 202
    assert sorted(objects(behind)) == sorted(rows(behind))


def test_s3_that_never_answers_is_given_up(behind: Instance, depositor: Depositor, proxy: FaultyProxy) -> None:
    """That the limits of all calls exist: without them this test would never end."""
    draft = depositor.draft()
    with proxy.harming(Fault("hang")):
        assert is_unreachable(depositor.send(draft, SMALL))
        assert is_unreachable(depositor.send(draft, bytes(LARGE)))
    assert rows(behind) == []
    assert depositor.send(draft, SMALL).status_code == 200


def test_slow_s3_is_waited_for(behind: Instance, depositor: Depositor, proxy: FaultyProxy) -> None:
    draft = depositor.draft()
    with proxy.harming(Fault("slow", seconds=1.5)):
        assert depositor.send(draft, SMALL).status_code == 200
        assert depositor("GET", f"{draft['files']}/a.bin/content").data == SMALL
    assert objects(behind) == rows(behind)


@pytest.mark.parametrize("harm", ["500 after the fact", "lose answer"])
def test_a_small_upload_whose_answer_is_lost_is_found_by_head(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy, harm: Harm
) -> None:
    draft = depositor.draft()
    with proxy.harming(Fault(harm, "PUT")):  # every time: only a HEAD can tell
        assert depositor.send(draft, SMALL).status_code == 200
    assert [method for method, _ in proxy.requests].count("PUT") == 1
    assert len(rows(behind)) == 1
    assert objects(behind) == rows(behind)
    assert depositor("GET", f"{draft['files']}/a.bin/content").data == SMALL


@pytest.mark.parametrize("harm", ["500 after the fact", "lose answer"])
@pytest.mark.parametrize(
    ("method", "target"),
    [("POST", r"\?uploads"), ("PUT", "partNumber=2"), ("POST", r"\?uploadId")],
    ids=["begin", "part", "complete"],
)
def test_a_large_upload_survives_a_lost_answer_of_each_step(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy, harm: Harm, method: str, target: str
) -> None:
    content, draft = os.urandom(LARGE), depositor.draft()
    times = 1 if target != r"\?uploadId" else 100
    with proxy.harming(Fault(harm, method, target, times)):
        assert depositor.send(draft, content).status_code == 200
    assert len(rows(behind)) == 1
    assert objects(behind) == rows(behind)
    back = depositor("GET", f"{draft['files']}/a.bin/content").data
    assert hashlib.sha256(back).digest() == hashlib.sha256(content).digest()


def test_an_upload_that_is_cut_once_is_sent_again(behind: Instance, depositor: Depositor, proxy: FaultyProxy) -> None:
    small, large, content = depositor.draft(), depositor.draft(), os.urandom(LARGE)
    with proxy.harming(Fault("cut request", "PUT", times=1, bytes=2000)):
        assert depositor.send(small, SMALL).status_code == 200
    with proxy.harming(Fault("cut request", "PUT", times=1, bytes=1_000_000)):
        assert depositor.send(large, content).status_code == 200
    assert sorted(objects(behind)) == sorted(rows(behind))
    assert depositor("GET", f"{large['files']}/a.bin/content").data == content


def test_an_upload_that_is_always_cut_is_refused_and_leaves_nothing(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy, ceph: CephServer
) -> None:
    draft = depositor.draft()
    with proxy.harming(Fault("cut request", "PUT", bytes=2000)):
        assert is_unreachable(depositor.send(draft, SMALL))
        assert is_unreachable(depositor.send(draft, bytes(LARGE)))
    assert rows(behind) == objects(behind) == []
    assert uploads_begun(behind, ceph) == 0


def test_a_download_that_is_cut_is_taken_up_where_it_was(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy
) -> None:
    content, draft = os.urandom(LARGE), depositor.draft()
    assert depositor.send(draft, content).status_code == 200
    with proxy.harming(Fault("cut answer", "GET", bytes=3_000_000)):
        assert depositor("GET", f"{draft['files']}/a.bin/content").data == content
    assert [method for method, _ in proxy.requests].count("GET") == LARGE // 3_000_000 + 1


@pytest.mark.parametrize("harm", ["500 after the fact", "lose answer", "refuse"])
def test_a_commit_of_parts_survives_a_lost_answer(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy, harm: Harm
) -> None:
    links = depositor.draft(files=False)
    assert depositor("PUT", links["self"], json={"metadata": METADATA, "files": {"enabled": True}}).status_code == 200
    wish = {"key": "a.bin", "size": 9, "transfer": {"type": "M", "parts": 1, "part_size": 9}}
    entry = depositor("POST", links["files"], json=[wish]).json["entries"][0]  # type: ignore[index]
    assert httpx.put(entry["links"]["parts"][0]["url"], content=b"rain rain").status_code == 200
    times = 1 if harm == "refuse" else 100
    with proxy.harming(Fault(harm, "POST", "uploadId", times)):
        done = depositor("POST", entry["links"]["commit"])
    assert (done.status_code, done.json["status"]) == (200, "completed")  # type: ignore[index]
    assert objects(behind) == rows(behind)
    assert len(rows(behind)) == 1


def test_a_commit_of_parts_while_s3_is_down_is_taken_up_later(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy
) -> None:
    links = depositor.draft(files=False)
    depositor("PUT", links["self"], json={"metadata": METADATA, "files": {"enabled": True}})
    wish = {"key": "a.bin", "size": 9, "transfer": {"type": "M", "parts": 1, "part_size": 9}}
    entry = depositor("POST", links["files"], json=[wish]).json["entries"][0]  # type: ignore[index]
    assert httpx.put(entry["links"]["parts"][0]["url"], content=b"rain rain").status_code == 200
    proxy.down()
    assert is_unreachable(depositor("POST", entry["links"]["commit"]))
    assert is_unreachable(depositor("POST", links["files"], json=[{**wish, "key": "b.bin"}]))
    proxy.up()
    assert depositor("POST", entry["links"]["commit"]).json["status"] == "completed"  # type: ignore[index]
    assert [file["key"] for file in depositor("GET", links["files"]).json["entries"]] == ["a.bin"]  # type: ignore[index]


def test_an_erasure_that_s3_did_not_take_is_finished_by_the_next(
    behind: Instance, depositor: Depositor, proxy: FaultyProxy
) -> None:
    admin, draft = person(behind, "admin", admin=True), depositor.draft()
    depositor.send(draft, SMALL)
    record_id = depositor.publish(draft).json["id"]  # type: ignore[index]
    proxy.down()
    with pytest.raises(Unreachable):
        withdrawal.erase(behind, admin, record_id)
    proxy.up()
    assert len(objects(behind)) == 1
    withdrawal.erase(behind, admin, record_id)
    assert rows(behind) == objects(behind) == []
