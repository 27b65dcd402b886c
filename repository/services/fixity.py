"""Fixity: the bytes of every blob are read back and hashed, within a day of being stored and again and again.

What is found wrong stays in the blob's row until a later check finds it mended.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from repository.auth.permissions import require
from repository.errors import Unreachable
from repository.following import Pace
from repository.following.leading import Stopped
from repository.following.lease import LONGEST, TASK, acquire
from repository.records.visibility import Viewer
from repository.services import reading_back, sweeping
from repository.services.instance import Instance
from repository.storage.models import Blob, File

PERIOD = 600.0
"""Seconds between two looks for what is due."""
AGAIN = timedelta(days=1)
"""The schedule looks at faulty bytes so often, whether they are mended."""
_LEAST = 100_000
"""Bytes that a blob counts at least, however small: opening and noting cost something too."""
IN_A_ROW = 3
"""Objects that can't be read, one after another, until others are tried to tell their faults from the store's."""
_AT_ONCE = 1000
_LEASE = Pace(lease=LONGEST)
_log = structlog.get_logger("fixity")


@dataclass(frozen=True, slots=True)
class Counts:
    blobs: int
    checked: int
    """Read back at least once."""
    due: int
    """Never read back, or too long ago."""
    faulty: int


@dataclass(frozen=True, slots=True)
class Checked:
    """One blob that was read back; `fault` is empty, or `missing`, `altered: …`, `unreadable: …`."""

    sha256: str
    size: int
    fault: str


@dataclass(frozen=True, slots=True)
class Faulty:
    """`held_by`: the files that consist of these bytes, as `<record id>/<key>`; none may hold them any more."""

    sha256: str
    size: int
    fault: str
    checked: datetime
    held_by: tuple[str, ...]


def check(
    instance: Instance,
    *,
    everything: bool = False,
    again: timedelta = timedelta(),
    pace: Callable[[int], object] = lambda _octets: None,
) -> Iterator[Checked]:
    """Reads back what is due (or everything), the longest unseen first, and what was faulty longer than `again` ago.

    What was looked at in the future, while the clock was ahead, is due. Each result is committed before it is given.
    `pace` is called with the bytes that are read, and may wait or raise. One object that can't be read is a fault, and
    the others go on; it is noted when a later one could be read. Raises Unreachable where the object store fails as a
    whole, or answers but gives back nothing: then nothing is noted.
    """
    begun = datetime.now(UTC)
    due = _due(instance, begun, everything)
    wanted = or_(due, and_(Blob.fault != "", Blob.checked < begun - again))
    columns = (Blob.sha256, Blob.size, Blob.location, Blob.created)
    unread: list[tuple[Row[str, int, str, datetime], str]] = []
    while True:
        too_late = Blob.checked > max(datetime.now(UTC), begun)  # what this run has noted is earlier
        others = sweeping.NEEDED, or_(wanted, too_late), Blob.sha256.not_in([blob.sha256 for blob, _fault in unread])
        with instance.database.read() as connection:
            statement = select(*columns).where(*others).order_by(Blob.checked.asc().nulls_first()).limit(_AT_ONCE)
            batch = connection.execute(statement).all()
        for blob in batch:
            pace(_LEAST)
            fault = reading_back.fault_of(instance.objects, blob.location, blob.sha256, blob.size, pace)
            unread.append((blob, fault))
            if fault.startswith(reading_back.UNREADABLE) and not _is_enough(instance, unread):
                continue
            yield from _noted(instance, unread, begun)
        if not batch:
            yield from _noted(instance, unread, begun)
            return


def _is_enough(instance: Instance, unread: Sequence[tuple[Row[str, int, str, datetime], str]]) -> bool:
    """Whether so many objects could not be read one after another that another one was looked at, which could be.

    Raises Unreachable where none could be: so it is no fault of these.
    """
    if len(unread) < IN_A_ROW:
        return False
    tried = [blob.sha256 for blob, _fault in unread]
    sound = select(Blob.location).where(sweeping.NEEDED, Blob.fault == "", Blob.sha256.not_in(tried))
    with instance.database.read() as connection:
        newest = sound.order_by(Blob.checked.desc().nulls_last()).limit(IN_A_ROW)
        locations = connection.execute(newest).scalars().all()
    if not any(reading_back.can_be_read(instance.objects, location) for location in locations):
        raise Unreachable(f"The object store answers, and gives back none of {len(tried) + len(locations)} objects.")
    return True


def _noted(
    instance: Instance, unread: list[tuple[Row[str, int, str, datetime], str]], begun: datetime
) -> Iterator[Checked]:
    """Writes down what was found, and forgets it here."""
    while unread:
        blob, fault = unread.pop(0)
        if _note(instance, blob, fault, begun):
            yield Checked(blob.sha256, blob.size, fault)


def number_due(instance: Instance, *, everything: bool = False) -> int:
    """How many blobs `check` has before it, about."""
    now = datetime.now(UTC)
    wanted = and_(sweeping.NEEDED, or_(_due(instance, now, everything), Blob.checked > now, Blob.fault != ""))
    with instance.database.read() as connection:
        return connection.execute(select(func.count()).select_from(Blob).where(wanted)).scalar_one()


def _due(instance: Instance, now: datetime, everything: bool = False) -> ColumnElement[bool]:
    before = now if everything else now - timedelta(days=instance.settings.files_check_days)
    return or_(Blob.checked.is_(None), Blob.checked < before)


def _note(instance: Instance, blob: Row[str, int, str, datetime], fault: str, begun: datetime) -> bool:
    """Whether it is still the same blob: one that was removed meanwhile has no fault, and may have come again."""
    same = (Blob.sha256 == blob.sha256, Blob.location == blob.location, Blob.created == blob.created, sweeping.NEEDED)
    moment = max(datetime.now(UTC), begun)
    with instance.database.write() as connection:
        return connection.execute(update(Blob).where(*same).values(checked=moment, fault=fault)).rowcount == 1


def counts(connection: Connection, instance: Instance) -> Counts:
    now = datetime.now(UTC)
    due = func.count().filter(or_(_due(instance, now), Blob.checked > now))
    faulty = func.count().filter(Blob.fault != "")
    numbers = select(func.count(), func.count(Blob.checked), due, faulty).select_from(Blob).where(sweeping.NEEDED)
    return Counts(*connection.execute(numbers).one())


def faults(instance: Instance, viewer: Viewer) -> tuple[Faulty, ...]:
    """All blobs that are faulty as far as is known. Raises Forbidden."""
    require(viewer, "faults.read")
    columns = (Blob.sha256, Blob.size, Blob.fault, Blob.checked)
    with instance.database.read() as connection:
        statement = select(*columns).where(Blob.fault != "", sweeping.NEEDED).order_by(Blob.sha256)
        found = connection.execute(statement).all()
        return tuple(Faulty(**row._mapping, held_by=_holders(connection, row.sha256)) for row in found)


def _holders(connection: Connection, sha256: str) -> tuple[str, ...]:
    statement = select(File.record_id, File.key).where(File.blob == sha256).order_by(File.record_id, File.key)
    return tuple(f"{record_id}/{key}" for record_id, key in connection.execute(statement))


def watch(instance: Instance, stop: threading.Event, wait: Callable[[float], bool] | None = None) -> None:
    """The clock task beside the readers: checks what is due, slowly, until it is told to stop."""
    wait = wait or stop.wait
    while not stop.is_set():
        try:
            check_slowly(instance, stop)
        except Stopped:
            return
        except Exception:  # a store is away: this task must outlive it
            _log.exception("fixity not checked")
        wait(PERIOD)


def check_slowly(instance: Instance, stop: threading.Event) -> Sequence[Checked]:
    """Checks what is due, at most `files.check_rate` bytes a second, unless another process does; returns the faulty.

    Raises Stopped as soon as `stop` is set, LeaseLost, and what the stores do.
    """
    found: list[Checked] = []
    lease = acquire(instance.database, f"{TASK}fixity", _LEASE) if number_due(instance) else None
    if lease is None:
        return found
    held = lease

    def pace(octets: int) -> None:
        if stop.wait(octets / instance.settings.files_check_rate):
            raise Stopped
        held.check()

    with held.kept():
        for checked in check(instance, again=AGAIN, pace=pace):
            if checked.fault:
                found.append(checked)
                with instance.database.read() as connection:
                    held_by = _holders(connection, checked.sha256)
                _log.error("bytes are faulty", sha256=checked.sha256, fault=checked.fault, held_by=held_by)
    return found
