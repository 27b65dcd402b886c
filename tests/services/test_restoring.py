"""A restored instance is whole, on either database; what was erased does not come back."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from repository.errors import Conflict, Gone, InvalidInput, NotFound
from repository.following import Pace
from repository.following.clock import moment
from repository.following.lease import acquire
from repository.records.visibility import ANONYMOUS, SYSTEM
from repository.services import (
    backup,
    drafts,
    fixity,
    oai_sets,
    reading,
    restoring,
    sweeping,
    uploads,
    withdrawal,
)
from repository.services.instance import Instance
from repository.services.restoring import restore
from repository.storage.models import Answer, Blob, Checkpoint, File, OaiClock, OaiItem, Session, Token
from tests.conftest import row_count
from tests.instances import body, person, published
from tests.services.copies import Make, check, fill, rows
from tests.wholeness import run

pytestmark = pytest.mark.long


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_restored_instance_holds_the_same_and_is_whole(
    any_instance: Instance, empty: Make, tmp_path: Path, kind: str
) -> None:
    """On the same kind of database, and on the other one."""
    fill(any_instance)
    made = backup.backup(any_instance, tmp_path / "backup")
    assert (made.manifest.objects, made.copied, made.faulty, made.erased) == (4, 4, (), ())
    target = empty(kind)
    done = restore(target, tmp_path / "backup")
    assert (done.records, done.copied, done.lacking, done.erased) == (4, 4, (), ())
    assert rows(target) == rows(any_instance)
    check(target)
    assert all(checked.fault == "" for checked in fixity.check(target, everything=True))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_work_goes_on_in_a_restored_instance(any_instance: Instance, empty: Make, tmp_path: Path, kind: str) -> None:
    """New keys do not meet those that were restored."""
    fill(any_instance)
    backup.backup(any_instance, tmp_path / "backup")
    target = empty(kind)
    restore(target, tmp_path / "backup")
    run(target)
    new = person(target, "new")
    assert reading.read(target, ANONYMOUS, published(target, new, body("Snow"), {"s.txt": b"s"})).files_visible
    software = {**body("Code"), "metadata": {**body()["metadata"], "resource_type": {"id": "software"}}}
    published(target, new, software)  # a set of OAI-PMH that is new
    check(target)


def test_an_unfinished_or_damaged_copy_is_refused_before_anything_happens(
    instance: Instance, empty: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    fill(instance)
    manifest = backup.backup(instance, folder).manifest
    target = empty("sqlite")
    untouched = rows(target)
    kept = (folder / "manifest.json").read_bytes()
    for content, told in ((kept[:-5], "damaged"), (kept.replace(manifest.schema.encode(), b"9999"), "9999")):
        (folder / "manifest.json").write_bytes(content)
        with pytest.raises(InvalidInput, match=told):
            restore(target, folder)
    (folder / "manifest.json").write_bytes(kept)
    table = folder / manifest.database / "records"
    table.write_bytes(table.read_bytes().replace(b"Rain", b"Snow"))
    with pytest.raises(InvalidInput, match="records is missing or altered"):
        restore(target, folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(NotFound, match="no finished back-up"):
        restore(target, folder)
    assert rows(target) == untouched
    assert list(target.settings.home.glob("objects/??/??/*")) == []


def test_an_instance_that_holds_something_is_replaced_only_when_asked(
    any_instance: Instance, empty: Make, tmp_path: Path
) -> None:
    fill(any_instance)
    backup.backup(any_instance, tmp_path / "backup")
    target = empty("sqlite" if any_instance.database.is_sqlite else "postgresql")
    other = published(target, person(target, "somebody"), body("Other"), {"o.txt": b"other", "a.txt": b"a"})
    run(target)
    with pytest.raises(Conflict, match="--replace"):
        restore(target, tmp_path / "backup")
    assert reading.read(target, ANONYMOUS, other)
    done = restore(target, tmp_path / "backup", replace=True)
    assert done.copied == 3, "one object was there already"
    with pytest.raises(NotFound):
        reading.read(target, ANONYMOUS, other)
    check(target)


def test_an_instance_whose_readers_run_is_not_replaced(instance: Instance, empty: Make, tmp_path: Path) -> None:
    backup.backup(instance, tmp_path / "backup")
    target = empty("sqlite")
    lease = acquire(target.database, "oai", Pace(lease=60))
    assert lease is not None
    with pytest.raises(Conflict, match="Readers run"):
        restore(target, tmp_path / "backup")
    with lease.kept():
        pass
    restore(target, tmp_path / "backup")


def test_readers_that_were_killed_while_the_clock_was_ahead_do_not_run(
    instance: Instance, empty: Make, tmp_path: Path
) -> None:
    backup.backup(instance, tmp_path / "backup")
    target = empty("sqlite")
    assert acquire(target.database, "oai", Pace(lease=60)) is not None
    with target.database.write() as connection:
        connection.execute(update(Checkpoint).values(expires=moment(connection, 3 * 3600)))
    restore(target, tmp_path / "backup")


def test_a_restoration_that_lasts_for_days_loses_nothing_to_a_sweep(any_instance: Instance, tmp_path: Path) -> None:
    """The sweep comes when all is copied and no row names it; a killed restoration keeps it off for a minute."""
    published(any_instance, person(any_instance, "owner"), body(), {"a.txt": b"a", "b.txt": b"b"})
    backup.backup(any_instance, tmp_path / "backup")
    with any_instance.database.write() as connection:
        connection.execute(update(File).values(blob=None))
        connection.execute(delete(Blob))
    refused: list[str] = []

    def sweep_later(_done: int, _total: int) -> None:
        with pytest.raises(Conflict, match="being restored") as told:
            sweeping.sweep(any_instance, datetime.now(UTC) + timedelta(days=3))
        refused.append(told.value.message)
        with pytest.raises(Conflict, match="being restored"):
            restore(any_instance, tmp_path / "backup", replace=True)

    done = restore(any_instance, tmp_path / "backup", replace=True, step=sweep_later)
    assert (len(refused), done.copied, done.lacking) == (2, 2, ())
    check(any_instance)
    assert sweeping.sweep(any_instance, datetime.now(UTC) + timedelta(days=3)).orphans == 0
    check(any_instance)


def test_bytes_in_the_instance_that_are_altered_are_replaced(instance: Instance, tmp_path: Path) -> None:
    published(instance, person(instance, "owner"), body(), {"a.txt": b"a", "b.txt": b"b"})
    backup.backup(instance, tmp_path / "backup")
    path = next(path for path in instance.settings.home.glob("objects/??/??/*") if path.read_bytes() == b"a")
    path.write_bytes(b"x")
    assert restore(instance, tmp_path / "backup", replace=True).copied == 1
    assert path.read_bytes() == b"a"
    check(instance)


def test_what_was_erased_after_the_copy_does_not_come_back(any_instance: Instance, tmp_path: Path) -> None:
    """The instance that is replaced still knows of the erasure, and why."""
    records = fill(any_instance)
    backup.backup(any_instance, tmp_path / "backup")
    withdrawal.erase(any_instance, SYSTEM, records[0], "on request")
    done = restore(any_instance, tmp_path / "backup", replace=True)
    assert done.erased == (records[0],)
    with pytest.raises(Gone) as gone:
        reading.read(any_instance, ANONYMOUS, records[0])
    assert gone.value.tombstone["note"] == "on request"
    assert b"a" not in {path.read_bytes() for path in any_instance.settings.home.glob("objects/??/??/*")}
    check(any_instance)


def test_what_a_list_names_as_erased_does_not_come_back(instance: Instance, empty: Make, tmp_path: Path) -> None:
    """Where the instance that knew of it was lost."""
    records = fill(instance)
    backup.backup(instance, tmp_path / "backup")
    (tmp_path / "list").write_text(f"erased {records[1]}\nerased abcde-fghjk\n")
    target = empty("sqlite")
    done = restore(target, tmp_path / "backup", erased=restoring.erased_in(tmp_path / "list"))
    assert done.erased == (records[1],)
    with pytest.raises(Gone):
        reading.read(target, ANONYMOUS, records[1])
    assert "sn\\u011bhu" not in json.dumps(rows(target), default=str)
    check(target)


def test_an_upload_in_parts_begins_again_in_another_store(instance: Instance, empty: Make, tmp_path: Path) -> None:
    owner = person(instance, "owner")
    draft_id = drafts.create(instance, owner, {**body("Draft"), "files": {"enabled": True}}).id
    uploads.announce(instance, owner, draft_id, [{"key": "a.txt"}])
    with instance.database.write() as connection:
        connection.execute(update(File).values(transfer={"upload": "of the old store"}))
    backup.backup(instance, tmp_path / "backup")
    target = empty("sqlite")
    restore(target, tmp_path / "backup")
    with target.database.read() as connection:
        assert connection.execute(select(File.key, File.transfer)).all() == [("a.txt", None)]


def test_sessions_and_kept_answers_are_left_out_and_tokens_are_not(
    instance: Instance, empty: Make, tmp_path: Path
) -> None:
    fill(instance)
    moment = "2024-05-01 00:00:00.000000"
    with instance.database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO sessions VALUES ('hash', 1, '{moment}', '{moment}')")
        connection.exec_driver_sql(f"INSERT INTO answers VALUES (1, 'key', 'route', 200, '{{}}', '{moment}')")
    backup.backup(instance, tmp_path / "backup")
    target = empty("sqlite")
    restore(target, tmp_path / "backup")
    counts = [row_count(target.database, model.__tablename__) for model in (Session, Answer, Token)]
    assert counts == [0, 0, 1]
    assert {path.name for path in (tmp_path / "backup").iterdir()} >= {"manifest.json", "erased.txt", "objects"}
    assert not (tmp_path / "backup" / "secret").exists()


def test_what_harvesters_know_stays(any_instance: Instance, empty: Make, tmp_path: Path) -> None:
    """Stamps and sequences of items; and no sequence is given out twice."""
    fill(any_instance)
    items = select(OaiItem.record_id, OaiItem.stamp, OaiItem.sequence, OaiItem.deleted).order_by(OaiItem.record_id)

    def known(instance: Instance) -> list[Any]:
        with instance.database.read() as connection:
            return [tuple(row) for row in connection.execute(items)]

    expected = known(any_instance)
    backup.backup(any_instance, tmp_path / "backup")
    target = empty("sqlite")
    restore(target, tmp_path / "backup")
    run(target)
    assert known(target) == expected
    with any_instance.database.write() as connection:
        connection.execute(update(OaiClock).values(sequence=1000))
    restore(any_instance, tmp_path / "backup", replace=True)
    run(any_instance)
    assert known(any_instance) == expected
    published(any_instance, SYSTEM, body("New"))
    run(any_instance)
    assert max(sequence for _id, _stamp, sequence, _deleted in known(any_instance)) == 1001


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_sets_that_were_defined_are_restored_with_their_records(
    any_instance: Instance, empty: Make, tmp_path: Path, kind: str
) -> None:
    """They can be redefined there, and the next one gets an id of its own."""
    fill(any_instance)
    snow = {"spec": "snow", "name": "Snow", "search_pattern": "publisher:*", "description": "Flakes"}
    defined = oai_sets.define(any_instance, SYSTEM, snow)
    gone = oai_sets.define(any_instance, SYSTEM, {**snow, "spec": "gone"})
    oai_sets.remove(any_instance, SYSTEM, gone.id)
    run(any_instance)
    check(any_instance)
    backup.backup(any_instance, tmp_path / "backup")
    target = empty(kind)
    restore(target, tmp_path / "backup")
    assert oai_sets.list_sets(target, SYSTEM).sets == [defined]
    check(target)
    assert in_set(target, "snow") == in_set(any_instance, "snow") != []
    oai_sets.redefine(target, SYSTEM, defined.id, {**snow, "search_pattern": "type:software"})
    run(target)
    assert in_set(target, "snow") == []
    assert oai_sets.define(target, SYSTEM, {**snow, "spec": "sleet"}).id > defined.id
    check(target)


def in_set(instance: Instance, spec: str) -> list[str]:
    """Ids of the items that are not deleted and say that they are in the set."""
    found = select(OaiItem.record_id, OaiItem.sets).where(~OaiItem.deleted).order_by(OaiItem.record_id)
    with instance.database.read() as connection:
        return [record_id for record_id, sets in connection.execute(found) if spec in sets.split()]
