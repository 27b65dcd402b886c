"""Simple Dublin Core as OAI-PMH carries it (`oai_dc`), with the qualified terms that repositories mix in → deposits.

Specified by: DCMES 1.1 (ISO 15836); OAI-PMH 2.0; OpenAIRE's use of dc:type, dc:rights and dc:relation.
"""

import re

from lxml import etree

from repository.formats.reading import dates, identifiers, languages, names, resource_types, rights
from repository.formats.reading.assembly import Mapped
from repository.formats.reading.intake import Intake, Refused, take, take_entries, take_paragraphs, text
from repository.formats.reading.related import Alternates, Relations
from repository.formats.reading.texts import html
from repository.formats.reading.xml_trees import TEXT, local_name, namespace, tree
from repository.records.snapshot import Json

_NAMESPACES = ("http://www.openarchives.org/OAI/2.0/oai_dc/", "http://purl.org/dc/elements/1.1/")
_SHORTEST = 3
_GRANT = re.compile(r"info:eu-repo/grantAgreement/([^/]+)/([^/]*)/([^/]+)(/.*)?", re.IGNORECASE)
_LIKE_DATE = re.compile(r"\d{3}|\bcentury\b|\bb\.?c\b", re.IGNORECASE)
_QUALIFIED_DATES = {"created": "created", "modified": "updated", "issued": "issued", "available": "available"}
Entry = tuple[str, str, Json]
"""Path in the document, text, and the object it came from with whatever else that has (a language, a type)."""


def recognises(element: etree._Element) -> bool:
    return local_name(element) == "dc" and namespace(element) in _NAMESPACES


def document_of(element: etree._Element) -> Json:
    document = tree(element)
    if not isinstance(document, dict):
        raise Refused("dc", "is empty")
    return document


def read(document: Json, intake: Intake) -> Mapped:
    """Takes the document apart; what the model has no place for is kept by `intake`."""
    mapped = Mapped()
    metadata = mapped.metadata
    _map_titles(document, metadata, intake)
    metadata["creators"] = names.creators(_as_names(document, "creator"), intake, "creator")
    metadata["contributors"] = names.contributors(_as_names(document, "contributor"), intake, "contributor")
    _map_descriptions(document, metadata, intake)
    _map_dates(document, mapped, intake)
    metadata["resource_type"] = _take_type(document, intake)
    metadata["subjects"] = [{"subject": said} for _, said, _ in _entries(document, intake, "subject")]
    publishers = _entries(document, intake, "publisher")
    metadata["publisher"] = publishers[0][1] if publishers else ""
    for path, said, _ in publishers[1:]:
        intake.keep(path, said)
    metadata["formats"] = [said for _, said, _ in _entries(document, intake, "format")]
    metadata["languages"] = languages.read(_as_texts(document, "language"), intake, "language")
    metadata["rights"] = rights.read(_as_rights(document), intake, "rights", "rights.uri", "license")
    _map_identifiers(document, mapped, intake)
    _map_relations(document, mapped, intake)
    _map_coverage(document, metadata, intake)
    intake.keep("", document)
    return mapped


def _entries(document: Json, intake: Intake, *keys: str, paragraphs: bool = False) -> list[Entry]:
    """All texts of the elements `keys`, which it takes; what an element has besides (a language) is kept."""
    found: list[Entry] = []
    for path, value in take_entries(document, *keys):
        entry = {TEXT: value} if isinstance(value, str) else value
        if isinstance(entry, dict) and (said := take_paragraphs(entry, TEXT) if paragraphs else take(entry, TEXT)):
            found.append((path, said, entry))
        else:
            intake.keep(path, entry)
    if not paragraphs:
        for path, _, entry in found:
            intake.keep(path, entry)
    return found


def _as(document: Json, key: str, inner: str) -> Json:
    """The document, its elements `key` as `{inner: text}` where they have attributes."""
    for entry in document.get(key, []) if isinstance(document.get(key), list) else [document.get(key)]:
        if isinstance(entry, dict) and inner not in entry and TEXT in entry:
            entry[inner] = entry.pop(TEXT)
    return document


def _as_names(document: Json, key: str) -> Json:
    return _as(document, key, "name")


def _as_rights(document: Json) -> Json:
    for key in ("rights", "rights.uri", "license"):
        _as(document, key, "rights")
    return document


def _as_texts(document: Json, key: str) -> Json:
    """The document, its elements `key` as texts; their attributes under `<key>@<name>`."""
    value = document.get(key)
    values = value if isinstance(value, list) else [value]
    for number, entry in enumerate(values):
        if isinstance(entry, dict) and TEXT in entry:
            values[number] = entry.pop(TEXT)
            document |= {f"{key}.{number}@{name}": inner for name, inner in entry.items()}
    if value is not None:
        document[key] = values
    return document


