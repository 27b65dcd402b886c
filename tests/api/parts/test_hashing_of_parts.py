"""Files in parts that are read back and hashed after the commit."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from repository.errors import Unreachable
from repository.records.snapshot import Json
from repository.services import transfers
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.api.parts.uploads import PART, Reading, announce, commit, draft, failing, left, let_pass, send_all, transfer


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
    assert left(instance) != [], "they may be the only ones"
    assert owner("DELETE", waiting["links"]["self"]).status_code == 204
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


def test_a_pause_that_began_while_the_clock_was_ahead_is_over(instance: Instance, waiting: Json) -> None:
    later = datetime.now(UTC) + transfers.LONGEST_PAUSE
    transfer(instance, claim="another", until=(later - timedelta(minutes=1)).isoformat())
    assert transfers.finish_received(instance) == 0
    transfer(instance, until=(later + timedelta(minutes=1)).isoformat())
    assert transfers.finish_received(instance) == 1, waiting


def test_who_is_relieved_stops_reading(
    owner: Caller, instance: Instance, waiting: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "LEASE", timedelta(0))  # so that it is to be renewed with every block
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    Reading(instance, monkeypatch, lambda: transfer(instance, claim="another", until=later))
    assert transfers.finish_received(instance) == 0
    assert owner("GET", waiting["links"]["self"]).json["status"] == "pending"
    assert transfer(instance)["claim"] == "another"
