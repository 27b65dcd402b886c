"""Older and other spellings of DataCite JSON, brought to today's names before they are read.

A field is renamed only where today's name is free: nothing is overwritten, what can't be renamed ends as a note.
"""

import re
from typing import Any

from repository.records.snapshot import Json

FIELDS = frozenset((
    "agency", "alternateIdentifiers", "attributes", "container", "contentUrl", "contributors", "created", "creators",
    "data", "dates", "descriptions", "doi", "formats", "fundingReferences", "geoLocations", "id", "identifier",
    "identifiers", "isActive", "language", "metadataVersion", "prefix", "publicationYear", "published", "publisher",
    "reason", "registered", "relatedIdentifiers", "relatedItems", "relationships", "rightsList", "schemaVersion",
    "sizes", "source", "state", "subjects", "suffix", "titles", "type", "types", "updated", "url", "version", "xml",
))  # fmt: skip
"""The fields of today's documents: one that has no others need not be looked through."""
_OLD_NAMES = {
    "creator": "creators",
    "contributor": "contributors",
    "title": "titles",
    "authors": "creators",
    "format": "formats",
    "size": "sizes",
    "subject": "subjects",
    "description": "descriptions",
    "relevantDates": "dates",
    "geographicCoverage": "geoLocations",
    "fundings": "fundingReferences",
    "publishers": "publisher",
    "publicationDate": "publicationYear",
}
_OLD_ENTRIES = {
    "creators": {"creatorName": "name", "authorName": "name", "authorAffiliation": "affiliation"},
    "contributors": {
        "contributorName": "name",
        "contributorAffiliation": "affiliation",
        "contributorIdentifiers": "nameIdentifiers",
    },
    "dates": {"relevantDateValue": "date", "relevantDateType": "dateType"},
    "relatedIdentifiers": {
        "relatedIdentifierRelation": "relationType",
        "relatedIdentifierScheme": "relatedIdentifierType",
    },
    "fundingReferences": {"fundingName": "funderName", "fundingAwardNumber": "awardNumber"},
}
_NAME_IDENTIFIERS = {
    "contributorIdentifier": "nameIdentifier",
    "contributorIdentifierScheme": "nameIdentifierScheme",
}
_SEPARATOR = re.compile(r"[-_](\w)")


def modernise(document: Json) -> None:
    """Renames the document's fields in place."""
    if not document.keys() <= FIELDS:
        _rename_fields(document)
    types = document.get("types")
    if isinstance(types, dict) and "resourceTypeGeneral" not in types:
        rename(types, {name: _camel(name) for name in types})
    for key, names in _OLD_ENTRIES.items():
        entries = document.get(key)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and not names.keys().isdisjoint(entry):
                rename(entry, names)
    for entry in _entries(document.get("contributors")):
        for identifier in _entries(entry.get("nameIdentifiers")):
            rename(identifier, _NAME_IDENTIFIERS)


def _rename_fields(document: Json) -> None:
    rename(document, {key: _camel(key) for key in document if "-" in key or "_" in key})
    rename(document, _OLD_NAMES)
    kind = document.get("resourceType")
    if isinstance(kind, dict) and "types" not in document:
        document["types"] = document.pop("resourceType")
    publisher = document.get("publisher")
    if isinstance(publisher, dict):
        rename(publisher, {"publisherName": "name"})


def _camel(name: str) -> str:
    return _SEPARATOR.sub(lambda match: match[1].upper(), name)


def rename(entry: Json, names: dict[str, str]) -> None:
    for old, new in names.items():
        if old != new and old in entry and new not in entry:
            entry[new] = entry.pop(old)


def _entries(value: Any) -> list[Json]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
