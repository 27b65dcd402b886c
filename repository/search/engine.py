"""What a search asks, what it gets, and what an engine is: adapters implement the two protocols."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from repository.records.snapshot import Json
from repository.records.visibility import ANONYMOUS, Viewer

WINDOW = 10_000
"""So many hits can be paged through; a page that crosses the end is cut. A search with `after` knows no end."""
MAX_SIZE = 1_000
DEFAULT_SIZE = 25

BESTMATCH = "bestmatch"
SORTS: dict[str, tuple[str, Literal["asc", "desc"]]] = {
    "newest": ("created", "desc"),
    "oldest": ("created", "asc"),
    "updated-desc": ("updated", "desc"),
    "updated-asc": ("updated", "asc"),
    "version": ("versions.index", "desc"),
}
"""Orders by one number; ties go by record id in the same direction. `bestmatch` is by rank."""

SortKey = tuple[int, str]
"""Where a hit stands in an explicit order: the sort's number, the record id."""


@dataclass(frozen=True, slots=True)
class Search:
    """One page of a search. Made from a request by `arguments.search_of`, which checks it."""

    text: str = ""
    """In the query language; see `records.queries`."""
    prefix: str = ""
    """Suggestions: words of titles, names, or an identifier of which the last is only the beginning; instead of `text`.
    See `conditions.query`."""
    selected: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Facet and the keys chosen in it: any of them must match, and every facet."""
    sort: str = ""
    """Of SORTS or `bestmatch`; empty: `bestmatch` with a text or a prefix, else `newest`."""
    page: int = 1
    after: SortKey | None = None
    """Only hits that come behind this one; with an explicit sort only. The total and the facets are those of the whole
    search all the same; `page` is only what the answer says."""
    size: int = DEFAULT_SIZE
    viewer: Viewer = ANONYMOUS
    all_versions: bool = False
    """Else only the newest version that the viewer may know of."""
    facets: bool = True
    """Whether to count."""
    total: bool = True
    """Whether to count all hits; else the total is 0. Who walks through all of them knows it from the first page."""

    @property
    def sort_by(self) -> str:
        return self.sort or (BESTMATCH if self.is_ranked else "newest")

    @property
    def is_ranked(self) -> bool:
        """Whether it has something by which hits can be ranked."""
        return bool(self.text.strip() or self.prefix.strip())

    @property
    def order(self) -> tuple[str, Literal["asc", "desc"]] | None:
        """The number to order by; None for rank, which needs a text or a prefix."""
        if self.sort_by == BESTMATCH:
            return None if self.is_ranked else SORTS["newest"]
        return SORTS[self.sort_by]

    @property
    def offset(self) -> int:
        """Hits to pass over."""
        return 0 if self.after else (self.page - 1) * self.size

    @property
    def limit(self) -> int:
        """Hits on this page at most; 0 or less behind the window."""
        return self.size if self.after else min(self.size, WINDOW - self.offset)

    def at(self, page: int) -> "Search":
        return replace(self, page=page)

    def has_next(self, total: int) -> bool:
        return self.page * self.size < min(total, WINDOW)

    def arguments(self) -> list[tuple[str, str]]:
        """The query string's pairs that ask for this page again, by name."""
        pairs = [(facet, key) for facet, keys in self.selected for key in keys]
        pairs += [("page", str(self.page)), ("size", str(self.size)), ("sort", self.sort_by)]
        pairs += [("q", self.text)] if self.text else []
        pairs += [("suggest", self.prefix)] if self.prefix else []
        pairs += [("allversions", "true")] if self.all_versions else []
        return sorted(pairs, key=lambda pair: pair[0])


@dataclass(frozen=True, slots=True)
class Bucket:
    key: str
    count: int
    selected: bool = False
    inner: tuple["Bucket", ...] = ()


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids only: what is shown of a hit comes from the database, through the permission check."""

    total: int
    ids: tuple[str, ...]
    facets: tuple[Facet, ...]
    sort_by: str
    last: SortKey | None = None
    """Of the page's last hit, under an explicit sort; to be given as `after` for what follows."""
    correction: str = ""
    """A text that finds more, where the text finds nothing ("did you mean"); made of words that the viewer may find.
    Empty where the engine has none."""


class SearchEngine(Protocol):
    """The reading side, in every web process. Safe for threads."""

    def search(self, search: Search) -> Hits:
        """Raises InvalidInput for a text that can't be asked, Unreachable. Without an index there are no hits."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of one record."""

    id: str
    position: int
    shown: bool
    """Whether it can be found; else only its position is kept."""


class SearchIndex(Protocol):
    """The writing side, in the process that leads the projection `search`; see `following.Projection` for what is
    asked of generations. Entries are documents (`documents.document`) or what is left of one (`documents.removed`)."""

    def shape(self) -> str:
        """Digest of the index's schema, at most 16 characters: another one needs a new generation."""
        ...

    def leading(self) -> AbstractContextManager[None]: ...

    @property
    def row(self) -> Callable[[Json], Any]:
        """What the index takes of an entry: a function of a module, since other processes call it. Raises ValueError
        for an entry that can't be indexed."""
        ...

    def put(self, rows: Sequence[Any], generation: str) -> None:
        """Puts each row in place of the record's older one; one whose position is lower than what is there is left out.
        Raises ValueError for a row that can't be indexed after all."""
        ...

    def write(self, entries: Sequence[Json], generation: str) -> None:
        """As `put`, of entries. Raises ValueError for an entry that can't be indexed, and has then written none."""
        ...

    def create(self, generation: str) -> None: ...

    def activate(self, generation: str) -> None: ...

    def drop(self, generation: str) -> None: ...

    def generations(self) -> Iterable[str]: ...

    def held(self) -> Iterator[Held]:
        """All of the generation that is searched, by record id, as of the moment when the first is asked for; in
        bounded memory. Any process may call it, whoever leads. Raises Unreachable."""
        ...
