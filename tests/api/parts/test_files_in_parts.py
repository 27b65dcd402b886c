"""Files in parts (transfer M), over REST, on a folder and on a bucket: parts, commit, what can go wrong."""

import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from repository.services import transfers
from repository.services.instance import Instance
from repository.storage.models import File
from tests.api.conftest import Caller
from tests.api.parts.uploads import (
    CONTENT,
    PART,
    announce,
    commit,
    draft,
    left,
    part,
    send,
    send_all,
    transfer,
)


def test_a_file_comes_in_parts_and_is_published(owner: Caller, instance: Instance) -> None:
    links = draft(owner)
    entry = announce(owner, links, checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}")
    assert entry["transfer"] == {"type": "M", "parts": 3, "part_size": PART}
    assert entry["status"] == "pending"
    assert entry["links"]["content"] is None
    assert [link["part"] for link in entry["links"]["parts"]] == [1, 2, 3]
    days = timedelta(days=14 if instance.objects.content_addressed else 7)
    for link in entry["links"]["parts"]:
        assert (
            timedelta(0) <= datetime.now(UTC) + days - datetime.fromisoformat(link["expiration"]) < timedelta(minutes=5)
        )
    send_all(owner, entry)
    assert send(owner, entry["links"]["parts"][0]["url"], part(1))[0] == 200, "a part may be sent again"
    done = commit(owner, entry)
    assert done.status_code == 200, done.json
    assert (done.json["status"], done.json["size"]) == ("completed", len(CONTENT))
    assert done.json["checksum"] == f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    assert "parts" not in done.json["links"]
    assert commit(owner, entry).json["status"] == "completed", "a commit may be repeated"
    published = owner("POST", links["publish"])
    assert published.status_code == 202
    content = owner(
        "GET", f"{published.json['links']['files']}/a.bin/content", headers={"Range": f"bytes={PART - 5}-{PART + 4}"}
    )
    assert content.data == CONTENT[PART - 5 : PART + 5]
    assert owner("GET", f"{published.json['links']['files']}/a.bin/content").data == CONTENT
    assert left(instance) == []


def test_small_files_do_not_wait_for_large_ones(
    owner: Caller, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "AT_ONCE", 0)
    sizes = (3000, 1, 20_000, 500)
    for size in sizes:
        entry = announce(owner, draft(owner), size=size, parts=1, part_size=PART)
        assert send(owner, entry["links"]["parts"][0]["url"], os.urandom(size))[0] == 200
        assert commit(owner, entry).json["status"] == "pending"
    found: list[int] = []
    original = transfers.blobs.known
    monkeypatch.setattr(
        transfers.blobs, "known", lambda opened, stored: (found.append(stored.size), original(opened, stored))[1]
    )
    assert transfers.finish_received(instance) == len(sizes)
    assert found == sorted(sizes)


def test_equal_bytes_keep_one_object(owner: Caller, instance: Instance) -> None:
    for _ in range(2):
        entry = announce(owner, draft(owner))
        send_all(owner, entry)
        assert commit(owner, entry).json["status"] == "completed"
    assert len(list(instance.objects.locations())) == 1
    assert left(instance) == []


