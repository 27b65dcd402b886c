"""What an account has: its drafts and published records in one list, from the database, so that no index can lag."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, func, literal, select, union_all

from repository.auth.permissions import require
from repository.records.visibility import Viewer
from repository.services.drafts import SELECT_DRAFT, Draft, stored_draft, view
from repository.services.instance import Instance
from repository.services.reading import Record, fill
from repository.storage.models import DraftRow, ParentRow, RecordRow

SORTS = ("bestmatch", "updated-desc", "updated-asc", "newest", "oldest", "version")


@dataclass(frozen=True, slots=True)
class Owned:
    total: int
    items: tuple[Draft | Record, ...]


def list_own(instance: Instance, viewer: Viewer, sort: str, offset: int, size: int) -> Owned:
    """One page. A record that is being edited appears once, as its draft. Raises Forbidden for nobody."""
    require(viewer, "own_records.list")
    rows = _rows(viewer).subquery()
    order: dict[str, Any] = {
        "updated-asc": rows.c.updated.asc(),
        "newest": rows.c.created.desc(),
        "oldest": rows.c.created.asc(),
        "version": rows.c.number.desc(),
    }
    with instance.database.read() as connection:
        total = connection.execute(select(func.count()).select_from(rows)).scalar_one()
        page = connection.execute(
            select(rows.c.id, rows.c.is_draft)
            .order_by(order.get(sort, rows.c.updated.desc()), rows.c.id)
            .offset(offset)
            .limit(size)
        ).all()
        drafts = [row.id for row in page if row.is_draft]
        found: dict[str, Draft | Record] = {
            row.id: view(connection, instance, stored_draft(row))
            for row in connection.execute(SELECT_DRAFT.where(DraftRow.id.in_(drafts)))
        }
        records = [row.id for row in page if not row.is_draft]
        found |= {record.snapshot.id: record for record in fill(connection, viewer, records)}
    return Owned(total, tuple(found[row.id] for row in page if row.id in found))


def _rows(viewer: Viewer) -> CompoundSelect[Any]:
    owner = int(viewer.account) if viewer.account else None
    drafts = (
        select(DraftRow.id, DraftRow.updated, DraftRow.created, DraftRow.number, literal(True).label("is_draft"))
        .join(ParentRow, ParentRow.id == DraftRow.parent_id)
        .where(ParentRow.owner_id == owner)
    )
    records = (
        select(RecordRow.id, RecordRow.updated, RecordRow.created, RecordRow.number, literal(False).label("is_draft"))
        .join(ParentRow, ParentRow.id == RecordRow.parent_id)
        .where(ParentRow.owner_id == owner, RecordRow.state == "published")
        .where(RecordRow.id.not_in(select(DraftRow.id)))
    )
    return union_all(drafts, records)
