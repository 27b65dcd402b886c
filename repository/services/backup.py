"""A copy of an instance in a folder: its tables as of one moment, and the bytes that they name.

    manifest.json    what there is, written last; without it the back-up is unfinished
    database-…/      a file for each table, see `storage/dumps.py`
    objects/         bytes by their SHA-256: `ab/cd/abcd…`
    erased.txt       ids of all records that were erased
    colophon.toml    the settings, to look at

Written again into the same folder, only bytes that are new are copied, and the one before is valid until the end.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from sqlalchemy import Connection, Row, select

from repository import __version__
from repository.errors import Conflict, InvalidInput, NotFound
from repository.services import reading_back, sweeping
from repository.services.instance import Instance
from repository.settings import FILE_NAME
from repository.storage import changes, dumps, schema
from repository.storage.dumps import Dump
from repository.storage.durability import sync_folder
from repository.storage.models import Blob, File, RecordRow
from repository.storage.objects import FolderStore, ObjectStore

FORMAT = 1
MANIFEST = "manifest.json"
ERASED = "erased.txt"
OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a back-up holds. `position` is the log's head; `database` the folder of the tables."""

    format: int
    version: str
    schema: str
    made: str
    position: int
    database: str
    tables: dict[str, Dump]
    objects: int
    bytes: int
    lacking: tuple[str, ...]
    """SHA-256 of the blobs that could not be copied: faulty, or erased while the copy was made."""
    waiting: tuple[str, ...] = ()
    """Files whose parts had all come and were not hashed yet, as `<record id>/<key>`: their bytes are not copied."""


@dataclass(frozen=True, slots=True)
class Copied:
    """`copied`: objects that were not there before; `renewed`: older copies, copied anew because they were faulty;
    `faulty`: bytes that are missing, altered or can't be read in the instance; `erased`: records erased since the
    moment of which the tables are."""

    manifest: Manifest
    copied: int
    renewed: int
    faulty: tuple[str, ...]
    erased: tuple[str, ...]


