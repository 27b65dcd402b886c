"""The fields that a query may name: one table of index paths, and one of short names.

Path names are InvenioRDM's (`metadata.creators.person_or_org.name`), so that queries written for it work unchanged.
"""

from collections.abc import Mapping
from typing import Literal

Kind = Literal["text", "html", "keyword", "number", "time", "date"]
"""How values are compared: `text` and `html` by words, `keyword` as a whole, `number` by value, `time` as a moment in
microseconds since 1970 (UTC), `date` as an EDTF date or interval that overlaps the days asked for."""

_PERSON: tuple[tuple[str, Kind], ...] = (
    ("person_or_org.name", "text"),
    ("person_or_org.given_name", "text"),
    ("person_or_org.family_name", "text"),
    ("person_or_org.type", "keyword"),
    ("person_or_org.identifiers.identifier", "keyword"),
    ("person_or_org.identifiers.scheme", "keyword"),
    ("role.id", "keyword"),
    ("role.title", "text"),
    ("affiliations.id", "keyword"),
    ("affiliations.name", "text"),
)
_IDENTIFIER: tuple[tuple[str, Kind], ...] = (("identifier", "keyword"), ("scheme", "keyword"))

FIELDS: Mapping[str, Kind] = {
    "id": "keyword",
    "created": "time",
    "updated": "time",
    "revision_id": "number",
    "is_published": "keyword",
    "is_draft": "keyword",
    "status": "keyword",
    "versions.index": "number",
    "versions.is_latest": "keyword",
    "parent.id": "keyword",
    "parent.access.owned_by.user": "keyword",
    "parent.communities.ids": "keyword",
    "parent.communities.default": "keyword",
    "parent.pids.doi.identifier": "keyword",
    "pids.doi.identifier": "keyword",
    "pids.doi.provider": "keyword",
    "pids.doi.client": "keyword",
    "pids.oai.identifier": "keyword",
    "access.record": "keyword",
    "access.files": "keyword",
    "access.status": "keyword",
    "access.embargo.active": "keyword",
    "access.embargo.until": "keyword",
    "access.embargo.reason": "text",
    "files.enabled": "keyword",
    "files.count": "number",
    "files.total_bytes": "number",
    "files.types": "keyword",
    "files.entries.key": "text",
    "files.entries.checksum": "keyword",
    "files.entries.mimetype": "keyword",
    "metadata.resource_type.id": "keyword",
    "metadata.resource_type.title": "text",
    "metadata.resource_type.props.type": "keyword",
    "metadata.title": "text",
    "metadata.additional_titles.title": "text",
    "metadata.additional_titles.type.id": "keyword",
    "metadata.additional_titles.lang.id": "keyword",
    "metadata.publication_date": "date",
    **{f"metadata.{who}.{name}": kind for who in ("creators", "contributors") for name, kind in _PERSON},
    "metadata.description": "html",
    "metadata.additional_descriptions.description": "html",
    "metadata.additional_descriptions.type.id": "keyword",
    "metadata.additional_descriptions.lang.id": "keyword",
    "metadata.rights.id": "keyword",
    "metadata.rights.title": "text",
    "metadata.rights.description": "text",
    "metadata.rights.link": "keyword",
    "metadata.copyright": "html",
    "metadata.subjects.id": "keyword",
    "metadata.subjects.subject": "text",
    "metadata.subjects.scheme": "keyword",
    "metadata.subjects.title": "text",
    "metadata.languages.id": "keyword",
    "metadata.languages.title": "text",
    "metadata.dates.date": "keyword",
    "metadata.dates.type.id": "keyword",
    "metadata.dates.description": "text",
    "metadata.version": "text",
    "metadata.publisher": "text",
    **{f"metadata.identifiers.{name}": kind for name, kind in _IDENTIFIER},
    **{f"metadata.related_identifiers.{name}": kind for name, kind in _IDENTIFIER},
    "metadata.related_identifiers.relation_type.id": "keyword",
    "metadata.related_identifiers.resource_type.id": "keyword",
    "metadata.sizes": "text",
    "metadata.formats": "keyword",
    "metadata.locations.features.place": "text",
    "metadata.locations.features.description": "text",
    **{f"metadata.locations.features.identifiers.{name}": kind for name, kind in _IDENTIFIER},
    "metadata.funding.funder.id": "keyword",
    "metadata.funding.funder.name": "text",
    "metadata.funding.award.id": "keyword",
    "metadata.funding.award.number": "keyword",
    "metadata.funding.award.title": "text",
    "metadata.funding.award.acronym": "text",
    "metadata.funding.award.program": "text",
    **{f"metadata.funding.award.identifiers.{name}": kind for name, kind in _IDENTIFIER},
    "metadata.references.reference": "text",
    **{f"metadata.references.{name}": kind for name, kind in _IDENTIFIER},
}
CUSTOM = "custom_fields."
"""Below it every path may be named (`custom_fields.journal:journal.title`); its values are text."""

