"""A record with its files as a Data Package: each file a resource at its address.

InvenioRDM names the profile as if the document were JSON-LD; that media type selects it, and is told to who asks so.
Specified by: Data Package 2.0, https://datapackage.org/standard/data-package/.
"""

import re
from collections.abc import Iterable, Iterator

import orjson

from repository.formats.files import has_files, listed_files
from repository.formats.format import Format, source_digest
from repository.formats.iris import agent_iri, identifier_iri, of_web
from repository.formats.licences import licence_iri, licence_name, licences, spdx_id
from repository.formats.text import plain, plain_title
from repository.records.identifiers import archive_url, file_path, landing_iri, subject_iri
from repository.records.snapshot import Json, Site, Snapshot

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_OF_INVENIO = f'application/ld+json;profile="{PROFILE}"'
_SOURCES = frozenset(("IsDerivedFrom", "IsSupplementTo", "IsVariantFormOf"))
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._/-]+")


def write(snapshot: Snapshot, site: Site) -> bytes:
    metadata, landing = snapshot.metadata, landing_iri(site, snapshot.id)
    result: Json = {
        "$schema": PROFILE,
        "name": snapshot.id,
        "id": subject_iri(site, snapshot),
        "title": plain_title(snapshot.title),
        "description": plain(metadata.get("description") or ""),
        "homepage": landing,
        "version": metadata.get("version"),
        "created": snapshot.created,
        "keywords": [entry["subject"] for entry in metadata.get("subjects", ()) if entry.get("subject")],
        "contributors": [*_contributors(metadata)],
        "licenses": [_licence(entry, landing) for entry in licences(metadata)],
        "sources": [*_sources(snapshot)],
        "resources": [*_resources(snapshot, site)],
    }
    return orjson.dumps(_filled(result))


def _filled(values: Json) -> Json:
    return {name: value for name, value in values.items() if value or value == 0}


def _contributors(metadata: Json) -> Iterator[Json]:
    """Roles are words of the vocabulary; who has none is a creator or a contributor."""
    people = [(entry, "creator") for entry in metadata.get("creators", ())]
    people += [(entry, "contributor") for entry in metadata.get("contributors", ())]
    for entry, kind in people:
        party = entry["person_or_org"]
        role = (entry.get("role") or {}).get("id", "")
        yield _filled(
            {
                "title": party.get("name"),
                "givenName": party.get("given_name"),
                "familyName": party.get("family_name"),
                "path": of_web(agent_iri(party.get("identifiers"))),
                "organization": "; ".join(each["name"] for each in entry.get("affiliations") or () if each.get("name")),
                "roles": [kind, *([role] if role and role != kind else [])],
            }
        )
    if metadata.get("publisher"):
        yield {"title": metadata["publisher"], "roles": ["publisher"]}


def _licence(entry: Json, landing: str) -> Json:
    """One without an identifier and an address is told by words on the landing page."""
    name, path = spdx_id(entry), of_web(licence_iri(entry))
    return _filled({"name": name, "path": path or ("" if name else landing), "title": licence_name(entry)})


def _sources(snapshot: Snapshot) -> Iterator[Json]:
    """What the data were made from."""
    for entry in snapshot.metadata.get("related_identifiers", ()):
        if snapshot.prop("relationtypes", entry["relation_type"]["id"], "datacite") in _SOURCES:
            link = of_web(identifier_iri(entry.get("scheme", ""), entry["identifier"]))
            yield _filled({"title": entry["identifier"], "path": link})


def _resources(snapshot: Snapshot, site: Site) -> Iterator[Json]:
    """Of more files than a record names there is one resource: the archive of all."""
    entries = listed_files(snapshot)
    if not entries and has_files(snapshot):
        path = archive_url(site, snapshot.id)
        yield {"name": "files", "path": path, "format": "zip", "mediatype": "application/zip"}
    for entry, name in zip(entries, _names(entry["key"] for entry in entries), strict=True):
        digest = entry.get("sha256")
        yield _filled(
            {
                "name": name,
                "path": site.url + file_path(snapshot.id, entry["key"]),
                "title": entry["key"],
                "format": entry.get("ext"),
                "mediatype": entry.get("mimetype"),
                "bytes": entry["size"],
                "hash": f"sha256:{digest}" if digest else "",
            }
        )


def _names(keys: Iterable[str]) -> Iterator[str]:
    """Names of resources: small letters and few signs, and no two alike."""
    taken: set[str] = set()
    for number, key in enumerate(keys, 1):
        name = _NOT_IN_NAMES.sub("-", key.lower()).strip("-./") or "file"
        if name in taken:
            name = f"{name}-{number}"
        while name in taken:
            name += "-"
        taken.add(name)
        yield name


FORMAT = Format(
    name="data-package",
    title="Data Package",
    media_type="application/vnd.datapackage+json",
    file_name="datapackage.json",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=(_OF_INVENIO,),
    echoed=(_OF_INVENIO,),
    applies=has_files,
)
