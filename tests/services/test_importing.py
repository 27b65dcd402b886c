"""Import in sets: repeatable, complete, and equal to a deposit by REST."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from repository.errors import Forbidden, Gone
from repository.formats.reading import Known, read
from repository.records.deposit import Deposit, Refusal
from repository.records.snapshot import Json, Snapshot
from repository.records.visibility import ANONYMOUS
from repository.services import drafts, editions, publishing, reading, withdrawal
from repository.services.import_writing import Imported
from repository.services.importing import BATCH, import_documents
from repository.services.instance import Instance
from repository.services.vocabularies import all_terms
from repository.storage import changes
from tests.conftest import row_count
from tests.instances import METADATA, copy_instance, person


def deposit(number: int, digest: str = "a", **fields: object) -> Deposit:
    metadata = {**METADATA, "title": f"Document {number}, text {digest}"}
    made = Deposit(
        source=f"test:{number}", identity=f"source:{number}", digest=digest * 64, body={"metadata": metadata}
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def imported(instance: Instance, documents: Iterable[Deposit | Refusal]) -> tuple[Imported, list[Refusal]]:
    refusals: list[Refusal] = []
    return import_documents(instance, documents, refuse=refusals.append), refusals


def states(instance: Instance) -> list[Snapshot]:
    with instance.database.read() as connection:
        return [change.snapshot for change in changes.states(connection, "", 1000)]


def test_new_documents_become_public_records_without_files(any_instance: Instance) -> None:
    done, refusals = imported(any_instance, [deposit(number) for number in range(3)])
    assert (done.documents, done.added, done.refused) == (3, 3, 0)
    assert refusals == []
    for state in states(any_instance):
        assert state.access["status"] == "metadata-only"
        assert state.parent["access"]["owned_by"] is None
        assert state.pids["oai"]["identifier"].endswith(state.id)
        assert reading.read(any_instance, ANONYMOUS, state.id).snapshot == state
    with any_instance.database.read() as connection:
        assert changes.head(connection) == 3


def test_a_document_that_comes_again_is_left_alone_or_revised(any_instance: Instance) -> None:
    imported(any_instance, [deposit(1), deposit(2)])
    before = {state.title: state for state in states(any_instance)}
    done, _ = imported(any_instance, [deposit(1), deposit(2, "b")])
    assert (done.added, done.revised, done.unchanged) == (0, 1, 1)
    after = {state.title: state for state in states(any_instance)}
    assert after["Document 1, text a"] == before["Document 1, text a"]
    revised = after["Document 2, text b"]
    assert revised.id == before["Document 2, text a"].id
    assert revised.revision_id == 2
    with any_instance.database.read() as connection:
        assert changes.head(connection) == 3


def test_the_same_identity_twice_in_one_run_is_a_duplicate(any_instance: Instance) -> None:
    documents = [deposit(1), deposit(2), deposit(1), deposit(1, "b")]
    done, refusals = imported(any_instance, documents)
    assert (done.added, done.unchanged, done.refused) == (2, 1, 1)
    assert refusals[0].field == "identity"
    far_apart = [deposit(7), *(deposit(number) for number in range(100, 100 + BATCH)), deposit(7, "b")]
    done, refusals = imported(any_instance, far_apart)
    assert (done.added, done.refused) == (BATCH + 1, 1)


def test_a_wrong_document_is_refused_and_the_others_are_taken(any_instance: Instance) -> None:
    wrong = deposit(2)
    wrong = replace(wrong, body={"metadata": {**wrong.body["metadata"], "publication_date": "tomorrow"}})
    done, refusals = imported(
        any_instance, [deposit(1), wrong, Refusal("f:3", "metadata.title", "is missing"), deposit(4)]
    )
    assert (done.added, done.refused) == (2, 2)
    assert {refusal.field for refusal in refusals} == {"metadata.publication_date", "metadata.title"}


def test_a_doi_that_another_record_has_is_refused(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    doi = {"doi": {"identifier": "10.1234/x", "provider": "external"}}
    draft = drafts.create(any_instance, owner, {"metadata": METADATA, "files": {"enabled": False}, "pids": doi})
    publishing.publish(any_instance, owner, draft.id)
    other = deposit(1, identity="doi:10.1234/x")
    done, refusals = imported(any_instance, [replace(other, body={**other.body, "pids": doi})])
    assert done.refused == 1
    assert refusals[0].field == "pids.doi"


def test_documents_of_one_parent_become_its_versions(any_instance: Instance) -> None:
    documents = [deposit(number, parent="p", index=number) for number in (2, 1, 3)]
    imported(any_instance, documents)
    found = sorted(states(any_instance), key=lambda state: state.index)
    assert [state.index for state in found] == [1, 2, 3]
    assert len({state.parent_id for state in found}) == 1
    for state in found:
        assert [version.id for version in state.versions] == [other.id for other in found]


def test_what_was_withdrawn_here_does_not_come_back(any_instance: Instance) -> None:
    admin = person(any_instance, "admin", admin=True)
    imported(any_instance, [deposit(1)])
    record_id = states(any_instance)[0].id
    withdrawal.withdraw(any_instance, admin, record_id, {})
    done, _ = imported(any_instance, [deposit(1, "b")])
    assert done.revised == 0
    with pytest.raises(Gone):
        reading.read(any_instance, ANONYMOUS, record_id)


def test_organisations_and_people_that_are_named_become_terms(any_instance: Instance) -> None:
    before = row_count(any_instance.database, "terms")
    ror, orcid = "05dxps055", "0000-0001-5109-3700"
    named = {("affiliations", ror): "Unheard-of Institute", ("names", orcid): "Berg, Eva"}
    one = deposit(1, terms=named)
    creator = {**METADATA["creators"][0], "affiliations": [{"id": ror}]}
    metadata = {**METADATA, "creators": [creator]}
    with any_instance.database.read() as connection:
        present = set(any_instance.terms.lookup(connection, named))
    done, refusals = imported(any_instance, [replace(one, body={"metadata": metadata})])
    assert (done.added, refusals) == (1, [])
    assert row_count(any_instance.database, "terms") == before + 2 - len(present)
    shown = states(any_instance)[0].metadata["creators"][0]["affiliations"][0]
    assert shown["id"] == ror
    assert shown["name"]


def comparable(state: Snapshot) -> Json:
    """Without ids, times and where it came from."""
    whole: Json = orjson.loads(
        orjson.dumps(state).replace(state.id.encode(), b"ID").replace(state.parent_id.encode(), b"P")
    )
    for name in ("created", "updated", "origin", "readers"):
        del whole[name]
    del whole["parent"]["access"]["owned_by"]
    return whole


@pytest.mark.parametrize("prefix", ["", "10.5072"])
def test_an_imported_record_equals_the_same_one_deposited(
    instance_template: object, tmp_path: object, prefix: str
) -> None:
    instance = copy_instance(instance_template, tmp_path / "instance", doi__prefix=prefix)  # type: ignore[arg-type, operator]
    owner = person(instance, "owner")
    document = {
        "titles": [{"title": "Rain at the harbour"}],
        "creators": [{"name": "Holm, Ada", "givenName": "Ada", "familyName": "Holm", "nameType": "Personal"}],
        "publisher": "Harbour Institute",
        "publicationYear": 2024,
        "types": {"resourceTypeGeneral": "Dataset"},
        "subjects": [{"subject": "rain"}],
        "rightsList": [{"rightsIdentifier": "CC-BY-4.0"}],
        "descriptions": [{"description": "Ten years of rain.", "descriptionType": "Abstract"}],
    }
    path = tmp_path / "one.json"  # type: ignore[operator]
    path.write_bytes(orjson.dumps(document))
    known = Known.from_terms(all_terms(instance))
    documents = list(read(path, source="one.json", known=known, fill_missing=False))
    done, refusals = imported(instance, documents)
    assert (done.added, refusals) == (1, [])
    assert isinstance(documents[0], Deposit)
    draft = drafts.create(instance, owner, {**documents[0].body, "files": {"enabled": False}})
    assert draft.errors == ()
    deposited = publishing.publish(instance, owner, draft.id)
    other = next(state for state in states(instance) if state.id != deposited.id)
    assert comparable(other) == comparable(deposited)
    instance.close()


def test_a_record_that_was_closed_here_stays_closed_when_it_comes_again(any_instance: Instance) -> None:
    admin = person(any_instance, "admin", admin=True)
    imported(any_instance, [deposit(1)])
    record_id = states(any_instance)[0].id
    draft = editions.edit(any_instance, admin, record_id)
    closed = {**draft.body, "access": {"record": "restricted", "files": "restricted"}}
    drafts.save(any_instance, admin, record_id, closed)
    publishing.publish(any_instance, admin, record_id)
    done, _ = imported(any_instance, [deposit(1, "b")])
    assert done.revised == 1
    with pytest.raises(Forbidden):
        reading.read(any_instance, ANONYMOUS, record_id)
    assert reading.read(any_instance, admin, record_id).snapshot.title == "Document 1, text b"


def test_a_conflict_within_a_batch_costs_one_document_and_no_count(any_instance: Instance) -> None:
    """Two documents bring one DOI, so writing the batch fails as a whole; a third is known, a fourth is a version."""
    imported(any_instance, [deposit(9)])
    doi = {"doi": {"identifier": "10.1234/x", "provider": "external"}}

    def with_doi(number: int, **fields: object) -> Deposit:
        one = deposit(number, **fields)
        return replace(one, body={**one.body, "pids": doi})

    for start, tied in ((1, ""), (20, "p")):
        if tied:
            doi["doi"]["identifier"] = "10.1234/y"
        documents = [deposit(9), with_doi(start), deposit(start + 1), with_doi(start + 2, parent=tied, index=1)]
        done, refusals = imported(any_instance, documents)
        assert (done.added, done.unchanged, done.refused) == (2, 1, 1)
        assert [(refusal.source, refusal.field) for refusal in refusals] == [(f"test:{start + 2}", "pids.doi")]
    assert len(states(any_instance)) == 5


def test_what_was_altered_is_counted_once_it_is_committed_and_for_no_other_document(any_instance: Instance) -> None:
    doi = {"doi": {"identifier": "10.1234/x", "provider": "external"}}
    altered = {"changed": ("a date",), "body": {**deposit(0).body, "pids": doi}}
    done, _ = imported(any_instance, [deposit(1, **altered), deposit(2, **altered)])
    assert (done.added, done.refused, done.changed) == (1, 1, {"a date": 1})
    done, _ = imported(any_instance, [deposit(1, **altered)])
    assert (done.unchanged, done.changed) == (1, {})
    done, _ = imported(any_instance, [deposit(1, "b", **altered)])
    assert (done.revised, done.changed) == (1, {"a date": 1})


def test_a_revision_that_is_refused_twice_is_refused_again(any_instance: Instance) -> None:
    imported(any_instance, [deposit(1)])
    wrong = deposit(1, "b", body={"metadata": {**METADATA, "publication_date": "tomorrow"}})
    for documents in ([wrong, wrong], [wrong]):
        done, _ = imported(any_instance, documents)
        assert (done.revised, done.refused) == (0, 1)


def test_keys_are_written_in_their_order_whatever_that_of_the_documents(any_instance: Instance) -> None:
    """Two imports of the same in another order wait for each other, but never in a circle."""
    orcids = [f"0000-0001-5109-370{digit}" for digit in (2, 0, 1)]
    documents = []
    for number, orcid in zip((2, 3, 1), orcids, strict=True):
        pids = {"doi": {"identifier": f"10.1234/{number}", "provider": "external"}}
        made = deposit(number, terms={("names", orcid): "Berg, Eva"})
        documents.append(replace(made, body={**made.body, "pids": pids}))
    written: dict[str, list[object]] = {}

    def watch(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        words = " ".join(statement.replace("INTO ", "").split()[:2])
        if words.endswith((" pids", " sources", " terms")):
            written.setdefault(words, []).append(parameters)

    event.listen(any_instance.database.engine, "before_cursor_execute", watch)
    imported(any_instance, documents)
    imported(any_instance, documents)
    keys = {
        "INSERT pids": [f"10.1234/{number}" for number in (1, 2, 3)],
        "INSERT sources": [f"source:{number}" for number in (1, 2, 3)],
        "INSERT terms": sorted(orcids),
        "UPDATE sources": [f"source:{number}" for number in (1, 2, 3)],
    }
    assert written.keys() == keys.keys()
    for statement, expected in keys.items():
        (rows,) = written[statement]  # one statement for all of a batch
        values = [list(row.values()) if isinstance(row, dict) else list(row) for row in rows]
        assert [key for row in values for key in row if key in expected] == expected


@pytest.mark.parametrize("state", ["40P01", "40001"])
def test_a_deadlock_is_a_conflict_that_is_tried_again(
    postgres_instance: Instance, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """Only PostgreSQL has them."""
    append, failures = changes.append, [state]

    def append_or_fail(connection: Connection, news: Any) -> int:
        if failures:
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE 'on purpose' USING ERRCODE = '{failures.pop()}'; END $$")
        return append(connection, news)

    monkeypatch.setattr(changes, "append", append_or_fail)
    done, refusals = imported(postgres_instance, [deposit(1), deposit(2)])
    assert (done.added, refusals, failures) == (2, [], [])
    failures.append("57014")
    with pytest.raises(OperationalError):
        imported(postgres_instance, [deposit(3)])
