"""Data sets for machine learning: what schema.org is told, and each file with the digest by which a loader checks it.

Nothing is said of what lies in the files (`recordSet`): nobody has told it.
Specified by: MLCommons Croissant 1.1, http://mlcommons.org/croissant/1.1; appendix 1 for the context.
"""

import orjson

from repository.formats.files import has_files, listed_files
from repository.formats.format import Format, source_digest
from repository.formats.kinds import as_works, is_dataset
from repository.formats.licences import licences
from repository.formats.schema_org import document as schema_org_document
from repository.formats.text import plain
from repository.records.identifiers import distribution_iri, file_path
from repository.records.snapshot import Json, Site, Snapshot

VERSION = "http://mlcommons.org/croissant/1.1"
_WORDS = (
    "annotation",
    "arrayShape",
    "citeAs",
    "column",
    "containedIn",
    "equivalentProperty",
    "excludes",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "readLines",
    "recordSet",
    "references",
    "regex",
    "sdVersion",
    "separator",
    "source",
    "subField",
    "transform",
    "unArchive",
    "value",
)
_CONTEXT = {
    "@language": None,
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{word: f"cr:{word}" for word in _WORDS},
}
"""That of the specification, which readers compare it with; but texts are in whatever language they are."""
_OTHERWISE = ("@context", "author", "distribution", "includedInDataCatalog", "inLanguage", "keywords")
"""What schema.org is told and Croissant is not, or in other words. Keywords and languages are texts, which all readers
take; the specification knows nodes as well."""


def write(snapshot: Snapshot, site: Site) -> bytes:
    said = schema_org_document(snapshot, site)
    result: Json = {"@context": _CONTEXT, "@type": "sc:Dataset", "conformsTo": VERSION}
    result |= {name: as_works(value) for name, value in said.items() if name not in _OTHERWISE and name not in result}
    result["keywords"] = [word if isinstance(word, str) else word["name"] for word in said.get("keywords", ())]
    result["inLanguage"] = [entry["alternateName"] for entry in said.get("inLanguage", ())]
    result["sameAs"] = [work["@id"] for work in said.get("sameAs", ()) if "@id" in work]
    result["distribution"] = _files(snapshot, site)
    return orjson.dumps({name: value for name, value in result.items() if value or value is False})


def applies(snapshot: Snapshot) -> bool:
    """A data set that has a licence, a description and files that everybody may see.

    Not one with more files than a record names: the archive of all has no digest.
    """
    if not is_dataset(snapshot) or not has_files(snapshot) or not snapshot.files["entries"]:
        return False
    begin = (snapshot.metadata.get("description") or "")[:1000]  # pages ask; a long text need not be read for it
    return bool(licences(snapshot.metadata) and plain(begin))


def _files(snapshot: Snapshot, site: Site) -> list[Json]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": distribution_iri(site, snapshot.id, entry["key"]),
            "name": entry["key"],
            "contentUrl": site.url + file_path(snapshot.id, entry["key"]),
            "contentSize": f"{entry['size']} B",
            "encodingFormat": entry.get("mimetype") or "application/octet-stream",
            "sha256": entry.get("sha256", ""),
        }
        for entry in listed_files(snapshot)
    ]


FORMAT = Format(
    name="croissant",
    title="Croissant",
    media_type=f'application/ld+json;profile="{VERSION}"',
    file_name="croissant.json",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=('application/ld+json;profile="http://mlcommons.org/croissant/1.0"',),
    applies=applies,
)
