"""A draft as the record that it would be, for the preview of its owner."""

from repository.records.draft import references
from repository.records.snapshot import Snapshot
from repository.records.visibility import Viewer
from repository.services.drafts import permitted
from repository.services.files import entries, in_json
from repository.services.instance import Instance
from repository.services.states import NO_FILES, Stored, build, settle, versions_of


def draft_snapshot(instance: Instance, viewer: Viewer, draft_id: str) -> Snapshot:
    """Raises NotFound where there is no draft of this id, Forbidden. A draft may lack anything."""
    with instance.database.read() as connection:
        draft = permitted(connection, viewer, draft_id, "draft.read")
        terms = instance.terms.lookup(connection, references(draft.body))
        files = entries(connection, draft_id) if draft.body["files"]["enabled"] else ()
        others = versions_of(connection, draft.parent.id)
    stored = Stored(
        id=draft.id,
        index=draft.index,
        revision_id=draft.revision_id,
        created=draft.created,
        updated=draft.updated,
        state="published",
        body=draft.body,
    )
    block = in_json(files, draft.body["files"]) if draft.body["files"]["enabled"] else NO_FILES
    snapshot, _others = settle(build(stored, draft.parent, terms, instance.rules.custom_fields, block, ""), others)
    return snapshot
