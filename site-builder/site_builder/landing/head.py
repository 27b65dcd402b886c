"""What a landing page says in its head: to search engines, to reference managers, to machines that follow links.

Specified by: Google Scholar's inclusion guidelines (`citation_*`); DC-HTML; Open Graph; FAIR Signposting, level 1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from repository.formats import Format
from repository.formats.containers import containers
from repository.formats.dates import bounds
from repository.formats.files import listed_files
from repository.formats.iris import agent_iri, clickable
from repository.formats.licences import licence_iri
from repository.formats.signposts import authors, items, signposts
from repository.formats.text import english, plain, plain_title
from repository.records.identifiers import doi_iri, file_path, landing_iri, landing_path
from repository.records.snapshot import Site, Snapshot

NAMED = 200
"""Authors named one by one; the exports name all."""
FILES_LINKED = 100
DESCRIBED = 300
"""Characters of the description that results of search engines show."""


@dataclass(frozen=True, slots=True)
class Head:
    """Pairs for `<meta name content>` and `<meta property content>`, and links as (relation, address, media type)."""

    description: str
    canonical: str
    names: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str, str], ...]


def head(snapshot: Snapshot, site: Site, formats: Sequence[Format], base: str = "") -> Head:
    """The head of a public record's page in the language whose pages begin with `base`; `formats`: those that it can be
    had in. The record itself has one address in all languages."""
    text = " ".join(plain(snapshot.metadata.get("description") or "").split())
    description = text if len(text) <= DESCRIBED else text[: DESCRIBED - 1].rsplit(" ", 1)[0] + "…"
    title, canonical = plain_title(snapshot.title), landing_iri(site, snapshot.id)
    page = site.url + base + landing_path(snapshot.id)
    properties = (
        ("og:type", "article"),
        ("og:site_name", site.name),
        ("og:title", title),
        ("og:description", description),
        ("og:url", page),
        ("article:published_time", bounds(str(snapshot.metadata.get("publication_date", "")))[0][:10]),
    )
    names = (
        ("twitter:card", "summary"),
        *_highwire(snapshot, site, title, canonical),
        *_dublin_core(snapshot, title, canonical),
    )
    return Head(
        description=description or title,
        canonical=page,
        names=tuple(pair for pair in names if pair[1]),
        properties=tuple(pair for pair in properties if pair[1]),
        links=tuple(_signposts(snapshot, site, formats)),
    )


def _highwire(snapshot: Snapshot, site: Site, title: str, canonical: str) -> Iterator[tuple[str, str]]:
    metadata = snapshot.metadata
    yield "citation_title", title
    for entry in metadata.get("creators", ())[:NAMED]:
        party = entry["person_or_org"]
        yield "citation_author", party.get("name", "")
        for place in entry.get("affiliations") or ():
            yield "citation_author_institution", place.get("name") or ""
        iri = agent_iri(party.get("identifiers"))
        if iri.startswith("https://orcid.org/"):
            yield "citation_author_orcid", iri
    yield "citation_publication_date", bounds(str(metadata.get("publication_date", "")))[0][:10].replace("-", "/")
    yield "citation_doi", snapshot.doi
    yield "citation_publisher", metadata.get("publisher") or site.name
    yield from _published_in(snapshot)
    for entry in metadata.get("languages", ()):
        yield "citation_language", snapshot.prop("languages", entry["id"], "alpha_2") or entry["id"]
    for entry in metadata.get("subjects", ()):
        yield "citation_keywords", entry.get("subject") or ""
    yield "citation_abstract_html_url", canonical
    for entry in listed_files(snapshot):
        if entry.get("mimetype") == "application/pdf":
            yield "citation_pdf_url", site.url + file_path(snapshot.id, entry["key"])
            break


def _published_in(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for container in containers(snapshot):
        if container.kind == "Journal":
            yield "citation_journal_title", container.title
            yield "citation_issn", container.identifier
            yield "citation_volume", container.volume
            yield "citation_issue", container.issue
        elif container.kind == "Book":
            yield "citation_inbook_title", container.title
            yield "citation_isbn", container.identifier
        else:
            yield "citation_conference_title", container.title
            continue
        yield "citation_firstpage", container.first_page
        yield "citation_lastpage", container.last_page
    thesis = snapshot.custom_fields.get("thesis:thesis")
    if isinstance(thesis, dict):
        yield "citation_dissertation_institution", thesis.get("university") or ""


def _dublin_core(snapshot: Snapshot, title: str, canonical: str) -> Iterator[tuple[str, str]]:
    metadata = snapshot.metadata
    yield "DC.title", title
    for entry in metadata.get("creators", ())[:NAMED]:
        yield "DC.creator", entry["person_or_org"].get("name", "")
    yield "DC.publisher", metadata.get("publisher") or ""
    yield "DC.date", str(metadata.get("publication_date", ""))
    for entry in metadata.get("subjects", ()):
        yield "DC.subject", entry.get("subject") or ""
    yield "DC.type", english((metadata.get("resource_type") or {}).get("title"))
    yield "DC.identifier", doi_iri(snapshot.doi) if snapshot.doi else canonical
    for entry in metadata.get("languages", ()):
        yield "DC.language", entry["id"]
    for entry in metadata.get("rights", ()):
        yield "DC.rights", clickable(licence_iri(entry)) or english(entry.get("title"))


def _signposts(snapshot: Snapshot, site: Site, formats: Sequence[Format]) -> Iterator[tuple[str, str, str]]:
    """All of them but files, of which the linkset names the rest."""
    links = [*signposts(snapshot, site, formats), *authors(snapshot)[:NAMED]]
    for link in (*links, *items(snapshot, site)[:FILES_LINKED]):
        yield link.relation, link.href, link.media_type
