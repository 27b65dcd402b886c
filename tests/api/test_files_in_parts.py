"""Files in parts (transfer M), over REST, on a folder and on a bucket: parts, commit, hashing, what can go wrong."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from repository.app import create_app
from repository.errors import Unreachable
from repository.records.snapshot import Json
from repository.services import transfers
from repository.services.accounts import create_account, create_token
from repository.services.instance import Instance
from repository.storage.models import Blob, File
from tests.api.conftest import Caller
from tests.instances import METADATA, copy_instance
from tests.servers.ceph import CephServer

PART = 5 << 20
"""S3 takes no smaller ones, the last excepted."""
CONTENT = os.urandom(2 * PART + 100)


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.service)])
def instance(request: pytest.FixtureRequest, tmp_path: Path, instance_template: Path) -> Iterator[Instance]:
    stores = {}
    if request.param == "s3":
        ceph: CephServer = request.getfixturevalue("ceph")
        stores["objects"] = f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}"
    opened = copy_instance(instance_template, tmp_path / "instance", **stores)
    yield opened
    opened.close()


@pytest.fixture
def owner(instance: Instance) -> Caller:
    identity = create_account(instance, "owner@example.org", "correct horse")
    client = create_app(instance).test_client()
    return Caller(client, str(identity.id), create_token(instance, identity.email))


def draft(owner: Caller) -> dict[str, str]:
    """Its links."""
    links: dict[str, str] = owner("POST", "records", json={"metadata": METADATA, "files": {"enabled": True}}).json[
        "links"
    ]
    return links


def announcement(size: int = len(CONTENT), parts: int = 3, part_size: int = PART, **more: Any) -> list[Json]:
    transfer = {"type": "M", "parts": parts, "part_size": part_size}
    return [{"key": "a.bin", "size": size, "transfer": transfer, **more}]


def announce(owner: Caller, links: dict[str, str], **wish: Any) -> Json:
    answer = owner("POST", links["files"], json=announcement(**wish))
    assert answer.status_code == 201, answer.json
    entry: Json = answer.json["entries"][0]
    return entry


def send(owner: Caller, url: str, content: bytes) -> tuple[int, str]:
    """To wherever the link points: to us, or straight to the bucket."""
    octets = {"Content-Type": "application/octet-stream"}
    if url.startswith("http://repository.test"):
        answer = owner("PUT", url, data=content, headers=octets)
        return answer.status_code, answer.text
    direct = httpx.put(url, content=content, headers=octets)
    return direct.status_code, direct.text


def part(number: int, content: bytes = CONTENT) -> bytes:
    return content[(number - 1) * PART : number * PART]


def send_all(owner: Caller, entry: Json, content: bytes = CONTENT) -> None:
    for link in reversed(entry["links"]["parts"]):  # in any order
        assert send(owner, link["url"], part(link["part"], content))[0] == 200


def commit(owner: Caller, entry: Json) -> TestResponse:
    return owner("POST", entry["links"]["commit"])


def left(instance: Instance) -> list[Any]:
    """What is stored besides the bytes that rows name: objects, parts, uploads under way."""
    with instance.database.read() as connection:
        named = set(connection.execute(select(Blob.location)).scalars())
    stored = [location for location, _ in instance.objects.locations() if location not in named]
    if instance.objects.content_addressed:
        return stored + list((instance.settings.home / "objects" / "incoming").iterdir())
    store: Any = instance.objects
    return stored + list(store.control.list_multipart_uploads(Bucket=store.bucket).get("Uploads", ()))


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


def test_a_large_file_is_pending_until_the_task_has_hashed_it(
    owner: Caller, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "AT_ONCE", PART)
    links = draft(owner)
    entry = announce(owner, links)
    send_all(owner, entry)
    assert commit(owner, entry).json["status"] == "pending"
    assert "parts" not in owner("GET", entry["links"]["self"]).json["links"]
    refused = owner("POST", links["publish"])
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "files")
    stop = threading.Event()
    transfers.watch(instance, stop, wait=lambda _seconds: stop.set() or True)  # one look
    assert owner("GET", entry["links"]["self"]).json["status"] == "completed"
    assert owner("POST", links["publish"]).status_code == 202
    assert transfers.finish_received(instance) == 0
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


def test_addresses_of_parts_are_told_where_they_are_asked_for(owner: Caller) -> None:
    """By the announcement, for its own files, and by the file itself; lists would have to sign thousands."""
    links = draft(owner)
    first = announce(owner, links)
    other = owner("POST", links["files"], json=[{**announcement()[0], "key": "b.bin"}]).json["entries"]
    assert [(entry["key"], "parts" in entry["links"]) for entry in other] == [("a.bin", False), ("b.bin", True)]
    for entry in owner("GET", links["files"]).json["entries"]:
        assert entry["links"]["content"] is None
        assert "parts" not in entry["links"]
    again = owner("GET", first["links"]["self"]).json["links"]["parts"]
    assert [link["part"] for link in again] == [1, 2, 3]
    assert send(owner, again[0]["url"], part(1))[0] == 200


def limited(instance: Instance, owner: Caller, total: int) -> Caller:
    """The same person, where all files of a record may have so many bytes."""
    settings = replace(instance.settings, files_max_total=total)
    return Caller(create_app(replace(instance, settings=settings)).test_client(), "", owner.token)


def test_announced_sizes_count_before_anything_is_sent(owner: Caller, instance: Instance) -> None:
    owner = limited(instance, owner, len(CONTENT) + 10)
    links = draft(owner)
    announce(owner, links)
    for more in ([{**announcement(size=11, parts=1)[0], "key": "b.bin"}], [{"key": "b.bin", "size": 11}]):
        refused = owner("POST", links["files"], json=more)
        assert (refused.status_code, f"{len(CONTENT) + 11}" in refused.json["message"]) == (413, True)
    assert owner("POST", links["files"], json=[{"key": "b.bin", "size": 10}, {"key": "c.bin"}]).status_code == 201
    octets = {"Content-Type": "application/octet-stream"}
    assert owner("PUT", f"{links['files']}/c.bin/content", data=bytes(11), headers=octets).status_code == 413
    assert owner("PUT", f"{links['files']}/c.bin/content", data=bytes(10), headers=octets).status_code == 200
    assert len(owner("GET", links["files"]).json["entries"]) == 3


def test_of_announcements_at_once_no_more_are_taken_than_fit(owner: Caller, instance: Instance) -> None:
    owner = limited(instance, owner, 3 * len(CONTENT))
    links = draft(owner)
    answers: list[int] = []

    def one(number: int) -> None:
        wish = {**announcement()[0], "key": f"{number}.bin"}
        answers.append(owner("POST", links["files"], json=[wish]).status_code)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] * 3 + [413] * 3
    assert len(left(instance)) == 3, "what was refused is abandoned"


def test_a_whole_number_may_be_written_with_a_point(owner: Caller, instance: Instance) -> None:
    entry = announce(owner, draft(owner), size=float(len(CONTENT)), parts=3.0, part_size=float(PART))
    assert (entry["transfer"], entry["size"]) == ({"type": "M", "parts": 3, "part_size": PART}, len(CONTENT))
    send_all(owner, entry)
    assert commit(owner, entry).json["status"] == "completed"


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


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"size": None}, "0.size"),
        ({"parts": 0}, "0.transfer.parts"),
        ({"parts": 10_001}, "0.transfer.parts"),
        ({"parts": True}, "0.transfer.parts"),
        ({"part_size": "5"}, "0.transfer.part_size"),
        ({"parts": 2}, "0.transfer"),
        ({"parts": 4}, "0.transfer"),
        ({"transfer": {"type": "F"}}, "0.transfer.type"),
        ({"transfer": "M"}, "0.transfer.type"),
    ],
)
def test_a_wrong_announcement_names_its_field(owner: Caller, instance: Instance, wish: Json, field: str) -> None:
    links = draft(owner)
    answer = owner("POST", links["files"], json=announcement(**wish))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert left(instance) == []


def test_an_announcement_that_is_refused_begins_nothing(owner: Caller, instance: Instance) -> None:
    links = draft(owner)
    twice = announcement() + announcement()
    assert owner("POST", links["files"], json=twice).status_code == 400
    other = create_account(instance, "other@example.org", "correct horse")
    stranger = Caller(owner.client, str(other.id), create_token(instance, other.email))
    assert stranger("POST", links["files"], json=announcement()).status_code == 403
    too_large = announcement(size=10**14, parts=10_000, part_size=10**10)
    assert owner("POST", links["files"], json=too_large).status_code in (400, 413)
    assert left(instance) == []


def test_an_empty_file_is_one_empty_part(owner: Caller) -> None:
    entry = announce(owner, draft(owner), size=0, parts=1)
    assert send(owner, entry["links"]["parts"][0]["url"], b"")[0] == 200
    assert commit(owner, entry).json["size"] == 0


@pytest.fixture
def waiting(owner: Caller, monkeypatch: pytest.MonkeyPatch) -> Json:
    """A file that is committed and waits to be hashed by the task."""
    monkeypatch.setattr(transfers, "AT_ONCE", 0)
    entry = announce(owner, draft(owner))
    send_all(owner, entry)
    assert commit(owner, entry).json["status"] == "pending"
    return entry


def transfer(instance: Instance, **changed: Any) -> Json:
    """The row's own note of the upload, after the changes that are made here."""
    with instance.database.write() as connection:
        found: Json = connection.execute(select(File.transfer)).scalar_one()
        connection.execute(update(File).values(transfer={**found, **changed}))
    return {**found, **changed}


