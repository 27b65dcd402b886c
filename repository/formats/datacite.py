"""A record in DataCite's terms: the one mapping behind DataCite JSON, DataCite XML, and the registration of DOIs.

Specified by: DataCite Metadata Schema 4.7. Where a mandatory value is absent, one of the standard values for unknown
information stands (appendix 3): `(:unkn)` for the creator, `(:unas)` for the title, `(:unav)` for the publisher.
"""

from collections.abc import Iterator
from typing import Any

from repository.formats.access_rights import AccessRight, access_right, of_term
from repository.formats.containers import Container, containers
from repository.formats.datacite_geography import geo_location
from repository.formats.datacite_relations import related_identifiers
from repository.formats.datacite_terms import (
    ALTERNATE_LABELS,
    CONTRIBUTOR_TYPES,
    DATE_TYPES,
    DESCRIPTION_TYPES,
    IN_COPYRIGHT,
    RELATED_LABELS,
    RESOURCE_TYPES,
    TITLE_TYPES,
)
from repository.formats.dates import year
from repository.formats.iris import clean_iri, identifier_iri, organisation_iri
from repository.formats.text import clean, english, literal, plain, plain_title
from repository.records.identifiers import landing_iri, oai_identifier
from repository.records.snapshot import Json, Site, Snapshot

SCHEMA = "http://datacite.org/schema/kernel-4"
_NAME_SCHEMES = {
    "orcid": ("ORCID", "https://orcid.org/"),
    "isni": ("ISNI", "https://isni.org/"),
    "gnd": ("GND", "https://d-nb.info/gnd/"),
    "ror": ("ROR", "https://ror.org/"),
    "wikidata": ("Wikidata", "https://www.wikidata.org/wiki/"),
}
_ORGANISATION_SCHEMES = (
    ("https://ror.org/", "ROR", "https://ror.org/"),
    ("https://isni.org/isni/", "ISNI", "https://isni.org/"),
    ("https://d-nb.info/gnd/", "GND", "https://d-nb.info/gnd/"),
    ("https://www.grid.ac/institutes/", "GRID", "https://www.grid.ac/"),
)


def attributes(snapshot: Snapshot, site: Site) -> Json:
    """The record as the attributes of DataCite's JSON, keys without a value left out."""
    metadata, doi = snapshot.metadata, snapshot.doi
    document: Json = {}
    if doi:
        prefix, _, suffix = doi.partition("/")
        document = {"doi": doi, "prefix": prefix, "suffix": suffix}
    document["url"] = landing_iri(site, snapshot.id)
    document["types"] = _types(snapshot)
    document["titles"] = _titles(snapshot)
    document["creators"] = [_party(entry) for entry in metadata.get("creators", ())] or [{"name": "(:unkn)"}]
    document["contributors"] = [
        _party(entry) | {"contributorType": _contributor_type(snapshot, entry)}
        for entry in metadata.get("contributors", ())
    ]
    document["publisher"] = {"name": clean(metadata.get("publisher", "")) or "(:unav)"}
    document["publicationYear"] = year(metadata.get("publication_date", "")) or snapshot.created[:4]
    document["subjects"] = [_subject(entry) for entry in metadata.get("subjects", ())]
    document["dates"] = _dates(snapshot)
    document["language"] = next((entry["id"] for entry in metadata.get("languages", ())), "")
    document["alternateIdentifiers"] = _alternate_identifiers(snapshot, site)
    document["relatedIdentifiers"] = related_identifiers(snapshot)
    document["relatedItems"] = [_related_item(container) for container in containers(snapshot)]
    document["sizes"] = metadata.get("sizes")
    document["formats"] = metadata.get("formats")
    document["version"] = metadata.get("version")
    document["rightsList"] = list(_rights(snapshot))
    document["descriptions"] = _descriptions(snapshot)
    places = (geo_location(feature) for feature in (metadata.get("locations") or {}).get("features", ()))
    document["geoLocations"] = [place for place in places if place]
    document["fundingReferences"] = [_funding(entry) for entry in metadata.get("funding", ())]
    document["schemaVersion"] = SCHEMA
    return {name: value for name, value in document.items() if value}


def _types(snapshot: Snapshot) -> Json:
    kind = snapshot.metadata.get("resource_type") or {"id": ""}
    general = snapshot.prop("resourcetypes", kind["id"], "datacite_general")
    specific = snapshot.prop("resourcetypes", kind["id"], "datacite_type")
    if general not in RESOURCE_TYPES:
        general, specific = "Other", specific or english(kind.get("title"))
    return {"resourceTypeGeneral": general, "resourceType": specific}


