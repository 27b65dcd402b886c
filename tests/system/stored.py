"""The state of every record made anew from the tables of records, to compare with what the change log says of it."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from sqlalchemy import Connection, Row, select

from repository.records.snapshot import Snapshot, digest
from repository.services.files import entries, in_json, whole_list
from repository.services.instance import Instance
from repository.services.states import NO_FILES, Stored, build, neighbour, parent_in
from repository.storage import changes
from repository.storage.models import ParentRow, RecordRow

_ROWS = select(
    RecordRow.__table__, ParentRow.owner_id, ParentRow.access_settings, ParentRow.pids
).join(ParentRow, ParentRow.id == RecordRow.parent_id)  # fmt: skip


def assert_log_is_complete(instance: Instance) -> None:
    """Whatever altered what can be seen of a record has appended a change: the last one is what the tables say."""
    with instance.database.read() as connection:
        last = {change.record_id: change.snapshot for change in changes.states(connection, "", 10_000)}
        rows = {row.id: row for row in connection.execute(_ROWS)}
        stored = {record_id: _state(connection, instance, row, last[record_id]) for record_id, row in rows.items()}
    assert last.keys() == rows.keys()
    for record_id, state in with_versions(stored).items():
        said, is_so = asdict(last[record_id]), asdict(state)
        differing = {name: (value, is_so[name]) for name, value in said.items() if is_so[name] != value}
        assert not differing, f"{record_id}, {state.state}: the log says, and the tables say, {differing}"
        assert rows[record_id].snapshot == changes.named(state)


def _state(connection: Connection, instance: Instance, row: Row[tuple[object, ...]], last: Snapshot) -> Snapshot:
    """Of what was erased only the last change knows anything. The settings of a tombstone's parent are not shown."""
    if row.state == "erased":
        return last
    parent = parent_in(row)
    stored = Stored(
        row.id, row.number, row.revision_id, row.created, row.updated, row.state, row.body, row.tombstone, row.origin
    )
    listed = row.body["files"]["enabled"]
    files = entries(connection, row.id) if listed else ()
    made = build(
        stored,
        parent,
        instance.terms_of(connection, row.body),
        instance.rules.custom_fields,
        in_json(files, row.body["files"]) if listed else NO_FILES,
        digest(whole_list(files)) if files else "",
    )
    return made if row.state == "published" else replace(made, parent=last.parent)


def with_versions(stored: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    """Each with its place among the versions of its parent."""
    found = {}
    for record_id, state in stored.items():
        siblings = [other for other in stored.values() if other.parent_id == state.parent_id]
        versions = sorted((neighbour(other) for other in siblings), key=lambda version: version.index)
        found[record_id] = replace(state, versions=tuple(versions))
    return found
