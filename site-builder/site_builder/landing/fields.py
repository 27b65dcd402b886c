"""Dates, places and custom fields of a landing page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from repository.api.localised import title
from repository.formats.iris import clean_iri, clickable, identifier_iri
from repository.records.custom_fields import CustomField, CustomFields
from repository.records.snapshot import Json
from site_builder.landing.geography import coordinates_text, shapes
from site_builder.landing.links import Link, Row, identifier_link
from site_builder.texts import Texts, date_text


@dataclass(frozen=True, slots=True)
class Place:
    name: Link
    description: str
    coordinates: str
    """`55.68° N, 12.57° E`, or the corners of the box around it; empty where not known."""


def dates(metadata: Json, texts: Texts) -> tuple[Row, ...]:
    return tuple(
        Row(
            title(entry.get("type") or {}, texts.language),
            (Link(date_text(entry["date"], texts.language), note=entry.get("description") or ""),),
        )
        for entry in metadata.get("dates", ())
    )


def places(metadata: Json, texts: Texts) -> tuple[Place, ...]:
    return tuple(_place(feature, texts) for feature in (metadata.get("locations") or {}).get("features", ()))


def _place(feature: Json, texts: Texts) -> Place:
    known = (
        clickable(identifier_iri(entry["scheme"], entry["identifier"])) for entry in feature.get("identifiers") or ()
    )
    name = Link(feature.get("place") or texts.place, next(filter(None, known), ""))
    coordinates = coordinates_text(shapes(feature.get("geometry") or {}), texts)
    return Place(name, feature.get("description") or "", coordinates)


def custom_fields(values: Json, fields: CustomFields, texts: Texts) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Groups of rows in the order of the instance's fields: single ones first, without a heading, then each bundle."""
    single: list[Row] = []
    groups: list[tuple[str, tuple[Row, ...]]] = []
    for name in sorted(values, key=_order(fields)):
        value, field = values[name], fields.get(name)
        label = _label(field, name, texts.language)
        if isinstance(value, dict) and (field is None or field.kind == "bundle"):
            groups.append((label, tuple(_parts(value, texts))))
        else:
            single.append(Row(label, tuple(_values(value, field, texts))))
    return ((("", tuple(single)),) if single else ()) + tuple(groups)


def _order(known: Iterable[str]) -> Callable[[str], tuple[int, str]]:
    """Sorts names as they are known, then the others."""
    places = {name: place for place, name in enumerate(known)}
    return lambda name: (places.get(name, len(places)), name)


def _label(field: CustomField | None, name: str, language: str) -> str:
    label = field.label if field else {}
    return label.get(language) or label.get("en") or name


def _parts(bundle: Json, texts: Texts) -> Iterable[Row]:
    for part in sorted(bundle, key=_order(texts.bundle_parts)):
        value = bundle[part]
        label = texts.bundle_parts.get(part, part)
        if part == "identifiers":
            yield Row(label, tuple(identifier_link(entry) for entry in value))
        elif part == "url":
            yield Row(label, (Link(str(value), clickable(clean_iri(str(value)))),))
        elif part.startswith("date_"):
            yield Row(label, (Link(date_text(str(value), texts.language)),))
        else:
            yield Row(label, (Link(str(value)),))


def _values(value: Any, field: CustomField | None, texts: Texts) -> Iterable[Link]:
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield Link(title(entry, texts.language))
        elif isinstance(entry, bool):
            yield Link(texts.yes if entry else texts.no)
        elif field is not None and field.kind == "url":
            yield Link(str(entry), clickable(clean_iri(str(entry))))
        elif field is not None and field.kind in ("edtf_date", "iso_date"):
            yield Link(date_text(str(entry), texts.language))
        else:
            yield Link(str(entry))