def _titles(snapshot: Snapshot) -> list[Json]:
    titles: list[Json] = [{"title": clean(plain_title(snapshot.title)) or "(:unas)"}]
    for entry in snapshot.metadata.get("additional_titles", ()):
        kind = snapshot.prop("titletypes", entry["type"]["id"], "datacite") if entry.get("type") else ""
        title = {"title": plain_title(entry["title"]), "titleType": kind if kind in TITLE_TYPES else "Other"}
        titles.append(title | _language(entry))
    return titles


def _language(entry: Json) -> Json:
    return {"lang": entry["lang"]["id"]} if entry.get("lang") else {}


def _party(entry: Json) -> Json:
    """A creator or a contributor."""
    party = entry["person_or_org"]
    personal = party.get("type") == "personal"
    result: Json = {
        "name": clean(party.get("name", "")) or "(:unkn)",
        "nameType": "Personal" if personal else "Organizational",
    }
    if personal:
        for source, name in (("given_name", "givenName"), ("family_name", "familyName")):
            if party.get(source):
                result[name] = party[source]
    if party.get("identifiers"):
        result["nameIdentifiers"] = [_name_identifier(identifier) for identifier in party["identifiers"]]
    if entry.get("affiliations"):
        result["affiliation"] = [_affiliation(affiliation) for affiliation in entry["affiliations"]]
    return result


def _name_identifier(identifier: Json) -> Json:
    label, scheme_uri = _NAME_SCHEMES.get(identifier["scheme"], (identifier["scheme"].upper(), ""))
    known = {"nameIdentifier": clean(identifier["identifier"]) or "(:unav)", "nameIdentifierScheme": label}
    return known | ({"schemeUri": scheme_uri} if scheme_uri else {})


def _affiliation(affiliation: Json) -> Json:
    result: Json = {"name": clean(affiliation.get("name", "")) or affiliation.get("id", "(:unav)")}
    iri = organisation_iri(affiliation)
    for prefix, label, scheme_uri in _ORGANISATION_SCHEMES:
        if iri.startswith(prefix):
            result["affiliationIdentifier"] = iri
            result["affiliationIdentifierScheme"] = label
            result["schemeUri"] = scheme_uri
    return result


def _contributor_type(snapshot: Snapshot, entry: Json) -> str:
    kind = snapshot.prop("contributorsroles", entry["role"]["id"], "datacite") if entry.get("role") else ""
    return kind if kind in CONTRIBUTOR_TYPES else "Other"


def _subject(entry: Json) -> Json:
    subject: Json = {"subject": entry.get("subject", "")}
    if entry.get("scheme"):
        subject["subjectScheme"] = entry["scheme"]
    if str(entry.get("id", "")).startswith(("http://", "https://")):
        subject["valueUri"] = clean_iri(entry["id"])
    return {name: value for name, value in subject.items() if value}


def _dates(snapshot: Snapshot) -> list[Json]:
    dates: list[Json] = []
    if snapshot.metadata.get("publication_date"):
        dates.append({"date": snapshot.metadata["publication_date"], "dateType": "Issued"})
    for entry in snapshot.metadata.get("dates", ()):
        kind = snapshot.prop("datetypes", entry["type"]["id"], "datacite") if entry.get("type") else ""
        date = {"date": entry["date"], "dateType": kind if kind in DATE_TYPES else "Other"}
        dates.append(date | ({"dateInformation": entry["description"]} if entry.get("description") else {}))
    given = {date["dateType"] for date in dates}
    embargo = snapshot.access.get("embargo") or {}
    if embargo.get("active") and embargo.get("until") and "Available" not in given:
        dates.append({"date": embargo["until"], "dateType": "Available"})
    if "Updated" not in given:
        dates.append({"date": snapshot.updated[:10], "dateType": "Updated"})
    return dates


def _alternate_identifiers(snapshot: Snapshot, site: Site) -> list[Json]:
    found = [("URL", landing_iri(site, snapshot.id)), ("oai", oai_identifier(site.oai_domain, snapshot.id))]
    for scheme, pid in snapshot.pids.items():
        if scheme not in ("doi", "oai"):
            found.append((ALTERNATE_LABELS.get(scheme, scheme), pid["identifier"]))
    for entry in snapshot.metadata.get("identifiers", ()):
        scheme = entry.get("scheme", "")
        found.append((ALTERNATE_LABELS.get(scheme, scheme) or "Other", entry["identifier"]))
    return [{"alternateIdentifier": value, "alternateIdentifierType": label} for label, value in found]


