"""Terms of vocabularies in the database: looked up in one query, cached until the vocabulary's counter moves."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Text, cast, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from repository.records.snapshot import Json, digest
from repository.records.vocabularies import Reference, Terms
from repository.storage.models import TermRow, VocabularyHead

CACHED = 20_000
"""Terms, and references to none, that one process keeps at the most."""
_REVISION = select(VocabularyHead.revision)


class TermCache:
    """Terms by type and id; one small query tells whether they are still what the database holds."""

    def __init__(self) -> None:
        self._revision = -1
        self._terms: dict[Reference, Json | None] = {}
        """None: there is no such term. Facets name the same affiliations without one again and again."""

    def lookup(self, connection: Connection, references: Iterable[Reference]) -> Terms:
        """Those of the references that exist."""
        current = connection.execute(_REVISION).scalar_one()
        if current != self._revision or len(self._terms) > CACHED:
            self._revision, self._terms = current, {}
        known = self._terms
        wanted = set(references)
        missing = sorted(wanted - known.keys())
        for start in range(0, len(missing), 400):
            asked = missing[start : start + 400]
            known |= dict.fromkeys(asked) | _fetch(connection, asked)
        return {reference: term for reference in wanted if (term := known.get(reference)) is not None}


def _fetch(connection: Connection, references: list[Reference]) -> dict[Reference, Json | None]:
    rows = connection.execute(
        select(TermRow.type, TermRow.id, TermRow.body).where(tuple_(TermRow.type, TermRow.id).in_(references))
    )
    return {(row.type, row.id): row.body for row in rows}


def fold(text: str) -> str:
    """Lower case without diacritics: how terms are sorted and searched."""
    if text.isascii():  # as most are: 15,000 are folded when an instance is made
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def store(connection: Connection, terms: Iterable[tuple[str, Json]]) -> int:
    """Adds terms (type, body) and renews those whose content differs; returns how many were written."""
    given = {(kind, body["id"]): body for kind, body in terms}
    present: dict[Any, str] = {
        (row.type, row.id): row.digest for row in connection.execute(select(TermRow.type, TermRow.id, TermRow.digest))
    }
    rows = [_row(reference, body) for reference, body in given.items() if _digest(body) != present.get(reference)]
    changed = [(row["type"], row["id"]) for row in rows if (row["type"], row["id"]) in present]
    for start in range(0, len(changed), 400):
        connection.execute(delete(TermRow).where(tuple_(TermRow.type, TermRow.id).in_(changed[start : start + 400])))
    if rows:
        connection.execute(insert(TermRow), rows)
        connection.execute(update(VocabularyHead).values(revision=VocabularyHead.revision + 1))
    return len(rows)


def add(connection: Connection, terms: Iterable[tuple[str, Json]]) -> None:
    """Adds terms that are not there yet, and leaves those that are."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    rows = [_row((kind, body["id"]), body) for kind, body in terms]
    if rows:
        connection.execute(dialect.insert(TermRow).on_conflict_do_nothing(), rows)
        connection.execute(update(VocabularyHead).values(revision=VocabularyHead.revision + 1))


def _row(reference: Reference, body: Mapping[str, Any]) -> dict[str, Any]:
    kind, term_id = reference
    titles = body.get("title") or {}
    name = body.get("name") or body.get("subject") or titles.get("en") or term_id
    spoken = [term_id, name, body.get("acronym") or "", *titles.values(), *(body.get("aliases") or [])]
    spoken += [identifier.get("identifier", "") for identifier in body.get("identifiers") or []]
    words = " " + " ".join(dict.fromkeys(fold(" ".join(spoken)).replace("-", " ").split()))
    return {
        "type": kind,
        "id": term_id,
        "sort_title": fold(name),
        "words": words,
        "body": dict(body),
        "digest": _digest(body),
    }


def _digest(body: Mapping[str, Any]) -> str:
    return digest(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))


def page(
    connection: Connection, kind: str, words: str, tags: tuple[str, ...], sort: str, offset: int, size: int
) -> tuple[int, list[Json]]:
    """Number of the terms whose words start with each of the given ones, and one page of them.

    `sort` is `title`, `-title` or `bestmatch`: terms whose id or title is what was looked for come first.
    """
    wanted = fold(words).replace("-", " ").split()
    where = [TermRow.type == kind]
    where += [TermRow.words.contains(" " + word, autoescape=True) for word in wanted]
    where += [or_(*(cast(TermRow.body, Text).contains(f'"{tag}"', autoescape=True) for tag in tags))] if tags else []
    total = connection.execute(select(func.count()).select_from(TermRow).where(*where)).scalar_one()
    order: list[Any] = [TermRow.sort_title.desc() if sort == "-title" else TermRow.sort_title, TermRow.id]
    if sort == "bestmatch" and wanted:
        phrase = " ".join(wanted)
        order = [
            func.lower(TermRow.id) != phrase,
            TermRow.sort_title != phrase,
            ~TermRow.sort_title.startswith(phrase, autoescape=True),
            func.length(TermRow.sort_title),
            *order,
        ]
    rows = connection.execute(select(TermRow.body).where(*where).order_by(*order).offset(offset).limit(size))
    return total, [row.body for row in rows]


def one(connection: Connection, kind: str, term_id: str) -> Json | None:
    body: Json | None = connection.execute(
        select(TermRow.body).where(TermRow.type == kind, TermRow.id == term_id)
    ).scalar_one_or_none()
    return body


def of_scheme(connection: Connection, kind: str, scheme: str, offset: int, size: int) -> tuple[int, list[Json]]:
    """Number of the terms of one scheme in a vocabulary that has several, and one page of them, by title."""
    named = f'"scheme":{orjson.dumps(scheme).decode()}'
    where = [TermRow.type == kind, cast(TermRow.body, Text).contains(named, autoescape=True)]
    total = connection.execute(select(func.count()).select_from(TermRow).where(*where)).scalar_one()
    order = (TermRow.sort_title, TermRow.id)
    rows = connection.execute(select(TermRow.body).where(*where).order_by(*order).offset(offset).limit(size))
    return total, [row.body for row in rows]


def revision(connection: Connection) -> int:
    """Of all vocabularies: each change of a term makes it higher."""
    number: int = connection.execute(_REVISION).scalar_one()
    return number


def numbers(connection: Connection, kinds: Sequence[str]) -> dict[str, int]:
    """How many terms there are of each of these types, if any."""
    counted = select(TermRow.type, func.count()).where(TermRow.type.in_(kinds)).group_by(TermRow.type)
    return dict(sorted((kind, number) for kind, number in connection.execute(counted)))


def schemes(connection: Connection, kind: str) -> dict[str, int]:
    """How many terms there are of each scheme in a vocabulary that has several."""
    bodies = select(TermRow.body).where(TermRow.type == kind)
    rows = connection.execution_options(yield_per=1000).execute(bodies)
    return dict(sorted(Counter(row.body["scheme"] for row in rows if row.body.get("scheme")).items()))


def digest_of(connection: Connection, kinds: Sequence[str]) -> str:
    """Of everything that the terms of these types say."""
    rows = connection.execute(select(TermRow.type, TermRow.id, TermRow.digest).where(TermRow.type.in_(kinds)))
    return digest(orjson.dumps(sorted(tuple(row) for row in rows)))


def every(connection: Connection) -> Iterator[tuple[str, Json]]:
    for row in connection.execution_options(yield_per=1000).execute(select(TermRow.type, TermRow.body)):
        yield row.type, row.body
