"""The search document of a record: what every engine indexes of a snapshot, folded and cut the same way for all.

A document is JSON:

- `id`, `position` (of the change it was made from);
- `exact`: path → values that are compared as a whole, folded; those that begin with `_` decide who sees it when, and
  what is suggested: `_titled` has the words of titles, `_suggested` those of people's names too (see `conditions`);
- `words`: path → texts, each one its folded words with a space between;
- `numbers`: path → one number; `days`: path → first and last day;
- `present`: paths that have a value, and those of the objects above them;
- `everything`, `title`, `names`: texts for words without a field, and those that count more in ranking;
- `stems`, `title_stems`: stems of all words for words without a field, and of those of the titles (`word_forms`); a
  word without a field finds a record by itself in `everything` or by one of its stems in `stems`, and the word itself
  counts more;
- `identifiers`: values that stand for the record itself, as a whole;
- `facets`: facet → keys as they are shown, not folded (`publication_date`: years as numbers).

A record that nobody may find is `{id, position}` only: it keeps an older document from coming back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from repository.records.query_fields import CUSTOM, kind
from repository.records.query_terms import EVERYWHERE, lines, stems, whole, with_objects
from repository.records.query_values import Values, days, top_type, values
from repository.records.snapshot import Json, Snapshot
from repository.records.visibility import SYSTEM, latest, visible_versions
from repository.records.words import BREAK, exact

FORM = "3"
"""To be raised whenever the document of an unchanged snapshot changes: all records are then indexed again."""
YEARS_COUNTED = 500
"""A longer interval is counted in the facet at its first and its last year only."""

_IN_WORDS = ("text", "html")
_TITLES = ("metadata.title", "metadata.additional_titles.title")
_PEOPLE = ("metadata.creators.person_or_org.name", "metadata.contributors.person_or_org.name")
_NAMES = (*_PEOPLE, "metadata.creators.affiliations.name")
_LONGEST_KEY = 200
"""Characters of a facet's key."""
_OWN_IDENTIFIERS = (
    "id",
    "parent.id",
    "pids.doi.identifier",
    "pids.oai.identifier",
    "parent.pids.doi.identifier",
    "metadata.identifiers.identifier",
    "metadata.creators.person_or_org.identifiers.identifier",
    "files.entries.checksum",
)


def document(snapshot: Snapshot, position: int) -> Json:
    """The document of a record as of one position of the log."""
    if snapshot.state != "published":
        return removed(snapshot.id, position)
    found = values(snapshot)
    kinds = {path: kind(path) for path in found}
    texts = {path: lines(found[path]) for path in found if kinds[path] in _IN_WORDS or path in EVERYWHERE}
    keywords = {path: whole(found[path]) for path in found if kinds[path] == "keyword"}
    return {
        "id": snapshot.id,
        "position": position,
        "exact": keywords | _sight(snapshot) | _suggested(texts),
        "words": {path: made for path, made in texts.items() if kinds[path] in _IN_WORDS},
        "numbers": {path: found[path][0] for path in found if kinds[path] in ("number", "time")},
        "days": _days(found, kinds),
        "present": sorted(set().union(*map(with_objects, found))),
        "everything": [
            line for path, made in texts.items() if path in EVERYWHERE or path.startswith(CUSTOM) for line in made
        ],
        "title": [line for path in _TITLES for line in texts.get(path, ())],
        "names": [line for path in _NAMES for line in texts.get(path, ())],
        "stems": sorted(stems(found)),
        "title_stems": sorted(stems(found, _TITLES)),
        "identifiers": sorted({value for path in _OWN_IDENTIFIERS for value in keywords.get(path, ())}),
        "facets": _facets(snapshot, found),
    }


def removed(record_id: str, position: int) -> Json:
    """What is left of a record that nobody may find."""
    return {"id": record_id, "position": position}


def is_removed(entry: Json) -> bool:
    return "exact" not in entry


def _sight(snapshot: Snapshot) -> dict[str, list[str]]:
    """Who may find the record, and for whom it is the newest version."""
    everybody = latest(visible_versions(snapshot))
    readers = latest(visible_versions(snapshot, SYSTEM))
    flags = {
        "_public": not snapshot.closed,
        "_latest_public": not snapshot.closed and everybody is not None and everybody.id == snapshot.id,
        "_latest": readers is not None and readers.id == snapshot.id,
    }
    return {name: ["true"] for name, value in flags.items() if value} | {"_reader": list(map(exact, snapshot.readers))}


def _suggested(texts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The words by whose beginnings a record is suggested: one list in which a beginning is looked up once."""
    titled = {word for path in _TITLES for line in texts.get(path, ()) for word in line.split()} - {BREAK}
    people = {word for path in _PEOPLE for line in texts.get(path, ()) for word in line.split()} - {BREAK}
    return {"_titled": sorted(titled), "_suggested": sorted(titled | people)}


def _days(found: Values, kinds: Mapping[str, str | None]) -> dict[str, tuple[int, int]]:
    return {
        path: covered for path in found if kinds[path] == "date" and (covered := days(str(found[path][0]))) is not None
    }


def _facets(snapshot: Snapshot, found: Values) -> Json:
    type_id = str(snapshot.metadata.get("resource_type", {}).get("id", ""))
    above = top_type(snapshot, type_id)
    facets: Json = {"access_status": [str(value) for value in found.get("access.status", ())]}
    if type_id:
        facets["resource_type"] = [type_id if type_id == above else f"{above}::{type_id}"]
    facets["file_type"] = whole(found.get("files.types", ()))
    facets["publication_date"] = [
        year for value in found.get("metadata.publication_date", ()) for year in _years(value)
    ]
    return facets | {name: _keys(take(snapshot.metadata)) for name, take in KEYED.items()}


def _keys(values: Iterable[Any]) -> list[str]:
    shown = (" ".join(value.split())[:_LONGEST_KEY] for value in values if isinstance(value, str))
    return list(dict.fromkeys(key for key in shown if key))


def _affiliations(metadata: Json) -> Iterable[Any]:
    for who in ("creators", "contributors"):
        for person in metadata.get(who) or ():
            for place in person.get("affiliations") or ():
                yield place.get("id") or place.get("name")


def _licences(metadata: Json) -> Iterable[Any]:
    for licence in metadata.get("rights") or ():
        titles = licence.get("title") or {}
        yield licence.get("id") or titles.get("en") or next(iter(titles.values()), None)


KEYED: Mapping[str, Callable[[Json], Iterable[Any]]] = {
    "affiliation": _affiliations,
    "funder": lambda metadata: (
        funder.get("id") or funder.get("name")
        for entry in metadata.get("funding") or ()
        if (funder := entry.get("funder"))
    ),
    "language": lambda metadata: (language.get("id") for language in metadata.get("languages") or ()),
    "license": _licences,
    "publisher": lambda metadata: (metadata.get("publisher"),),
    "subject": lambda metadata: (subject.get("subject") for subject in metadata.get("subjects") or ()),
}
"""The facets whose keys are ids of terms, or texts where there is none; what is selected is compared as it was counted
(`query_tree.Key`)."""


def _years(value: str | int) -> Iterable[int]:
    covered = days(str(value))
    if covered is None:
        return ()
    first, last = (date.fromordinal(day).year for day in covered)
    return range(first, last + 1) if last - first < YEARS_COUNTED else (first, last)
