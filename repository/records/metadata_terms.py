"""Vocabulary terms in metadata: which ones a body names, and their titles and properties for answers and snapshots.

The results share the terms' own objects (titles, props): they are not to be changed.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from repository.records.custom_fields import BUNDLES, CustomFields
from repository.records.metadata import FIELDS
from repository.records.snapshot import Json
from repository.records.vocabularies import SPECIFIC, Reference, Terms

_LONGEST_ID = 512
_PLACES: tuple[tuple[str, str, str], ...] = (
    ("resource_type", "", "resourcetypes"),
    ("creators", "role", "creatorsroles"),
    ("creators", "affiliations", "affiliations"),
    ("additional_titles", "type", "titletypes"),
    ("additional_titles", "lang", "languages"),
    ("subjects", "", "subjects"),
    ("contributors", "role", "contributorsroles"),
    ("contributors", "affiliations", "affiliations"),
    ("dates", "type", "datetypes"),
    ("languages", "", "languages"),
    ("related_identifiers", "relation_type", "relationtypes"),
    ("related_identifiers", "resource_type", "resourcetypes"),
    ("rights", "", "licenses"),
    ("additional_descriptions", "type", "descriptiontypes"),
    ("additional_descriptions", "lang", "languages"),
    ("funding", "funder", "funders"),
    ("funding", "award", "awards"),
)
"""(field, part, vocabulary): where metadata name terms; a part may be an object or a list of them."""


def _objects(value: Any) -> Iterator[Json]:
    for entry in value if type(value) is list else (value,):
        if type(entry) is dict:
            yield entry


def _named(metadata: Json) -> Iterator[Reference]:
    for field, part, vocabulary in _PLACES:
        value = metadata.get(field)
        if value is None:
            continue
        for entry in _objects(value):
            for named in _objects(entry.get(part)) if part else (entry,):
                name = named.get("id")
                if type(name) is str and name:
                    yield vocabulary, name


def _named_in_custom(value: Any, fields: CustomFields) -> Iterator[Reference]:
    if type(value) is not dict:
        return
    for name, part in value.items():
        custom = fields.get(name) if type(name) is str else None
        if custom is None or not custom.vocabulary:
            continue
        for entry in _objects(part):
            if type(entry.get("id")) is str:
                yield custom.vocabulary, entry["id"]


def references(body: Any, fields: CustomFields = BUNDLES) -> frozenset[Reference]:
    """The terms that a request body names, to be looked up at once; whatever shape the body has.

    Ids that no term can have (too long, with control characters) are left out, so that none of them reaches a database.
    """
    if type(body) is not dict:
        return frozenset()
    metadata = body.get("metadata")
    found = set(_named(metadata)) if type(metadata) is dict else set()
    found.update(_named_in_custom(body.get("custom_fields"), fields))
    return frozenset(
        reference for reference in found if len(reference[1]) <= _LONGEST_ID and reference[1].isprintable()
    )


def _picked(term: Json, *keys: str) -> Json:
    return {key: term[key] for key in keys if term.get(key)}


def _generic(entry: Json, term: Json) -> Json:
    return {**entry, "title": term["title"]} if "title" in term else entry


def _affiliation(entry: Json, term: Json) -> Json:
    return {**entry, **_picked(term, "name", "identifiers")}


def _funder(entry: Json, term: Json) -> Json:
    return {**entry, **_picked(term, "name")}


def _award(entry: Json, term: Json) -> Json:
    keys = ("number", "title", "identifiers", "acronym", "program", "subjects", "organizations")
    return {**entry, **_picked(term, *keys)}


def _subject(entry: Json, term: Json) -> Json:
    return {**entry, **_picked(term, "subject", "scheme", "title", "props", "identifiers")}


def _licence(entry: Json, term: Json) -> Json:
    props = _picked(term.get("props") or {}, "url", "scheme")
    return {**entry, **_picked(term, "title", "description", "icon"), **({"props": props} if props else {})}


_SPECIFIC: Mapping[str, Callable[[Json, Json], Json]] = {
    "affiliations": _affiliation,
    "awards": _award,
    "funders": _funder,
    "licenses": _licence,
    "subjects": _subject,
}


def _resolved(entry: Any, vocabulary: str, terms: Terms) -> Any:
    if type(entry) is list:
        return [_resolved(part, vocabulary, terms) for part in entry]
    if type(entry) is not dict or "id" not in entry:
        return entry
    term = terms.get((vocabulary, entry["id"]))
    return entry if term is None else _SPECIFIC.get(vocabulary, _generic)(entry, term)


def _resolved_parts(value: Any, parts: Mapping[str, str], terms: Terms) -> Any:
    """A field with the named parts of each of its entries resolved."""
    if not parts:
        return value
    if "" in parts:
        return _resolved(value, parts[""], terms)
    return [
        {key: _resolved(part, parts[key], terms) if key in parts else part for key, part in entry.items()}
        for entry in value
    ]


_PARTS = {
    field: {part: vocabulary for place, part, vocabulary in _PLACES if place == field}
    for field in FIELDS
}  # fmt: skip


def resolve(metadata: Json, custom_fields: Json, terms: Terms, fields: CustomFields = BUNDLES) -> tuple[Json, Json]:
    """Stored metadata and custom fields with what InvenioRDM shows of each term: titles, names, props of licences."""
    shown = {field: _resolved_parts(metadata[field], _PARTS[field], terms) for field in FIELDS if field in metadata}
    custom = {
        name: _resolved(value, fields[name].vocabulary, terms) if name in fields and fields[name].vocabulary else value
        for name, value in custom_fields.items()
    }
    return shown, custom


def term_props(
    metadata: Json, custom_fields: Json, terms: Terms, fields: CustomFields = BUNDLES
) -> dict[str, dict[str, Mapping[str, str]]]:
    """Properties of the generic terms and subjects in use, for `Snapshot.props`: type → id → props."""
    used: dict[str, dict[str, Mapping[str, str]]] = {}
    named = list(_named(metadata))
    named += _named_in_custom(custom_fields, fields)
    for vocabulary, name in named:
        if vocabulary in SPECIFIC and vocabulary != "subjects":
            continue
        props = terms.get((vocabulary, name), {}).get("props")
        if props:
            used.setdefault(vocabulary, {})[name] = props
    return used
