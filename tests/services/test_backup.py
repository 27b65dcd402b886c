"""A back-up is the instance as of one moment, whoever writes meanwhile; a restored instance is whole."""

import errno
import io
import json
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from repository.errors import Conflict, Gone, InvalidInput, NotFound
from repository.following import Pace
from repository.following.lease import acquire
from repository.records.visibility import ANONYMOUS, SYSTEM
from repository.services import (
    accounts,
    backup,
    drafts,
    editions,
    fixity,
    publishing,
    reading,
    restoring,
    uploads,
    withdrawal,
)
from repository.services.backup import read_manifest
from repository.services.instance import Instance
from repository.services.restoring import restore
from repository.storage import dumps
from repository.storage.models import Answer, File, OaiClock, OaiItem, Session, Token
from tests.conftest import row_count
from tests.instances import add_files, body, copy_instance, person, published
from tests.servers.postgres import PostgresServer
from tests.services.interleaving import before
from tests.wholeness import assert_whole, run

Make = Callable[[str], Instance]


@pytest.fixture
def empty(tmp_path: Path, instance_template: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes empty instances beside the one of the test, on `sqlite` or `postgresql`."""
    made: list[Instance] = []

    def make(kind: str) -> Instance:
        overrides = {}
        if kind == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            template = request.getfixturevalue("postgres_instance_template")
            overrides["database"] = server.create_database(template=template)
        made.append(copy_instance(instance_template, tmp_path / f"other{len(made)}", **overrides))
        return made[-1]

    yield make
    for one in made:
        one.close()


def check(instance: Instance) -> None:
    assert_whole(instance.settings.home, {"database": instance.settings.database})


def rows(instance: Instance) -> dict[str, list[dict[str, Any]]]:
    """All that is kept, but for when and where bytes were written down."""
    found = {}
    with instance.database.read() as connection:
        for table in dumps.TABLES:
            statement = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(statement).mappings()]
    for row in found["blobs"]:
        row["checked"] = None
    for row in found["oai_clock"]:
        row["generation"] = ""
    return found


def fill(instance: Instance) -> list[str]:
    """Records in several states, drafts, accounts, tokens; all of it read."""
    owner = person(instance, "owner")
    accounts.create_token(instance, "owner@example.org")
    records = [
        published(instance, owner, body("Rain"), {"a.txt": b"a", "b.txt": b"shared"}),
        published(instance, owner, body("Příval sněhu \U0001f327"), {"b.txt": b"shared", "empty": b""}),
        published(instance, owner, body("To be withdrawn")),
        published(instance, owner, body("To be erased"), {"c.txt": b"c"}),
    ]
    withdrawal.withdraw(instance, SYSTEM, records[2], {"note": "not ours"})
    withdrawal.erase(instance, SYSTEM, records[3], "by order")
    draft = drafts.create(instance, owner, {**body("Draft"), "files": {"enabled": True}})
    add_files(instance, owner, draft.id, {"d.txt": b"draft"})
    editions.edit(instance, owner, records[0])
    run(instance)
    return records


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


def test_writers_go_on_meanwhile_and_what_is_copied_is_one_moment(
    any_instance: Instance, empty: Make, tmp_path: Path
) -> None:
    fill(any_instance)
    ended = threading.Event()
    failures: list[BaseException] = []
    people = [person(any_instance, f"writer{number}") for number in range(3)]

    def write(number: int) -> None:
        try:
            count = 0
            while not ended.is_set():
                count += 1
                files = {"x.txt": b"%d %d" % (number, count), "s.txt": b"shared"}
                record_id = published(any_instance, people[number], body(f"{number} {count}"), files)
                if count % 3 == 0:
                    withdrawal.erase(any_instance, SYSTEM, record_id)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    try:
        positions = [backup.backup(any_instance, tmp_path / "backup").manifest.position for _ in range(4)]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert positions == sorted(positions)
    target = empty("sqlite")
    done = restore(target, tmp_path / "backup")
    assert done.lacking == ()
    assert done.manifest.position >= positions[-1]
    check(target)


def test_a_second_copy_takes_only_what_is_new_and_forgets_what_is_gone(instance: Instance, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    owner = person(instance, "owner")
    published(instance, owner, body(), {"a.txt": b"a"})
    gone = published(instance, owner, body(), {"b.txt": b"b"})
    backup.backup(instance, folder)
    published(instance, owner, body(), {"c.txt": b"c"})
    withdrawal.erase(instance, SYSTEM, gone)
    assert backup.backup(instance, folder).copied == 1
    assert {path.read_bytes() for path in folder.glob("objects/??/??/*")} == {b"a", b"c"}
    assert len(list(folder.glob("database-*"))) == 1
    assert gone in (folder / "erased.txt").read_text()


def test_a_copy_that_breaks_off_leaves_the_one_before(
    instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    owner = person(instance, "owner")
    published(instance, owner, body(), {"a.txt": b"a"})
    first = backup.backup(instance, folder)
    published(instance, owner, body(), {"b.txt": b"b"})

    def fail(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(backup, "_finish", fail)
        with pytest.raises(KeyboardInterrupt):
            backup.backup(instance, folder)
    assert restore(empty("sqlite"), folder).manifest == first.manifest
    assert backup.backup(instance, folder).manifest.position == 2


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


def test_a_folder_that_holds_something_else_is_left_alone(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to_ada.txt").write_text("Dear Ada")
    with pytest.raises(InvalidInput, match="neither empty nor a back-up"):
        backup.backup(instance, tmp_path / "letters")


def test_two_copies_do_not_write_into_one_folder(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_arguments: object) -> None:
        with pytest.raises(Conflict, match="Another back-up"):
            backup.backup(instance, tmp_path / "backup")

    monkeypatch.setattr(dumps, "write", before(dumps.write, again))
    backup.backup(instance, tmp_path / "backup")


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


def test_what_is_erased_while_it_is_copied_is_told_and_does_not_come_back(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = fill(any_instance)
    copy = before(backup._copy_objects, lambda: withdrawal.erase(any_instance, SYSTEM, records[0]))
    monkeypatch.setattr(backup, "_copy_objects", copy)
    made = backup.backup(any_instance, tmp_path / "backup")
    assert (made.faulty, made.erased) == ((), (records[0],))
    assert made.manifest.lacking == (sha256(b"a").hexdigest(),)
    target = empty("sqlite")
    done = restore(target, tmp_path / "backup")
    assert (done.lacking, done.erased) == ((), (records[0],))
    check(target)


@pytest.mark.parametrize("moment", ["_copy_objects", "_still_there"], ids=["before its bytes", "after its bytes"])
def test_a_draft_that_is_published_and_erased_while_it_is_copied_does_not_come_back(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    owner = person(any_instance, "owner")
    draft_id = drafts.create(any_instance, owner, {**body("Draft"), "files": {"enabled": True}}).id
    add_files(any_instance, owner, draft_id, {"d.txt": b"draft"})

    def erase() -> None:
        publishing.publish(any_instance, owner, draft_id)
        withdrawal.erase(any_instance, SYSTEM, draft_id)

    monkeypatch.setattr(backup, moment, before(getattr(backup, moment), erase))
    made = backup.backup(any_instance, tmp_path / "backup")
    assert (made.faulty, made.erased) == ((), (draft_id,))
    target = empty("sqlite")
    assert restore(target, tmp_path / "backup").erased == (draft_id,)
    with pytest.raises(NotFound):
        drafts.read(target, SYSTEM, draft_id)
    assert row_count(target.database, "blobs") == row_count(target.database, "parents") == 0
    check(target)


def test_bytes_that_are_lost_are_told_and_cost_nothing_else(
    any_instance: Instance, empty: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the instance: missing, altered, unreadable. In the back-up: altered."""
    owner = person(any_instance, "owner")
    contents = {"gone": b"gone", "altered": b"altered", "bad": b"bad", "later": b"later", "good": b"good"}
    record_id = published(any_instance, owner, body(), contents)
    paths = {path.read_bytes(): path for path in any_instance.settings.home.glob("objects/??/??/*")}
    paths[b"gone"].unlink()
    paths[b"altered"].write_bytes(b"Altered")
    opens = any_instance.objects.open

    def fail(location: str) -> Any:
        return Unreadable() if location.endswith(paths[b"bad"].name) else opens(location)

    monkeypatch.setattr(any_instance.objects, "open", fail)
    made = backup.backup(any_instance, tmp_path / "backup")
    lost = {sha256(content).hexdigest() for content in (b"gone", b"altered", b"bad")}
    assert set(made.faulty) == lost
    assert made.manifest.objects == len(list((tmp_path / "backup").glob("objects/??/??/*"))) == 2
    later = next(path for path in (tmp_path / "backup").glob("objects/??/??/*") if path.read_bytes() == b"later")
    later.write_bytes(b"LATER")
    target = empty("sqlite")
    done = restore(target, tmp_path / "backup")
    assert set(done.lacking) == lost | {later.name}
    assert {faulty.sha256 for faulty in fixity.faults(target, SYSTEM)} == set(done.lacking)
    list(fixity.check(target))
    assert {faulty.fault for faulty in fixity.faults(target, SYSTEM)} == {"missing"}
    files = {file.key: file for file in reading.files(target, ANONYMOUS, record_id)[1]}
    with target.objects.open(files["good"].location) as stream:
        assert stream.read() == b"good"


class Unreadable(io.RawIOBase):
    def read(self, _size: int = -1) -> bytes:
        raise OSError(errno.EIO, "bad sector")


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


def test_a_manifest_tells_what_there_is(instance: Instance, tmp_path: Path) -> None:
    (instance.settings.home / "colophon.toml").write_text('[site]\nname = "Harbour"\n')
    fill(instance)
    made = backup.backup(instance, tmp_path / "backup")
    manifest = read_manifest(tmp_path / "backup")
    assert manifest == made.manifest
    assert (manifest.position, manifest.bytes, manifest.tables["records"].rows) == (6, 12, 4)
    assert (tmp_path / "backup" / "colophon.toml").read_text() == '[site]\nname = "Harbour"\n'
    for name in ("manifest.json", "colophon.toml"):
        assert (tmp_path / "backup" / name).stat().st_mode & 0o077 == 0
    assert set(manifest.tables) == {table.name for table in dumps.TABLES}
