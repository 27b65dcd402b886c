"""OpenAIRE's application profile for literature: DataCite 4.1 and Dublin Core with elements of its own.

Specified by: OpenAIRE Guidelines for Literature Repository Managers 4.0 and its openaire.xsd. Mandatory there: title,
creator, date of publication, resource type, identifier and access right; none is ever left out.
"""

from collections.abc import Iterator

from repository.formats.access_rights import AccessRight, names_access, stated_right
from repository.formats.containers import containers
from repository.formats.datacite import SCHEMA as DATACITE
from repository.formats.datacite import attributes
from repository.formats.datacite_elements import (
    alternate_identifiers,
    contributors,
    creators,
    dates,
    funding_references,
    geo_locations,
    related_identifiers,
    subjects,
    texts,
    titles,
)
from repository.formats.datacite_older import KERNEL_4_1, older_relations
from repository.formats.dates import bounds
from repository.formats.files import listed_files
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.openaire import openaire_dates
from repository.formats.openaire_terms import (
    BY_DATACITE,
    CONTRIBUTOR_TYPES_NEWER,
    DATE_TYPES,
    DOCUMENTS,
    GENERAL_TYPES,
    RESOURCE_TYPES,
    SUBSTITUTES,
    VERSIONED,
    VERSIONS,
)
from repository.formats.text import clean
from repository.formats.xml_text import attribute, document, escape, language, prefixed
from repository.records.identifiers import archive_url, doi_iri, file_path
from repository.records.snapshot import Json, Site, Snapshot

NAMESPACE = "http://namespace.openaire.eu/schema/oaire/"
_LOCATION = "https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd"
_ROOT = (
    f'<oaire:resource xmlns:oaire="{NAMESPACE}" xmlns:datacite="{DATACITE}" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{NAMESPACE} {_LOCATION}">'
)
_COAR_TYPE = "http://purl.org/coar/resource_type/"
_COAR_VERSION = "http://purl.org/coar/version/"


def write(snapshot: Snapshot, site: Site) -> bytes:
    work, right = attributes(snapshot, site), stated_right(snapshot)
    general, code = _resource_type(snapshot, work["types"]["resourceTypeGeneral"])
    kind = f'resourceTypeGeneral="{general}" uri="{_COAR_TYPE}{code}"'
    issued = bounds(snapshot.metadata.get("publication_date", ""))[0] or snapshot.created[:10]
    lines = (
        _ROOT,
        prefixed("datacite", "\n".join(_datacite(snapshot, work, right, issued))),
        prefixed("dc", "\n".join(_dublin_core(snapshot, work))),
        prefixed("oaire", "\n".join(_openaire(snapshot, site, work, code, issued))),
        f"<oaire:resourceType {kind}>{RESOURCE_TYPES[code]}</oaire:resourceType>",
        prefixed("oaire", "\n".join(_files(snapshot, site, right, general))),
        "</oaire:resource>",
    )
    return document("\n".join(line for line in lines if line))


def _resource_type(snapshot: Snapshot, datacite: str) -> tuple[str, str]:
    """resourceTypeGeneral, and a code of COAR's list."""
    identifier = (snapshot.metadata.get("resource_type") or {}).get("id", "")
    general, code = BY_DATACITE.get(datacite, ("other research product", "c_1843"))
    coar = snapshot.prop("resourcetypes", identifier, "coar").removeprefix(_COAR_TYPE)
    coar = SUBSTITUTES.get(coar, coar)
    said = GENERAL_TYPES.get(snapshot.prop("resourcetypes", identifier, "openaire_type"))
    return said or general, coar if coar in RESOURCE_TYPES else code


def _datacite(snapshot: Snapshot, work: Json, right: AccessRight, issued: str) -> Iterator[str]:
    yield from titles(entry for entry in work["titles"] if clean(entry["title"]))
    yield from creators(work["creators"])
    yield from contributors(_contributor(entry) for entry in work.get("contributors", ()))
    yield from alternate_identifiers(_alternates(work))
    yield from related_identifiers(older_relations(work.get("relatedIdentifiers", ()), KERNEL_4_1))
    yield from dates(_dates(snapshot, work, issued))
    identifier, label = (doi_iri(work["doi"]), "DOI") if "doi" in work else (work["url"], "URL")
    yield f'<identifier identifierType="{label}">{escape(identifier)}</identifier>'
    yield f'<rights rightsURI="{right.coar}">{right.label}</rights>'
    yield from subjects(entry for entry in work.get("subjects", ()) if clean(entry.get("subject", "")))
    yield from texts("sizes", "size", work.get("sizes", ()))
    yield from geo_locations(work.get("geoLocations", ()))


def _contributor(entry: Json) -> Json:
    return entry | {"contributorType": "Other"} if entry["contributorType"] in CONTRIBUTOR_TYPES_NEWER else entry


def _alternates(work: Json) -> Iterator[Json]:
    """All but the landing page of a record whose identifier that is."""
    for entry in work["alternateIdentifiers"]:
        value = entry["alternateIdentifier"]
        if clean(value) and ("doi" in work or value != work["url"]):
            yield entry


