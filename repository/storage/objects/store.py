"""What a store of objects must do; `tests/storage/objects_contract.py` holds every adapter to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from repository.errors import InvalidInput

Upload = dict[str, Any]
"""What an adapter must know of an upload in parts to go on with it; JSON, and nobody else's business."""
GONE = "This upload is no more: delete the file and announce it again."


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are durable. `location` is the adapter's own word for where they are; digests are hexadecimal."""

    sha256: str
    md5: str
    size: int
    location: str


class PartUploads(Protocol):
    """Uploads in parts, numbered from 1, sent in any order, each again if need be.

    None is said to be gone, by InvalidInput or NotFound, unless the store as a whole is there (`ObjectStore.reach`).
    """

    least: int
    """Bytes of the smallest part that need not be the last."""
    direct: bool
    """Whether clients send the parts to the store itself, at `links`; else they come by `put`."""

    def begin(self) -> Upload:
        """Raises StoreFull, Unreachable."""
        ...

    def links(self, upload: Upload, sizes: Sequence[int], seconds: int) -> list[str]:
        """Where parts of these sizes, and of no others, are sent to for so long; nothing where they come by `put`."""
        ...

    def put(self, upload: Upload, number: int, chunks: Iterable[bytes], size: int) -> None:
        """Stores a part durably. Raises InvalidInput where it has another size or the upload is gone; StoreFull,
        Unreachable."""
        ...

    def complete(self, upload: Upload, sizes: Sequence[int]) -> None:
        """Ends the sending; harmless when repeated. Raises InvalidInput naming a part that is missing or wrong;
        Unreachable."""
        ...

    def read(self, upload: Upload, step: Callable[[], object]) -> Stored:
        """Reads back what was completed, and hashes it: takes as long as it is large. Raises NotFound, Unreachable.

        `step` is called now and then meanwhile, and what it raises ends the reading.
        """
        ...

    def forget(self, upload: Upload) -> None:
        """Removes what is left of the parts once a row names the bytes."""
        ...

    def abandon(self, upload: Upload) -> None:
        """Removes all of it, where no row names its bytes; harmless where it is gone."""
        ...

    def sweep(self, before: datetime) -> int:
        """Abandons what was begun before and is not complete; returns how many."""
        ...


def check_parts(found: Mapping[int, int], sizes: Sequence[int]) -> None:
    """Compares the parts that came, number to bytes, with what they should be. Raises InvalidInput."""
    missing = [number for number in range(1, len(sizes) + 1) if number not in found]
    if missing:
        more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        raise InvalidInput(f"Parts are missing: {', '.join(map(str, missing[:10]))}{more}.")
    for number, size in sorted(found.items()):
        if number > len(sizes):
            raise InvalidInput(f"There is a part {number}, and {len(sizes)} were announced.")
        if size != sizes[number - 1]:
            raise InvalidInput(f"Part {number} must have {sizes[number - 1]} bytes; it has {size}.")


class ObjectStore(Protocol):
    @property
    def parts(self) -> PartUploads: ...

    content_addressed: bool
    """Whether equal bytes have one location. Else it is new with every `put` and never used again, so that nobody but
    who has just stored the bytes can delete them."""

    def claim(self, owner: str, *, new: bool = False, take_over: bool = False) -> None:
        """Says whose the store must be, by its mark; who takes it for `new` writes the mark where there is none. One of
        another instance is replaced only to `take_over`.

        Asked once, when the store is opened. Raises WrongSetting where it is another one's; Unreachable also where it
        bears no mark and is not new, and then the store asks again by itself before it first writes or deletes.
        """
        ...

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Stores a stream in constant memory, hashing it in the same pass, and returns once it is durable.

        Equal bytes that are stored again may get another location: who names locations keeps one and deletes the
        other. If the stream raises, nothing is left behind. Raises StoreFull, Unreachable.
        """
        ...

    def open(self, location: str, *, start: int = 0, stop: int | None = None) -> BinaryIO:
        """A seekable stream of the bytes, at `start`; the caller closes it. Raises NotFound, Unreachable; reading too.

        Who knows the size and says where reading will `stop` spares the store a look: then only the first read tells
        that nothing is there.
        """
        ...

    def link(self, location: str, *, media_type: str, disposition: str, seconds: int) -> str:
        """A URL at which the store itself hands out the bytes for so long, with these headers; empty if it can't."""
        ...

    def exists(self, location: str) -> bool: ...

    def reach(self) -> None:
        """Raises Unreachable where the store as a whole does not answer, or does not give back its mark, once it was
        claimed: so one object that fails is told from it. Raises WrongSetting where it is another instance's."""
        ...

    def delete(self, location: str) -> None:
        """Removes the bytes; harmless where they are gone."""
        ...

    def locations(self) -> Iterator[tuple[str, datetime]]:
        """All that is stored, with the time it was written: what the sweep for orphans goes through.

        What does not bear a name of the form that the store itself gives is somebody else's: neither this nor what
        drops unfinished uploads sees it, so that another store may lie below a path of this one.
        """
        ...

    def drop_unfinished(self, before: datetime, is_awaited: Callable[[str], bool]) -> int:
        """Removes what is left of uploads that broke off with their process, untouched since then; returns how many.

        `is_awaited` tells of a location whether a client still sends parts for it.
        """
        ...
