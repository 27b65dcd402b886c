"""Software as CodeMeta: the file `codemeta.json` that lies beside code, made from what schema.org is told.

The context is named and never fetched, by us or by the tests.
Specified by: CodeMeta 3.0, https://w3id.org/codemeta/3.0.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from repository.formats.files import has_files, listed_files
from repository.formats.format import Format, source_digest
from repository.formats.iris import identifier_iri
from repository.formats.kinds import is_software
from repository.formats.licences import licence_iri, licence_name, licences, spdx_iri
from repository.formats.schema_org import document as schema_org_document
from repository.formats.text import english
from repository.records.identifiers import archive_url, file_path
from repository.records.snapshot import Json, Site, Snapshot

CONTEXT = "https://w3id.org/codemeta/3.0"
_TAKEN = (
    "identifier",
    "url",
    "name",
    "description",
    "author",
    "contributor",
    "editor",
    "producer",
    "sponsor",
    "publisher",
    "dateCreated",
    "dateModified",
    "datePublished",
    "version",
    "codeRepository",
    "programmingLanguage",
    "isAccessibleForFree",
    "isPartOf",
)
"""What CodeMeta takes from schema.org as it is."""
_RELATIONS = {
    "IsDescribedBy": "referencePublication",
    "IsDocumentedBy": "softwareHelp",
    "Requires": "softwareRequirements",
    "IsSupplementedBy": "supportingData",
    "HasPart": "hasPart",
    "Cites": "citation",
    "References": "citation",
}
_STATUSES = ("concept", "wip", "suspended", "abandoned", "active", "inactive", "unsupported", "moved")
"""Of repostatus.org."""


def write(snapshot: Snapshot, site: Site) -> bytes:
    said = schema_org_document(snapshot, site)
    result: Json = {"@context": CONTEXT, "@id": said["@id"], "@type": "SoftwareSourceCode"}
    result |= {name: said[name] for name in _TAKEN if name in said}
    result["keywords"] = [word if isinstance(word, str) else word["name"] for word in said.get("keywords", ())]
    result["license"] = [_licence(entry) for entry in licences(snapshot.metadata)]
    result["developmentStatus"] = _status(snapshot)
    result["downloadUrl"] = _download(snapshot, site)
    embargo = snapshot.access.get("embargo") or {}
    result["embargoEndDate"] = embargo.get("until") if embargo.get("active") else None
    result |= _funding(said)
    for name, iri in _related(snapshot):
        result.setdefault(name, []).append(iri)
    return orjson.dumps({name: value for name, value in result.items() if value or value is False})


def _licence(entry: Json) -> Any:
    """The address at SPDX of a licence of its list; else where it can be read, or a work that has only a name."""
    return spdx_iri(entry) or licence_iri(entry) or {"@type": "CreativeWork", "name": licence_name(entry)}


def _status(snapshot: Snapshot) -> str:
    """The address of one of the states of repostatus.org; a state of an installation's own by its name."""
    status = snapshot.custom_fields.get("code:developmentStatus") or {}
    identifier = status.get("id", "")
    if identifier in _STATUSES:
        return f"https://www.repostatus.org/#{identifier}"
    return english(status.get("title")) or identifier


def _download(snapshot: Snapshot, site: Site) -> str:
    """Where the code is had in one go: the only file, or the archive of all."""
    if not has_files(snapshot):
        return ""
    entries = listed_files(snapshot)
    if len(entries) == 1:
        return site.url + file_path(snapshot.id, entries[0]["key"])
    return archive_url(site, snapshot.id)


def _funding(said: Json) -> Json:
    """Grants are a text in CodeMeta."""
    grants = said.get("funding", ())
    texts = [", ".join(part for part in (grant.get("identifier"), grant.get("name")) if part) for grant in grants]
    funders = [*(grant["funder"] for grant in grants), *said.get("funder", ())]
    return {"funding": "; ".join(text for text in texts if text), "funder": funders}


def _related(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for entry in snapshot.metadata.get("related_identifiers", ()):
        iri = identifier_iri(entry.get("scheme", ""), entry["identifier"])
        relation = snapshot.prop("relationtypes", entry["relation_type"]["id"], "datacite")
        if iri:
            yield _RELATIONS.get(relation, "relatedLink"), iri


FORMAT = Format(
    name="codemeta",
    title="CodeMeta",
    media_type="application/vnd.codemeta.ld+json",
    file_name="codemeta.json",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=(f'application/ld+json;profile="{CONTEXT}"',),
    applies=is_software,
)
