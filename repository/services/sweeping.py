"""The sweep: what the object store holds and nobody needs any more is marked first, and removed a day later.

All that is ever swept is swept here: bytes that nobody holds, bytes without a row, uploads that broke off with their
process, and uploads in parts that nobody has completed in time.
"""

import hashlib
import threading
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import shuffle

import structlog
from sqlalchemy import ColumnElement, Connection, delete, exists, func, or_, select, text, update

from repository.errors import ColophonError, Unreachable
from repository.services import parts, restore_lease
from repository.services.instance import Instance
from repository.storage.models import Blob, File

GRACE = timedelta(hours=24)
"""Nothing younger is swept: who stores bytes names them a moment later."""
ERASED = datetime(1970, 1, 1, tzinfo=UTC)
"""The mark of bytes that an erasure leaves to nobody: they are not kept for a day."""
NEEDED: ColumnElement[bool] = or_(Blob.dying_since.is_(None), exists().where(File.blob == Blob.sha256))
"""Of blobs: their bytes must be there. The others are marked and held by nobody; what removes them deletes the bytes
first, so that nothing is left of an erasure, and the row after that. A process killed in between leaves the row."""
PERIOD = 300.0
"""Seconds between two looks for what erasures have left."""
_SWEEP_EVERY = 12
"""Looks; an hour."""
_UNREACHED = 3
"""Objects in a row that can't be deleted while the store as a whole answers, until the others are left for later."""
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
    """One sweep, beside uploads and erasures: no row ever loses its bytes. Raises Conflict while the instance is being
    restored, and what the object store does."""
    now = now or datetime.now(UTC)
    before = now - GRACE
    with instance.database.write() as connection:
        restore_lease.require_none(connection)
        unheld = update(Blob).where(Blob.dying_since.is_(None), ~exists().where(File.blob == Blob.sha256))
        marked = connection.execute(unheld.values(dying_since=now)).rowcount
    removed = remove_dying(instance, before)
    with instance.database.read() as connection:
        awaited = _awaited(connection, now)
    orphans = _remove_orphans(instance, before, awaited)
    broken_off = instance.objects.drop_unfinished(before, lambda location: location in awaited)
    return Swept(removed, marked, orphans, broken_off + sweep_parts(instance, now))


def sweep_parts(instance: Instance, now: datetime | None = None) -> int:
    """Uploads in parts that were not completed in time: their files ask for being announced again. Returns how many.

    The reader process does it every hour, the sweep as well.
    """
    return instance.objects.parts.sweep((now or datetime.now(UTC)) - parts.LIFETIME)


def finish_erasures(instance: Instance) -> int:
    """Removes what erasures have left because the store failed or their process was killed; returns how many blobs.

    The reader process does it every few minutes. Raises what the object store does.
    """
    return remove_dying(instance, ERASED)


def watch(instance: Instance, stop: threading.Event, wait: Callable[[float], bool] | None = None) -> None:
    """The task beside the readers, until it is told to stop: removes what erasures have left, and every hour sweeps
    uploads in parts. It waits for nothing else, such as a file of terabytes that is being hashed."""
    wait, looks = wait or stop.wait, 0
    tasks: tuple[tuple[int, Callable[[Instance], object], str], ...] = (
        (1, finish_erasures, "erasures not finished"),
        (_SWEEP_EVERY, sweep_parts, "uploads in parts not swept"),
    )
    while not stop.is_set():
        for every, task, failure in tasks:
            try:
                if looks % every == 0:
                    task(instance)
            except Exception:  # a store is away: this must outlive it, and the other task too
                _log.exception(failure)
        looks += 1
        wait(PERIOD)


def number_erased(connection: Connection) -> int:
    """Blobs that erasures have left to be removed."""
    left = select(func.count()).select_from(Blob).where(Blob.dying_since <= ERASED, ~NEEDED)
    return connection.execute(left).scalar_one()


