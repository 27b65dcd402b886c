"""Files in parts over REST: how they are announced, where the parts go, and each part as it comes."""

from datetime import UTC, datetime, timedelta

from repository.api.bodies import is_whole
from repository.api.context import instance
from repository.errors import FieldError
from repository.records.snapshot import Json
from repository.services import parts
from repository.services.files import FileEntry

SIGNED_DAYS = 7
"""S3 signs links for no longer."""


def announced(prefix: str, entry: Json) -> tuple[Json, list[FieldError]]:
    """`{transfer}` as far as it is not the usual one, and what is wrong with it."""
    transfer = entry.get("transfer") or {}
    kind = transfer.get("type", "L") if isinstance(transfer, dict) else None
    if kind == "L":
        return {}, []
    if kind != "M":
        message = "Must be L (bytes are sent to the content URL) or M (in parts)."
        return {}, [FieldError(f"{prefix}transfer.type", (message,))]
    errors = []
    for name, most in (("parts", parts.MOST_PARTS), ("part_size", 5 << 30)):
        if not is_whole(transfer.get(name)) or not 1 <= transfer[name] <= most:
            errors.append(FieldError(f"{prefix}transfer.{name}", (f"Must be a whole number from 1 to {most}.",)))
    if not is_whole(entry.get("size")):
        errors.append(FieldError(f"{prefix}size", ("Missing: a file in parts must have its size announced.",)))
    if errors:
        return {}, errors
    return {"transfer": {"type": "M", "parts": int(transfer["parts"]), "part_size": int(transfer["part_size"])}}, []


def shown(file: FileEntry) -> Json:
    """The block `transfer` of a file."""
    if file.transfer is None:
        return {"type": "L"}
    names = ("type", "parts", "part_size", "error")
    return {name: file.transfer[name] for name in names if name in file.transfer}


def replaced(file: FileEntry) -> Json:
    """What replaces the links of a file while it comes in parts, in lists: they would have to be signed for each."""
    return {} if file.transfer is None or file.completed else {"content": None}


def links(file: FileEntry, content: str) -> Json:
    """What replaces the links of a file while its parts come: where each is sent, and until when.

    No link lives longer than the upload itself: after that its parts are removed.
    """
    transfer, found = file.transfer, replaced(file)
    if transfer is None or not found or transfer.get("received") or transfer.get("error"):
        return found
    store, now, until = instance().objects.parts, datetime.now(UTC), parts.end(transfer)
    if store.direct:
        until = min(until, now + timedelta(days=SIGNED_DAYS))
    seconds = int((until - now).total_seconds())
    if seconds < 1:
        return found
    if store.direct:
        urls = store.links(transfer["upload"], parts.sizes(file.announced["size"], transfer), seconds)
    else:
        urls = [f"{content}/{number}" for number in range(1, transfer["parts"] + 1)]
    expiration = until.isoformat()
    return {**found, "parts": [{"part": n, "url": url, "expiration": expiration} for n, url in enumerate(urls, 1)]}
