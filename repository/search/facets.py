"""The facets: which there are, how counts become buckets, and their JSON.

A facet is counted as if nothing were selected in it, but with what is selected in the others: the counts say what
choosing one more key would add.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from repository.records.snapshot import Json
from repository.search.conditions import years
from repository.search.engine import Bucket, Facet, Search

MOST_KEYS = 50


@dataclass(frozen=True, slots=True)
class _Kind:
    label: str
    nested: bool = False
    """Keys are `<above>::<key>`, or `<above>` alone."""
    by_key: bool = False
    """Buckets in the order of their keys, all of them; else the largest first, the first `MOST_KEYS`, and those
    that are chosen."""
    terms: str = ""
    """Vocabulary that keys are ids in."""


FACETS: dict[str, _Kind] = {
    "access_status": _Kind("Access status"),
    "affiliation": _Kind("Affiliations", terms="affiliations"),
    "file_type": _Kind("File type"),
    "funder": _Kind("Funders", terms="funders"),
    "language": _Kind("Languages", terms="languages"),
    "license": _Kind("Licenses", terms="licenses"),
    "publication_date": _Kind("Publication date", by_key=True),
    "publisher": _Kind("Publishers"),
    "resource_type": _Kind("Resource types", nested=True, terms="resourcetypes"),
    "subject": _Kind("Subjects"),
}
KINDS: dict[str, _Kind] = {**FACETS, "status": _Kind("Status")}
"""With those that other lists have."""
_STATUS = {"draft": "Draft", "new_version_draft": "New version draft", "published": "Published"}
_ACCESS = {"open": "Open", "embargoed": "Embargoed", "restricted": "Restricted", "metadata-only": "Metadata-only"}


def facet(name: str, counts: Mapping[str, int], chosen: Sequence[str] = ()) -> Facet:
    """The buckets of a facet from an engine's counts by key; keys without records are left out."""
    kind = KINDS[name]
    found = {key: count for key, count in counts.items() if count}
    if kind.nested:
        return Facet(name, _nested(found, chosen))
    if kind.by_key:
        spans = [span for key in chosen if (span := years(key))]
        return Facet(
            name,
            tuple(
                Bucket(key, found[key], any(low <= int(key) <= high for low, high in spans))
                for key in sorted(found, key=int)
            ),
        )
    buckets = (Bucket(key, count, key in chosen) for key, count in _largest(found))
    return Facet(name, tuple(bucket for place, bucket in enumerate(buckets) if place < MOST_KEYS or bucket.selected))


def counted(counts: Mapping[str, Mapping[str, int]], search: Search) -> tuple[Facet, ...]:
    """All facets of a search, from an engine's counts by facet and key."""
    chosen: dict[str, Sequence[str]] = dict(search.selected)
    return tuple(facet(name, counts.get(name, {}), chosen.get(name, ())) for name in FACETS)


def _nested(counts: Mapping[str, int], chosen: Sequence[str]) -> tuple[Bucket, ...]:
    above: dict[str, int] = {}
    inner: dict[str, dict[str, int]] = {}
    for key, count in counts.items():
        top, _separator, below = key.partition("::")
        above[top] = above.get(top, 0) + count
        if below:
            inner.setdefault(top, {})[below] = count
    return tuple(
        Bucket(
            top,
            count,
            top in chosen,
            tuple(Bucket(key, number, f"{top}::{key}" in chosen) for key, number in _largest(inner.get(top, {}))),
        )
        for top, count in _largest(above)
    )


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


Titles = Callable[[str, str], str]
"""From a vocabulary and the id of a term in it to the term's title; the id itself where there is none."""


def terms_in(facets: Sequence[Facet]) -> set[tuple[str, str]]:
    """Vocabulary and id of the terms that buckets are labelled by."""
    return {
        (kind, bucket.key)
        for found in facets
        if (kind := KINDS[found.name].terms)
        for outer in found.buckets
        for bucket in (outer, *outer.inner)
    }


def aggregations(facets: Sequence[Facet], titles: Titles) -> Json:
    """The member `aggregations` of a list response. Specified by: reference/rest-api-compatibility.md §1.5."""
    return {
        found.name: {
            "buckets": [_bucket(found.name, bucket, titles) for bucket in found.buckets],
            "label": KINDS[found.name].label,
        }
        for found in facets
    }


def _bucket(name: str, bucket: Bucket, titles: Titles) -> Json:
    shown = {
        "key": bucket.key,
        "doc_count": bucket.count,
        "label": _label(name, bucket.key, titles),
        "is_selected": bucket.selected,
    }
    if KINDS[name].nested:
        shown["inner"] = {"buckets": [_inner(name, inner, titles) for inner in bucket.inner]}
    return shown


def _inner(name: str, bucket: Bucket, titles: Titles) -> Json:
    shown = _bucket(name, bucket, titles)
    del shown["inner"]
    return shown


def _label(name: str, key: str, titles: Titles) -> str:
    if KINDS[name].terms:
        return titles(KINDS[name].terms, key)
    if name == "file_type":
        return key.upper()
    return {"access_status": _ACCESS, "status": _STATUS}.get(name, {}).get(key, key)
