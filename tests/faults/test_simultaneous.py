"""Many at once, again after a lost answer, and cut off: over HTTP, with several workers."""

import hashlib
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.test_full_disk import OCTETS, announced, send
from tests.instances import METADATA, body
from tests.servers.colophon import ColophonServer, running
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service

MANY = 50


@pytest.fixture(scope="module")
def server(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("many") / "instance"
    started = ColophonServer.over(instance_template, home, serve__workers=3)
    with running(started):
        yield started
    assert_whole(home)


def created(server: ColophonServer, title: str = "One of many") -> str:
    answer = server.request("POST", "/api/records", "owner", json=body(title))
    assert answer.status_code == 201
    return str(answer.json()["id"])


def send_and_leave(server: ColophonServer, method: str, url: str, content: bytes, **headers: str) -> None:
    """Sends a whole request and goes away without its answer."""
    lines = [f"{method} {urlsplit(url).path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: close"]
    given = {"Authorization": f"Bearer {server.tokens['owner']}", "Content-Length": str(len(content)), **headers}
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
    with socket.create_connection(("127.0.0.1", server.port), 10) as client:
        client.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        client.shutdown(socket.SHUT_WR)


def test_fifty_files_are_sent_to_one_draft_at_once(server: ColophonServer) -> None:
    draft = server.request("POST", "/api/records", "owner", json={"metadata": METADATA, "files": {"enabled": True}})
    files = draft.json()["links"]["files"]
    contents = {f"{number}.bin": uuid.uuid4().bytes * 5000 for number in range(MANY)}

    def upload(key: str) -> tuple[int, int, int]:
        said = server.request("POST", files, "owner", json=[{"key": key}])
        sent = send(server, f"{files}/{key}", contents[key])
        done = server.request("POST", f"{files}/{key}/commit", "owner")
        return said.status_code, sent.status_code, done.status_code

    with ThreadPoolExecutor(MANY) as pool:
        assert set(pool.map(upload, contents)) == {(201, 200, 200)}
    record = server.request("POST", draft.json()["links"]["publish"], "owner").json()
    assert record["files"]["count"] == MANY
    for key, content in contents.items():
        assert server.get(f"/api/records/{record['id']}/files/{key}/content").content == content


def test_the_same_bytes_sent_fifty_times_at_once_are_stored_once(server: ColophonServer) -> None:
    content = uuid.uuid4().bytes * 50_000
    addresses = [announced(server, "same.bin") for _ in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(lambda address: send(server, address, content), addresses))
    assert {answer.status_code for answer in answers} == {200}
    digest = hashlib.sha256(content).hexdigest()
    assert len(list((server.home / "objects").rglob(digest))) == 1
    assert list((server.home / "objects" / "incoming").iterdir()) == []


def test_twenty_publish_one_draft_at_once_and_make_one_version(server: ColophonServer) -> None:
    draft_id = created(server)
    before = server.get("/api/status").json()["position"]
    with ThreadPoolExecutor(20) as pool:
        publish = f"/api/records/{draft_id}/draft/actions/publish"
        answers = list(pool.map(lambda _: server.request("POST", publish, "owner"), range(20)))
    assert sorted({answer.status_code for answer in answers}) == [202, 404]
    assert server.get(f"/api/records/{draft_id}/versions").json()["hits"]["total"] == 1
    assert server.get("/api/status").json()["position"] == before + 1


def test_a_request_sent_again_after_its_answer_was_lost_is_carried_out_once(server: ColophonServer) -> None:
    drafts = server.get("/api/user/records", "owner").json()["hits"]["total"]
    key, content, json = uuid.uuid4().hex, b'{"metadata": {"title": "Lost"}}', "application/json"
    send_and_leave(server, "POST", "/api/records", content, Idempotency_Key=key, Content_Type=json)

    def again() -> str:
        headers = {"Idempotency-Key": key, "Content-Type": json}
        answer = server.request("POST", "/api/records", "owner", content=content, headers=headers)
        assert answer.status_code in (201, 409), answer.text
        return str(answer.json().get("id", ""))

    draft_id = server.wait_for(again)
    assert again() == draft_id
    assert server.get("/api/user/records", "owner").json()["hits"]["total"] == drafts + 1


def test_bytes_sent_again_after_the_answer_was_lost_do_no_harm(server: ColophonServer) -> None:
    address = announced(server, "twice.bin")
    send_and_leave(server, "PUT", f"{address}/content", b"bytes", Content_Type=OCTETS["Content-Type"])
    assert send(server, address, b"bytes").status_code == 200
    for _ in range(2):
        assert server.request("POST", f"{address}/commit", "owner").status_code == 200
    assert server.get(f"{address}/content", "owner").content == b"bytes"


def test_the_slower_of_two_editors_is_told(server: ColophonServer) -> None:
    draft_id = created(server)
    path = f"/api/records/{draft_id}/draft"
    tag = server.get(path, "owner").headers["ETag"]
    with ThreadPoolExecutor(10) as pool:
        requests = [(body(f"Edited by {number}"), {"If-Match": tag}) for number in range(10)]
        answers = list(
            pool.map(lambda each: server.request("PUT", path, "owner", json=each[0], headers=each[1]), requests)
        )
    won = [answer for answer in answers if answer.status_code == 200]
    assert [len(won), {answer.status_code for answer in answers if answer not in won}] == [1, {412}]
    assert server.get(path, "owner").json()["metadata"]["title"] == won[0].json()["metadata"]["title"]
