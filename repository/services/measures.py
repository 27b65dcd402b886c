"""What an operator watches of an instance, in numbers: how much there is, and how long the oldest thing waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import func, select

from repository.following.clock import moment
from repository.following.requests import OPEN
from repository.services.instance import Instance
from repository.storage import changes
from repository.storage.models import Blob, ParkedChange, ProjectionRequest, RecordRow


@dataclass(frozen=True, slots=True)
class Measures:
    """Ages are in seconds; 0 where nothing waits."""

    position: int
    records: Mapping[str, int]
    """By state."""
    blobs: int
    blob_bytes: int
    blob_faults: int
    oldest_parked: float
    oldest_due_embargo: float
    """Since the midnight at which a record should have been opened."""
    oldest_request: float


def measures(instance: Instance) -> Measures:
    """Reads all in one transaction."""
    requested = select(func.min(ProjectionRequest.created)).where(ProjectionRequest.status.in_(OPEN))
    bytes_ = select(
        func.count(), func.coalesce(func.sum(Blob.size), 0), func.count(func.nullif(Blob.fault, ""))
    ).select_from(Blob)
    with instance.database.read() as connection:
        now = connection.execute(select(moment(connection))).scalar_one()
        states = connection.execute(select(RecordRow.state, func.count()).group_by(RecordRow.state)).all()
        blobs, size, faults = connection.execute(bytes_).one()
        parked = connection.execute(select(func.min(ParkedChange.since))).scalar()
        request = connection.execute(requested).scalar()
        until = connection.execute(select(func.min(RecordRow.embargo_until))).scalar()
        position = changes.head(connection)
    opening = datetime.combine(until, time(), UTC) if until else None
    return Measures(
        position=position,
        records={state: number for state, number in states},  # noqa: C416 — rows are no pairs to mypy
        blobs=blobs,
        blob_bytes=int(size),
        blob_faults=faults,
        oldest_parked=_age(now, parked),
        oldest_due_embargo=_age(now, opening),
        oldest_request=_age(now, request),
    )


def _age(now: datetime, since: datetime | None) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
