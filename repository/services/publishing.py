"""Publishing: a draft becomes a record, or a record's next revision; the change log tells the readers."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from repository.errors import INVALID, Conflict, FieldError, Forbidden, InvalidInput
from repository.records import draft as drafting
from repository.records.identifiers import managed_pid, oai_identifier
from repository.records.metadata_terms import references
from repository.records.snapshot import Json, Snapshot
from repository.records.structure import check_record
from repository.records.visibility import Viewer
from repository.records.vocabularies import Terms
from repository.services import dois
from repository.services.drafts import SAVE_ATTEMPTS, StoredDraft, find, permitted, problems
from repository.services.files import FileEntry, entries, in_json, whole_list
from repository.services.instance import Instance
from repository.services.states import NO_FILES, Stored, append, build, settle, versions_of
from repository.settings import Settings
from repository.storage import changes
from repository.storage.models import DraftRow, ParentRow, RecordRow, Revision

NOT_PUBLIC = "The record was withdrawn: its edit can be published once it has been restored."


def publish(instance: Instance, viewer: Viewer, draft_id: str) -> Snapshot:
    """Publishes the draft and returns the record's new state.

    Raises NotFound, Forbidden, InvalidInput with all that is wrong; Conflict where draft or files are changed each time
    between validation and publishing. Of any number of callers at once exactly one publishes; the others find no draft.
    """
    for _attempt in range(SAVE_ATTEMPTS):
        with instance.database.read() as connection:
            draft = permitted(connection, viewer, draft_id, "draft.publish")
            terms = instance.terms.lookup(connection, references(draft.body, instance.rules.custom_fields))
            none = draft.complete and not draft.body["files"]["enabled"]
            files = () if none else entries(connection, draft_id)
            _refuse_faulty(connection, instance, draft, terms, files)
        body = with_identifiers(draft.body, draft.id, instance.settings)
        check_record(body)
        with instance.database.write() as connection:
            locked = find(connection, draft_id, lock=True)
            unchanged = locked.revision_id == draft.revision_id
            if unchanged and (not files or entries(connection, draft_id) == files):
                return _publish(connection, instance, viewer, locked, body, terms, files)
    raise Conflict("The draft is being changed by others all the time; try again.")


def _refuse_faulty(
    connection: Connection, instance: Instance, draft: StoredDraft, terms: Terms, files: tuple[FileEntry, ...]
) -> None:
    """Raises InvalidInput with all that is wrong.

    A draft that was complete when it was saved, has no files and no DOI to compare and no embargo that time could have
    overtaken is still complete: what was validated then is not validated again (the record layer checks its structure).
    """
    asked = draft.body
    if (
        draft.complete
        and not asked["files"]["enabled"]
        and not asked["pids"]
        and not asked["access"]["embargo"]["active"]
    ):
        return
    keys = [file.key for file in files if not file.completed]
    pending = FieldError("files", (f"These files are not committed: {', '.join(keys[:20])}.",))
    errors = drafting.merge(problems(connection, instance, draft, terms, files), (pending,) if keys else ())
    if errors:
        raise InvalidInput(INVALID, errors)


def with_identifiers(body: Json, record_id: str, settings: Settings) -> Json:
    """The body of the record to be: that of the draft, with the identifiers that publishing brings."""
    pids = dict(body["pids"])
    if settings.doi_prefix and "doi" not in pids:
        pids["doi"] = managed_pid(settings.doi_prefix, record_id)
    pids["oai"] = {"identifier": oai_identifier(settings.oai_domain, record_id), "provider": "oai"}
    return {**body, "pids": pids}


def _publish(
    connection: Connection,
    instance: Instance,
    viewer: Viewer,
    draft: StoredDraft,
    body: Json,
    terms: Terms,
    files: tuple[FileEntry, ...],
) -> Snapshot:
    settings, now = instance.settings, datetime.now(UTC)
    others = versions_of(connection, draft.parent.id) if draft.kind != "new" else []
    before = next((other for other in others if other.id == draft.id), None)
    if before is not None and before.state != "published":
        raise Forbidden(NOT_PUBLIC)
    stored = Stored(
        id=draft.id,
        index=draft.index,
        revision_id=before.revision_id + 1 if before else 1,
        created=datetime.fromisoformat(before.created) if before else now,
        updated=now,
        state="published",
        body=body,
        origin=before.origin if before else None,
    )
    parent = draft.parent
    if settings.doi_prefix and body["pids"]["doi"]["provider"] == "datacite" and "doi" not in parent.pids:
        parent = replace(parent, pids={**parent.pids, "doi": _parent_doi(connection, settings, parent.id)})
    listed = body["files"]["enabled"]
    list_digest = changes.store_file_list(connection, whole_list(files)) if files else ""
    block = in_json(files, body["files"]) if listed else NO_FILES
    built = build(stored, parent, terms, instance.rules.custom_fields, block, list_digest)
    snapshot, revised = settle(built, others)
    save_record(connection, stored, snapshot, new=before is None)
    _hold_doi(connection, body["pids"].get("doi"), draft, before)
    connection.execute(insert(Revision).values(**revision_row(stored, viewer)))
    connection.execute(delete(DraftRow).where(DraftRow.id == draft.id))
    append(connection, "revised" if before else "published", snapshot, revised)
    return snapshot


def save_record(connection: Connection, stored: Stored, snapshot: Snapshot, *, new: bool) -> None:
    """Writes the record's own row, which names the snapshot that the change is about to carry."""
    values = record_values(stored, snapshot)
    if new:
        connection.execute(insert(RecordRow).values(**record_row(stored, snapshot.parent_id), **values))
    else:
        connection.execute(update(RecordRow).where(RecordRow.id == stored.id).values(**values))


