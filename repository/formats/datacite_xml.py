"""DataCite XML, kernel 4.7, from the same attributes as DataCite JSON. Specified by: its metadata.xsd.

A record without a DOI has its landing page in the mandatory `identifier`, with the type URL: the schema takes any
type, and calling a URL a DOI would be a lie.
"""

from repository.formats.datacite import SCHEMA, attributes
from repository.formats.datacite_elements import (
    alternate_identifiers,
    contributors,
    creators,
    dates,
    descriptions,
    funding_references,
    geo_locations,
    related_identifiers,
    related_items,
    rights_list,
    subjects,
    texts,
    titles,
)
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.xml_text import document, escape, language
from repository.records.snapshot import Json, Site, Snapshot

_LOCATION = "http://schema.datacite.org/meta/kernel-4.7/metadata.xsd"
_NAMESPACES = f'xmlns="{SCHEMA}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def write(snapshot: Snapshot, site: Site) -> bytes:
    return document(resource(attributes(snapshot, site), _LOCATION))


def resource(work: Json, location: str) -> str:
    """The element `resource` of a record's DataCite attributes, a line for each element that has text.

    `location`: of the schema that it says it conforms to.
    """
    publisher, kind = work["publisher"]["name"], work["types"]
    general, specific = kind["resourceTypeGeneral"], escape(kind["resourceType"])
    identifier, identifier_type = (work["doi"], "DOI") if "doi" in work else (work["url"], "URL")
    lines = [
        f'<resource {_NAMESPACES} xsi:schemaLocation="{SCHEMA} {location}">',
        f'<identifier identifierType="{identifier_type}">{escape(identifier)}</identifier>',
        f'<resourceType resourceTypeGeneral="{general}">{specific}</resourceType>',
        *titles(work["titles"]),
        *creators(work["creators"]),
        *contributors(work.get("contributors", ())),
        f"<publisher>{escape(publisher)}</publisher>",
        f"<publicationYear>{work['publicationYear']}</publicationYear>",
        *subjects(work.get("subjects", ())),
        *dates(work["dates"]),
        *_language(work.get("language", "")),
        *alternate_identifiers(work["alternateIdentifiers"]),
        *related_identifiers(work.get("relatedIdentifiers", ())),
        *texts("sizes", "size", work.get("sizes", ())),
        *texts("formats", "format", work.get("formats", ())),
        *([f"<version>{escape(work['version'])}</version>"] if "version" in work else ()),
        *rights_list(work.get("rightsList", ())),
        *descriptions(work.get("descriptions", ())),
        *geo_locations(work.get("geoLocations", ())),
        *funding_references(work.get("fundingReferences", ())),
        *related_items(work.get("relatedItems", ())),
        "</resource>",
    ]
    return "\n".join(lines)


def _language(code: str) -> list[str]:
    return [f"<language>{code}</language>"] if language(code) else []


FORMAT = Format(
    name="datacite-xml",
    title="DataCite XML",
    media_type="application/vnd.datacite.datacite+xml",
    file_name="datacite.xml",
    frozen=True,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="datacite", namespace=SCHEMA, schema=_LOCATION),
)
