"""Drafts: made, read, saved, discarded. A save never fails on content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from repository.auth.permissions import Subject, require
from repository.errors import FieldError, NotFound, RevisionMismatch
from repository.formats import hints
from repository.records import draft as drafting
from repository.records.draft import Loaded
from repository.records.identifiers import new_id
from repository.records.metadata_terms import resolve
from repository.records.snapshot import Json
from repository.records.structure import check_draft
from repository.records.visibility import Viewer
from repository.services import dois, parts
from repository.services.files import FileEntry, entries
from repository.services.instance import Instance
from repository.services.states import DEFAULT_SETTINGS, Parent, parent_in
from repository.storage.models import DraftRow, File, ParentRow
from repository.storage.objects import Upload

UNKNOWN = "The persistent identifier does not exist."
SAVE_ATTEMPTS = 5
"""A save is validated against what was stored; if another save came between, it is validated anew so many times."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A working copy as its owner sees it: terms resolved, and what still is wrong or missing."""

    id: str
    parent: Parent
    index: int
    kind: str
    """`new`, `version`, or `edit` of a published record."""
    revision_id: int
    created: datetime
    updated: datetime
    body: Json
    """As stored: `{metadata, custom_fields, access, pids, files}`, terms as ids."""
    metadata: Json
    custom_fields: Json
    files: tuple[FileEntry, ...]
    errors: tuple[FieldError, ...]
    """What has to be mended before publishing, and hints (severity `info`) that hinder nothing."""

    @property
    def is_published(self) -> bool:
        return self.kind == "edit"


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft's row with its parent, before anything is resolved."""

    id: str
    parent: Parent
    index: int
    kind: str
    revision_id: int
    created: datetime
    updated: datetime
    body: Json
    complete: bool
    """Nothing was wrong or missing when it was saved, files aside where it is to have any."""

    @property
    def subject(self) -> Subject:
        return Subject(owner=self.parent.owner)


SELECT_DRAFT = select(
    DraftRow.id,
    DraftRow.parent_id,
    DraftRow.number,
    DraftRow.kind,
    DraftRow.revision_id,
    DraftRow.created,
    DraftRow.updated,
    DraftRow.body,
    DraftRow.complete,
    ParentRow.owner_id,
    ParentRow.access_settings,
    ParentRow.pids,
).join(ParentRow, ParentRow.id == DraftRow.parent_id)


def find(connection: Connection, draft_id: str, *, lock: bool = False) -> StoredDraft:
    """The draft; locked, nobody else saves or publishes it until the transaction ends. Raises NotFound.

    The parent is locked first, as everywhere: an erasure holds it when it comes to the draft.
    """
    statement = SELECT_DRAFT.where(DraftRow.id == draft_id)
    if lock:
        statement = statement.with_for_update(of=(ParentRow, DraftRow))
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(UNKNOWN)
    return stored_draft(row)


def stored_draft(row: Any) -> StoredDraft:
    return StoredDraft(
        id=row.id,
        parent=parent_in(row),
        index=row.number,
        kind=row.kind,
        revision_id=row.revision_id,
        created=row.created,
        updated=row.updated,
        body=row.body,
        complete=row.complete,
    )


def permitted(connection: Connection, viewer: Viewer, draft_id: str, action: str) -> StoredDraft:
    """The draft, if the viewer may do this with it. Raises NotFound, Forbidden."""
    draft = find(connection, draft_id)
    require(viewer, action, draft.subject)
    return draft


def create(instance: Instance, viewer: Viewer, body: Json) -> Draft:
    """A first draft, of a parent of its own. Raises Forbidden; InvalidInput only for what can't be text at all."""
    require(viewer, "draft.create")
    with instance.database.read() as connection:
        terms = instance.terms_of(connection, body)
    rules = instance.rules_today()
    loaded = drafting.load(body, None, terms, rules)
    stored = loaded.body()
    check_draft(stored)
    now = datetime.now(UTC)
    parent = Parent(new_id(), viewer.account, DEFAULT_SETTINGS, {})
    complete = not (loaded.errors or drafting.missing(loaded, rules))
    draft = StoredDraft(new_id(), parent, 1, "new", 1, now, now, stored, complete)
    with instance.database.write() as connection:
        insert_parent(connection, parent, now)
        insert_draft(connection, draft)
        taken = dois.taken(connection, draft.id, stored["pids"])
    return _view(instance, draft, terms, (), _problems(loaded, rules, (), taken))


def read(instance: Instance, viewer: Viewer, draft_id: str) -> Draft:
    """Raises NotFound, Forbidden."""
    with instance.database.read() as connection:
        return view(connection, instance, permitted(connection, viewer, draft_id, "draft.read"))


def view(connection: Connection, instance: Instance, draft: StoredDraft) -> Draft:
    """The draft with its files, terms resolved, and its errors computed anew."""
    terms = instance.terms_of(connection, draft.body)
    files = entries(connection, draft.id)
    return _view(instance, draft, terms, files, problems(connection, instance, draft, terms, files))


def problems(
    connection: Connection, instance: Instance, draft: StoredDraft, terms: Any, files: Sequence[FileEntry]
) -> tuple[FieldError, ...]:
    """All that keeps the draft from being published."""
    rules = instance.rules_today(published=draft.kind == "edit")
    keys = {file.key for file in files}
    return drafting.merge(
        drafting.check(draft.body, terms, rules),
        drafting.file_errors(draft.body["files"], len(keys), keys.__contains__),
        dois.taken(connection, draft.id, draft.body["pids"]),
    )