def remove_dying(instance: Instance, before: datetime) -> int:
    """Removes blobs that were marked before that moment and are held by nobody; returns how many.

    What the store can't delete keeps none of the others: it stays marked, and the first such error is raised when all
    have been tried, or when the store as a whole does not answer. They come in any order, so that the same few are not
    always the first.
    """
    failed: Exception | None = None
    removed, unreached = 0, 0
    with instance.database.read() as connection:
        marked = list(connection.execute(select(Blob.sha256).where(Blob.dying_since <= before)).scalars())
    shuffle(marked)
    for sha256 in marked:
        try:
            removed += _remove_blob(instance, sha256, before)
            unreached = 0
        except Exception as error:
            _log.error("bytes not deleted", sha256=sha256, error=type(error).__name__)
            failed = failed or error
            unreached += isinstance(error, Unreachable)
            if unreached and (unreached == _UNREACHED or not _is_reached(instance)):
                break  # so it is for all others, and each would wait
    if failed:
        raise failed
    return removed


def _is_reached(instance: Instance) -> bool:
    try:
        instance.objects.reach()
    except ColophonError:
        return False
    return True


def _remove_blob(instance: Instance, sha256: str, before: datetime) -> bool:
    """Whether it was there, and held by nobody. Else it loses its mark.

    Where equal bytes have one location, the row is locked while they are deleted: an upload of the same bytes waits,
    and then looks whether they are still there. One that came first has taken the mark away. Elsewhere no transaction
    waits for the store: the row takes a name that no bytes have, so that nobody comes to hold it, and keeps the
    location until nothing is there any more.
    """
    marked = Blob.sha256 == sha256, Blob.dying_since <= before
    with instance.database.write() as connection:
        location = connection.execute(select(Blob.location).where(*marked).with_for_update()).scalar()
        if location is None:
            return False
        if connection.execute(select(File.key).where(File.blob == sha256).limit(1)).first() is not None:
            connection.execute(update(Blob).where(Blob.sha256 == sha256).values(dying_since=None))
            return False
        if instance.objects.content_addressed:
            instance.objects.delete(location)
            connection.execute(delete(Blob).where(Blob.sha256 == sha256))
            return True
        nobodys = hashlib.sha256(f"removed {location}".encode()).hexdigest()
        connection.execute(update(Blob).where(Blob.sha256 == sha256).values(sha256=nobodys))
    instance.objects.delete(location)
    with instance.database.write() as connection:
        return connection.execute(delete(Blob).where(Blob.sha256 == nobodys)).rowcount == 1


def _remove_orphans(instance: Instance, before: datetime, awaited: Container[str]) -> int:
    """Removes bytes that were written before that moment and have no row.

    `awaited` was read before the first location, and rows are looked for after the last: an upload in parts that is
    hashed meanwhile is seen by one of the two.
    """
    removed = 0
    listed = instance.objects.locations()
    old = (location for location, written in listed if written < before and location not in awaited)
    for batch in _batches(old, _LISTED):
        with instance.database.read() as connection:
            unnamed = _unnamed(connection, batch)
        for some in _batches(iter(unnamed), _REMOVED):
            removed += _remove_unnamed(instance, some)
    return removed


def _remove_unnamed(instance: Instance, locations: Sequence[str]) -> int:
    """Where equal bytes have one location, looks again while nobody can write a row that names them: an upload that
    comes later finds its bytes missing. Elsewhere a location is never used again, and no transaction waits for the
    store."""
    if not instance.objects.content_addressed:
        for location in locations:
            instance.objects.delete(location)
        return len(locations)
    with instance.database.write() as connection:
        if not instance.database.is_sqlite:
            connection.execute(text("LOCK TABLE blobs IN SHARE ROW EXCLUSIVE MODE"))
        unnamed = _unnamed(connection, locations)
        for location in unnamed:
            instance.objects.delete(location)
    return len(unnamed)


def _unnamed(connection: Connection, locations: Sequence[str]) -> list[str]:
    named = set(connection.execute(select(Blob.location).where(Blob.location.in_(locations))).scalars())
    return [location for location in locations if location not in named]


def _awaited(connection: Connection, now: datetime) -> frozenset[str]:
    """What uploads in parts know of themselves, the locations among it at which the store keeps them; not of those that
    have failed and whose time is over."""
    transfers = select(File.transfer).where(File.blob.is_(None), File.transfer.is_not(None))  # by the index of `blob`
    found = [transfer for transfer in connection.execute(transfers).scalars() if transfer]
    alive = [transfer for transfer in found if not transfer.get("error") or parts.end(transfer) > now]
    return frozenset(str(value) for transfer in alive for value in transfer["upload"].values())


def _batches(items: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(items, size)):
        yield batch
