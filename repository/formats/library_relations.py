"""Other works that a record names, for catalogues: DataCite's relations with an IRI, and references with their text."""

from collections.abc import Iterator
from dataclasses import dataclass

from repository.formats.datacite_relations import related_identifiers
from repository.formats.datacite_terms import RELATED_LABELS
from repository.formats.iris import identifier_iri
from repository.formats.text import plain_title
from repository.records.snapshot import Snapshot

_SCHEMES = {label: scheme for scheme, label in RELATED_LABELS.items()}
_CAPITALS = str.maketrans({chr(code): f" {chr(code + 32)}" for code in range(ord("A"), ord("Z") + 1)})


@dataclass(frozen=True, slots=True)
class Relation:
    """`type` is DataCite's relationType; `iri` is the identifier itself where it leads nowhere."""

    type: str
    scheme: str
    identifier: str
    iri: str
    text: str = ""

    @property
    def phrase(self) -> str:
        """`Is cited by`."""
        if self.type == "Other":
            return "Is related to"
        return self.type[:1] + self.type[1:].translate(_CAPITALS)


def relations(snapshot: Snapshot) -> Iterator[Relation]:
    """Related works and other versions, then references, with the text that a mere identifier would lack."""
    references = list(_references(snapshot))
    cited = {reference.identifier.lower() for reference in references if reference.identifier}
    for entry in related_identifiers(snapshot):
        identifier, kind = entry["relatedIdentifier"], entry["relationType"]
        if kind == "References" and identifier.lower() in cited:
            continue
        scheme = _SCHEMES.get(entry["relatedIdentifierType"], "")
        yield Relation(kind, scheme, identifier, identifier_iri(scheme, identifier) or identifier)
    yield from references


def _references(snapshot: Snapshot) -> Iterator[Relation]:
    for entry in snapshot.metadata.get("references", ()):
        scheme, identifier = entry.get("scheme", ""), entry.get("identifier", "")
        iri = (identifier_iri(scheme, identifier) or identifier) if identifier else ""
        yield Relation("References", scheme, identifier, iri, plain_title(entry.get("reference", "")))
