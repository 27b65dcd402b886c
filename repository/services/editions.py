"""Drafts made from published records: the edit of one, and the next version of its parent."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from repository.auth.permissions import Subject, allowed, require
from repository.errors import NotFound
from repository.records.identifiers import new_id
from repository.records.visibility import Viewer
from repository.services.drafts import SELECT_DRAFT, UNKNOWN, Draft, StoredDraft, insert_draft, stored_draft, view
from repository.services.instance import Instance
from repository.services.states import parent_in, parent_of
from repository.storage.models import DraftRow, ParentRow, RecordRow


def edit(instance: Instance, viewer: Viewer, record_id: str) -> Draft:
    """The edit draft of a published record: the one that exists, or a new one with the record's own content."""

    def make(connection: Connection, row: Any) -> StoredDraft:
        existing = connection.execute(SELECT_DRAFT.where(DraftRow.id == record_id)).one_or_none()
        if existing is not None:
            return stored_draft(existing)
        now = datetime.now(UTC)
        revision, parent = row.revision_id + 1, parent_in(row)
        draft = StoredDraft(record_id, parent, row.number, "edit", revision, row.created, now, row.body, complete=False)
        insert_draft(connection, draft)
        return draft

    return _from_record(instance, viewer, record_id, "record.edit", make)


def new_version(instance: Instance, viewer: Viewer, record_id: str) -> Draft:
    """The draft of the parent's next version: the one that exists, or a new one with the newest version's metadata.

    Publication date, version and identifiers are dropped, files start empty.
    """

    def make(connection: Connection, row: Any) -> StoredDraft:
        existing = connection.execute(
            SELECT_DRAFT.where(DraftRow.parent_id == row.parent_id, DraftRow.kind == "version")
        ).one_or_none()
        if existing is not None:
            return stored_draft(existing)
        newest = connection.execute(
            select(RecordRow.number, RecordRow.body, RecordRow.state)
            .where(RecordRow.parent_id == row.parent_id)
            .order_by(RecordRow.number.desc())
        ).all()
        source = next((version.body for version in newest if version.state == "published"), row.body)
        dropped = {"publication_date", "version"}
        body = {
            **source,
            "metadata": {name: value for name, value in source["metadata"].items() if name not in dropped},
            "pids": {},
            "files": {"enabled": source["files"]["enabled"], "order": []},
        }
        now = datetime.now(UTC)
        draft = StoredDraft(
            new_id(), parent_in(row), newest[0].number + 1, "version", 1, now, now, body, complete=False
        )
        insert_draft(connection, draft)
        return draft

    return _from_record(instance, viewer, record_id, "record.version", make)


def _from_record(
    instance: Instance,
    viewer: Viewer,
    record_id: str,
    action: str,
    make: Callable[[Connection, Any], StoredDraft],
) -> Draft:
    with instance.database.write() as connection:
        parent_id = connection.execute(select(RecordRow.parent_id).where(RecordRow.id == record_id)).scalar()
        if parent_id is None:
            raise NotFound(UNKNOWN)
        parent_of(connection, parent_id, lock=True)  # a statement of its own: what is read next is not older than it
        row = connection.execute(
            select(
                RecordRow.parent_id,
                RecordRow.number,
                RecordRow.revision_id,
                RecordRow.state,
                RecordRow.created,
                RecordRow.body,
                RecordRow.tombstone,
                ParentRow.owner_id,
                ParentRow.access_settings,
                ParentRow.pids,
            )
            .join(ParentRow, ParentRow.id == RecordRow.parent_id)
            .where(RecordRow.id == record_id)
        ).one()
        subject = Subject(str(row.owner_id) if row.owner_id else "", withdrawn=row.state == "withdrawn")
        is_hidden = row.tombstone is not None and not row.tombstone.get("is_visible", True)
        if row.state == "erased" or (is_hidden and not allowed(viewer, "record.manage", subject)):
            raise NotFound(UNKNOWN)
        require(viewer, action, subject)
        draft = make(connection, row)
    with instance.database.read() as connection:
        return view(connection, instance, draft)