def location_of(sha256: str) -> str:
    """Where the object lies in a back-up, below `objects`."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def backup(
    instance: Instance,
    folder: Path,
    step: Callable[[int, int], object] = lambda _done, _total: None,
    *,
    verify: bool = False,
) -> Copied:
    """Copies the instance while it runs. `step` gets how many objects are done, of how many. `verify`: copies that are
    there already are read back, not only looked at.

    Tables first, bytes after: whatever a row names was durable before it. Raises InvalidInput for a folder that holds
    something else, Conflict where another back-up is written there or a newer version has upgraded the database, and
    what the stores do.
    """
    schema.require_own(instance.database)
    with _owned(folder):
        tables = folder / f"database-{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(2)}"
        tables.mkdir()
        with instance.database.snapshot() as connection:
            dumped = _dump(connection, tables)
            position = changes.head(connection)
            erased_then = _erased(connection)
            waiting = _waiting(connection)
            columns = (Blob.sha256, Blob.location, Blob.size)
            blobs = connection.execute(select(*columns).where(sweeping.NEEDED).order_by(Blob.sha256)).all()
        copied, renewed, lacking = _copy_objects(instance, folder / OBJECTS, blobs, step, verify=verify)
        with instance.database.read() as connection:
            faulty = _still_there(connection, lacking)
            erased_now = _erased(connection)
        octets = sum(size for sha256, _location, size in blobs if sha256 not in lacking)
        manifest = Manifest(
            FORMAT, __version__, schema.HEAD, datetime.now(UTC).isoformat(), position, tables.name, dumped,
            len(blobs) - len(lacking), octets, tuple(sorted(lacking)), waiting,
        )  # fmt: skip
        _finish(instance, folder, manifest, erased_now)
        _remove_others(folder, manifest, {blob.sha256 for blob in blobs} - lacking)
    return Copied(manifest, copied, renewed, faulty, tuple(sorted(set(erased_now) - set(erased_then))))


def _dump(connection: Connection, folder: Path) -> dict[str, Dump]:
    """All tables; of the blobs not those whose bytes are to be removed, or have been."""
    only = {Blob.__tablename__: sweeping.NEEDED}
    return {
        str(table.name): dumps.write(connection, table, folder / table.name, only.get(table.name))
        for table in dumps.TABLES
    }


def _waiting(connection: Connection) -> tuple[str, ...]:
    in_parts = select(File.record_id, File.key, File.transfer).where(File.blob.is_(None), File.transfer.is_not(None))
    rows = connection.execute(in_parts.order_by(File.record_id, File.key))
    return tuple(
        f"{record_id}/{key}"
        for record_id, key, transfer in rows
        if transfer.get("received") and not transfer.get("error")
    )


def _copy_objects(
    instance: Instance,
    objects: Path,
    blobs: Sequence[Row[str, str, int]],
    step: Callable[[int, int], object],
    *,
    verify: bool,
) -> tuple[int, int, set[str]]:
    """How many were copied, how many anew, and the SHA-256 of those that could not be."""
    store = FolderStore(objects)
    copied, renewed, lacking = 0, 0, set()
    for done, (sha256, location, size) in enumerate(blobs, 1):
        has = _has(objects / location_of(sha256), size)
        is_faulty = has and verify and reading_back.fault_of(store, location_of(sha256), sha256, size) != ""
        if not has or is_faulty:
            if not _copy(instance, location, store, sha256, size):
                lacking.add(sha256)
            elif is_faulty:
                renewed += 1
            else:
                copied += 1
        step(done, len(blobs))
    return copied, renewed, lacking


def _copy(instance: Instance, location: str, store: FolderStore, sha256: str, size: int) -> bool:
    """Whether it could be copied. Bytes that were deposited again meanwhile may lie elsewhere now: it looks again."""
    while copy_object(instance.objects, location, store, sha256, size) is None:
        with instance.database.read() as connection:
            now = connection.execute(select(Blob.location).where(Blob.sha256 == sha256)).scalar()
        if now is None or now == location:
            return False
        location = now
    return True


@contextlib.contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Makes the folder, readable by its owner only, and locks it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise InvalidInput(f"{folder} can't be used: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(f"Another back-up is being written to {folder}.") from error
        names = {path.name for path in folder.iterdir()}
        if names and MANIFEST not in names and not any(name.startswith("database-") for name in names):
            raise InvalidInput(f"{folder} is neither empty nor a back-up; choose another folder.")
        yield
    finally:
        os.close(descriptor)


def _erased(connection: Connection) -> Sequence[str]:
    statement = select(RecordRow.id).where(RecordRow.state == "erased").order_by(RecordRow.id)
    return connection.execute(statement).scalars().all()


def _still_there(connection: Connection, lacking: set[str]) -> tuple[str, ...]:
    """Blobs that should have had their bytes: they have not been erased meanwhile."""
    statement = select(Blob.sha256).where(Blob.sha256.in_(lacking), sweeping.NEEDED).order_by(Blob.sha256)
    return tuple(connection.execute(statement).scalars())


def _has(path: Path, size: int) -> bool:
    """Whole, as far as its name and size say: objects are renamed to their digest when they are durable."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def copy_object(source: ObjectStore, location: str, target: ObjectStore, sha256: str, size: int) -> str | None:
    """Copies bytes and hashes them meanwhile; returns where they are, or None if they are not what they should be."""
    try:
        return target.put(reading_back.content(source, location, sha256, size)).location
    except reading_back.Faulty:
        return None


def _finish(instance: Instance, folder: Path, manifest: Manifest, erased: Sequence[str]) -> None:
    settings_file = instance.settings.home / FILE_NAME
    if settings_file.exists():
        _write(folder / FILE_NAME, settings_file.read_bytes())
    _write(folder / ERASED, "".join(f"{record_id}\n" for record_id in erased).encode())
    sync_folder(folder / manifest.database)
    sync_folder(folder)
    _write(folder / MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    sync_folder(folder)


def _write(path: Path, content: bytes) -> None:
    """Whole, durable, readable by its owner only: settings may hold passwords."""
    temporary = path.with_name(f"{path.name}.new")
    with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _remove_others(folder: Path, manifest: Manifest, named: set[str]) -> None:
    """What only the back-up before this one had: bytes of erased records must not stay."""
    for path in folder.glob("database-*"):
        if path.name != manifest.database:
            shutil.rmtree(path)
    for path in (folder / OBJECTS).glob("??/??/*"):
        if path.name not in named:
            path.unlink()
    FolderStore(folder / OBJECTS).drop_unfinished(datetime.now(UTC), lambda _location: False)


def read_manifest(folder: Path) -> Manifest:
    """Raises NotFound where there is none: the folder is no back-up, or an unfinished one."""
    path = folder / MANIFEST
    if not path.is_file():
        raise NotFound(f"{folder} holds no finished back-up: {MANIFEST} is missing.")
    try:
        found = orjson.loads(path.read_bytes())
        if found["format"] != FORMAT:
            raise InvalidInput(f"{path} has the format {found['format']}; this version reads {FORMAT}.")
        tables = {name: Dump(**{**dump, "columns": tuple(dump["columns"])}) for name, dump in found["tables"].items()}
        lists = {"lacking": tuple(found["lacking"]), "waiting": tuple(found.get("waiting", ()))}
        return Manifest(**{**found, "tables": tables, **lists})
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path} is damaged.") from error