def let_pass(instance: Instance, seconds: float) -> None:
    """As if so much time had passed since the note was made."""
    until = datetime.fromisoformat(transfer(instance)["until"])
    transfer(instance, until=(until - timedelta(seconds=seconds)).isoformat())


class Reading:
    """Stands in the way of reading back: counts, and does harm."""

    def __init__(self, instance: Instance, monkeypatch: pytest.MonkeyPatch, harm: Callable[[], object]) -> None:
        self.times = 0
        kind: Any = type(instance.objects.parts)
        original = kind.read

        def read(*arguments: Any) -> Any:
            self.times += 1
            harm()
            return original(*arguments)

        monkeypatch.setattr(kind, "read", read)


def failing(error: Exception) -> Callable[[], object]:
    def harm() -> None:
        raise error

    return harm


def test_hashing_that_fails_is_tried_again_after_pauses_that_grow(
    owner: Caller, instance: Instance, waiting: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the store is away."""
    with monkeypatch.context() as patch:
        reading = Reading(instance, patch, failing(Unreachable("The object store does not answer.")))
        pauses = []
        for number in range(1, 31):
            before = datetime.now(UTC)
            assert transfers.finish_received(instance) == 0
            assert transfers.finish_received(instance) == 0, "it is not yet due again"
            assert reading.times == number
            pauses.append(round((datetime.fromisoformat(transfer(instance)["until"]) - before).total_seconds() / 3))
            let_pass(instance, 3600)
    assert pauses[:4] == [1, 2, 4, 8]
    assert set(pauses[11:]) == {1200}
    assert owner("GET", waiting["links"]["self"]).json["status"] == "pending"
    assert transfers.finish_received(instance) == 1
    assert owner("GET", waiting["links"]["self"]).json["status"] == "completed"
    assert left(instance) == []


def test_hashing_that_never_succeeds_ends_with_a_reason(
    owner: Caller, instance: Instance, waiting: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Reading(instance, monkeypatch, failing(OSError(5, "Input/output error")))
    for _ in range(25):
        transfers.finish_received(instance)
        if "until" in transfer(instance):
            let_pass(instance, 3600)
    assert reading.times == 20
    shown = owner("GET", waiting["links"]["self"]).json
    assert (shown["status"], shown["transfer"]["error"]) == (
        "failed", "The bytes of a.bin can't be read back (OSError): announce it again.",
    )  # fmt: skip
    assert left(instance) == []


def test_bytes_that_are_lost_before_they_are_hashed_fail(owner: Caller, instance: Instance, waiting: Json) -> None:
    upload = transfer(instance)["upload"]
    instance.objects.parts.abandon(upload)
    transfers.finish_received(instance)
    shown = owner("GET", waiting["links"]["self"]).json
    assert shown["status"] == "failed"
    assert shown["transfer"]["error"].startswith("The bytes of a.bin are lost.")
    assert (commit(owner, waiting).status_code, transfers.finish_received(instance)) == (400, 0)


def test_one_process_hashes_a_file_at_a_time(
    owner: Caller, instance: Instance, waiting: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one looks while the first reads."""
    others: list[int] = []
    reading = Reading(instance, monkeypatch, lambda: others.append(transfers.finish_received(instance)))
    assert transfers.finish_received(instance) == 1
    assert (reading.times, others) == (1, [0])
    assert owner("GET", waiting["links"]["self"]).json["status"] == "completed"


def test_what_a_commit_hashes_is_left_to_it(owner: Caller, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    others: list[int] = []
    entry = announce(owner, draft(owner))
    send_all(owner, entry)
    reading = Reading(instance, monkeypatch, lambda: others.append(transfers.finish_received(instance)))
    assert commit(owner, entry).json["status"] == "completed"
    assert (reading.times, others) == (1, [0])


def test_who_was_not_heard_of_for_long_is_relieved(
    owner: Caller, instance: Instance, waiting: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[int] = []

    def harm() -> None:
        if reading.times == 1:
            let_pass(instance, transfers.LEASE.total_seconds())
            others.append(transfers.finish_received(instance))

    reading = Reading(instance, monkeypatch, harm)
    transfers.finish_received(instance)
    assert (reading.times, others) == (2, [1])
    assert owner("GET", waiting["links"]["self"]).json["status"] == "completed"
    assert left(instance) == []


def test_who_is_relieved_stops_reading(
    owner: Caller, instance: Instance, waiting: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "LEASE", timedelta(0))  # so that it is to be renewed with every block
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    Reading(instance, monkeypatch, lambda: transfer(instance, claim="another", until=later))
    assert transfers.finish_received(instance) == 0
    assert owner("GET", waiting["links"]["self"]).json["status"] == "pending"
    assert transfer(instance)["claim"] == "another"