def test_commits_at_the_same_moment_agree(owner: Caller, instance: Instance) -> None:
    entry = announce(owner, draft(owner))
    send_all(owner, entry)
    answers: list[TestResponse] = []
    threads = [threading.Thread(target=lambda: answers.append(commit(owner, entry))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 6, [answer.json for answer in answers]
    assert owner("GET", entry["links"]["self"]).json["status"] == "completed"
    assert len(list(instance.objects.locations())) == 1
    assert left(instance) == []


@pytest.mark.parametrize("step", ["complete", "read"])
def test_a_commit_that_is_overtaken_by_another_agrees(
    owner: Caller, instance: Instance, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The other one does all of it while this one is about to take the step."""
    entry = announce(owner, draft(owner))
    send_all(owner, entry)
    kind: Any = type(instance.objects.parts)
    original = getattr(kind, step)

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(kind, step, original)
        assert commit(owner, entry).json["status"] == "completed"
        return original(*arguments)

    monkeypatch.setattr(kind, step, overtaken)
    answer = commit(owner, entry)
    assert (answer.status_code, answer.json["status"]) == (200, "completed")
    assert left(instance) == []


def test_missing_parts_are_named_and_can_still_be_sent(owner: Caller) -> None:
    entry = announce(owner, draft(owner))
    assert send(owner, entry["links"]["parts"][1]["url"], part(2))[0] == 200
    refused = commit(owner, entry)
    assert (refused.status_code, refused.json["message"]) == (400, "Parts are missing: 1, 3.")
    send_all(owner, entry)
    assert commit(owner, entry).json["status"] == "completed"


@pytest.mark.parametrize("wrong", [PART - 1, PART + 1])
def test_a_part_of_a_wrong_size_is_refused(owner: Caller, instance: Instance, wrong: int) -> None:
    """By whoever takes it: by the bucket since its length is signed."""
    entry = announce(owner, draft(owner))
    send_all(owner, entry)
    status, text = send(owner, entry["links"]["parts"][0]["url"], bytes(wrong))
    if instance.objects.content_addressed:
        assert (status, f"Part 1 must have {PART} bytes" in text) == (400, True)
    else:
        assert (status, "SignatureDoesNotMatch" in text) == (403, True)
    assert send(owner, entry["links"]["parts"][2]["url"], bytes(99))[0] in (400, 403), "the last one has the rest"
    done = commit(owner, entry)
    assert done.json["status"] == "completed", "the right ones are still there"
    assert done.json["checksum"] == f"md5:{hashlib.md5(CONTENT).hexdigest()}"


@pytest.mark.service
@pytest.mark.parametrize("instance", ["s3"], indirect=True)
def test_a_part_of_unknown_length_is_refused_by_the_bucket(owner: Caller, instance: Instance) -> None:
    entry = announce(owner, draft(owner))
    assert httpx.put(entry["links"]["parts"][0]["url"], content=iter([part(1)])).status_code in (403, 411)
    assert commit(owner, entry).json["message"] == "Parts are missing: 1, 2, 3."


def test_other_bytes_than_announced_fail_and_leave_nothing(owner: Caller, instance: Instance) -> None:
    links = draft(owner)
    entry = announce(owner, links, checksum="md5:00000000000000000000000000000000")
    send_all(owner, entry)
    refused = commit(owner, entry)
    assert refused.status_code == 400
    assert "checksum of a.bin was announced as md5:0000" in refused.json["message"]
    shown = owner("GET", entry["links"]["self"]).json
    assert shown["status"] == "failed"
    assert "checksum" in shown["transfer"]["error"]
    assert commit(owner, entry).status_code == 400
    assert owner("POST", links["publish"]).status_code == 400
    if not instance.objects.content_addressed:  # in a folder others may have the same bytes: they go with the sweep
        assert left(instance) == []


@pytest.mark.parametrize("what", ["file", "files", "draft"])
@pytest.mark.parametrize("committed", [False, True])
def test_who_deletes_the_file_or_the_draft_abandons_the_upload(
    owner: Caller, instance: Instance, monkeypatch: pytest.MonkeyPatch, what: str, committed: bool
) -> None:
    monkeypatch.setattr(transfers, "AT_ONCE", 0)
    links = draft(owner)
    entry = announce(owner, links)
    send_all(owner, entry)
    if committed:
        assert commit(owner, entry).json["status"] == "pending"
    assert left(instance)
    url = {"file": entry["links"]["self"], "files": links["files"], "draft": links["self"]}[what]
    assert owner("DELETE", url).status_code == 204
    assert left(instance) == []
    assert commit(owner, entry).status_code == 404
    assert transfers.finish_received(instance) == 0


def test_an_upload_that_the_store_has_lost_is_told(owner: Caller, instance: Instance) -> None:
    entry = announce(owner, draft(owner))
    assert instance.objects.parts.sweep(datetime.now(UTC) - timedelta(days=1)) == 0, "it is new"
    assert instance.objects.parts.sweep(datetime.now(UTC) + timedelta(days=1)) == 1
    assert left(instance) == []
    refused = commit(owner, entry)
    assert (refused.status_code, refused.json["message"]) == (
        400, "This upload is no more: delete the file and announce it again.",
    )  # fmt: skip


def test_a_commit_that_nobody_noted_is_taken_up_again(owner: Caller, instance: Instance) -> None:
    """The process died between the store's answer and the row."""
    entry = announce(owner, draft(owner))
    send_all(owner, entry)
    with instance.database.read() as connection:
        upload = connection.execute(select(File.transfer)).scalar_one()["upload"]
    instance.objects.parts.complete(upload, [PART, PART, 100])
    assert commit(owner, entry).json["status"] == "completed"
    assert left(instance) == []


def test_the_content_address_takes_no_file_that_comes_in_parts(owner: Caller) -> None:
    entry = announce(owner, draft(owner))
    content = f"{entry['links']['self']}/content"
    octets = {"Content-Type": "application/octet-stream"}
    whole = owner("PUT", content, data=CONTENT, headers=octets)
    assert (whole.status_code, "links.parts" in whole.json["message"]) == (400, True)
    assert owner("PUT", f"{content}/4", data=b"x", headers=octets).status_code == 400
    assert owner("PUT", f"{content}/0", data=b"x", headers=octets).status_code == 400


def test_parts_of_a_file_that_comes_whole_are_refused(owner: Caller) -> None:
    links = draft(owner)
    owner("POST", links["files"], json=[{"key": "b.bin"}])
    octets = {"Content-Type": "application/octet-stream"}
    answer = owner("PUT", f"{links['files']}/b.bin/content/1", data=b"x", headers=octets)
    assert (answer.status_code, "not announced in parts" in answer.json["message"]) == (400, True)


@pytest.mark.parametrize("instance", ["folder"], indirect=True)  # S3 itself refuses links that have expired
def test_an_upload_expires(owner: Caller, instance: Instance) -> None:
    entry = announce(owner, draft(owner))
    with instance.database.write() as connection:
        transfer = connection.execute(select(File.transfer)).scalar_one()
        begun = (datetime.now(UTC) - timedelta(days=15)).isoformat()
        connection.execute(update(File).values(transfer={**transfer, "begun": begun}))
    status, text = send(owner, entry["links"]["parts"][0]["url"], part(1))
    assert (status, "has expired" in text) == (400, True)


def test_no_link_outlives_the_upload(owner: Caller, instance: Instance) -> None:
    """What is sent after its end is removed."""
    entry = announce(owner, draft(owner))
    begun = datetime.now(UTC) - timedelta(days=14) + timedelta(hours=1)
    transfer(instance, begun=begun.isoformat())
    for link in owner("GET", entry["links"]["self"]).json["links"]["parts"]:
        assert datetime.fromisoformat(link["expiration"]) == begun + timedelta(days=14)
        if not instance.objects.content_addressed:
            signed = int(parse_qs(urlsplit(link["url"]).query)["X-Amz-Expires"][0])
            assert 3500 < signed <= 3600
    transfer(instance, begun=(datetime.now(UTC) - timedelta(days=14)).isoformat())
    assert "parts" not in owner("GET", entry["links"]["self"]).json["links"]
