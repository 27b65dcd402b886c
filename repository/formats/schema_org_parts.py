"""Parts of the schema.org document that are nodes of their own: files, related works, grants, places, containers."""

from collections.abc import Callable, Iterable
from typing import Any

from repository.formats.containers import containers
from repository.formats.files import has_files, listed_files
from repository.formats.geometry import box, positions
from repository.formats.iris import clean_iri, identifier_iri, organisation_iri
from repository.formats.text import english
from repository.records.identifiers import archive_url, distribution_iri, doi_iri, file_path, landing_iri
from repository.records.snapshot import Json, Site, Snapshot

_RELATIONS = {
    "Cites": "citation",
    "References": "citation",
    "IsSupplementTo": "isBasedOn",
    "IsDerivedFrom": "isBasedOn",
    "IsVariantFormOf": "isBasedOn",
    "IsPartOf": "isPartOf",
    "IsPublishedIn": "isPartOf",
    "IsCollectedBy": "isPartOf",
    "HasPart": "hasPart",
    "Collects": "hasPart",
    "HasVersion": "workExample",
    "IsVersionOf": "isVariantOf",
    "IsIdenticalTo": "sameAs",
    "IsTranslationOf": "translationOfWork",
    "HasTranslation": "workTranslation",
    "IsCitedBy": "subjectOf",
    "IsReferencedBy": "subjectOf",
    "IsReviewedBy": "subjectOf",
    "IsDocumentedBy": "subjectOf",
    "IsDescribedBy": "subjectOf",
    "IsSupplementedBy": "subjectOf",
    "HasMetadata": "subjectOf",
    "Documents": "about",
    "Describes": "about",
    "Reviews": "about",
    "IsMetadataFor": "about",
}
_CONTAINERS = {"Journal": "Periodical", "Book": "Book", "ConferenceProceeding": "PublicationIssue"}


def related_works(snapshot: Snapshot, site: Site, work_type: Callable[[Snapshot, str], str]) -> dict[str, list[Json]]:
    """Property → works: what the depositor named, references, and the parent."""
    found: dict[str, list[Json]] = {}
    for entry in snapshot.metadata.get("related_identifiers", ()):
        relation = snapshot.prop("relationtypes", entry["relation_type"]["id"], "datacite")
        kind = work_type(snapshot, (entry.get("resource_type") or {}).get("id", ""))
        work = _work(kind, entry.get("scheme", ""), entry["identifier"])
        found.setdefault(_RELATIONS.get(relation, "mentions"), []).append(work)
    for entry in snapshot.metadata.get("references", ()):
        work = _work("CreativeWork", entry.get("scheme", ""), entry.get("identifier", ""))
        found.setdefault("citation", []).append(work | {"name": entry["reference"]})
    parent = snapshot.parent.get("pids", {}).get("doi", {}).get("identifier", "")
    concept = doi_iri(parent) if parent else landing_iri(site, snapshot.parent_id)
    found.setdefault("isVariantOf", []).append({"@type": "CreativeWork", "@id": concept})
    return found


def _work(kind: str, scheme: str, identifier: str) -> Json:
    iri = identifier_iri(scheme, identifier) if identifier else ""
    if iri:
        return {"@type": kind, "@id": iri, "url": iri}
    return {"@type": kind, "identifier": identifier} if identifier else {"@type": kind}


def published_in(snapshot: Snapshot) -> dict[str, Any]:
    """`isPartOf` and the place in it, from the bundles for journals, books and meetings."""
    found: dict[str, Any] = {}
    for container in containers(snapshot):
        part: Json = {"@type": _CONTAINERS[container.kind], "name": container.title}
        if container.scheme in ("issn", "isbn"):
            part[container.scheme] = container.identifier
        elif container.identifier or container.url:
            link = identifier_iri(container.scheme, container.identifier) or clean_iri(container.url)
            part |= {"url": link} if link else {}
        found.setdefault("isPartOf", []).append(part)
        if "pageStart" not in found:
            numbers = {
                "volumeNumber": container.volume,
                "issueNumber": container.issue,
                "pageStart": container.first_page,
                "pageEnd": container.last_page,
            }
            found |= {name: value for name, value in numbers.items() if value}
    return found


def downloads(snapshot: Snapshot, site: Site) -> list[Json]:
    """A DataDownload for each file that everybody may list; of more than a record names, the archive of all."""
    entries = listed_files(snapshot)
    if not entries and has_files(snapshot):
        archive = archive_url(site, snapshot.id)
        return [{"@type": "DataDownload", "contentUrl": archive, "encodingFormat": "application/zip"}]
    return [
        {
            "@type": "DataDownload",
            "@id": distribution_iri(site, snapshot.id, entry["key"]),
            "name": entry["key"],
            "contentUrl": site.url + file_path(snapshot.id, entry["key"]),
            "contentSize": str(entry["size"]),
            "encodingFormat": entry.get("mimetype") or "application/octet-stream",
            "sha256": entry.get("sha256", ""),
        }
        for entry in entries
    ]


def funding(entries: Iterable[Json]) -> dict[str, list[Json]]:
    """`funding` with grants, and `funder` for money without a grant."""
    grants, funders = [], []
    for entry in entries:
        funder, award = entry.get("funder") or {}, entry.get("award") or {}
        iri = organisation_iri(funder)
        organisation: Json = {"@type": "Organization", "name": funder.get("name", "")} | ({"@id": iri} if iri else {})
        if not award:
            funders.append(organisation)
            continue
        grant: Json = {"@type": "Grant", "funder": organisation}
        link = award_iri(award)
        parts = {"@id": link, "url": link, "identifier": award.get("number"), "name": english(award.get("title"))}
        grants.append(grant | {name: value for name, value in parts.items() if value})
    return {"funding": grants, "funder": funders}


def award_iri(award: Json) -> str:
    """Where an award can be read about: its DOI before its URL."""
    links = {known.get("scheme"): known["identifier"] for known in award.get("identifiers") or ()}
    return next((identifier_iri(scheme, links[scheme]) for scheme in ("doi", "url") if scheme in links), "")


def places(metadata: Json) -> list[Json]:
    return [_place(feature) for feature in (metadata.get("locations") or {}).get("features", ())]


def _place(feature: Json) -> Json:
    place: Json = {"@type": "Place"}
    for source, name in (("place", "name"), ("description", "description")):
        if feature.get(source):
            place[name] = feature[source]
    known = [identifier_iri(entry["scheme"], entry["identifier"]) for entry in feature.get("identifiers") or ()]
    if any(known):
        place["sameAs"] = [{"@id": iri} for iri in known if iri]
    geometry = feature.get("geometry") or {}
    found = list(positions(geometry))
    if found and geometry.get("type") == "Point":
        place["geo"] = {"@type": "GeoCoordinates", "longitude": found[0][0], "latitude": found[0][1]}
    elif found:
        west, south, east, north = box(found)
        place["geo"] = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
    return place
