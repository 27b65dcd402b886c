"""An embargo that ends is lifted without anybody's hand, and without touching the revision."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from repository.errors import Unreachable
from repository.records.visibility import ANONYMOUS, Viewer
from repository.services import drafts, editions, embargoes, publishing, reading
from repository.services.instance import Instance
from repository.storage import changes
from repository.storage.database import Database
from tests.instances import body, person, published
from tests.services.interleaving import before


def test_an_embargo_ends_at_the_start_of_its_day(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    until = embargoes.today() + timedelta(days=40)
    access = {"record": "public", "files": "restricted", "embargo": {"active": True, "until": until.isoformat()}}
    record_id = published(any_instance, owner, {**body(), "access": access}, {"a.txt": b"a"})
    before = reading.read(any_instance, ANONYMOUS, record_id)
    assert embargoes.lift_ended(any_instance, until - timedelta(days=1)) == 0
    assert not reading.read(any_instance, ANONYMOUS, record_id).files_visible
    assert embargoes.lift_ended(any_instance, until) == 1
    assert embargoes.lift_ended(any_instance, until) == 0
    after = reading.read(any_instance, ANONYMOUS, record_id)
    assert after.files_visible
    assert after.snapshot.access == {
        "record": "public",
        "files": "public",
        "embargo": {"active": False, "until": until.isoformat(), "reason": None},
        "status": "open",
    }
    assert after.snapshot.revision_id == before.snapshot.revision_id
    assert after.snapshot.updated == before.snapshot.updated
    with any_instance.database.read() as connection:
        last = changes.state(connection, record_id)
    assert last is not None
    assert (last.position, last.kind) == (2, "revised")


def test_a_version_that_was_embargoed_as_a_whole_appears_to_its_neighbours(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body())
    draft = editions.new_version(any_instance, owner, first)
    until = embargoes.today() + timedelta(days=2)
    access = {"record": "restricted", "files": "restricted", "embargo": {"active": True, "until": until.isoformat()}}
    drafts.save(any_instance, owner, draft.id, {**body("Second"), "access": access})
    publishing.publish(any_instance, owner, draft.id)
    assert reading.read(any_instance, ANONYMOUS, first).is_latest
    embargoes.lift_ended(any_instance, until)
    assert not reading.read(any_instance, ANONYMOUS, first).is_latest
    assert reading.newest(any_instance, ANONYMOUS, first) == draft.id


def embargoed(instance: Instance, owner: Viewer, until: date) -> str:
    access = {"record": "public", "files": "restricted", "embargo": {"active": True, "until": until.isoformat()}}
    return published(instance, owner, {**body(), "access": access}, {"a.txt": b"a"})


class Clock:
    """Time for the clock task: each look after the first is one step of what the test has in store; then it ends."""

    def __init__(self, *steps: object) -> None:
        self.stop = threading.Event()
        self.steps = list(steps)

    def wait(self, _seconds: float) -> bool:
        if not self.steps:
            self.stop.set()
        elif callable(step := self.steps.pop(0)):
            step()
        return self.stop.is_set()


def test_the_clock_outlives_a_database_that_fails(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = embargoes.today() + timedelta(days=2)
    record_id = embargoed(instance, owner, until)
    monkeypatch.setattr(embargoes, "today", lambda: until)

    def rename(name: str, other: str) -> None:
        with instance.database.write() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {other}")

    rename("records", "lost")
    clock = Clock(None, lambda: rename("lost", "records"))
    embargoes.watch(instance, clock.stop, clock.wait)
    assert reading.read(instance, ANONYMOUS, record_id).files_visible


def test_the_clock_outlives_a_server_that_is_away(instance: Instance) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    lost = replace(instance, database=away)
    with pytest.raises(Unreachable):
        embargoes.lift_ended(lost)
    clock = Clock(None, None)
    embargoes.watch(lost, clock.stop, clock.wait)
    assert clock.steps == []
    away.close()


def test_one_embargo_that_cannot_be_lifted_keeps_no_other_closed(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    until = embargoes.today() + timedelta(days=2)
    first, second = (embargoed(any_instance, owner, until) for _ in range(2))
    failures = [RuntimeError("once")]

    def fail() -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr(embargoes, "append", before(embargoes.append, fail))
    assert embargoes.lift_ended(any_instance, until) == 1
    seen = [reading.read(any_instance, ANONYMOUS, record_id).files_visible for record_id in (first, second)]
    assert sorted(seen) == [False, True]
    assert embargoes.lift_ended(any_instance, until) == 1
    assert all(reading.read(any_instance, ANONYMOUS, record_id).files_visible for record_id in (first, second))
