"""schema.org as JSON-LD: the file `schema.jsonld`, and the script in the landing page that crawlers read.

The context is inline, so that nobody has to fetch one. By it `creator` is a list in order; `author` names the same
people without, so that a query finds each in one step.
Specified by: schema.org; Google's structured data for datasets; JSON-LD 1.1.
"""

from typing import Any

import orjson

from repository.formats.access_rights import stated_right
from repository.formats.dates import bounds
from repository.formats.format import Format, source_digest
from repository.formats.iris import agent_iri, clean_iri, identifier_iri, organisation_iri
from repository.formats.licences import licence_iri, licences
from repository.formats.schema_org_parts import downloads, funding, places, published_in, related_works
from repository.formats.text import clean, english, plain, plain_title
from repository.records.identifiers import catalogue_iri, concept_iri, landing_iri, subject_iri
from repository.records.snapshot import Json, Site, Snapshot

_IRI = {"@type": "@id"}
_CONTEXT = {
    "@vocab": "https://schema.org/",
    "creator": {"@container": "@list"},
    "codeRepository": _IRI,
    "contentUrl": _IRI,
    "license": _IRI,
    "url": _IRI,
}
_ROLES = {"editor": "editor", "translator": "translator", "sponsor": "sponsor", "producer": "producer"}
_CATALOGUED = frozenset({"Dataset", "DataFeed", "CompleteDataFeed"})
"""Classes of which schema.org says `includedInDataCatalog`; any other work is `isPartOf` the catalogue."""
INLINE_LIMIT = 100_000
"""Bytes of the script in a landing page, whatever the number of files and authors."""
_SHORTEST, _LONGEST = 50, 5000
"""Characters of a description. Specified by: Google's structured data for datasets."""


def write(snapshot: Snapshot, site: Site) -> bytes:
    return orjson.dumps(document(snapshot, site))


def inline(snapshot: Snapshot, site: Site) -> str:
    """The same for `<script type="application/ld+json">`: at most INLINE_LIMIT bytes, long lists and texts cut short
    where it must be, a description of the length that Google takes, and no character with which HTML could leave the
    script."""
    whole = document(snapshot, site)
    whole["description"] = _of_fit_length(whole["description"], snapshot, site)
    data = _for_html(whole)
    for longest in (500, 100, 20, 5, 1):
        if len(data) <= INLINE_LIMIT:
            break
        data = _for_html(_shortened(whole, longest))
    return data.decode()


def _for_html(value: Json) -> bytes:
    data = orjson.dumps(value)
    return data.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")


def _shortened(value: Any, longest: int) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(inner, longest) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner, longest) for inner in value[:longest]]
    if isinstance(value, str) and (len(value) > 2000 or not value.startswith("http")):  # most IRIs stay whole
        return value[: 10 * longest + 500]
    return value


def document(snapshot: Snapshot, site: Site) -> Json:
    """The JSON-LD as Python values, keys without a value left out."""
    metadata, landing = snapshot.metadata, landing_iri(site, snapshot.id)
    subject = subject_iri(site, snapshot)
    right = stated_right(snapshot)
    status = snapshot.access.get("status")
    result: Json = {
        "@context": _CONTEXT,
        "@id": subject,
        "@type": work_type(snapshot, (metadata.get("resource_type") or {}).get("id", "")),
        "identifier": _identifiers(metadata, subject),
        "url": landing,
        "name": plain_title(snapshot.title),
        "alternateName": [plain_title(entry["title"]) for entry in metadata.get("additional_titles", ())],
        **_agents(metadata),
        "keywords": [_keyword(entry, site) for entry in metadata.get("subjects", ())],
        **_dates(snapshot),
        "inLanguage": [_language(entry) for entry in metadata.get("languages", ())],
        "size": metadata.get("sizes"),
        "encodingFormat": metadata.get("formats"),
        "version": metadata.get("version"),
        "license": _one([_license(entry) for entry in licences(metadata)]),
        "copyrightNotice": plain(metadata.get("copyright") or ""),
        "conditionsOfAccess": right.coar,
        "description": _description(snapshot),
        **funding(metadata.get("funding", ())),
        "spatialCoverage": places(metadata),
        **related_works(snapshot, site, work_type),
    }
    if status != "metadata-only":
        result["isAccessibleForFree"] = status == "open"
    if snapshot.custom_fields:
        _custom_fields(snapshot, result)
    catalogue = {"@type": "DataCatalog", "@id": catalogue_iri(site), "name": site.name, "url": site.url}
    if result["@type"] in _CATALOGUED:
        result["includedInDataCatalog"] = catalogue
    else:
        result["isPartOf"] = [*result.get("isPartOf", ()), catalogue]
    if snapshot.files_listed:
        result["distribution"] = downloads(snapshot, site)
    return {name: value for name, value in result.items() if value or value is False}


def _description(snapshot: Snapshot) -> str:
    """Google demands one: a record that has none is described by who published what, and when."""
    return plain(snapshot.metadata.get("description") or "") or _who_published_what(snapshot)


def _of_fit_length(text: str, snapshot: Snapshot, site: Site) -> str:
    """A description that is neither too short, if there is anything to add, nor too long."""
    for more in (_who_published_what(snapshot), landing_iri(site, snapshot.id)):
        if len(text) < _SHORTEST and more not in text:
            text = f"{text}\n{more}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _who_published_what(snapshot: Snapshot) -> str:
    metadata = snapshot.metadata
    kind = english((metadata.get("resource_type") or {}).get("title")) or "Work"
    names = "; ".join(entry["person_or_org"].get("name", "") for entry in metadata.get("creators", ())[:3])
    made = f"{kind} by {names}" if names else kind
    published = f", published by {metadata['publisher']}" if metadata.get("publisher") else ""
    return clean(f"{plain_title(snapshot.title)}. {made}{published}, {metadata.get('publication_date', '')}.")


