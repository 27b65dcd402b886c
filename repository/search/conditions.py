"""Who sees what and what was selected, as trees of the query language: an engine translates nothing else.

The fields that begin with `_` are of the search document; the query language does not know them.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial

from repository.errors import FieldError, InvalidInput
from repository.records.queries import MAX_LENGTH, parse
from repository.records.query_tree import HIGHEST, LOWEST, And, Key, Node, Not, Numbers, Wildcard, Word, both, either
from repository.records.query_values import days
from repository.records.words import exact, words
from repository.search.documents import KEYED
from repository.search.engine import Search
from repository.search.terms import IDENTIFIER

_PUBLIC = Word("_public", "true")
_LATEST = Word("_latest", "true")
_LATEST_PUBLIC = Word("_latest_public", "true")
_ANY = Word("is_published", "true")


def scope(search: Search) -> Node:
    """What the viewer may find at all. Specified by: the table of `records.visibility`, column search.

    A newer version that is closed hides the older one only from those who may read it.
    """
    viewer = search.viewer
    if viewer.admin:
        return _ANY if search.all_versions else _LATEST
    if not viewer.account:
        return _PUBLIC if search.all_versions else _LATEST_PUBLIC
    reads = Word("_reader", viewer.account)
    if search.all_versions:
        return either(_PUBLIC, reads)
    return either(both(_LATEST, either(_PUBLIC, reads)), both(_PUBLIC, _LATEST_PUBLIC, Not(reads)))


def selections(search: Search) -> dict[str, Node]:
    """For each facet in which something is selected, what its keys let through."""
    return {facet: either(*(_SELECTION[facet](key) for key in keys)) for facet, keys in search.selected}


def query(search: Search) -> Node:
    """What is asked for. Raises InvalidInput; see `queries.parse`."""
    return _suggestion(search.prefix) if search.prefix.strip() else parse(search.text)


TITLED = "_titled"
_SUGGESTED = "_suggested"
_MOST_WORDS = 12


def _suggestion(prefix: str) -> Node:
    """Records that have all words in their titles and names, the last one as a beginning; and those with an identifier
    that begins like this. Those that have them in the title come first."""
    if len(prefix) > MAX_LENGTH:
        raise InvalidInput(f"There are {len(prefix)} characters to complete; at most {MAX_LENGTH} are taken.")
    start = exact(prefix)
    whole = [Wildcard(IDENTIFIER, (start, "*"))] if start else []
    *before, last = words(prefix)[-_MOST_WORDS:] or [""]
    if not last:
        return either(*whole)
    anywhere, in_title = (
        both(*(Word(path, word) for word in before), Wildcard(path, (last, "*"))) for path in (_SUGGESTED, TITLED)
    )
    return And((either(anywhere, *whole),), (in_title, *whole))


def _resource_type(key: str) -> Node:
    _above, nested, below = key.partition("::")
    if nested:
        return Word("metadata.resource_type.id", below)
    return either(Word("metadata.resource_type.id", key), Word("metadata.resource_type.props.type", key))


def years(key: str) -> tuple[int, int] | None:
    """First and last year of a key such as `2003`, `2002..2004`, `2002..`, `..2004`; None if it is none."""
    match = re.fullmatch(r"(\d{1,4})|(\d{1,4})?\.\.(\d{1,4})?", key.strip(), re.ASCII)
    if not match:
        return None
    year, low, high = match.groups()
    return int(year or low or 0), int(year or high or 9999)


def _publication_date(key: str) -> Node:
    """The keys of `years`, or whole EDTF dates in their places."""
    first, dots, last = key.partition("..")
    if not dots:
        last = first
    low = days(first.strip().zfill(4)) if first.strip() else (LOWEST, LOWEST)
    high = days(last.strip().zfill(4)) if last.strip() else (HIGHEST, HIGHEST)
    if low is None or high is None:
        message = "Not a year, a date, or a range of them such as 2019..2023."
        raise InvalidInput("A validation error occurred.", [FieldError("publication_date", (message,))])
    return Numbers("metadata.publication_date", low[0], high[1])


_SELECTION: Mapping[str, Callable[[str], Node]] = {
    "resource_type": _resource_type,
    "access_status": lambda key: Word("access.status", key),
    "file_type": lambda key: Word("files.types", key),
    "publication_date": _publication_date,
    **{facet: partial(Key, facet) for facet in KEYED},
}