def _dates(snapshot: Snapshot, work: Json, issued: str) -> Iterator[Json]:
    yield {"date": issued, "dateType": "Issued"}
    for entry in openaire_dates(snapshot, work["dates"]):
        if entry["dateType"] in DATE_TYPES and clean(entry["date"]):
            yield entry


def _dublin_core(snapshot: Snapshot, work: Json) -> Iterator[str]:
    for term in snapshot.metadata.get("languages", ()):
        yield f"<language>{escape(term['id'])}</language>"
    publisher = clean(snapshot.metadata.get("publisher", ""))
    if publisher:
        yield f"<publisher>{escape(publisher)}</publisher>"
    for entry in work.get("descriptions", ()):
        if clean(entry["description"]):
            yield f"<description{language(entry.get('lang', ''))}>{escape(entry['description'])}</description>"
    listed = dict.fromkeys(entry.get("mimetype", "") for entry in listed_files(snapshot))
    for name in work.get("formats") or listed:
        if clean(name):
            yield f"<format>{escape(name)}</format>"
    for place in work.get("geoLocations", ()):
        if clean(place.get("geoLocationPlace", "")):
            yield f"<coverage>{escape(place['geoLocationPlace'])}</coverage>"
    for entry in work["dates"]:
        if entry["dateType"] == "Coverage":
            yield f"<coverage>{escape(entry['date'])}</coverage>"


def _openaire(snapshot: Snapshot, site: Site, work: Json, code: str, issued: str) -> Iterator[str]:
    yield from funding_references(_funding(entry) for entry in work.get("fundingReferences", ()))
    licence = _licence(work)
    if licence:
        start = attribute("startDate", (snapshot.access.get("embargo") or {}).get("until") or issued)
        link = attribute("uri", licence.get("rightsUri", ""))
        yield f"<licenseCondition{start}{link}>{escape(licence['rights'])}</licenseCondition>"
    yield from _version(clean(work.get("version", "")), code)
    yield from _citation(snapshot)


def _funding(entry: Json) -> Json:
    """Without an empty title, which the schema refuses."""
    return entry if clean(entry.get("awardTitle", "")) else {k: v for k, v in entry.items() if k != "awardTitle"}


def _licence(work: Json) -> Json | None:
    """The profile has one: the first that can be read somewhere, else the first."""
    found = [
        entry
        for entry in work.get("rightsList", ())
        if not names_access(entry["rights"]) and not names_access(entry.get("rightsUri", ""))
    ]
    return next((entry for entry in found if "rightsUri" in entry), found[0] if found else None)


def _version(text: str, code: str) -> Iterator[str]:
    known = VERSIONS.get(text.removeprefix("info:eu-repo/semantics/").lower())
    if known and code in VERSIONED:
        yield f'<version uri="{_COAR_VERSION}{known[0]}">{known[1]}</version>'
    elif text and code not in VERSIONED:
        yield f"<version>{escape(text)}</version>"


def _citation(snapshot: Snapshot) -> Iterator[str]:
    """What the work was published in; of a meeting also where and when it was held."""
    found = list(containers(snapshot))
    if not found:
        return
    main = found[0]
    meeting = next((container for container in found if container.kind == "ConferenceProceeding"), None)
    parts = {
        "Title": main.title,
        "Volume": main.volume,
        "Issue": main.issue,
        "StartPage": main.first_page,
        "EndPage": main.last_page,
        "Edition": main.edition,
        "ConferencePlace": meeting.place if meeting else "",
        "ConferenceDate": meeting.dates if meeting else "",
    }
    for name, value in parts.items():
        if clean(value):
            yield f"<citation{name}>{escape(value)}</citation{name}>"


def _files(snapshot: Snapshot, site: Site, right: AccessRight, general: str) -> Iterator[str]:
    """The files that everybody may list; of more than a record names, the archive of all."""
    entries = listed_files(snapshot)
    rights = attribute("accessRightsURI", right.coar)
    for entry in entries:
        media_type = entry.get("mimetype") or "application/octet-stream"
        kind = f'{rights}{attribute("mimeType", media_type)} objectType="{_object_type(general, media_type)}"'
        yield f"<file{kind}>{escape(site.url + file_path(snapshot.id, entry['key']))}</file>"
    if not entries and snapshot.files_listed and snapshot.files.get("count"):
        archive = archive_url(site, snapshot.id)
        yield f'<file{rights} mimeType="application/zip" objectType="{_object_type(general, "")}">{archive}</file>'


def _object_type(general: str, media_type: str) -> str:
    """A publication's documents are its full text; what else it comes with is not said to be."""
    if general == "literature":
        return "fulltext" if media_type.startswith(DOCUMENTS) else "other"
    return general if general in ("dataset", "software") else "other"


FORMAT = Format(
    name="oai-openaire",
    title="OpenAIRE XML",
    media_type="application/x-oai-openaire+xml",
    file_name="oai-openaire.xml",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="oai_openaire", namespace=NAMESPACE, schema=_LOCATION),
)