def record_row(stored: Stored, parent_id: str) -> dict[str, Any]:
    """The columns of a record's row that never change."""
    return {
        "id": stored.id,
        "parent_id": parent_id,
        "number": stored.index,
        "created": stored.created,
        "origin": stored.origin,
    }


def record_values(stored: Stored, snapshot: Snapshot) -> dict[str, Any]:
    """The columns of a record's row that each revision sets."""
    return {
        "revision_id": stored.revision_id,
        "state": stored.state,
        "updated": stored.updated,
        "body": stored.body,
        "tombstone": stored.tombstone,
        "embargo_until": embargo_end(stored.body["access"]),
        "snapshot": changes.named(snapshot),
    }


def revision_row(stored: Stored, viewer: Viewer) -> dict[str, Any]:
    return {
        "record_id": stored.id,
        "revision_id": stored.revision_id,
        "body": stored.body,
        "account_id": int(viewer.account) if viewer.account else None,
        "at": stored.updated,
    }


def embargo_end(access: Json) -> date | None:
    """The day at whose start (UTC) an active embargo ends."""
    embargo = access.get("embargo") or {}
    return date.fromisoformat(embargo["until"]) if embargo.get("active") and embargo.get("until") else None


def _parent_doi(connection: Connection, settings: Settings, parent_id: str) -> Json:
    pid = managed_pid(settings.doi_prefix, parent_id)
    dois.hold(connection, pid["identifier"], parent_id, pid["provider"], "unregistered")
    pids = connection.execute(select(ParentRow.pids).where(ParentRow.id == parent_id)).scalar_one()
    connection.execute(update(ParentRow).where(ParentRow.id == parent_id).values(pids={**pids, "doi": pid}))
    return pid


def _hold_doi(connection: Connection, doi: Json | None, draft: StoredDraft, before: Snapshot | None) -> None:
    """What was held before (a reservation, another external DOI) makes way for what the record has now."""
    held = before.doi if before else draft.body["pids"].get("doi", {}).get("identifier", "")
    if before and held == (doi or {}).get("identifier", ""):
        return
    if held:
        dois.release(connection, draft.id)
    if doi is not None:
        status = "external" if doi["provider"] == "external" else "unregistered"
        dois.hold(connection, doi["identifier"], draft.id, doi["provider"], status)
