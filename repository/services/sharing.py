"""Who may ask for access to a record, and on which conditions."""

from dataclasses import replace

from sqlalchemy import select, update

from repository.auth.permissions import Subject, require
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.services import drafts
from repository.services.drafts import Draft
from repository.services.instance import Instance
from repository.services.reading import Record, find
from repository.services.states import parent_of, versions_of
from repository.storage import changes
from repository.storage.models import ParentRow, RecordRow


def set_access_settings(instance: Instance, viewer: Viewer, record_id: str, settings: Json) -> Record | Draft:
    """Replaces the settings given; they are the parent's, so every version shows them.

    Returns the record, or the draft where nothing is published. Raises NotFound, Forbidden, Gone.
    """
    with instance.database.write() as connection:
        published = connection.execute(select(RecordRow.parent_id).where(RecordRow.id == record_id)).scalar()
        parent_id = published or drafts.find(connection, record_id).parent.id
        parent = parent_of(connection, parent_id, lock=True)
        if published:
            find(connection, viewer, record_id)  # before the permission: that says of a hidden record that it was there
        require(viewer, "record.manage", Subject(parent.owner))
        parent = replace(parent, settings={**parent.settings, **settings})
        connection.execute(update(ParentRow).where(ParentRow.id == parent_id).values(access_settings=parent.settings))
        revised = [replace(version, parent=parent.in_json()) for version in versions_of(connection, parent_id)]
        shown = [version for version in revised if version.state == "published"]
        if shown:
            changes.point(connection, shown)
            changes.append(connection, [("revised", version) for version in shown])
    with instance.database.read() as connection:
        if published:
            return find(connection, viewer, record_id)
        return drafts.view(connection, instance, drafts.find(connection, record_id))
