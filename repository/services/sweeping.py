"""The sweep: what the object store holds and nobody needs any more is marked first, and removed a day later."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import structlog
from sqlalchemy import Connection, Text, cast, delete, exists, select, text, update

from repository.errors import Unreachable
from repository.services.instance import Instance
from repository.storage.models import Blob, File

GRACE = timedelta(hours=24)
"""Nothing younger is swept: who stores bytes names them a moment later."""
ERASED = datetime(1970, 1, 1, tzinfo=UTC)
"""The mark of bytes that an erasure leaves to nobody: they are not kept for a day."""
_LISTED = 10_000
_REMOVED = 100
"""Objects that are removed in one transaction, at most: on PostgreSQL uploads wait for its end."""
_log = structlog.get_logger("sweeping")


@dataclass(frozen=True, slots=True)
class Swept:
    """`removed`: blobs that were marked a day ago or by an erasure; `marked`: those that nobody holds since then;
    `orphans`: bytes without a row; `unfinished`: what uploads left behind that never ended."""

    removed: int
    marked: int
    orphans: int
    unfinished: int


def sweep(instance: Instance, now: datetime | None = None) -> Swept:
    """One sweep, beside uploads and erasures: no row ever loses its bytes. Raises what the object store does."""
    now = now or datetime.now(UTC)
    before = now - GRACE
    removed = remove_dying(instance, before)
    with instance.database.write() as connection:
        unheld = update(Blob).where(Blob.dying_since.is_(None), ~exists().where(File.blob == Blob.sha256))
        marked = connection.execute(unheld.values(dying_since=now)).rowcount
    orphans = _remove_orphans(instance, before)
    return Swept(removed, marked, orphans, _drop_unfinished(instance, before))


def remove_dying(instance: Instance, before: datetime) -> int:
    """Removes blobs that were marked before that moment and are held by nobody; returns how many.

    Each one's row is locked meanwhile: an upload of the same bytes waits, and then looks whether they are still there.
    One that came first has taken the mark away. What the store can't delete keeps none of the others: it stays marked,
    and the first such error is raised when all have been tried, or when the store does not answer.
    """
    failed: Exception | None = None
    removed = 0
    dying = select(Blob.sha256).where(Blob.dying_since <= before)
    with instance.database.read() as connection:
        marked = connection.execute(dying).scalars().all()
    for sha256 in marked:
        with instance.database.write() as connection:
            one = dying.with_only_columns(Blob.location).where(Blob.sha256 == sha256).with_for_update()
            location = connection.execute(one).scalar()
            if location is None:
                continue
            if connection.execute(select(File.key).where(File.blob == sha256).limit(1)).first() is not None:
                connection.execute(update(Blob).where(Blob.sha256 == sha256).values(dying_since=None))
                continue
            try:
                instance.objects.delete(location)
            except Exception as error:
                _log.error("bytes not deleted", sha256=sha256, error=type(error).__name__)
                failed = failed or error
                if isinstance(error, Unreachable):  # so it is for all others, and each would wait
                    break
            else:
                connection.execute(delete(Blob).where(Blob.sha256 == sha256))
                removed += 1
    if failed:
        raise failed
    return removed


def _drop_unfinished(instance: Instance, before: datetime) -> int:
    with instance.database.read() as connection:
        awaited = _awaited(connection)
    return instance.objects.drop_unfinished(before, lambda location: location in awaited)


def _remove_orphans(instance: Instance, before: datetime) -> int:
    """Removes bytes that were written before that moment and have no row."""
    removed = 0
    old = (location for location, written in instance.objects.locations() if written < before)
    for batch in _batches(old, _LISTED):
        with instance.database.read() as connection:
            unnamed = _unnamed(connection, batch)
        for some in _batches(iter(unnamed), _REMOVED):
            removed += _remove_unnamed(instance, some)
    return removed


def _remove_unnamed(instance: Instance, locations: Sequence[str]) -> int:
    """Looks again while nobody can write a row that names them: an upload that comes later finds its bytes missing."""
    with instance.database.write() as connection:
        if not instance.database.is_sqlite:
            connection.execute(text("LOCK TABLE blobs IN SHARE ROW EXCLUSIVE MODE"))
        unnamed = _unnamed(connection, locations)
        for location in unnamed:
            instance.objects.delete(location)
    return len(unnamed)


def _unnamed(connection: Connection, locations: Sequence[str]) -> list[str]:
    """Those that neither a blob names nor an upload in parts."""
    named = set(connection.execute(select(Blob.location).where(Blob.location.in_(locations))).scalars())
    awaited = _awaited(connection)
    return [location for location in locations if location not in named and location not in awaited]


def _awaited(connection: Connection) -> str:
    """What uploads in parts say of themselves; the locations for which parts are still coming are among it."""
    transfers = select(cast(File.transfer, Text)).where(File.transfer.is_not(None))
    return "\n".join(connection.execute(transfers).scalars())


def _batches(items: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(items, size)):
        yield batch
