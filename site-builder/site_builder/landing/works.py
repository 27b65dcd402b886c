"""Other works that a record names: identifiers of its own, related works, references, grants."""

from dataclasses import dataclass

from repository.api.localised import title
from repository.formats.iris import clickable, identifier_iri, organisation_iri
from repository.formats.schema_org_parts import award_iri
from repository.records.snapshot import Json
from site_builder.landing.links import Link, Row, identifier_link
from site_builder.texts import Texts


@dataclass(frozen=True, slots=True)
class Grant:
    funder: Link
    award: Link | None


def identifiers(metadata: Json) -> tuple[Link, ...]:
    """Names that the record has elsewhere."""
    return tuple(identifier_link(entry) for entry in metadata.get("identifiers", ()))


def related(metadata: Json, language: str) -> tuple[Row, ...]:
    """Related works by relation, in the order in which relations first occur."""
    found: dict[str, list[Link]] = {}
    for entry in metadata.get("related_identifiers", ()):
        kind = title(entry["resource_type"], language) if entry.get("resource_type") else ""
        found.setdefault(title(entry["relation_type"], language), []).append(identifier_link(entry, kind))
    return tuple(Row(relation, tuple(links)) for relation, links in found.items())


def references(metadata: Json) -> tuple[Link, ...]:
    return tuple(
        Link(entry["reference"], clickable(identifier_iri(entry.get("scheme", ""), entry.get("identifier") or "")))
        for entry in metadata.get("references", ())
    )


def grants(metadata: Json, texts: Texts) -> tuple[Grant, ...]:
    return tuple(_grant(entry, texts) for entry in metadata.get("funding", ()))


def _grant(entry: Json, texts: Texts) -> Grant:
    funder = entry.get("funder") or {}
    named = Link(funder.get("name") or funder.get("id", ""), organisation_iri(funder))
    award = entry.get("award") or {}
    if not award:
        return Grant(named, None)
    number = award.get("number") or ""
    name = title(award, texts.language) if award.get("title") else ""
    text = name or texts.award.format(number or award.get("id", ""))
    acronym = award.get("acronym") or ""
    return Grant(
        named,
        Link(text, clickable(award_iri(award)), ", ".join(part for part in (acronym, number if name else "") if part)),
    )
