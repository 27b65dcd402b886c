"""What a reader of the change log is: a projection of it into tables or a store of its own.

The loop (`following/loop.py`) owns checkpoint, batches, parking, leases and rebuilds; a projection only knows how to
turn changes into what it holds. Every projection passes `tests/following/contract.py`.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from sqlalchemy import Connection

from repository.records.visibility import is_public
from repository.storage.changes import Change


class Projection(Protocol):
    """One reader. All methods are called by its single leader, from one thread.

    A projection in the database (`in_database`) writes through the connection that it is given, which commits together
    with the checkpoint. One outside gets None, and must be idempotent: after a crash the last batch comes again, maybe
    cut at other places, and an older position must never overwrite a newer one.

    An exception says whose fault it is. `Unreachable`, `StoreFull`, `OperationalError` and `OSError` (but for names
    that are too long and the like) mean the store: nothing is parked, the loop pauses and tries again. Any other means
    one of the changes: the loop finds out which one and parks it.
    """

    name: ClassVar[str]
    in_database: ClassVar[bool]

    def rules(self) -> str:
        """Digest of what decides the output beside the changes (formats, templates, set definitions, site settings).

        At most 64 characters, cheap to make: it is asked for every few seconds. When it differs from the checkpoint's,
        the loop passes over all records again: `write` then changes only what really differs. Where the old generation
        can't be written in place (an index with another schema) the digest is `<shape>:<digest>`: another shape makes a
        new generation beside the old one, in which meanwhile only `hide` is called.
        """
        ...

    def leading(self) -> AbstractContextManager[None]:
        """Held while this process leads: opens the store for writing, under an operating system lock where it is
        embedded, and closes it."""
        ...

    def prepare(self, changes: Sequence[Change]) -> Any:
        """The pure part, before any transaction: renders. Each record occurs once."""
        ...

    def write(self, prepared: Any, generation: str, connection: Connection | None) -> None:
        """Makes what was prepared visible in the given generation, durably.

        A generation that was created and not yet activated is being filled: bulk ways are welcome, and what was written
        need not be durable before `activate` returns. While it is, changes go on into the current generation as well,
        each one first into that, then into the new one.
        """
        ...

    def hide(self, changes: Sequence[Change], generation: str, connection: Connection | None) -> None:
        """Removes all that it holds of these records (OAI: marks them deleted). Must not need to render anything, since
        it is called when `prepare` or `write` fails for a change that makes a record less visible."""
        ...

    def create(self, generation: str) -> None:
        """Makes an empty generation beside the current one, named by `g` and up to 20 digits and lower-case letters."""
        ...

    def activate(self, generation: str) -> None:
        """Readers see this generation from now on; switched atomically, and durable as a whole.

        Called when a generation has been filled (the checkpoint names it just afterwards), and with the current one at
        the beginning of each leading, when it must be harmless, even if that one has an older shape.
        """
        ...

    def drop(self, generation: str) -> None:
        """Removes a generation that nobody reads; also one that a killed rebuild left half made, or that is gone."""
        ...

    def generations(self) -> Iterable[str]:
        """Those that exist, so that left-over ones can be dropped. Outside the database a current one that is missing
        here was lost: it is filled anew."""
        ...


class Written(NamedTuple):
    """What a projection has written since it was opened."""

    files: int
    octets: int


@runtime_checkable
class Counting(Protocol):
    """A projection of which a history of builds is kept."""

    def tally(self) -> Written: ...


@runtime_checkable
class Unhurried(Protocol):
    """A projection that has work which can wait."""

    def idle(self) -> bool:
        """Called between changes and while there are none: does what takes few milliseconds, or has it done beside.
        Returns whether there is more, now or in a moment."""
        ...


def less_visible(change: Change) -> bool:
    """Whether the change may take something out of public sight: it is then never only parked.

    A neighbour that nobody may know of counts too: what is held of this record may still name it.
    """
    state = change.snapshot
    return (
        not is_public(state)
        or state.files_closed
        or any(version.closed or version.hidden for version in state.versions)
    )