def save(instance: Instance, viewer: Viewer, draft_id: str, body: Json, revision: int | None = None) -> Draft:
    """Stores what is right of the body and names the rest. `revision`: refuse if somebody saved since.

    Raises NotFound, Forbidden, RevisionMismatch.
    """
    for _attempt in range(SAVE_ATTEMPTS):
        with instance.database.read() as connection:
            before = permitted(connection, viewer, draft_id, "draft.save")
            terms = instance.terms_of(connection, body)
        rules = instance.rules_today(published=before.kind == "edit")
        loaded = drafting.load(body, before.body, terms, rules)
        stored = loaded.body()
        check_draft(stored)
        with instance.database.write() as connection:
            current = find(connection, draft_id, lock=True)
            if revision is not None and current.revision_id != revision:
                raise RevisionMismatch
            if current.revision_id != before.revision_id:
                continue
            first = connection.execute(select(File.key).where(File.record_id == draft_id).limit(1)).first()
            superfluous = first is not None and not stored["files"]["enabled"]
            complete = not (loaded.errors or drafting.missing(loaded, rules) or superfluous)
            draft = replace_body(connection, current, stored, complete=complete)
            taken = dois.taken(connection, draft_id, stored["pids"])
        files = _listed(instance, draft_id) if first else ()  # there may be many: nobody waits for their list
        terms = {**terms, **_kept_terms(instance, stored, terms)}
        return _view(instance, draft, terms, files, _problems(loaded, rules, files, taken))
    raise RevisionMismatch("The draft is being saved by others all the time; try again.")


def _listed(instance: Instance, draft_id: str) -> tuple[FileEntry, ...]:
    with instance.database.read() as connection:
        return entries(connection, draft_id)


def _kept_terms(instance: Instance, stored: Json, terms: Any) -> Any:
    """Terms of parts that the body left out and the draft kept."""
    missing = drafting.references(stored, instance.rules.custom_fields) - set(terms)
    if not missing:
        return {}
    with instance.database.read() as connection:
        return instance.terms.lookup(connection, missing)


def replace_body(connection: Connection, draft: StoredDraft, body: Json, *, complete: bool) -> StoredDraft:
    """Saves a draft that is locked; a managed DOI that the new body has given up is free again."""
    now = datetime.now(UTC)
    changed = StoredDraft(
        draft.id, draft.parent, draft.index, draft.kind, draft.revision_id + 1, draft.created, now, body, complete
    )
    connection.execute(
        update(DraftRow)
        .where(DraftRow.id == draft.id)
        .values(body=body, complete=complete, revision_id=changed.revision_id, updated=now)
    )
    held = draft.body["pids"].get("doi", {})
    if draft.kind != "edit" and held.get("provider") == "datacite" and "doi" not in body["pids"]:
        dois.release(connection, draft.id)
    return changed


def discard(instance: Instance, viewer: Viewer, draft_id: str, revision: int | None = None) -> None:
    """Deletes a draft; of an edit the record stays as it is, of one never published files and parent go too."""
    with instance.database.write() as connection:
        unfinished = discard_within(connection, viewer, draft_id, revision)
    parts.abandon(instance, unfinished)


def discard_within(connection: Connection, viewer: Viewer, draft_id: str, revision: int | None = None) -> list[Upload]:
    """The same in somebody else's transaction; returns the uploads in parts that are to be abandoned after it."""
    draft = find(connection, draft_id, lock=True)
    require(viewer, "draft.delete", draft.subject)
    if revision is not None and draft.revision_id != revision:
        raise RevisionMismatch
    connection.execute(delete(DraftRow).where(DraftRow.id == draft_id))
    unfinished = parts.unfinished(connection, draft_id)
    if draft.kind != "edit":
        connection.execute(delete(File).where(File.record_id == draft_id))
        dois.release(connection, draft_id)
    if draft.kind == "new":
        connection.execute(delete(ParentRow).where(ParentRow.id == draft.parent.id))
    return unfinished


def insert_parent(connection: Connection, parent: Parent, now: datetime) -> None:
    connection.execute(
        insert(ParentRow).values(
            id=parent.id,
            owner_id=int(parent.owner) if parent.owner else None,
            access_settings=parent.settings,
            pids=parent.pids,
            created=now,
        )
    )


def insert_draft(connection: Connection, draft: StoredDraft) -> None:
    connection.execute(
        insert(DraftRow).values(
            id=draft.id,
            parent_id=draft.parent.id,
            number=draft.index,
            kind=draft.kind,
            revision_id=draft.revision_id,
            created=draft.created,
            updated=draft.updated,
            body=draft.body,
            complete=draft.complete,
        )
    )


def _problems(
    loaded: Loaded, rules: Any, files: Sequence[FileEntry], taken: tuple[FieldError, ...]
) -> tuple[FieldError, ...]:
    keys = {file.key for file in files}
    return drafting.merge(
        loaded.errors,
        drafting.missing(loaded, rules),
        drafting.file_errors(loaded.files, len(keys), keys.__contains__),
        taken,
    )


def _view(
    instance: Instance, draft: StoredDraft, terms: Any, files: tuple[FileEntry, ...], errors: tuple[FieldError, ...]
) -> Draft:
    body, fields = draft.body, instance.rules.custom_fields
    metadata, custom_fields = resolve(body["metadata"], body["custom_fields"], terms, fields)
    wanted = instance.settings.curation_hints
    if wanted:
        errors = drafting.merge(errors, hints(wanted, metadata))
    return Draft(
        draft.id,
        draft.parent,
        draft.index,
        draft.kind,
        draft.revision_id,
        draft.created,
        draft.updated,
        draft.body,
        metadata,
        custom_fields,
        files,
        errors,
    )
