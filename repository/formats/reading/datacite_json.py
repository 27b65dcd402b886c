"""DataCite JSON, as the API answers it and as it is found in the wild, older dialects included → deposits.

Specified by: DataCite Metadata Schema 4.7; DataCite REST API (JSON:API resource `dois`).
"""

from typing import Any

from repository.formats.reading import funding, languages, names, places, resource_types, rights
from repository.formats.reading.assembly import Mapped
from repository.formats.reading.containers import take_container
from repository.formats.reading.datacite_dates import take_dates
from repository.formats.reading.datacite_dialects import modernise
from repository.formats.reading.datacite_texts import take_descriptions, take_titles
from repository.formats.reading.identifiers import parse_doi
from repository.formats.reading.intake import Intake, drop_constants, take, take_constant, take_entries, text
from repository.formats.reading.related import Alternates, Relations
from repository.records.snapshot import Json

_LONGEST_VERSION = 191
MARKS = frozenset((
    "attributes", "titles", "creators", "types", "doi", "identifiers", "schemaVersion", "publicationYear", "publisher",
    "resourceType",
))  # fmt: skip
"""Of these fields, a DataCite document has at least one."""


def recognises(document: Json) -> bool:
    """Whether an object may be DataCite JSON: it has one of the fields that nearly all have, or wraps one."""
    if not MARKS.isdisjoint(document):
        return True
    inner = document.get("data")
    return isinstance(inner, dict) and isinstance(inner.get("attributes"), dict)


def read(document: Json, intake: Intake) -> Mapped:
    """Takes the document apart; what the model has no place for is kept by `intake`."""
    envelope, attributes = _unwrap(document)
    modernise(attributes)
    drop_constants(attributes)
    mapped = Mapped(doi=_take_doi(attributes))
    _map_metadata(attributes, mapped, intake)
    intake.keep("", attributes)
    if envelope is not attributes:
        drop_constants(envelope)
        if mapped.doi and text(envelope.get("id")).lower() == mapped.doi.lower():
            del envelope["id"]
        intake.keep("", envelope)
    return mapped


def _unwrap(document: Json) -> tuple[Json, Json]:
    """(JSON:API resource, its attributes) of `{data: {attributes}}`, `{attributes}` or a bare document."""
    inner = document.get("data")
    if isinstance(inner, dict) and isinstance(inner.get("attributes"), dict):
        del document["data"]
        document = inner | {key: value for key, value in document.items() if key not in inner}
    attributes = document.get("attributes")
    if isinstance(attributes, dict):
        del document["attributes"]
        return document, attributes
    return document, document


def _map_metadata(document: Json, mapped: Mapped, intake: Intake) -> None:
    metadata = mapped.metadata
    metadata["resource_type"] = _take_type(document, intake)
    metadata["creators"] = names.creators(document, intake, "creators")
    metadata["contributors"] = names.contributors(document, intake, "contributors")
    take_titles(document, metadata, intake)
    take_descriptions(document, metadata, intake)
    metadata["publisher"] = _take_publisher(document, intake)
    take_dates(document, mapped, intake)
    metadata["subjects"] = _take_subjects(document, intake)
    metadata["languages"] = languages.read(document, intake, "language", "languages")
    metadata["sizes"] = _take_list(document, intake, "sizes")
    metadata["formats"] = _take_list(document, intake, "formats")
    if len(text(document.get("version"))) <= _LONGEST_VERSION:
        metadata["version"] = take(document, "version")
    metadata["copyright"] = rights.take_copyright(document, "rightsList")
    metadata["rights"] = rights.read(document, intake, "rightsList", "rights")
    if features := places.read(document, intake, "geoLocations"):
        metadata["locations"] = {"features": features}
    metadata["funding"] = funding.read(document, intake, "fundingReferences")
    _take_identifiers(document, mapped, intake)
    _take_relations(document, mapped, intake)


def _take_doi(document: Json) -> str:
    """The document's DOI: `doi`, else the first one among `identifiers`, `identifier` and `id`. Others stay."""
    if doi := parse_doi(text(document.get("doi"))):
        del document["doi"]
    else:
        for value in (document.get("identifiers"), document.get("identifier"), document.get("id")):
            for entry in value if isinstance(value, list) else (value,):
                said = (entry.get("identifier") or entry.get("Identifier")) if isinstance(entry, dict) else entry
                doi = doi or parse_doi(text(said))
    prefix, _, suffix = doi.lower().partition("/")
    if doi and text(document.get("prefix")) == prefix and text(document.get("suffix")).lower() == suffix:
        del document["prefix"], document["suffix"]
    return doi


def _take_type(document: Json, intake: Intake) -> Json | None:
    types = document.get("types")
    if not isinstance(types, dict):
        return None
    general, said = take(types, "resourceTypeGeneral"), take(types, "resourceType")
    return resource_types.of_datacite(general, said, "types", intake)


def _take_publisher(document: Json, intake: Intake) -> str:
    value = document.get("publisher")
    return take(value, "name") if isinstance(value, dict) else take(document, "publisher")


def _take_subjects(document: Json, intake: Intake) -> list[Json]:
    """Terms of the vocabulary, known by their IRI, and free words; what else is said of them is kept."""
    found = []
    for path, value in take_entries(document, "subjects"):
        entry = {"subject": value} if isinstance(value, str) else value
        if isinstance(entry, dict) and intake.known.has("subjects", term := text(entry.get("valueUri"))):
            del entry["valueUri"]
            take_constant(entry, "subjectScheme", (intake.known.subject_schemes[term].lower(),))
            take_constant(entry, "subject", (intake.known.names["subjects", term].lower(),))
            found.append({"id": term})
        elif isinstance(entry, dict) and (said := take(entry, "subject")):
            found.append({"subject": said})
        intake.keep(path, entry)
    return found


def _take_list(document: Json, intake: Intake, key: str) -> list[str]:
    found = []
    for path, value in take_entries(document, key):
        if said := text(value):
            found.append(said)
        else:
            intake.keep(path, value)
    return found


def _take_identifiers(document: Json, mapped: Mapped, intake: Intake) -> None:
    alternates = Alternates(mapped.doi)
    alternates.take(document, intake, "alternateIdentifiers", ("alternateIdentifier",), "alternateIdentifierType")
    alternates.take(document, intake, "identifiers", ("identifier", "Identifier"), "identifierType")
    for key, claim in (("doi", "DOI"), ("identifier", ""), ("url", "URL"), ("id", "")):
        value: Any = document.get(key)
        if isinstance(value, dict) and key == "identifier":
            document[key] = [value]
            alternates.take(document, intake, key, (key,), "identifierType")
        elif said := take(document, key):
            alternates.add(key, said, claim, intake)
    mapped.source, mapped.oai = alternates.source, alternates.oai
    mapped.metadata["identifiers"] = alternates.all()


def _take_relations(document: Json, mapped: Mapped, intake: Intake) -> None:
    relations = Relations()
    relations.take(document, intake, "relatedIdentifiers")
    container = document.get("container")
    if isinstance(container, dict) and take_container(container, text(container.get("type")), mapped.custom_fields):
        del container["type"]
    for path, value in take_entries(document, "relatedItems"):
        if isinstance(value, dict):
            published_in = text(value.get("relationType")) == "IsPublishedIn"
            kind = text(value.get("relatedItemType"))
            is_container = published_in and take_container(value, kind, mapped.custom_fields)
            relations.take_item(path, value, intake)
            if is_container:
                for key in ("relatedItemType", "relationType"):
                    value.pop(key, None)
        intake.keep(path, value)
    mapped.metadata["related_identifiers"] = relations.all()
