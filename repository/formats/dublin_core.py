"""Unqualified Dublin Core in the wrapper of OAI-PMH.

Specified by: oai_dc.xsd; the info:eu-repo terms for types and access of OpenAIRE's literature guidelines.
"""

from collections.abc import Iterator

from repository.formats.access_rights import access_right
from repository.formats.containers import containers
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.iris import identifier_iri
from repository.formats.licences import licence_iri
from repository.formats.text import english, plain, plain_title
from repository.formats.xml_text import document, escape
from repository.records.identifiers import doi_iri, landing_iri, oai_identifier
from repository.records.snapshot import Json, Site, Snapshot

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_LOCATION = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_ROOT = (
    f'<oai_dc:dc xmlns:oai_dc="{NAMESPACE}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{NAMESPACE} {_LOCATION}">'
)


def write(snapshot: Snapshot, site: Site) -> bytes:
    lines = [f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in elements(snapshot, site) if value]
    return document("\n".join((_ROOT, *lines, "</oai_dc:dc>")))


def elements(snapshot: Snapshot, site: Site) -> Iterator[tuple[str, str]]:
    """Names and values of all elements, in the order in which they are written; some values are empty."""
    metadata = snapshot.metadata
    yield "title", plain_title(snapshot.title)
    for entry in metadata.get("additional_titles", ()):
        yield "title", plain_title(entry["title"])
    for entry in metadata.get("creators", ()):
        yield "creator", entry["person_or_org"].get("name", "")
    for entry in metadata.get("subjects", ()):
        yield "subject", entry.get("subject", "")
    yield "description", plain(metadata.get("description") or "")
    for entry in metadata.get("additional_descriptions", ()):
        yield "description", plain(entry["description"])
    yield "publisher", metadata.get("publisher", "")
    for entry in metadata.get("contributors", ()):
        yield "contributor", entry["person_or_org"].get("name", "")
    yield "date", metadata.get("publication_date", "")
    yield from _type(snapshot)
    for name in metadata.get("formats", ()):
        yield "format", name
    yield from _identifiers(snapshot, site)
    for container in containers(snapshot):
        yield "source", container.citation
    for language in metadata.get("languages", ()):
        yield "language", language["id"]
    yield from _relations(snapshot)
    for feature in (metadata.get("locations") or {}).get("features", ()):
        yield "coverage", feature.get("place", "")
    yield from _rights(snapshot)


def _type(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    kind = snapshot.metadata.get("resource_type") or {"id": ""}
    yield "type", snapshot.prop("resourcetypes", kind["id"], "eurepo")
    yield "type", english(kind.get("title"))


def _identifiers(snapshot: Snapshot, site: Site) -> Iterator[tuple[str, str]]:
    if snapshot.doi:
        yield "identifier", doi_iri(snapshot.doi)
    yield "identifier", landing_iri(site, snapshot.id)
    yield "identifier", oai_identifier(site.oai_domain, snapshot.id)
    for entry in snapshot.metadata.get("identifiers", ()):
        yield "identifier", _link(entry)


def _link(entry: Json) -> str:
    return identifier_iri(entry.get("scheme", ""), entry["identifier"]) or entry["identifier"]


def _relations(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for entry in snapshot.metadata.get("related_identifiers", ()):
        yield "relation", _link(entry)
    parent = snapshot.parent.get("pids", {}).get("doi", {}).get("identifier", "")
    if parent:
        yield "relation", doi_iri(parent)


def _rights(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    right = access_right(snapshot)
    if right:
        yield "rights", right.eurepo
    for entry in snapshot.metadata.get("rights", ()):
        yield "rights", english(entry.get("title")) or entry.get("id", "")
        yield "rights", licence_iri(entry)
    yield "rights", plain(snapshot.metadata.get("copyright") or "")


FORMAT = Format(
    name="dublin-core",
    title="Dublin Core XML",
    media_type="application/x-dc+xml",
    file_name="dublin-core.xml",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="oai_dc", namespace=NAMESPACE, schema=_LOCATION),
)
