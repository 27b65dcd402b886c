"""Makes records directly in the record layer, for tests of readers that need no services."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, select

from repository.records.snapshot import Neighbour, Snapshot
from repository.storage import changes
from repository.storage.changes import Kind
from repository.storage.database import Database
from repository.storage.models import ParentRow, RecordRow

MOMENT = datetime(2024, 5, 1, 12, tzinfo=UTC)


def snapshot(number: int, **fields: object) -> Snapshot:
    """A small open record; `fields` replace those of the snapshot."""
    record_id = f"{number:05d}-00000"
    state = {
        "id": record_id,
        "parent_id": f"{number:05d}-99999",
        "index": 1,
        "revision_id": 1,
        "created": MOMENT.isoformat(),
        "updated": MOMENT.isoformat(),
        "state": "published",
        "access": {
            "record": "public",
            "files": "public",
            "embargo": {"active": False, "reason": None},
            "status": "metadata-only",
        },
        "metadata": {
            "title": f"Record number {number}",
            "publication_date": f"{2000 + number % 25}-03-01",
            "resource_type": {"id": "dataset", "title": {"en": "Dataset"}},
            "creators": [
                {"person_or_org": {"type": "personal", "name": "Holm, Ada", "family_name": "Holm", "given_name": "Ada"}}
            ],
            "publisher": "Harbour Institute",
        },
        "custom_fields": {},
        "pids": {},
        "parent": {
            "id": f"{number:05d}-99999",
            "access": {"owned_by": None, "settings": {}},
            "communities": {},
            "pids": {},
        },
        "files": {"enabled": False, "order": [], "count": 0, "total_bytes": 0, "entries": {}},
        "versions": (Neighbour(record_id, 1, "published", closed=False),),
        "props": {
            "resourcetypes": {"dataset": {"datacite_general": "Dataset", "schema.org": "https://schema.org/Dataset"}}
        },
    }
    return Snapshot(**{**state, **fields})  # type: ignore[arg-type]


def append(database: Database, *pairs: tuple[Kind, Snapshot]) -> int:
    """Appends changes, making the rows of records that are new; returns the position of the last."""
    with database.write() as connection:
        for _kind, state in pairs:
            if connection.execute(select(RecordRow.id).where(RecordRow.id == state.id)).first() is None:
                _insert(connection, state)
        changes.point(connection, [state for _kind, state in pairs])
        return changes.append(connection, pairs)


def publish(database: Database, snapshots: Sequence[Snapshot]) -> int:
    return append(database, *(("published", state) for state in snapshots))


def _insert(connection, state: Snapshot) -> None:  # type: ignore[no-untyped-def]
    if connection.execute(select(ParentRow.id).where(ParentRow.id == state.parent_id)).first() is None:
        connection.execute(
            insert(ParentRow).values(id=state.parent_id, owner_id=None, access_settings={}, pids={}, created=MOMENT)
        )
    connection.execute(
        insert(RecordRow).values(
            id=state.id,
            parent_id=state.parent_id,
            number=state.index,
            revision_id=state.revision_id,
            state=state.state,
            created=MOMENT,
            updated=MOMENT,
            body={},
            tombstone=None,
            origin=None,
            embargo_until=None,
            snapshot="",
        )
    )
