"""The typed links of a record: the same in its page's head, in HTTP headers and in its linksets.

Specified by: FAIR Signposting; RFC 8288 (links), RFC 8574 (cite-as), RFC 6573 (collection, item), RFC 5829 (versions),
RFC 7089 (original, timegate, timemap).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from repository.formats.files import listed_files
from repository.formats.format import Format
from repository.formats.iris import agent_iri, clickable
from repository.formats.licences import licence_iri, licences
from repository.records.identifiers import file_path, format_url, landing_iri, subject_iri, timegate_url, timemap_url
from repository.records.snapshot import Site, Snapshot
from repository.records.visibility import beside, latest, visible_versions

HTML = "text/html"
LINK_FORMAT = "application/link-format"
LONGEST_HEADER = 4000
"""Bytes of all links in a header, whatever the record."""
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


@dataclass(frozen=True, slots=True)
class Signpost:
    """A link from the landing page, its target an absolute URI."""

    relation: str
    href: str
    media_type: str = ""
    title: str = ""

    def __str__(self) -> str:
        """As a member of a header field. Specified by: RFC 8288, 3."""
        media_type = f'; type="{self.media_type}"' if self.media_type else ""
        title = f'; title="{self.title}"' if self.title else ""
        return f'<{self.href}>; rel="{self.relation}"{media_type}{title}'


def signposts(snapshot: Snapshot, site: Site, formats: Iterable[Format]) -> Iterator[Signpost]:
    """All but authors and files, so as many as there are formats and versions near; the most important ones first.

    `formats` are those that the record can be had in.
    """
    yield Signpost("cite-as", uri(subject_iri(site, snapshot)))
    ways = [Signpost(form.relation, format_url(site, snapshot.id, form.file_name), bare(form.media_type), form.title)
            for form in formats]  # fmt: skip
    yield from (way for way in ways if way.relation == "linkset")
    yield Signpost("type", "https://schema.org/AboutPage")
    kind = snapshot.prop("resourcetypes", (snapshot.metadata.get("resource_type") or {}).get("id", ""), "schema.org")
    if kind.startswith(("https://", "http://")):
        yield Signpost("type", uri(kind.replace("http://", "https://", 1)))
    found = [iri for entry in licences(snapshot.metadata) if (iri := clickable(licence_iri(entry)))]
    if len(found) == 1:
        yield Signpost("license", uri(found[0]))
    yield Signpost("collection", f"{site.url}/", HTML)
    yield Signpost("original", landing_iri(site, snapshot.parent_id))
    yield Signpost("timegate", timegate_url(site, snapshot.id))
    yield Signpost("timemap", timemap_url(site, snapshot.id), LINK_FORMAT)
    yield from _versions(snapshot, site)
    yield from (way for way in ways if way.relation == "describedby")


def authors(snapshot: Snapshot) -> list[Signpost]:
    """Those that have an IRI, each once."""
    entries = snapshot.metadata.get("creators", ())
    known = (agent_iri(entry["person_or_org"].get("identifiers")) for entry in entries)
    return [Signpost("author", uri(iri)) for iri in dict.fromkeys(known) if iri]


def items(snapshot: Snapshot, site: Site) -> list[Signpost]:
    """The files that everybody may list."""
    return [
        Signpost("item", site.url + file_path(snapshot.id, entry["key"]), bare(entry.get("mimetype") or ""))
        for entry in listed_files(snapshot)
    ]


def _versions(snapshot: Snapshot, site: Site) -> Iterator[Signpost]:
    """Those that everybody may know of, whoever asks."""
    before, after = beside(snapshot)
    if before:
        yield Signpost("predecessor-version", landing_iri(site, before.id), HTML)
    if after:
        yield Signpost("successor-version", landing_iri(site, after.id), HTML)
    newest = latest(visible_versions(snapshot))
    if newest:
        yield Signpost("latest-version", landing_iri(site, newest.id), HTML)


def header(links: Sequence[Signpost]) -> str:
    """The field `Link`: as many as LONGEST_HEADER holds, the first ones first; titles are for linksets."""
    left, found = LONGEST_HEADER, []
    for link in links:
        text = str(Signpost(link.relation, link.href, link.media_type))
        if len(text) + 2 <= left:
            left -= len(text) + 2
            found.append(text)
    return ", ".join(found)


def alternates(snapshot: Snapshot, site: Site, formats: Iterable[Format]) -> list[str]:
    """Of every profile in which the record can be had the documents, as members of `Link`: far fewer than 4 kB.
    Specified by: Content Negotiation by Profile, 7.2 (list profiles)."""
    found = []
    for form in formats:
        if form.profiles:
            link = Signpost("alternate", format_url(site, snapshot.id, form.file_name), bare(form.media_type))
            found.append(f'{link}; profile="{form.profiles[0]}"')
    return found


def uri(iri: str) -> str:
    """An IRI as a URI, for header fields are ASCII. Specified by: RFC 3987, 3.1."""
    return iri if iri.isascii() else quote(iri, safe="!#$%&'()*+,/:;=?@[]~")


@lru_cache(maxsize=1024)
def bare(media_type: str) -> str:
    """A media type without parameters, as links have it; empty if it is none. Specified by: RFC 8288, 3.4.1."""
    bare_type = media_type.partition(";")[0].strip().lower()
    return bare_type if _MEDIA_TYPE.fullmatch(bare_type) else ""
