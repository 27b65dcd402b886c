"""RO-Crate metadata: what schema.org is told, as a flat list of entities that refer to each other.

A detached crate: nothing has to be downloaded, the files are named by their addresses. Each record can be had in it.
The context is named and never fetched.
Specified by: RO-Crate 1.2, root data entity, data entities, and appendix RO-Crate JSON-LD.
"""

from typing import Any

import orjson

from repository.formats.access_rights import stated_right
from repository.formats.files import has_files
from repository.formats.format import Format, source_digest
from repository.formats.kinds import as_works
from repository.formats.licences import licence_iri, licence_name, licences
from repository.formats.schema_org import document as schema_org_document
from repository.formats.text import english, plain
from repository.records.snapshot import Json, Site, Snapshot

VERSION = "https://w3id.org/ro/crate/1.2"
_DESCRIPTOR = "ro-crate-metadata.json"
_OTHERWISE = ("@context", "@type", "creator", "license", "distribution", "@id", "identifier", "citation", "mentions")
"""What is not said at all, or in other words: `creator` names whom `author` names."""
_DOI = "https://registry.identifiers.org/registry/doi"


def write(snapshot: Snapshot, site: Site) -> bytes:
    return orjson.dumps(document(snapshot, site))


def document(snapshot: Snapshot, site: Site) -> Json:
    said = schema_org_document(snapshot, site)
    kind = said["@type"]
    root: Json = {
        "@id": said["@id"],
        "@type": "Dataset" if kind == "Dataset" else ["Dataset", kind],
        **{name: as_works(value) for name, value in said.items() if name not in _OTHERWISE},
        "description": said["description"],
        "license": [_licence(entry) for entry in licences(snapshot.metadata)] or _terms(snapshot),
        **_identified(snapshot, said),
        **_cited(said),
    }
    files = said.get("distribution", []) if has_files(snapshot) else []
    if snapshot.files.get("entries"):
        root["hasPart"] = [*map(_file, files), *as_works(said.get("hasPart", []))]
    else:
        root["distribution"] = files  # the archive of all
    descriptor = {
        "@id": _DESCRIPTOR,
        "@type": "CreativeWork",
        "conformsTo": {"@id": VERSION},
        "about": {"@id": said["@id"]},
    }
    entities = _Entities()
    entities.take(root)
    return {"@context": f"{VERSION}/context", "@graph": [descriptor, *entities.found()]}


def _identified(snapshot: Snapshot, said: Json) -> Json:
    """The DOI as a node with its registry, beside those of the depositor."""
    known = said["identifier"] if isinstance(said["identifier"], list) else [said["identifier"]]
    if not snapshot.doi:
        return {"identifier": known}
    doi = {
        "@type": "PropertyValue",
        "name": "DOI",
        "propertyID": _DOI,
        "value": f"doi:{snapshot.doi}",
        "url": said["@id"],
    }
    return {"identifier": [doi, *known[1:]], "cite-as": said["@id"]}


def _cited(said: Json) -> Json:
    """Only works with an address are citations; references that are words are mentioned."""
    works = as_works(said.get("citation", []))
    others = [work for work in works if "@id" not in work]
    cited = [work for work in works if "@id" in work]
    return {"citation": cited, "mentions": [*as_works(said.get("mentions", [])), *others]}


def _terms(snapshot: Snapshot) -> str:
    """A crate must have these too, and may have them as a text."""
    said = plain(snapshot.metadata.get("copyright") or "")
    return said or f"{stated_right(snapshot).title}. No licence is stated."


def _licence(entry: Json) -> Json:
    name, link = licence_name(entry), licence_iri(entry)
    about = {"name": name, "description": english(entry.get("description")) or name}
    return {"@type": "CreativeWork", **about} | ({"@id": link} if link else {})


def _file(download: Json) -> Json:
    """A file is named by the address of its bytes."""
    said = {name: value for name, value in download.items() if name not in ("@id", "contentUrl") and value}
    return said | {"@id": download["contentUrl"], "@type": "File"}


class _Entities:
    """Entities by their ids; what lies in another is taken out and referred to, equal things once."""

    def __init__(self) -> None:
        self._by_id: dict[str, Json] = {}
        self._local: dict[bytes, str] = {}

    def found(self) -> list[Json]:
        return list(self._by_id.values())

    def take(self, node: Json) -> Json:
        """The reference to a node and all that lies in it. Of two with one id, what the first says counts."""
        identifier = node.get("@id") or self._name(node)
        entity = self._by_id.setdefault(identifier, {"@id": identifier})
        for name, value in node.items():
            if (value or value is False) and name not in entity:
                entity[name] = value if name == "@type" else self._flat(value)
        if identifier.startswith("http"):
            entity.setdefault("name", identifier)
        return {"@id": identifier}

    def _name(self, node: Json) -> str:
        """An id of this document; blank where the node has no name."""
        key = orjson.dumps(node)
        prefix = "#" if node.get("name") else "_:"
        return self._local.setdefault(key, f"{prefix}{node['@type'].lower()}-{len(self._local) + 1}")

    def _flat(self, value: Any) -> Any:
        if isinstance(value, list):
            flat = [self._flat(inner) for inner in value]
            return flat[0] if len(flat) == 1 else flat
        if isinstance(value, dict):
            return self.take(value) if "@type" in value else value["@id"]  # of what is not described, the address
        return value


_PROFILES = "http://www.w3.org/ns/json-ld#flattened http://www.w3.org/ns/json-ld#compacted https://w3id.org/ro/crate"
FORMAT = Format(
    name="ro-crate",
    title="RO-Crate metadata",
    media_type=f'application/ld+json;profile="{_PROFILES}"',
    file_name=_DESCRIPTOR,
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=(
        'application/ld+json;profile="https://w3id.org/ro/crate"',
        f'application/ld+json;profile="{VERSION}"',
        'application/ld+json;profile="https://w3id.org/ro/crate/1.1"',
    ),
)