def _related_item(container: Container) -> Json:
    item: Json = {"relatedItemType": container.kind, "relationType": "IsPublishedIn"}
    label = RELATED_LABELS.get(container.scheme)
    identifier, label = (container.identifier, label) if label else (container.url, "URL")
    if identifier:
        item["relatedItemIdentifier"] = {"relatedItemIdentifier": identifier, "relatedItemIdentifierType": label}
    item["titles"] = [{"title": container.title}]
    parts = {
        "volume": container.volume,
        "issue": container.issue,
        "firstPage": container.first_page,
        "lastPage": container.last_page,
        "edition": container.edition,
    }
    return item | {name: value for name, value in parts.items() if value}


def _rights(snapshot: Snapshot) -> Iterator[Json]:
    """Licences, the notice of copyright, and last what is said of access, also by those who wrote the record."""
    said_of_access: list[AccessRight] = []
    for entry in snapshot.metadata.get("rights", ()):
        said = english(entry.get("title"))
        if stated := of_term(said):  # as imports keep it
            said_of_access.append(stated)
            continue
        props = entry.get("props") or {}
        rights: dict[str, Any] = {"rights": said or entry.get("id", "")}
        link = clean_iri(props.get("url") or entry.get("link") or "")
        if link:
            rights["rightsUri"] = link
        if entry.get("id"):
            rights["rightsIdentifier"] = entry["id"]
        if props.get("scheme"):
            rights["rightsIdentifierScheme"] = props["scheme"]
        if not entry.get("id") and (title := entry.get("title")) and "en" not in title:
            rights["lang"] = next(iter(title))
        if props.get("scheme") == "spdx":
            rights["schemeUri"] = "https://spdx.org/licenses/"
        yield rights
    notice = plain(snapshot.metadata.get("copyright") or "")
    if notice:
        yield {"rights": notice, "rightsUri": IN_COPYRIGHT}
    if right := access_right(snapshot):
        said_of_access.append(right)
    for right in dict.fromkeys(said_of_access):
        yield {"rights": right.title, "rightsUri": right.eurepo}


def _descriptions(snapshot: Snapshot) -> list[Json]:
    found: list[Json] = []
    text = plain(snapshot.metadata.get("description") or "")
    if text:
        found.append({"description": literal(text), "descriptionType": "Abstract"})
    for entry in snapshot.metadata.get("additional_descriptions", ()):
        kind = snapshot.prop("descriptiontypes", entry["type"]["id"], "datacite") if entry.get("type") else ""
        kind = kind if kind in DESCRIPTION_TYPES else "Other"
        text = literal(plain(entry["description"]))
        found.append({"description": text, "descriptionType": kind} | _language(entry))
    return found


def _funding(entry: Json) -> Json:
    funder, award = entry.get("funder") or {}, entry.get("award") or {}
    reference: Json = {"funderName": clean(funder.get("name", "")) or "(:unav)"}
    iri = _funder_iri(funder)
    if iri:
        label = next((label for prefix, label, _ in _ORGANISATION_SCHEMES if iri.startswith(prefix)), "Other")
        label = "Crossref Funder ID" if iri.startswith("https://doi.org/") else label
        reference["funderIdentifier"] = iri
        reference["funderIdentifierType"] = "Other" if label == "GND" else label
    if award.get("number"):
        reference["awardNumber"] = award["number"]
    title = english(award.get("title"))
    if title:
        reference["awardTitle"] = title
    links = {known.get("scheme"): known["identifier"] for known in award.get("identifiers") or ()}
    link = next((identifier_iri(scheme, links[scheme]) for scheme in ("doi", "url") if scheme in links), "")
    return reference | ({"awardUri": link} if link else {})


def _funder_iri(funder: Json) -> str:
    """Preference: ROR, DOI of the Funder Registry, GRID, ISNI, GND."""
    iri = organisation_iri(funder)
    if iri.startswith("https://ror.org/"):
        return iri
    for known in funder.get("identifiers") or ():
        if known.get("scheme") in ("doi", "crossreffunderid"):
            return identifier_iri("doi", known["identifier"]) or iri
    return iri
