"""Terms of vocabularies as concepts: single ones, pages of a scheme, and whether any has changed.

Organisations, people and awards are no concepts; they have IRIs of their own.
"""

from repository.records.snapshot import Json
from repository.services.vocabularies import Terms, generic_types
from repository.storage import terms
from repository.storage.database import Database

WITH_SCHEMES = "subjects"
"""The vocabulary whose terms are of several schemes."""
CONCEPT_TYPES = (*generic_types(), WITH_SCHEMES)


LISTED = 500
"""Terms on one page."""


class Concepts:
    """Reads terms. It remembers the page that it read last and the terms on it, for whoever writes each of them in
    several forms: make another one when terms may have changed. For one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: tuple[str, str, int] | None = None
        self._page = Terms(0, ())
        self._terms: dict[str, Json] = {}

    def one(self, kind: str, term_id: str) -> Json | None:
        """The term; None where there is none."""
        if self._read and self._read[0] == kind and (term_id in self._terms or self._is_whole):
            return self._terms.get(term_id)
        with self._database.read() as connection:
            return terms.one(connection, kind, term_id)

    def page(self, kind: str, number: int, scheme: str = "") -> Terms:
        """A page of the terms of a vocabulary or of one of its schemes, by title, counted from 1; nothing where there
        is no such scheme."""
        if scheme and kind != WITH_SCHEMES:  # they are looked for in all terms, which must not be done for any word
            return Terms(0, ())
        if self._read != (kind, scheme, number):
            offset = (number - 1) * LISTED
            with self._database.read() as connection:
                if scheme:
                    total, found = terms.of_scheme(connection, kind, scheme, offset, LISTED)
                else:
                    total, found = terms.page(connection, kind, "", (), "title", offset, LISTED)
            self._read, self._page = (kind, scheme, number), Terms(total, tuple(found))
            self._terms = {term["id"]: term for term in found}
        return self._page

    @property
    def _is_whole(self) -> bool:
        """Whether all terms of the vocabulary are on the page that was read."""
        return self._read is not None and not self._read[1] and self._page.total <= LISTED

    def numbers(self) -> dict[str, int]:
        """How many terms each vocabulary of concepts has; those without terms are left out."""
        with self._database.read() as connection:
            return terms.numbers(connection, CONCEPT_TYPES)

    def schemes(self) -> dict[str, int]:
        """How many subjects each scheme has."""
        with self._database.read() as connection:
            return terms.schemes(connection, WITH_SCHEMES)


class Wording:
    """What concepts say, as one digest, which is made again only when some vocabulary has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revision = -1
        self._digest = ""

    def digest(self) -> str:
        with self._database.read() as connection:
            revision = terms.revision(connection)
            if revision != self._revision:
                self._digest = terms.digest_of(connection, CONCEPT_TYPES)
                self._revision = revision
        return self._digest
