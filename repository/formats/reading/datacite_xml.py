"""DataCite XML, kernels 2 to 4.7 in any namespace, and OpenAIRE's literature profile of it → deposits.

An element becomes the JSON that says the same, and the mapping of `datacite_json` does the rest.
Specified by: DataCite Metadata Schema 2.0–4.7 (XML); OpenAIRE Guidelines for Literature Repositories 4.
"""

from typing import Any

from lxml import etree

from repository.formats.reading import datacite_json
from repository.formats.reading.assembly import Mapped
from repository.formats.reading.datacite_dialects import rename
from repository.formats.reading.intake import Intake, Refused
from repository.formats.reading.xml_trees import TEXT, local_name, namespace, tree
from repository.records.snapshot import Json

_NAMESPACES = (
    "http://datacite.org/schema/kernel-",
    "http://namespace.openaire.eu/schema/oaire/",
    "https://schema.datacite.org/",
)
_LISTS = {
    "creators": ("creator", ""),
    "contributors": ("contributor", ""),
    "titles": ("title", "title"),
    "subjects": ("subject", "subject"),
    "dates": ("date", "date"),
    "alternateIdentifiers": ("alternateIdentifier", "alternateIdentifier"),
    "relatedIdentifiers": ("relatedIdentifier", "relatedIdentifier"),
    "sizes": ("size", ""),
    "formats": ("format", ""),
    "rightsList": ("rights", "rights"),
    "descriptions": ("description", "description"),
    "geoLocations": ("geoLocation", ""),
    "fundingReferences": ("fundingReference", ""),
    "relatedItems": ("relatedItem", ""),
}
"""List element → (its entries, the field that an entry's own text is)."""
_URIS = {name + "URI": name + "Uri" for name in ("scheme", "rights", "value", "award")}
_OUTSIDE_LISTS = {
    "title": "titles",
    "date": "dates",
    "format": "formats",
    "size": "sizes",
    "description": "descriptions",
}
"""Entries that OpenAIRE's profile and old kernels have without a list around them."""


def recognises(element: etree._Element) -> bool:
    return local_name(element) == "resource" and (not namespace(element) or namespace(element).startswith(_NAMESPACES))


def document_of(element: etree._Element) -> Json:
    """The element as DataCite JSON, as far as the two have the same; the rest under its own names."""
    document = tree(element)
    if not isinstance(document, dict):
        raise Refused("resource", "is empty")
    for key, (entry_name, text_name) in _LISTS.items():
        if key in document and key != entry_name:
            document[key] = _entries(document, key, entry_name, text_name)
    for old, key in _OUTSIDE_LISTS.items():
        if old in document and key not in document:
            document[key] = [_entry(value, _LISTS[key][1]) for value in _listed(document.pop(old))]
    if "rights" in document and "rightsList" not in document:
        document["rightsList"] = [_entry(value, "rights") for value in _listed(document.pop("rights"))]
    _convert_single(document)
    _convert_people(document)
    return document


def read(document: Json, intake: Intake) -> Mapped:
    return datacite_json.read(document, intake)


def _entries(document: Json, key: str, entry_name: str, text_name: str) -> list[Any]:
    """The entries of a list element; whatever else is in it becomes an entry as well, under its own name."""
    value = document[key]
    found: list[Any] = []
    for part in _listed(value):
        if not isinstance(part, dict):
            found.append({TEXT: part})
            continue
        found += [_entry(entry, text_name) for entry in _listed(part.pop(entry_name, []))]
        if part:
            found.append(part)
    return found


def _entry(value: Any, text_name: str) -> Any:
    if isinstance(value, dict):
        rename(value, _URIS)
        if text_name:
            rename(value, {TEXT: text_name})
    return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _convert_single(document: Json) -> None:
    """`identifier`, `resourceType` and `publisher`: text with attributes → the object of that name in JSON."""
    identifiers = [_entry(value, "identifier") for value in _listed(document.pop("identifier", []))]
    if identifiers:
        document["identifiers"] = identifiers
    kind = document.pop("resourceType", None)
    if kind is not None:
        document["types"] = _entry(kind, "resourceType") if isinstance(kind, dict) else {"resourceType": kind}
    publisher = document.get("publisher")
    if isinstance(publisher, dict):
        _entry(publisher, "name")
    for entry in _listed(document.get("fundingReferences", [])):
        if isinstance(entry, dict):
            for key in ("funderIdentifier", "awardNumber"):
                _lift(entry, key)
    for entry in _listed(document.get("relatedItems", [])):
        if isinstance(entry, dict):
            _convert_item(entry)


def _convert_item(item: Json) -> None:
    """A related item has lists of its own."""
    for key in ("titles", "creators", "contributors"):
        if key in item:
            item[key] = _entries(item, key, *_LISTS[key])
    _lift(item, "relatedItemIdentifier")
    _convert_people(item)


def _convert_people(document: Json) -> None:
    for key, name in (("creators", "creatorName"), ("contributors", "contributorName")):
        for person in _listed(document.get(key, [])):
            if not isinstance(person, dict):
                continue
            _lift(person, name)
            rename(person, {name: "name"})
            for part, text_name in (("nameIdentifier", "nameIdentifier"), ("affiliation", "name")):
                if part in person:
                    person[part] = [_entry(value, text_name) for value in _listed(person[part])]


def _lift(entry: Json, key: str) -> None:
    """`{key: {#text, a}}` as `{key: text, a}`, as far as nothing is overwritten."""
    inner = entry.get(key)
    if not isinstance(inner, dict) or TEXT not in inner:
        return
    _entry(inner, key)
    for name in list(inner):
        if name != key and name not in entry:
            entry[name] = inner.pop(name)
    if len(inner) == 1:
        entry[key] = inner[key]
