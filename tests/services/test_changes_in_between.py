"""What somebody else does in the middle of a publication, an import or an edit is neither lost nor undone."""

from collections.abc import Callable

import pytest

from repository.errors import ColophonError, Conflict, Forbidden, Gone, InvalidInput, NotFound
from repository.records.visibility import ANONYMOUS, SYSTEM, Viewer
from repository.services import drafts, editions, import_writing, importing, publishing, reading, uploads, withdrawal
from repository.services.instance import Instance
from repository.storage import changes
from tests.conftest import row_count
from tests.instances import add_files, body, person, published
from tests.services.interleaving import Beside, before
from tests.services.test_importing import deposit, imported, states
from tests.services.test_publishing import log

WITH_FILES = {**body(), "files": {"enabled": True}}
Change = Callable[[Instance, Viewer, str], object]


def draft_with_a_file(instance: Instance, owner: Viewer) -> str:
    draft_id = drafts.create(instance, owner, WITH_FILES).id
    add_files(instance, owner, draft_id, {"a.txt": b"validated"})
    return draft_id


def new_content(instance: Instance, owner: Viewer, draft_id: str) -> None:
    uploads.write_content(instance, owner, draft_id, "a.txt", [b"other"])


def committed(instance: Instance, owner: Viewer, draft_id: str) -> None:
    new_content(instance, owner, draft_id)
    uploads.commit(instance, owner, draft_id, "a.txt")


def announced(instance: Instance, owner: Viewer, draft_id: str) -> None:
    uploads.announce(instance, owner, draft_id, [{"key": "late.txt"}])


def described(instance: Instance, owner: Viewer, draft_id: str) -> None:
    uploads.describe(instance, owner, draft_id, "a.txt", {"metadata": {"caption": "late"}})


def removed(instance: Instance, owner: Viewer, draft_id: str) -> None:
    uploads.remove(instance, owner, draft_id)


