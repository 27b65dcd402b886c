"""Makes an instance out of a back-up: bytes first, then all tables in one transaction, what was erased left out."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, exists, func, select, update

from repository.errors import Conflict, InvalidInput, NotFound
from repository.following.lease import lives
from repository.records.visibility import SYSTEM
from repository.services import backup, drafts, reading_back, restore_lease, sweeping, withdrawal
from repository.services.backup import Manifest
from repository.services.instance import Instance, claim_objects
from repository.storage import dumps, schema
from repository.storage.models import Account, Blob, Checkpoint, DraftRow, File, OaiClock, RecordRow
from repository.storage.objects import FolderStore

_BLOBS = next(table for table in dumps.TABLES if table.name == Blob.__tablename__)
_ID = re.compile(r"\b[0-9a-z]{5}-[0-9a-z]{5}\b")


@dataclass(frozen=True, slots=True)
class Restored:
    """`lacking`: blobs whose bytes the back-up has not, or not right; `erased`: records erased again."""

    manifest: Manifest
    records: int
    copied: int
    lacking: tuple[str, ...]
    erased: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Living:
    """What of the instance that is to be replaced must not be forgotten."""

    erased: dict[str, str]
    """Notes by record."""
    sequence: int
    """The last that OAI-PMH has given out."""
    blobs: dict[str, str]
    """Locations by SHA-256."""


def restore(
    instance: Instance,
    folder: Path,
    *,
    replace: bool = False,
    erased: Iterable[str] = (),
    step: Callable[[int, int], object] = lambda _done, _total: None,
) -> Restored:
    """Fills an instance that `initialise` has made, or (`replace`) puts the back-up in the place of what it holds.

    What was erased in either of the two, or is named by `erased`, is erased in what is restored, within the same
    transaction. Readers begin from nothing. Raises NotFound and InvalidInput for a back-up that is unfinished, damaged
    or of another version, Conflict where the instance holds something or runs; Unreachable, WrongSetting.
    """
    manifest = backup.read_manifest(folder)
    _check(folder, manifest)
    schema.require_own(instance.database)
    with instance.database.read() as connection:
        _require_free(connection, replace=replace)
        living = _living(connection)
    claim_objects(instance, new=True)
    ids = {**dict.fromkeys((*erased, *erased_in(folder / backup.ERASED)), ""), **living.erased}
    with restore_lease.held(instance.database) as lease:

        def checked(done: int, total: int) -> None:
            lease.check()
            step(done, total)

        locations, copied = _copy_objects(instance, folder, manifest, living, checked)
        with instance.database.write() as connection:
            _require_free(connection, replace=replace)
            _fill(connection, folder, manifest, locations)
            _reset_clock(connection, living.sequence)
            again = tuple(record_id for record_id, note in sorted(ids.items()) if _erase(connection, record_id, note))
            lacking = _lacking(connection, locations)
            records = connection.execute(select(func.count()).select_from(RecordRow)).scalar_one()
    sweeping.remove_dying(instance, sweeping.ERASED)
    return Restored(manifest, records, copied, lacking, again)


def erased_in(path: Path) -> list[str]:
    """Ids of records in a list of erasures, whatever else its lines say; none where there is no list."""
    return _ID.findall(path.read_text(encoding="utf-8")) if path.exists() else []


def _check(folder: Path, manifest: Manifest) -> None:
    """Before anything is touched."""
    if manifest.schema != schema.HEAD:
        message = f"The back-up has the schema {manifest.schema} of version {manifest.version}, this is {schema.HEAD}"
        raise InvalidInput(f"{message}: restore it with that version, then upgrade.")
    for table in dumps.TABLES:
        path = folder / manifest.database / table.name
        if table.name not in manifest.tables or not dumps.is_intact(path, manifest.tables[table.name]):
            raise InvalidInput(f"The back-up is damaged: {path} is missing or altered.")


def _require_free(connection: Connection, *, replace: bool) -> None:
    running = select(Checkpoint.holder).where(
        lives(connection), Checkpoint.holder != "", Checkpoint.projection != restore_lease.NAME
    )
    if holder := connection.execute(running.limit(1)).scalar():
        raise Conflict(f"Readers run ({holder}): end all processes of the instance first, then wait a minute.")
    held = [model.__tablename__ for model in (Account, RecordRow, DraftRow) if _any(connection, model)]
    if held and not replace:
        raise Conflict(f"The instance holds {', '.join(held)}: with --replace, all that it holds is replaced.")


def _any(connection: Connection, model: type[Account | RecordRow | DraftRow]) -> bool:
    return connection.execute(select(model.id).limit(1)).first() is not None


def _living(connection: Connection) -> Living:
    statement = select(RecordRow.id, RecordRow.tombstone).where(RecordRow.state == "erased")
    erased = {row.id: (row.tombstone or {}).get("note", "") for row in connection.execute(statement)}
    sequence = connection.execute(select(OaiClock.sequence)).scalar_one()
    blobs = {row.sha256: row.location for row in connection.execute(select(Blob.sha256, Blob.location))}
    return Living(erased, sequence, blobs)


def _copy_objects(
    instance: Instance, folder: Path, manifest: Manifest, living: Living, step: Callable[[int, int], object]
) -> tuple[dict[str, str], int]:
    """Locations by SHA-256, and how many objects were copied: those that the instance has already are only read back.
    What neither of the two has, or not right, is not among them."""
    source = FolderStore(folder / backup.OBJECTS)
    dump = manifest.tables[_BLOBS.name]
    locations, copied = {}, 0
    for done, row in enumerate(dumps.read(_BLOBS, folder / manifest.database / _BLOBS.name, dump.columns), 1):
        sha256, size = row["sha256"], row["size"]
        location, there = living.blobs.get(sha256), backup.location_of(sha256)
        if location is not None and not reading_back.fault_of(instance.objects, location, sha256, size):
            locations[sha256] = location
        elif (new := backup.copy_object(source, there, instance.objects, sha256, size)) is not None:
            locations[sha256] = new
            copied += 1
        step(done, dump.rows)
    return locations, copied


def _fill(connection: Connection, folder: Path, manifest: Manifest, locations: Mapping[str, str]) -> None:
    dumps.clear(connection, lease=restore_lease.NAME)
    for table in dumps.TABLES:
        rows = dumps.read(table, folder / manifest.database / table.name, manifest.tables[table.name].columns)
        if table.name == Blob.__tablename__:
            rows = (_blob(row, locations.get(row["sha256"])) for row in rows)
        elif table.name == File.__tablename__:
            rows = (_file(row) for row in rows)
        dumps.insert_rows(connection, table, rows)


def _file(row: dumps.Row) -> dumps.Row:
    """One that came in parts waits for its bytes anew: the other store knows nothing of its parts."""
    return {**row, "transfer": None, "status": "pending"} if row["transfer"] else row


def _blob(row: dumps.Row, location: str | None) -> dumps.Row:
    """Just now its bytes were hashed, or were not there."""
    now = datetime.now(UTC)
    if location is None:
        return {**row, "location": backup.location_of(row["sha256"]), "checked": now, "fault": "missing"}
    return {**row, "location": location, "checked": now, "fault": ""}


def _reset_clock(connection: Connection, sequence: int) -> None:
    """No renderings are there. Sequences that the instance has given out since are not given out again."""
    kept = connection.execute(select(OaiClock.sequence)).scalar_one()
    connection.execute(update(OaiClock).values(generation="", sequence=max(kept, sequence)))


def _erase(connection: Connection, record_id: str, note: str) -> bool:
    """Whether there was something to erase: it may be unknown here, or erased in the back-up as well."""
    found = connection.execute(select(RecordRow.state).where(RecordRow.id == record_id)).scalar()
    if found is None:
        return _discard(connection, record_id)
    if found == "erased":
        return False
    withdrawal.erase_within(connection, SYSTEM, record_id, note)
    return True


def _discard(connection: Connection, draft_id: str) -> bool:
    """What was published and erased since was a draft then, if it was there at all."""
    held = connection.execute(select(File.blob).where(File.record_id == draft_id)).scalars().all()
    try:
        drafts.discard_within(connection, SYSTEM, draft_id)
    except NotFound:
        return False
    unheld = (Blob.sha256.in_(held), ~exists().where(File.blob == Blob.sha256))
    connection.execute(update(Blob).where(*unheld).values(dying_since=sweeping.ERASED))
    return True


def _lacking(connection: Connection, locations: Mapping[str, str]) -> tuple[str, ...]:
    """Blobs that files hold and whose bytes are lost; those that nobody holds any more are forgotten."""
    lost = [
        sha256
        for sha256 in connection.execute(select(Blob.sha256).order_by(Blob.sha256)).scalars()
        if sha256 not in locations
    ]
    held = {
        sha256
        for sha256 in lost
        if connection.execute(select(File.key).where(File.blob == sha256).limit(1)).first() is not None
    }
    for sha256 in set(lost) - held:
        connection.execute(delete(Blob).where(Blob.sha256 == sha256))
    return tuple(sorted(held))