def work_type(snapshot: Snapshot, resource_type: str) -> str:
    """The class of schema.org for one of the resource types that the record uses."""
    iri = snapshot.prop("resourcetypes", resource_type, "schema.org")
    return iri.rpartition("/")[2] or "CreativeWork"


def _one(values: list[Any]) -> Any:
    """A single value bare, as most readers expect."""
    return values[0] if len(values) == 1 else values


def _identifiers(metadata: Json, subject: str) -> Any:
    found: list[Any] = [subject]
    for entry in metadata.get("identifiers", ()):
        value: Json = {"@type": "PropertyValue", "propertyID": entry.get("scheme", ""), "value": entry["identifier"]}
        link = identifier_iri(entry.get("scheme", ""), entry["identifier"])
        found.append(value | ({"url": link} if link else {}))
    return _one(found)


def _agents(metadata: Json) -> Json:
    """Creators (as `creator` and as `author`: readers look for one of them), contributors by role, publisher."""
    creators = [_party(entry) for entry in metadata.get("creators", ())]
    found: Json = {"creator": creators, "author": creators}
    for entry in metadata.get("contributors", ()):
        role = _ROLES.get((entry.get("role") or {}).get("id", ""), "contributor")
        found.setdefault(role, []).append(_party(entry))
    if metadata.get("publisher"):
        found["publisher"] = {"@type": "Organization", "name": metadata["publisher"]}
    return found


def _party(entry: Json) -> Json:
    party = entry["person_or_org"]
    personal = party.get("type") == "personal"
    result: Json = {"@type": "Person" if personal else "Organization"}
    iri = agent_iri(party.get("identifiers"))
    if iri:
        result["@id"] = iri
    result["name"] = party.get("name", "")
    if personal:
        for source, name in (("given_name", "givenName"), ("family_name", "familyName")):
            if party.get(source):
                result[name] = party[source]
    if entry.get("affiliations"):
        result["affiliation"] = [_organisation(affiliation) for affiliation in entry["affiliations"]]
    return result


def _organisation(organisation: Json) -> Json:
    iri = organisation_iri(organisation)
    named = {"name": organisation.get("name", "")}
    return {"@type": "Organization", "@id": iri, **named} if iri else {"@type": "Organization", **named}


def _keyword(entry: Json, site: Site) -> Any:
    if not entry.get("id"):
        return entry.get("subject", "")
    term: Json = {"@type": "DefinedTerm", "name": entry.get("subject", "")}
    if entry.get("scheme"):
        term["inDefinedTermSet"] = entry["scheme"]
    iri = clean_iri(entry["id"]) if entry["id"].startswith(("http://", "https://")) else ""
    own = concept_iri(site.url, "subjects", entry["id"])
    return term | ({"@id": iri} if iri else {"@id": own, "url": own, "termCode": entry["id"]})


def _dates(snapshot: Snapshot) -> Json:
    dates = {"created": snapshot.created, "updated": snapshot.updated}
    coverage = []
    for entry in snapshot.metadata.get("dates", ()):
        kind = (entry.get("type") or {}).get("id", "")
        if kind == "coverage":
            coverage.append(entry["date"])
        dates[kind] = entry["date"]
    return {
        "dateCreated": bounds(dates["created"])[0],
        "dateModified": bounds(dates["updated"])[1],
        "datePublished": bounds(snapshot.metadata.get("publication_date", ""))[0],
        "temporalCoverage": _one(coverage),
    }


def _language(entry: Json) -> Json:
    return {"@type": "Language", "alternateName": entry["id"], "name": english(entry.get("title")) or entry["id"]}


def _license(entry: Json) -> Any:
    link = licence_iri(entry)
    if link and entry.get("id"):
        return link
    custom: Json = {"@type": "CreativeWork", "name": english(entry.get("title")) or entry.get("id", "")}
    about = english(entry.get("description"))
    return custom | ({"@id": link, "url": link} if link else {}) | ({"description": about} if about else {})


def _custom_fields(snapshot: Snapshot, result: Json) -> None:
    fields = snapshot.custom_fields
    for name, values in published_in(snapshot).items():
        result[name] = result.get(name, []) + values if name == "isPartOf" else values
    repository = clean_iri(fields.get("code:codeRepository") or "")
    if repository:
        result["codeRepository"] = repository
    languages = fields.get("code:programmingLanguage") or ()
    result["programmingLanguage"] = [english(entry.get("title")) or entry["id"] for entry in languages]
    thesis = fields.get("thesis:thesis") or {}
    if isinstance(thesis, dict) and thesis:
        result["inSupportOf"] = clean(thesis.get("type", ""))
        organisation = ", ".join(thesis[part] for part in ("department", "university") if thesis.get(part))
        result["sourceOrganization"] = {"@type": "Organization", "name": organisation} if organisation else None


FORMAT = Format(
    name="schema-org",
    title="schema.org JSON-LD",
    media_type="application/ld+json",
    file_name="schema.jsonld",
    profile="https://schema.org/",
    frozen=True,
    write=write,
    rules=source_digest(__name__),
    accept=(
        "application/vnd.schemaorg.ld+json",
        'application/ld+json;profile="https://schema.org"',
        'application/ld+json;profile="https://schema.org/"',
        'application/ld+json;profile="http://schema.org"',
        'application/ld+json;profile="http://schema.org/"',
    ),
)
