"""What a store of objects must do; `tests/storage/objects_contract.py` holds every adapter to it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are durable. `location` is the adapter's own word for where they are; digests are hexadecimal."""

    sha256: str
    md5: str
    size: int
    location: str


class ObjectStore(Protocol):
    content_addressed: bool
    """Whether equal bytes have one location. Else it is new with every `put` and never used again, so that nobody but
    who has just stored the bytes can delete them."""

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Stores a stream in constant memory, hashing it in the same pass, and returns once it is durable.

        Equal bytes that are stored again may get another location: who names locations keeps one and deletes the
        other. If the stream raises, nothing is left behind. Raises StoreFull, Unreachable.
        """
        ...

    def open(self, location: str) -> BinaryIO:
        """A seekable stream of the bytes; the caller closes it. Raises NotFound; Unreachable, reading does too."""
        ...

    def link(self, location: str, *, media_type: str, disposition: str, seconds: int) -> str:
        """A URL at which the store itself hands out the bytes for so long, with these headers; empty if it can't."""
        ...

    def exists(self, location: str) -> bool: ...

    def delete(self, location: str) -> None:
        """Removes the bytes; harmless where they are gone."""
        ...

    def locations(self) -> Iterator[tuple[str, datetime]]:
        """All that is stored, with the time it was written: what the sweep for orphans goes through."""
        ...

    def drop_unfinished(self, before: datetime, is_awaited: Callable[[str], bool]) -> int:
        """Removes what is left of uploads that broke off with their process, untouched since then; returns how many.

        `is_awaited` tells of a location whether a client still sends parts for it.
        """
        ...
