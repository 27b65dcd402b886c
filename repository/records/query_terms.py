"""What a record has in the fields of the query language, folded and cut as queries are: the search document is made of
it, and `query_matching` looks at nothing else."""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any

from repository.records.query_fields import CUSTOM, UNFIELDED, kind
from repository.records.query_values import Values, days, values
from repository.records.snapshot import Snapshot
from repository.records.word_forms import is_czech, stems_of_text
from repository.records.words import exact, tokens

EVERYWHERE = frozenset(UNFIELDED)


def lines(found: Iterable[Any]) -> list[str]:
    """Each value as its words with a space between; those without any are left out."""
    made = [_line(value) if isinstance(value, str) and len(value) > _SHORT else _short(value) for value in found]
    return made if "" not in made else [line for line in made if line]


def _line(value: Any) -> str:
    return " ".join(tokens(str(value)))


_SHORT = 80
"""Characters."""
_short = lru_cache(maxsize=8192)(_line)
_short_stems = lru_cache(maxsize=4096)(stems_of_text)
"""Names, subjects, publishers come again and again."""


def whole(found: Sequence[Any]) -> list[str]:
    """Each value as it is compared as one, once."""
    folded = [exact(value if isinstance(value, str) else str(value)) for value in found]
    return folded if len(folded) == 1 and folded[0] else [value for value in dict.fromkeys(folded) if value]


_STEMMED = frozenset(
    name
    for name in EVERYWHERE
    if kind(name) in ("text", "html") and not name.endswith((".person_or_org.name", "entries.key"))
)
"""Names of people have no forms here: who looks for a bank does not mean Joseph Banks."""
_CZECH = frozenset(("ces", "cze", "cs"))


def stems(found: Values, paths: Iterable[str] = ()) -> set[str]:
    """Stems of the texts that words without a field are looked for in, or of those at some paths.

    They are read as Czech if the record says that it is, or if their letters do; and as English always.
    """
    czech = not _CZECH.isdisjoint(map(str, found.get("metadata.languages.id", ())))
    made: set[str] = set()
    for path in paths or (path for path in found if path in _STEMMED or path.startswith(CUSTOM)):
        for text in map(str, found.get(path, ())):
            read = stems_of_text if len(text) > _SHORT else _short_stems
            made |= read(text, czech=czech or is_czech(text))
    return made


@lru_cache(maxsize=4096)
def with_objects(path: str) -> tuple[str, ...]:
    """The path and those of the objects above."""
    steps = path.split(".")
    return tuple(".".join(steps[: length + 1]) for length in range(len(steps)))


class Terms:
    """One record as queries see it: values are taken from the snapshot once, each field is folded when asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._lines: dict[str, list[str]] = {}
        self._whole: dict[str, list[str]] = {}

    @cached_property
    def values(self) -> Values:
        return values(self._snapshot)

    @cached_property
    def present(self) -> frozenset[str]:
        """Paths that have a value, and those of the objects above them."""
        return frozenset().union(*map(with_objects, self.values))

    @cached_property
    def stems(self) -> set[str]:
        return stems(self.values)

    def lines(self, path: str) -> list[str]:
        """Of a field of texts; the empty path stands for all that is searched without a field name."""
        if path not in self._lines:
            paths = [path] if path else [name for name in self.values if name in EVERYWHERE or name.startswith(CUSTOM)]
            self._lines[path] = [line for name in paths for line in lines(self.values.get(name, ()))]
        return self._lines[path]

    def whole(self, path: str) -> list[str]:
        """Of a keyword field."""
        if path not in self._whole:
            self._whole[path] = whole(self.values.get(path, ()))
        return self._whole[path]

    def span(self, path: str) -> tuple[int, int] | None:
        """First and last of what a field of numbers, moments or dates covers; None without a value."""
        found = self.values.get(path)
        if not found:
            return None
        return days(str(found[0])) if kind(path) == "date" else (int(found[0]), int(found[0]))