def _map_titles(document: Json, metadata: Json, intake: Intake) -> None:
    additional = []
    for path, said, entry in _entries(document, intake, "title", "alternative", paragraphs=True):
        title = text(said)
        if len(title) < _SHORTEST:
            intake.keep(path, title)
        elif "title" not in metadata:
            metadata["title"] = title
        else:
            kind = "alternative-title" if path.startswith("alternative") else "other"
            additional.append(_with_lang(path, {"title": title, "type": {"id": kind}}, entry, intake))
        intake.keep(path, entry)
    metadata["additional_titles"] = additional


def _map_descriptions(document: Json, metadata: Json, intake: Intake) -> None:
    additional = []
    for path, said, entry in _entries(document, intake, "abstract", "description", paragraphs=True):
        if len(said) < _SHORTEST:
            intake.keep(path, said)
        elif "description" not in metadata:
            metadata["description"] = html(said)
        else:
            found = {"description": html(said), "type": {"id": "other"}}
            additional.append(_with_lang(path, found, entry, intake))
        intake.keep(path, entry)
    metadata["additional_descriptions"] = additional


def _with_lang(path: str, found: Json, entry: Json, intake: Intake) -> Json:
    if language := languages.term(take(entry, "lang"), f"{path}.lang", intake):
        found["lang"] = language
    return found


def _map_dates(document: Json, mapped: Mapped, intake: Intake) -> None:
    """The date of publication is the first one that has no time of day: DSpace sends when a record was accessioned
    and made available, with their times, before the date of issue."""
    found: list[tuple[str, dates.Read, str]] = []
    for key in ("date", *_QUALIFIED_DATES):
        for path, said, _ in _entries(document, intake, key):
            read = dates.read(said)
            if read is None:
                intake.change("date-kept-as-note")
                intake.keep(path, said)
                continue
            if not read.exact:
                intake.change("date")
                intake.keep(path, said)
            found.append((_QUALIFIED_DATES.get(key, "other"), read, key))
    plain = [entry for entry in found if entry[2] in ("date", "issued")]
    chosen = next((entry for entry in plain if "T" not in entry[1].edtf), plain[0] if plain else None)
    if chosen:
        mapped.metadata["publication_date"] = chosen[1].day
    mapped.other_dates += [read.day for _, read, _ in found]
    mapped.metadata["dates"] = [
        {"date": read.edtf, "type": {"id": kind}}
        for kind, read, key in found
        if chosen is None or read.edtf != chosen[1].day
    ]


def _take_type(document: Json, intake: Intake) -> Json | None:
    """The most telling of the types; all that the term does not say are kept."""
    said = _entries(document, intake, "type")
    known = [(found, path) for path, word, _ in said if (found := resource_types.of_text(word, intake))]
    known = [entry for entry in known if intake.known.has("resourcetypes", entry[0])]
    chosen = next((entry for entry in known if entry[0] not in resource_types.VAGUE), known[0] if known else None)
    for path, word, _ in said:
        if chosen is None or not resource_types.says_the_same(word, chosen[0]):
            intake.keep(path, word)
    if chosen:
        return {"id": chosen[0]}
    if said:
        intake.change("resource-type")
        return {"id": "other"}
    return None


def _map_identifiers(document: Json, mapped: Mapped, intake: Intake) -> None:
    """The first DOI is the document's own."""
    found = _entries(document, intake, "identifier")
    mapped.doi = next((doi for _, said, _ in found if (doi := identifiers.parse_doi(said))), "")
    alternates = Alternates(mapped.doi)
    for path, said, _ in found:
        alternates.add(path, said, "", intake)
    mapped.metadata["identifiers"] = alternates.all()


def _map_relations(document: Json, mapped: Mapped, intake: Intake) -> None:
    """dc:relation, dc:source and their refinements, where they are identifiers; grants; other texts become notes."""
    relations = Relations()
    funding: list[Json] = []
    for key, relation in (("relation", "other"), ("source", "isderivedfrom"), ("isPartOf", "ispartof")):
        for path, said, _ in _entries(document, intake, key):
            if grant := _GRANT.fullmatch(said):
                funding.append(_grant(grant))
                intake.keep(path, said)
                continue
            identifier, scheme = identifiers.detect(said)
            if scheme == "other":
                intake.keep(path, said)
            else:
                fitting = "ispartof" if scheme in ("issn", "isbn") else relation
                known = intake.known.has("relationtypes", fitting)
                relations.add(identifier, scheme, fitting if known else "other", "", intake)
    mapped.metadata["related_identifiers"] = relations.all()
    mapped.metadata["funding"] = funding


def _grant(grant: re.Match[str]) -> Json:
    """Specified by: OpenAIRE Guidelines for Literature Repositories 3, projectID."""
    funder, program, number, _ = grant.groups()
    award = {"number": number}
    if program:
        award["program"] = program
    return {"funder": {"name": "European Commission" if funder.upper() == "EC" else funder}, "award": award}


def _map_coverage(document: Json, metadata: Json, intake: Intake) -> None:
    """Places; what looks like a time becomes a note."""
    features = []
    for path, said, _ in _entries(document, intake, "coverage", "spatial"):
        if _LIKE_DATE.search(said):
            intake.keep(path, said)
        else:
            features.append({"place": said})
    if features:
        metadata["locations"] = {"features": features}
