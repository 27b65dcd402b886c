"""What ResourceSync lists of one record beside its page: the documents that are frozen, and its public files. Written
once when the record is frozen, as entries of a list; a list of changes adds to each what happened.

Pure. Specified by: ANSI/NISO Z39.99-2017, 5 and 14 (links to related resources).
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from repository.formats import FORMATS, dcat_turtle
from repository.formats.files import listed_files
from repository.formats.xml_text import escape
from repository.records.identifiers import file_path, format_url, landing_iri, landing_path
from repository.records.snapshot import Site, Snapshot
from site_builder import notes

FILES = 20
"""Of a record with more files none is listed: its linkset names them all."""
_DOCUMENTS = {form.file_name: form for form in FORMATS if form.frozen}
_LISTED_TYPE = re.compile(r"[\w-]+/[\w-]+")
"""The schema of ResourceSync allows no media type with a `+` or a `.`."""
_FACTS = "<rs:md "


def entries(snapshot: Snapshot, site: Site, documents: Mapping[str, bytes]) -> str:
    """Of a public record whose frozen documents are these, by their names."""
    return "".join((*_documents(snapshot, site, documents), *_files(snapshot, site)))


def _documents(snapshot: Snapshot, site: Site, documents: Mapping[str, bytes]) -> Iterator[str]:
    """Each describes the record, and is a form of what is had at the record's address by negotiation."""
    landing = escape(landing_iri(site, snapshot.id))
    links = f'<rs:ln rel="describes" href="{landing}"/><rs:ln rel="canonical" href="{landing}"/>'
    for name, data in documents.items():
        address = format_url(site, snapshot.id, name)
        media_type = _DOCUMENTS[name].media_type
        yield _entry(address, snapshot.updated, sha256(data).hexdigest(), len(data), media_type, links)


def _files(snapshot: Snapshot, site: Site) -> Iterator[str]:
    found = listed_files(snapshot)
    if len(found) > FILES:
        return
    described = escape(format_url(site, snapshot.id, dcat_turtle.FORMAT.file_name))
    links = (
        f'<rs:ln rel="describedby" href="{described}"/>'
        f'<rs:ln rel="collection" href="{escape(landing_iri(site, snapshot.id))}"/>'
    )
    for entry in found:
        address = site.url + file_path(snapshot.id, entry["key"])
        media_type = entry.get("mimetype") or ""
        yield _entry(address, snapshot.updated, entry.get("sha256") or "", entry["size"], media_type, links)


def _entry(address: str, updated: str, digest: str, size: int, media_type: str, links: str) -> str:
    kind = f' type="{media_type}"' if _LISTED_TYPE.fullmatch(media_type) else ""
    hashed = f' hash="sha-256:{digest}"' if digest else ""
    return (
        f"<url><loc>{escape(address)}</loc><lastmod>{notes.seconds(updated)}</lastmod>"
        f'{_FACTS}length="{size}"{hashed}{kind}/>{links}</url>\n'
    )


def changed(listed: str, action: str, at: str) -> str:
    """Entries as those of a list of changes."""
    return listed.replace(_FACTS, f'{_FACTS}change="{action}" datetime="{at}" ')


def removed(record_id: str, site_url: str, at: str) -> str:
    """That the documents of a record are no more. Its files are not named: nothing is said of what was removed."""
    folder = escape(site_url) + landing_path(record_id)
    facts = f'{_FACTS}change="deleted" datetime="{at}"/>'
    return "".join(f"<url><loc>{folder}/{name}</loc>{facts}</url>\n" for name in _DOCUMENTS)
