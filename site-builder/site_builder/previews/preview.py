"""What is shown of a file beside its name, and what every kind of preview is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

HTML = 4_000
"""Bytes of markup that one preview has, at most."""
BEGINNING = 65_536
"""Bytes of a text that are looked at."""

Form = Literal["nothing", "table", "listing", "text", "prose", "picture"]


@dataclass(frozen=True, slots=True)
class Preview:
    """Depends on the bytes and the kind only: no words of ours are in it, and nothing of a record."""

    form: Form
    html: str = ""
    """Safe markup: rows of a table, the escaped text, or cleaned prose. Pictures have none."""
    shown: int = 0
    """Rows of a table without its head, entries of a listing."""
    total: int = 0
    """Of which; 0 where the end was not seen."""
    columns: int = 0
    """Of a table; so many are shown of `columns_total`."""
    columns_total: int = 0
    entries: tuple[tuple[str, int], ...] = ()
    """Of a listing: name and bytes, as the archive says. How sizes are written is a matter of language."""
    octets: int = 0
    """What all entries have together."""
    is_whole: bool = True
    """Whether nothing was left out of a text."""
    width: int = 0
    height: int = 0
    """Pixels of the picture."""
    picture: bytes = b""
    """WebP."""

    @property
    def weight(self) -> int:
        """Bytes of markup that it makes, about."""
        return len(self.html.encode()) + sum(len(name.encode()) + 60 for name, _size in self.entries)


NOTHING = Preview("nothing")
"""Of a file that can't be shown: it is broken, hostile, or something else than its name says."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of which parts are read: nothing else is asked of the store that has it."""

    size: int
    read: Callable[[int, int], bytes]
    """Bytes from a position up to another one, which lies within the file. Raises NotFound, Unreachable."""

    def beginning(self) -> bytes:
        return self.read(0, min(self.size, BEGINNING))


Draw = Callable[[bytes], Preview]
"""Makes a picture smaller, in a process that may come to grief."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Files that are shown in one way. A new one is a file of this folder and a line in `kinds.KINDS`."""

    name: str
    """Lower-case letters: part of names in the cache."""
    suffixes: frozenset[str]
    media_types: frozenset[str]
    largest: int
    """Bytes; larger files are not looked at."""
    make: Callable[[Opened, Draw], Preview]
    """Raises only what reading does."""
    modules: tuple[str, ...]
    """Where it is made, beside this one: other source makes other previews."""
