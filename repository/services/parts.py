"""Uploads in parts as rows of files know them: begun when a file is announced, abandoned when it goes."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from repository.errors import INVALID, ColophonError, FieldError, InvalidInput, TooLarge
from repository.records.snapshot import Json
from repository.services.instance import Instance
from repository.storage.models import File
from repository.storage.objects import Upload

MOST_PARTS = 10_000
LIFETIME = timedelta(days=14)
"""So long parts may be sent; links to S3 live for half of it at most, and are signed anew when the file is read."""

_log = structlog.get_logger("parts")


def check(instance: Instance, files: Sequence[Json]) -> None:
    """What a client announces as `{size, transfer: {type: "M", parts, part_size}}`. Raises InvalidInput, TooLarge."""
    limit, parts_in_all = instance.settings.files_max_size, 0
    for position, file in enumerate(files):
        if "transfer" not in file:
            continue
        parts, part_size, size = file["transfer"]["parts"], file["transfer"]["part_size"], file["size"]
        parts_in_all += parts
        if size > limit:
            raise TooLarge(f"A file may have {limit} bytes; {file['key']} is to have {size}.")
        least = instance.objects.parts.least
        wrong = ""
        if not (parts - 1) * part_size < max(size, 1) <= parts * part_size:
            wrong = f"{size} bytes are not {parts} parts of which all but the last have {part_size}."
        elif parts > 1 and part_size < least:
            wrong = f"A part must have {least} bytes at least, the last one excepted."
        if wrong:
            raise InvalidInput(INVALID, [FieldError(f"{position}.transfer", (wrong,))])
    if parts_in_all > MOST_PARTS:
        raise InvalidInput(f"One request may announce {MOST_PARTS} parts; this one announces {parts_in_all}.")


def begin(instance: Instance, files: Sequence[Json]) -> list[Json]:
    """The files, with what their uploads need to go on. Raises what the store raises; nothing is begun then."""
    begun: list[Json] = []
    try:
        for file in files:
            transfer = file.get("transfer")
            if transfer:
                started = {"upload": instance.objects.parts.begin(), "begun": datetime.now(UTC).isoformat()}
                transfer = {**transfer, **started}
            begun.append({**file, "transfer": transfer})
    except BaseException:
        abandon(instance, uploads_of(begun))
        raise
    return begun


def uploads_of(files: Iterable[Json]) -> list[Upload]:
    return [file["transfer"]["upload"] for file in files if file.get("transfer")]


def unfinished(connection: Connection, record_id: str, key: str | None = None) -> list[Upload]:
    """Uploads of a draft, or of one file of it, whose bytes no row names: to be abandoned with the file."""
    statement = select(File.transfer).where(File.record_id == record_id, File.transfer.is_not(None))
    if key is not None:
        statement = statement.where(File.key == key)
    return [transfer["upload"] for transfer in connection.execute(statement).scalars() if transfer]


def abandon(instance: Instance, uploads: Iterable[Upload]) -> None:
    """After the commit that has removed their files. What the store does not remove now is swept after LIFETIME."""
    for upload in uploads:
        try:
            instance.objects.parts.abandon(upload)
        except (ColophonError, OSError) as error:
            _log.warning("upload in parts not removed", error=str(error))


def sizes(file_size: int, transfer: Json) -> list[int]:
    """Of each part, in bytes."""
    whole = transfer["parts"] - 1
    return [*[transfer["part_size"]] * whole, file_size - whole * transfer["part_size"]]


def end(transfer: Json) -> datetime:
    """Until when parts may be sent."""
    return datetime.fromisoformat(transfer["begun"]) + LIFETIME
