"""Related works of a record in DataCite's terms: those the depositor named, references, and its other versions."""

from collections.abc import Iterator

from repository.formats.datacite_terms import RELATED_LABELS, RELATION_TYPES, RESOURCE_TYPES
from repository.formats.iris import identifier_iri
from repository.records.snapshot import Json, Snapshot
from repository.records.visibility import visible_versions


def related_identifiers(snapshot: Snapshot) -> list[Json]:
    """Each (identifier, relation) once, in the order in which they are found."""
    found: dict[tuple[str, str], Json] = {}
    for entry in (*_named(snapshot), *_references(snapshot), *_versions(snapshot)):
        found.setdefault((entry["relatedIdentifier"].lower(), entry["relationType"]), entry)
    return list(found.values())


def _entry(scheme: str, identifier: str, relation: str) -> Json | None:
    """None if DataCite has no word for the scheme and the identifier leads nowhere either."""
    label = RELATED_LABELS.get(scheme)
    if not label:
        label, identifier = "URL", identifier_iri(scheme, identifier)
    if not identifier:
        return None
    return {"relatedIdentifier": identifier, "relatedIdentifierType": label, "relationType": relation}


def _named(snapshot: Snapshot) -> Iterator[Json]:
    for work in snapshot.metadata.get("related_identifiers", ()):
        relation = snapshot.prop("relationtypes", work["relation_type"]["id"], "datacite")
        entry = _entry(work.get("scheme", ""), work["identifier"], relation if relation in RELATION_TYPES else "Other")
        if entry is None:
            continue
        if work.get("resource_type"):
            kind = snapshot.prop("resourcetypes", work["resource_type"]["id"], "datacite_general")
            entry |= {"resourceTypeGeneral": kind} if kind in RESOURCE_TYPES else {}
        yield entry


def _references(snapshot: Snapshot) -> Iterator[Json]:
    for reference in snapshot.metadata.get("references", ()):
        if reference.get("identifier") and reference.get("scheme") in RELATED_LABELS:
            entry = _entry(reference["scheme"], reference["identifier"], "References")
            if entry:
                yield entry


def _versions(snapshot: Snapshot) -> Iterator[Json]:
    parent = snapshot.parent.get("pids", {}).get("doi", {}).get("identifier", "")
    found = [("IsVersionOf", parent)]
    for version in visible_versions(snapshot):
        if version.state == "published" and version.index == snapshot.index - 1:
            found.append(("IsNewVersionOf", version.doi))
        elif version.state == "published" and version.index == snapshot.index + 1:
            found.append(("IsPreviousVersionOf", version.doi))
    for relation, doi in found:
        if doi:
            yield {"relatedIdentifier": doi, "relatedIdentifierType": "DOI", "relationType": relation}
