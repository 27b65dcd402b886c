"""MARC's linking entries, 765 to 787: what a work is in, and what it belongs with."""

from collections.abc import Iterator

from repository.formats.containers import Container, containers
from repository.formats.dates import year
from repository.formats.library_relations import Relation, relations
from repository.formats.marc_fields import field, tidy
from repository.records.snapshot import Snapshot

_TAGS = {
    "IsTranslationOf": "765",
    "HasTranslation": "767",
    "IsSupplementedBy": "770",
    "IsSupplementTo": "772",
    "IsPartOf": "773",
    "IsPublishedIn": "773",
    "HasPart": "774",
    "HasVersion": "775",
    "IsVersionOf": "775",
    "IsIdenticalTo": "776",
    "IsOriginalFormOf": "776",
    "IsVariantFormOf": "776",
    "IsDerivedFrom": "786",
}
_CHRONOLOGICAL = {
    "Continues": ("780", "00"),
    "IsNewVersionOf": ("780", "02"),
    "Obsoletes": ("780", "02"),
    "IsContinuedBy": ("785", "00"),
    "IsPreviousVersionOf": ("785", "02"),
    "IsObsoletedBy": ("785", "02"),
}
"""Tag and indicators: 0 continues, 2 supersedes."""
HOSTS = ("ispartof", "ispublishedin")
"""Relation types of what a work is in."""


def hosts(snapshot: Snapshot) -> list[Container]:
    """Journal and book that the work is in; a meeting is a name (711)."""
    return [container for container in containers(snapshot) if container.kind != "ConferenceProceeding"]


def linking_fields(snapshot: Snapshot) -> Iterator[str]:
    for container in hosts(snapshot):
        yield _host(container, year(snapshot.metadata.get("publication_date", "")))
    for relation in relations(snapshot):
        yield _link(relation)


def _host(container: Container, published: str) -> str:
    numbers = [("Volume", container.volume), ("issue", container.issue)]
    named = ", ".join(f"{word} {number}" for word, number in numbers if number)
    when = f" ({published})" if named and published else ""
    pages = f"pages {container.pages}" if container.pages else ""
    enumeration = ":".join(filter(None, (container.volume, container.issue)))
    serial = container.kind == "Journal"
    return field(
        "773",
        "0 ",
        ("t", container.title),
        ("b", container.edition),
        ("d", container.place),
        ("g", ", ".join(filter(None, (named + when, pages)))),
        ("q", f"{enumeration}<{container.first_page}" if enumeration and container.first_page else enumeration),
        ("x" if serial else "z", container.identifier),
        ("7", "nnas" if serial else "nnam"),
    )


def _link(relation: Relation) -> str:
    """One entry; where the indicator says what the relation is, no words say it again."""
    code = "x" if relation.scheme in ("issn", "eissn", "lissn") else "z" if relation.scheme == "isbn" else "o"
    number = relation.iri if code == "o" else relation.identifier
    if relation.type in _CHRONOLOGICAL:
        return field(*_CHRONOLOGICAL[relation.type], (code, number))
    if not tidy(relation.text + number):
        return ""
    tag = _TAGS.get(relation.type, "787")
    return field(tag, "08", ("i", f"{relation.phrase}:"), ("n", relation.text), (code, number))