def after_validation(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """The act comes between validation and the transaction that publishes."""
    monkeypatch.setattr(publishing, "check_record", before(publishing.check_record, act))


def once(act: Callable[[], object]) -> Callable[[], object]:
    waiting = [act]
    return lambda: waiting.pop()() if waiting else None


@pytest.mark.parametrize(
    ("change", "field"), [(new_content, "files"), (announced, "files"), (removed, "files.enabled")]
)
def test_files_that_become_incomplete_after_validation_are_not_published(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch, change: Change, field: str
) -> None:
    owner = person(any_instance, "owner")
    draft_id = draft_with_a_file(any_instance, owner)
    after_validation(monkeypatch, once(lambda: change(any_instance, owner, draft_id)))
    with pytest.raises(InvalidInput) as refused:
        publishing.publish(any_instance, owner, draft_id)
    assert [error.field for error in refused.value.errors] == [field]
    assert log(any_instance) == []
    assert drafts.read(any_instance, owner, draft_id).id == draft_id


def test_files_that_were_replaced_after_validation_are_published_as_they_are(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    draft_id = draft_with_a_file(any_instance, owner)
    changes = [committed, described]
    after_validation(monkeypatch, lambda: changes.pop()(any_instance, owner, draft_id) if changes else None)
    entry = publishing.publish(any_instance, owner, draft_id).files["entries"]["a.txt"]
    assert (entry["size"], entry["metadata"]) == (len(b"other"), {"caption": "late"})
    stored = reading.files(any_instance, ANONYMOUS, draft_id)[1][0]
    assert (stored.sha256, stored.completed) == (entry["sha256"], True)


def test_a_draft_that_changes_every_time_is_a_conflict(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = person(instance, "owner")
    draft_id = draft_with_a_file(instance, owner)
    after_validation(monkeypatch, lambda: committed(instance, owner, draft_id))
    with pytest.raises(Conflict):
        publishing.publish(instance, owner, draft_id)
    assert log(instance) == []


def test_a_file_that_is_being_announced_keeps_its_draft_from_being_published(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    draft_id = draft_with_a_file(any_instance, owner)
    publication = Beside(any_instance, lambda: publishing.publish(any_instance, owner, draft_id))
    monkeypatch.setattr(uploads, "_row", before(uploads._row, publication.begin))
    announced(any_instance, owner, draft_id)
    with pytest.raises(InvalidInput, match="validation"):
        publication.finish()
    assert log(any_instance) == []


def test_a_draft_that_is_to_have_no_files_and_has_some_is_not_published(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    draft_id = draft_with_a_file(any_instance, owner)
    saved = drafts.save(any_instance, owner, draft_id, body())
    assert [error.field for error in saved.errors] == ["files.enabled"]
    with pytest.raises(InvalidInput):
        publishing.publish(any_instance, owner, draft_id)
    uploads.remove(any_instance, owner, draft_id)
    assert publishing.publish(any_instance, owner, draft_id).files["count"] == 0


def test_an_edit_that_was_begun_before_a_withdrawal_does_not_undo_it(any_instance: Instance) -> None:
    owner, admin = person(any_instance, "owner"), person(any_instance, "admin", admin=True)
    record_id = published(any_instance, owner, body("Before"))
    editions.edit(any_instance, owner, record_id)
    drafts.save(any_instance, owner, record_id, body("After"))
    withdrawal.withdraw(any_instance, admin, record_id, {})
    for viewer in (owner, admin):
        with pytest.raises(Forbidden):
            publishing.publish(any_instance, viewer, record_id)
    with pytest.raises(Gone):
        reading.read(any_instance, ANONYMOUS, record_id)
    withdrawal.restore(any_instance, admin, record_id)
    assert publishing.publish(any_instance, owner, record_id).title == "After"


def test_an_edit_that_is_published_while_its_record_is_erased_waits_for_it(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both need the draft and the parent: taken in one order, neither can hold what the other waits for."""
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body())
    editions.edit(any_instance, owner, record_id)
    publication = Beside(any_instance, lambda: publishing.publish(any_instance, owner, record_id))
    monkeypatch.setattr(withdrawal, "_remove_content", before(withdrawal._remove_content, publication.begin))
    withdrawal.erase(any_instance, SYSTEM, record_id)
    with pytest.raises(NotFound):
        publication.finish()
    assert [kind for kind, _ in log(any_instance)] == ["published", "erased"]


def test_an_edit_that_is_begun_while_its_record_is_erased_keeps_nothing(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person(any_instance, "owner")
    record_id = published(any_instance, owner, body("Canary"))
    edit = Beside(any_instance, lambda: editions.edit(any_instance, owner, record_id))
    monkeypatch.setattr(withdrawal, "_remove_content", before(withdrawal._remove_content, edit.begin))
    withdrawal.erase(any_instance, SYSTEM, record_id)
    with pytest.raises(ColophonError):
        edit.finish()
    assert row_count(any_instance.database, "drafts") == 0


def test_an_import_does_not_bring_back_what_is_withdrawn_meanwhile(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The withdrawal comes after the import has looked, and before it writes."""
    imported(any_instance, [deposit(1)])
    record_id = states(any_instance)[0].id
    withdraw = once(lambda: withdrawal.withdraw(any_instance, SYSTEM, record_id, {}))
    monkeypatch.setattr(importing, "_validated", before(importing._validated, withdraw))
    done, refusals = imported(any_instance, [deposit(1, "b")])
    assert (done.revised, done.unchanged, refusals) == (0, 1, [])
    expect_withdrawn(any_instance, record_id, ["published", "withdrawn"])


def test_an_import_waits_for_a_withdrawal_and_heeds_it(any_instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(any_instance, [deposit(1)])
    record_id = states(any_instance)[0].id
    again = Beside(any_instance, lambda: imported(any_instance, [deposit(1, "b")]))
    monkeypatch.setattr(withdrawal, "_set_state", before(withdrawal._set_state, again.begin))
    withdrawal.withdraw(any_instance, SYSTEM, record_id, {})
    again.finish()
    expect_withdrawn(any_instance, record_id, ["published", "withdrawn"])


def test_an_import_waits_for_an_edit_that_closes_the_record(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(any_instance, [deposit(1)])
    record_id = states(any_instance)[0].id
    editions.edit(any_instance, SYSTEM, record_id)
    closed = {"access": {"record": "restricted", "files": "restricted"}}
    drafts.save(any_instance, SYSTEM, record_id, {**body(), **closed})
    again = Beside(any_instance, lambda: imported(any_instance, [deposit(1, "b")]))
    monkeypatch.setattr(publishing, "save_record", before(publishing.save_record, again.begin))
    publishing.publish(any_instance, SYSTEM, record_id)
    again.finish()
    with pytest.raises(Forbidden):
        reading.read(any_instance, ANONYMOUS, record_id)
    assert reading.read(any_instance, SYSTEM, record_id).snapshot.revision_id == 3


def test_a_withdrawal_waits_for_an_import(any_instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(any_instance, [deposit(1)])
    record_id = states(any_instance)[0].id
    withdraw = Beside(any_instance, lambda: withdrawal.withdraw(any_instance, SYSTEM, record_id, {}))
    monkeypatch.setattr(import_writing, "versions_of", before(import_writing.versions_of, withdraw.begin))
    done, _ = imported(any_instance, [deposit(1, "b")])
    withdraw.finish()
    assert done.revised == 1
    expect_withdrawn(any_instance, record_id, ["published", "revised", "withdrawn"])


def test_a_version_that_is_imported_while_another_is_withdrawn_knows_it(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(any_instance, [deposit(1, parent="p", index=1)])
    record_id = states(any_instance)[0].id
    second = Beside(any_instance, lambda: imported(any_instance, [deposit(2, parent="p", index=2)]))
    monkeypatch.setattr(withdrawal, "_set_state", before(withdrawal._set_state, second.begin))
    withdrawal.withdraw(any_instance, SYSTEM, record_id, {})
    second.finish()
    found = sorted(states(any_instance), key=lambda state: state.index)
    for state in found:
        assert [version.state for version in state.versions] == ["withdrawn", "published"]


def test_a_document_that_another_import_takes_meanwhile_is_met_as_known(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other import comes after this one has looked, and before it writes."""
    other = once(lambda: imported(any_instance, [deposit(1), deposit(2, "b"), deposit(4, parent="p", index=1)]))
    monkeypatch.setattr(importing, "_validated", before(importing._validated, other))
    documents = [deposit(1), deposit(2), deposit(3), deposit(4, parent="p", index=1)]
    done, refusals = imported(any_instance, documents)
    assert (done.added, done.revised, done.unchanged, refusals) == (1, 1, 2, [])
    expect_one_record_each(any_instance, 4)


def test_an_import_waits_for_another_of_the_same_document(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    other = Beside(any_instance, lambda: counts.append(imported(any_instance, [deposit(2), deposit(1)])[0]))
    monkeypatch.setattr(changes, "append", before(changes.append, other.begin))
    done, _ = imported(any_instance, [deposit(1), deposit(2)])
    other.finish()
    assert (done.added, counts[0].added, counts[0].unchanged, counts[0].refused) == (2, 0, 2, 0)
    expect_one_record_each(any_instance, 2)


def test_first_versions_that_are_imported_at_once_have_one_parent(
    any_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = Beside(any_instance, lambda: imported(any_instance, [deposit(2, parent="p", index=2)]))
    monkeypatch.setattr(import_writing, "settle", before(import_writing.settle, second.begin))
    imported(any_instance, [deposit(1, parent="p", index=1)])
    second.finish()
    found = sorted(states(any_instance), key=lambda state: state.index)
    assert [state.index for state in found] == [1, 2]
    assert len({state.parent_id for state in found}) == row_count(any_instance.database, "parents") == 1


def expect_one_record_each(instance: Instance, documents: int) -> None:
    assert len(states(instance)) == documents
    for table in ("sources", "records", "parents"):
        assert row_count(instance.database, table) == documents


def expect_withdrawn(instance: Instance, record_id: str, kinds: list[str]) -> None:
    with pytest.raises(Gone):
        reading.read(instance, ANONYMOUS, record_id)
    assert [kind for kind, _ in log(instance)] == kinds
