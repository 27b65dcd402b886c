"""What is announced of a file in parts: sizes, addresses, what is refused."""

import threading
from dataclasses import replace

import pytest

from repository.app import create_app
from repository.records.snapshot import Json
from repository.services.accounts import create_account, create_token
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.api.parts.uploads import CONTENT, PART, announce, announcement, commit, draft, left, part, send, send_all


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
