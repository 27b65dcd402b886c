"""Vocabularies as they are read: types, pages of terms, single terms."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from repository.auth.permissions import require
from repository.errors import INVALID, FieldError, InvalidInput, NotFound
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.records.vocabularies import SPECIFIC, TYPES
from repository.services.instance import Instance
from repository.storage import terms

SORTS = {"bestmatch": "bestmatch", "title": "title", "name": "title", "newest": "title", "oldest": "-title"}


@dataclass(frozen=True, slots=True)
class Terms:
    total: int
    terms: tuple[Json, ...]


def check_type(kind: str) -> None:
    """Raises NotFound."""
    if kind not in TYPES:
        raise NotFound(f"There is no vocabulary {kind}.")


def generic_types() -> tuple[str, ...]:
    return tuple(kind for kind in TYPES if kind not in SPECIFIC)


def list_terms(
    instance: Instance,
    viewer: Viewer,
    kind: str,
    *,
    words: str = "",
    tags: tuple[str, ...] = (),
    sort: str = "title",
    offset: int = 0,
    size: int = 25,
) -> Terms:
    """One page of the terms in which each of the words begins a word. Raises NotFound, Forbidden, InvalidInput."""
    check_type(kind)
    if kind == "names":
        require(viewer, "names.read")
    if sort not in SORTS:
        message = f"Invalid sort option '{sort}'. There is: {', '.join(SORTS)}."
        raise InvalidInput(INVALID, [FieldError("_schema", (message,))])
    with instance.database.read() as connection:
        total, page = terms.page(connection, kind, words[:200], tags, SORTS[sort], offset, size)
    return Terms(total, tuple(page))


def read_term(instance: Instance, viewer: Viewer, kind: str, term_id: str) -> Json:
    check_type(kind)
    if kind == "names":
        require(viewer, "names.read")
    with instance.database.read() as connection:
        term = terms.one(connection, kind, term_id)
    if term is None:
        raise NotFound("The persistent identifier does not exist.")
    return term


def titles(instance: Instance, references: Iterable[tuple[str, str]], language: str) -> Callable[[str, str], str]:
    """From vocabulary and id of one of these terms to its title in a language, English where it has none; the id of an
    unknown one stays as it is."""
    with instance.database.read() as connection:
        found = instance.terms.lookup(connection, references)

    def title(kind: str, term_id: str) -> str:
        term = found.get((kind, term_id), {})
        names = term.get("title") or {}
        return str(names.get(language) or names.get("en") or term.get("name") or term_id)

    return title


def all_terms(instance: Instance) -> Iterator[tuple[str, Json]]:
    """Every term of every vocabulary: (type, term)."""
    with instance.database.read() as connection:
        yield from terms.every(connection)