UNFIELDED = (
    *(
        name
        for name, kind_ in FIELDS.items()
        if kind_ in ("text", "html")
        and not name.endswith((".role.title", "_name", "resource_type.title", "languages.title", "embargo.reason"))
    ),
    "id",
    "parent.id",
    "pids.doi.identifier",
    "pids.oai.identifier",
    "parent.pids.doi.identifier",
    "metadata.creators.person_or_org.identifiers.identifier",
    "metadata.contributors.person_or_org.identifiers.identifier",
    "metadata.identifiers.identifier",
    "metadata.related_identifiers.identifier",
    "metadata.references.identifier",
    "metadata.funding.award.number",
    "metadata.subjects.id",
    "files.entries.checksum",
)
"""Fields that words without a field name are looked for in, beside all custom fields; identifiers word by word too."""

_MULTILINGUAL = (
    "metadata.resource_type.title",
    "metadata.creators.role.title",
    "metadata.contributors.role.title",
    "metadata.rights.title",
    "metadata.rights.description",
    "metadata.subjects.title",
    "metadata.languages.title",
    "metadata.funding.award.title",
)

_PEOPLE = ("metadata.creators", "metadata.contributors")
SHORT: Mapping[str, tuple[str, ...]] = {
    "access": ("access.status",),
    "access_status": ("access.status",),
    "affiliation": tuple(f"{who}.affiliations.{name}" for who in _PEOPLE for name in ("name", "id")),
    "author": ("metadata.creators.person_or_org.name",),
    "award": ("metadata.funding.award.number", "metadata.funding.award.title", "metadata.funding.award.acronym"),
    "checksum": ("files.entries.checksum",),
    "community": ("parent.communities.ids",),
    "contributor": ("metadata.contributors.person_or_org.name",),
    "creator": ("metadata.creators.person_or_org.name",),
    "date": ("metadata.publication_date",),
    "description": ("metadata.description", "metadata.additional_descriptions.description"),
    "doi": ("pids.doi.identifier", "parent.pids.doi.identifier", "metadata.identifiers.identifier"),
    "file_type": ("files.types",),
    "filename": ("files.entries.key",),
    "files.entries.ext": ("files.types",),
    "files.totalbytes": ("files.total_bytes",),
    "funder": ("metadata.funding.funder.name", "metadata.funding.funder.id"),
    "identifier": ("metadata.identifiers.identifier", "pids.doi.identifier", "pids.oai.identifier"),
    "isbn": ("custom_fields.imprint:imprint.isbn", "metadata.identifiers.identifier"),
    "issn": ("custom_fields.journal:journal.issn", "metadata.identifiers.identifier"),
    "journal": ("custom_fields.journal:journal.title",),
    "keyword": ("metadata.subjects.subject",),
    "language": ("metadata.languages.id", "metadata.languages.title"),
    "license": ("metadata.rights.id", "metadata.rights.title"),
    "licence": ("metadata.rights.id", "metadata.rights.title"),
    "md5": ("files.entries.checksum",),
    "metadata.publication_date_range": ("metadata.publication_date",),
    "orcid": tuple(f"{who}.person_or_org.identifiers.identifier" for who in _PEOPLE),
    "owner": ("parent.access.owned_by.user",),
    "place": ("metadata.locations.features.place",),
    "publication_date": ("metadata.publication_date",),
    "publisher": ("metadata.publisher",),
    "related": ("metadata.related_identifiers.identifier",),
    "resource_type": ("metadata.resource_type.id", "metadata.resource_type.props.type"),
    "ror": (
        *(f"{who}.{name}" for who in _PEOPLE for name in ("affiliations.id", "person_or_org.identifiers.identifier")),
        "metadata.funding.funder.id",
    ),
    "sha256": ("files.entries.checksum",),
    "subject": ("metadata.subjects.subject", "metadata.subjects.title", "metadata.subjects.id"),
    "title": ("metadata.title", "metadata.additional_titles.title"),
    "type": ("metadata.resource_type.id", "metadata.resource_type.props.type"),
    "version": ("metadata.version",),
    "year": ("metadata.publication_date",),
}

_OBJECTS = frozenset(name.rsplit(".", depth)[0] for name in FIELDS for depth in range(1, name.count(".") + 1))


def kind(path: str) -> Kind | None:
    """Kind of the field with this path; None where there is no such field."""
    found = FIELDS.get(path)
    return "text" if found is None and path.startswith(CUSTOM) and path != CUSTOM else found


def paths(name: str) -> tuple[str, ...]:
    """Paths of the fields that a name of the query language stands for; empty if it is unknown.

    A title in one language (`metadata.languages.title.en`) is the field of all languages.
    """
    if name in SHORT:
        return SHORT[name]
    if kind(name):
        return (name,)
    stem, _dot, language = name.rpartition(".")
    return (stem,) if language.isalpha() and 2 <= len(language) <= 3 and stem in _MULTILINGUAL else ()


def exists_paths(name: str) -> tuple[str, ...]:
    """Like `paths`, but an object above fields counts as well: `_exists_:metadata.languages`."""
    return (name,) if name in _OBJECTS or name == CUSTOM.rstrip(".") else paths(name)
