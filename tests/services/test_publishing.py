"""What people do with drafts and records, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from repository.errors import ColophonError, Forbidden, Gone, InvalidInput, Moved, NotFound, RevisionMismatch, TooLarge
from repository.records.visibility import ANONYMOUS, Viewer
from repository.services import drafts, editions, publishing, reading, sharing, uploads, withdrawal
from repository.services.instance import Instance
from repository.storage import changes
from tests.conftest import row_count
from tests.instances import METADATA, add_files, body, copy_instance, person, published
from tests.services.interleaving import before


def log(instance: Instance) -> list[tuple[str, str]]:
    """(kind, record id) of all changes."""
    with instance.database.read() as connection:
        read, position = [], 0
        while page := changes.after(connection, position, 1):
            read += [(change.kind, change.record_id) for change in page]
            position = page[-1].position
    return read


def test_a_published_draft_is_a_record_for_everybody(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body(), {"a.csv": b"a,b\n"})
    record = reading.read(any_instance, ANONYMOUS, record_id)
    assert record.snapshot.title == METADATA["title"]
    assert record.snapshot.metadata["resource_type"]["title"]["en"] == "Dataset"
    assert record.snapshot.access["status"] == "open"
    assert list(record.snapshot.files["entries"]) == ["a.csv"]
    assert record.snapshot.files["total_bytes"] == 4
    assert record.is_latest
    assert log(any_instance) == [("published", record_id)]
    with pytest.raises(NotFound):
        drafts.read(any_instance, owner, record_id)


def test_an_incomplete_draft_is_saved_and_not_published(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    draft = drafts.create(any_instance, owner, {"metadata": {"title": "ab", "nonsense": 1}})
    fields = {error.field for error in draft.errors}
    assert {"metadata.title", "metadata.nonsense", "metadata.creators", "files.enabled"} <= fields
    with pytest.raises(InvalidInput) as refused:
        publishing.publish(any_instance, owner, draft.id)
    assert "metadata.resource_type" in {error.field for error in refused.value.errors}
    assert log(any_instance) == []


def test_nobody_else_reads_or_changes_a_draft(any_instance: Instance) -> None:
    owner, other = person(any_instance, "owner"), person(any_instance, "other")
    draft = drafts.create(any_instance, owner, body())
    for viewer in (ANONYMOUS, other):
        for act in (
            lambda who: drafts.read(any_instance, who, draft.id),
            lambda who: drafts.save(any_instance, who, draft.id, body()),
            lambda who: drafts.discard(any_instance, who, draft.id),
            lambda who: publishing.publish(any_instance, who, draft.id),
            lambda who: uploads.announce(any_instance, who, draft.id, [{"key": "a"}]),
        ):
            with pytest.raises(Forbidden):
                act(viewer)
    assert drafts.read(any_instance, person(any_instance, "admin", admin=True), draft.id).id == draft.id


def test_a_stale_revision_is_refused_and_nothing_is_lost(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    draft = drafts.create(any_instance, owner, body("First"))
    saved = drafts.save(any_instance, owner, draft.id, body("Second"), draft.revision_id)
    with pytest.raises(RevisionMismatch):
        drafts.save(any_instance, owner, draft.id, body("Third"), draft.revision_id)
    assert drafts.read(any_instance, owner, draft.id).metadata["title"] == "Second"
    assert saved.revision_id > draft.revision_id


def test_an_edit_revises_the_record_under_its_id(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body("Before"), {"a.txt": b"a"})
    before = reading.read(any_instance, owner, record_id).snapshot
    draft = editions.edit(any_instance, owner, record_id)
    assert editions.edit(any_instance, owner, record_id).revision_id == draft.revision_id
    drafts.save(any_instance, owner, record_id, {**body("After"), "files": {"enabled": True}})
    assert reading.read(any_instance, ANONYMOUS, record_id).snapshot.title == "Before"
    publishing.publish(any_instance, owner, record_id)
    after = reading.read(any_instance, ANONYMOUS, record_id).snapshot
    assert after.title == "After"
    assert (after.created, after.index, after.pids) == (before.created, before.index, before.pids)
    assert after.revision_id > before.revision_id
    assert list(after.files["entries"]) == ["a.txt"]
    assert log(any_instance) == [("published", record_id), ("revised", record_id)]


def test_files_of_a_published_record_are_fixed(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body(), {"a.txt": b"a"})
    editions.edit(any_instance, owner, record_id)
    with pytest.raises(Forbidden):
        uploads.announce(any_instance, owner, record_id, [{"key": "late.txt"}])
    with pytest.raises(Forbidden):
        uploads.remove(any_instance, owner, record_id, "a.txt")
    with pytest.raises(Forbidden):
        uploads.describe(any_instance, owner, record_id, "a.txt", {"metadata": {"caption": "changed"}})
    assert reading.files(any_instance, ANONYMOUS, record_id)[1][0].metadata == {}


def test_a_new_version_tells_the_readers_of_the_older_ones(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body("One", version="v1"), {"a.txt": b"a"})
    draft = editions.new_version(any_instance, owner, first)
    assert draft.id == editions.new_version(any_instance, owner, first).id
    assert draft.index == 2
    assert "version" not in draft.metadata
    assert "publication_date" not in draft.metadata
    assert draft.files == ()
    uploads.import_previous(any_instance, owner, draft.id)
    drafts.save(any_instance, owner, draft.id, {**body("Two"), "files": {"enabled": True}})
    second = publishing.publish(any_instance, owner, draft.id).id
    assert log(any_instance) == [("published", first), ("published", second), ("revised", first)]
    old, new = (reading.read(any_instance, ANONYMOUS, record_id) for record_id in (first, second))
    assert (old.is_latest, new.is_latest) == (False, True)
    assert [version.id for version in old.snapshot.versions] == [first, second]
    assert old.snapshot.revision_id == 1, "a change that the editor did not make leaves the revision alone"
    assert new.snapshot.files["entries"]["a.txt"]["sha256"] == old.snapshot.files["entries"]["a.txt"]["sha256"]
    assert reading.newest(any_instance, ANONYMOUS, first) == second
    with pytest.raises(Moved) as moved:
        reading.read(any_instance, ANONYMOUS, old.snapshot.parent_id)
    assert moved.value.record_id == second


def test_a_new_version_that_is_to_have_no_files_takes_none_over(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body("One"), {"a.txt": b"a"})
    draft = editions.new_version(any_instance, owner, first)
    drafts.save(any_instance, owner, draft.id, body("Two"))
    with pytest.raises(InvalidInput, match="disabled"):
        uploads.import_previous(any_instance, owner, draft.id)
    assert publishing.publish(any_instance, owner, draft.id).files["count"] == 0
    assert row_count(any_instance.database, "files") == 1


def test_a_save_lists_the_files_when_others_may_write_again(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafts.create(instance, owner, {**body(), "files": {"enabled": True}})
    add_files(instance, owner, draft.id, {"b": b"b", "a": b"a"})
    writes = before(drafts.entries, lambda: drafts.create(instance, owner, body()))
    with monkeypatch.context() as during:
        during.setattr(drafts, "entries", writes)
        saved = drafts.save(instance, owner, draft.id, body())
    assert [file.key for file in saved.files] == ["a", "b"]
    assert [error.field for error in saved.errors] == ["files.enabled"]
    assert row_count(instance.database, "drafts") == 2


def test_a_closed_newer_version_is_not_counted_for_others(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body())
    draft = editions.new_version(any_instance, owner, first)
    closed = {**body("Secret"), "access": {"record": "restricted", "files": "restricted"}}
    drafts.save(any_instance, owner, draft.id, closed)
    second = publishing.publish(any_instance, owner, draft.id).id
    assert reading.read(any_instance, ANONYMOUS, first).is_latest
    assert not reading.read(any_instance, owner, first).is_latest
    assert [record.snapshot.id for record in reading.versions(any_instance, ANONYMOUS, first)] == [first]
    assert [record.snapshot.id for record in reading.versions(any_instance, owner, first)] == [second, first]
    assert reading.newest(any_instance, ANONYMOUS, first) == first
    with pytest.raises(Forbidden):
        reading.read(any_instance, ANONYMOUS, second)


def test_twenty_publishes_at_once_make_one_version(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body("One"))
    draft = editions.new_version(any_instance, owner, first)
    drafts.save(any_instance, owner, draft.id, body("Two"))
    outcomes: list[str] = []

    def publish() -> None:
        try:
            outcomes.append(publishing.publish(any_instance, owner, draft.id).id)
        except ColophonError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=publish) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted([draft.id, *["NotFound"] * 19])
    assert log(any_instance) == [("published", first), ("published", draft.id), ("revised", first)]


def test_a_withdrawn_record_leaves_a_tombstone_and_can_be_restored(any_instance: Instance) -> None:
    owner, admin = person(any_instance, "owner"), person(any_instance, "admin", admin=True)
    record_id = published(any_instance, owner, body())
    with pytest.raises(Forbidden):
        withdrawal.withdraw(any_instance, owner, record_id, {})
    with pytest.raises(InvalidInput):
        withdrawal.withdraw(any_instance, admin, record_id, {"removal_reason": {"id": "nosuch"}})
    withdrawal.withdraw(any_instance, admin, record_id, {"removal_reason": {"id": "spam"}, "note": "gone"})
    for viewer in (ANONYMOUS, owner, admin):
        with pytest.raises(Gone) as gone:
            reading.read(any_instance, viewer, record_id)
        assert gone.value.tombstone["note"] == "gone"
    with pytest.raises(Forbidden):
        editions.new_version(any_instance, owner, record_id)
    withdrawal.restore(any_instance, admin, record_id)
    assert reading.read(any_instance, ANONYMOUS, record_id).snapshot.title == METADATA["title"]
    assert [kind for kind, _ in log(any_instance)] == ["published", "withdrawn", "restored"]


def test_a_hidden_tombstone_is_not_found(any_instance: Instance) -> None:
    admin = person(any_instance, "admin", admin=True)
    record_id = published(any_instance, admin, body())
    withdrawal.withdraw(any_instance, admin, record_id, {"is_visible": False})
    with pytest.raises(NotFound):
        reading.read(any_instance, ANONYMOUS, record_id)


def test_erasure_leaves_id_and_place_and_nothing_else(any_instance: Instance) -> None:
    owner, admin = person(any_instance, "owner"), person(any_instance, "admin", admin=True)
    record_id = published(
        any_instance, owner, body("Canary title"), {"secret.txt": b"only here", "shared.txt": b"shared"}
    )
    other = published(any_instance, owner, body("Other"), {"copy.txt": b"shared"})
    editions.edit(any_instance, owner, record_id)
    drafts.save(any_instance, owner, record_id, {**body("Canary title too"), "files": {"enabled": True}})
    publishing.publish(any_instance, owner, record_id)
    withdrawal.erase(any_instance, admin, record_id, "on request")
    with pytest.raises(Gone) as gone:
        reading.read(any_instance, ANONYMOUS, record_id)
    assert gone.value.tombstone["note"] == "on request"
    with any_instance.database.read() as connection:
        for table in ("snapshots", "revisions", "records", "drafts", "file_lists", "changes"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert b"Canary" not in repr(rows).encode(), table
    stored = {path.read_bytes() for path in any_instance.settings.home.glob("objects/??/??/*")}
    assert stored == {b"shared"}
    assert list(reading.read(any_instance, ANONYMOUS, other).snapshot.files["entries"]) == ["copy.txt"]
    assert [kind for kind, _ in log(any_instance)] == ["published", "published", "revised", "erased"]


def test_a_discarded_draft_leaves_nothing(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    draft = drafts.create(any_instance, owner, {**body(), "files": {"enabled": True}})
    add_files(any_instance, owner, draft.id, {"a": b"a"})
    drafts.discard(any_instance, owner, draft.id)
    with any_instance.database.read() as connection:
        for table in ("drafts", "parents", "files"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0, table


def test_an_external_doi_belongs_to_one_record(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    pids = {"pids": {"doi": {"identifier": "10.1234/Rain", "provider": "external"}}}
    published(any_instance, owner, {**body(), **pids})
    draft = drafts.create(
        any_instance, owner, {**body(), "pids": {"doi": {"identifier": "10.1234/rAIN", "provider": "external"}}}
    )
    assert [error.field for error in draft.errors] == ["pids.doi"]
    with pytest.raises(InvalidInput):
        publishing.publish(any_instance, owner, draft.id)


def test_an_embargo_shows_the_record_and_not_its_files(instance: Instance) -> None:
    owner = person(instance, "owner")
    access = {"record": "public", "files": "restricted", "embargo": {"active": True, "until": "2999-01-01"}}
    record_id = published(instance, owner, {**body(), "access": access}, {"a.txt": b"a"})
    seen = reading.read(instance, ANONYMOUS, record_id)
    assert not seen.files_visible
    assert seen.snapshot.access["status"] == "embargoed"
    with pytest.raises(Forbidden):
        reading.files(instance, ANONYMOUS, record_id)
    assert len(reading.files(instance, owner, record_id)[1]) == 1
    assert replace(seen.snapshot) == seen.snapshot


def test_all_files_together_have_a_limit(instance_template: Path, tmp_path: Path) -> None:
    instance = copy_instance(instance_template, tmp_path / "limited", files__max_total=10)
    owner = person(instance, "owner")
    draft = drafts.create(instance, owner, {**body(), "files": {"enabled": True}})
    add_files(instance, owner, draft.id, {"a": b"123456"})
    uploads.announce(instance, owner, draft.id, [{"key": "b"}])
    with pytest.raises(TooLarge):
        uploads.write_content(instance, owner, draft.id, "b", [b"12345"])
    uploads.write_content(instance, owner, draft.id, "b", [b"1234"])
    uploads.write_content(instance, owner, draft.id, "a", [b"12"])
    instance.close()


def test_withdrawing_one_version_while_the_next_is_published_makes_no_deadlock(any_instance: Instance) -> None:
    owner, admin = person(any_instance, "owner"), person(any_instance, "admin", admin=True)
    failed: list[Exception] = []

    def attempt(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            failed.append(error)

    for _round in range(5):
        first = published(any_instance, owner, body("One"))
        draft = editions.new_version(any_instance, owner, first)
        drafts.save(any_instance, owner, draft.id, body("Two"))
        threads = [
            threading.Thread(target=attempt, args=(lambda: publishing.publish(any_instance, owner, draft.id),)),  # noqa: B023
            threading.Thread(target=attempt, args=(lambda: withdrawal.withdraw(any_instance, admin, first, {}),)),  # noqa: B023
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        versions = reading.read(any_instance, ANONYMOUS, draft.id).snapshot.versions
        assert [version.state for version in versions] == ["withdrawn", "published"]
    assert failed == []


def test_settings_of_access_that_came_in_between_are_published(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    draft = drafts.create(any_instance, owner, body())
    sharing.set_access_settings(any_instance, owner, draft.id, {"allow_user_requests": True})
    publishing.publish(any_instance, owner, draft.id)
    settings = reading.read(any_instance, ANONYMOUS, draft.id).snapshot.parent["access"]["settings"]
    assert settings["allow_user_requests"] is True
