"""Everything that a landing page shows, computed from a record without any I/O; the template only sets it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from repository.api.localised import title
from repository.api.ui import publishing_information
from repository.formats.iris import clean_iri, clickable
from repository.formats.licences import licence_iri
from repository.formats.text import plain_title
from repository.records.custom_fields import CustomFields
from repository.records.identifiers import doi_iri, landing_path
from repository.records.snapshot import Json, Neighbour, Site, Snapshot
from repository.records.text import clean_html
from repository.records.visibility import Viewer, is_listed, latest, visible_versions
from site_builder.axes import NAMED
from site_builder.landing.citation import citation, styles
from site_builder.landing.fields import Place, custom_fields, dates, places
from site_builder.landing.files import FileList, file_list
from site_builder.landing.links import Link, Row, Term, host_of, row, term_path
from site_builder.landing.people import People, people
from site_builder.landing.place_map import PlaceMap, place_map
from site_builder.landing.shown import FilePreview, file_previews
from site_builder.landing.works import Grant, grants, identifiers, references, related
from site_builder.previews.choosing import Shown
from site_builder.texts import Texts, date_text, day_text


@dataclass(frozen=True, slots=True)
class Section:
    """A titled text in clean HTML."""

    heading: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Titled:
    kind: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Licence:
    name: Term
    description: str


@dataclass(frozen=True, slots=True)
class Version:
    label: str
    date: str
    href: str
    is_this: bool
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Access:
    """The badge, and the notice where not everything can be seen by everybody."""

    status: str
    name: str
    description: str
    notice: str
    reason: str


@dataclass(frozen=True, slots=True)
class LandingPage:
    """One record as one viewer sees it."""

    id: str
    title: str
    language: str
    """ISO 639-1 code of a record in one language, else empty."""
    kind: str
    published: str
    version: str
    access: Access
    newest: str
    """Path of the newest version where this is an older one."""
    is_draft: bool
    people: People
    titles: tuple[Titled, ...]
    description: Section | None
    descriptions: tuple[Section, ...]
    files: FileList | None
    previews: tuple[FilePreview, ...]
    identifiers: tuple[Link, ...]
    related: tuple[Row, ...]
    grants: tuple[Grant, ...]
    dates: tuple[Row, ...]
    references: tuple[Link, ...]
    custom_fields: tuple[tuple[str, tuple[Row, ...]], ...]
    versions: tuple[Version, ...]
    doi: Link | None
    parent_doi: Link | None
    details: tuple[Row, ...]
    subjects: tuple[Term, ...]
    licences: tuple[Licence, ...]
    copyright: str
    citation: str
    styles: tuple[tuple[str, str], ...]
    """Names of further styles, and the files of the record with the citation in them."""
    places: tuple[Place, ...]
    map: PlaceMap | None
    technical: tuple[Row, ...]


def landing_page(
    snapshot: Snapshot,
    viewer: Viewer,
    site: Site,
    fields: CustomFields,
    texts: Texts,
    *,
    files_visible: bool,
    draft: bool = False,
    shown: Sequence[Shown] = (),
) -> LandingPage:
    """`shown` are the previews of its files, where the viewer may see those."""
    metadata, language = snapshot.metadata, texts.language
    versions = visible_versions(snapshot, viewer)
    newest = latest(versions)
    listed = not draft and is_listed(snapshot)
    return LandingPage(
        id=snapshot.id,
        title=plain_title(snapshot.title) or texts.untitled,
        language=_language(snapshot),
        kind=title(metadata.get("resource_type") or {}, language),
        published=date_text(str(metadata.get("publication_date", "")), language),
        version=metadata.get("version", ""),
        access=_access(snapshot, texts, files_visible=files_visible),
        newest=texts.base + landing_path(newest.id) if newest and newest.index > snapshot.index and not draft else "",
        is_draft=draft,
        people=people(metadata, language),
        titles=tuple(_titled(snapshot, entry, language) for entry in metadata.get("additional_titles", ())),
        description=_section(texts.description, metadata.get("description") or "", _language(snapshot)),
        descriptions=tuple(_further_sections(snapshot, language)),
        files=file_list(snapshot, texts, draft=draft) if files_visible else None,
        previews=file_previews(snapshot, shown, texts) if files_visible and not draft else (),
        identifiers=identifiers(metadata),
        related=related(metadata, language),
        grants=grants(metadata, texts),
        dates=dates(metadata, texts),
        references=references(metadata),
        custom_fields=custom_fields(snapshot.custom_fields, fields, texts),
        versions=version_list(versions, snapshot, texts),
        doi=Link(snapshot.doi, doi_iri(snapshot.doi)) if snapshot.doi and not draft else None,
        parent_doi=_parent_doi(snapshot),
        details=_details(snapshot, texts, listed),
        subjects=tuple(_subjects(metadata, listed)),
        licences=tuple(_licence(entry, language, listed) for entry in metadata.get("rights", ())),
        copyright=metadata.get("copyright") or "",
        citation=citation(snapshot, site, texts),
        styles=styles(language),
        places=places(metadata, texts),
        map=place_map(metadata, texts) if metadata.get("locations") else None,
        technical=_technical(snapshot, texts),
    )


def alpha_2(snapshot: Snapshot, term: Json | None) -> str:
    """The ISO 639-1 code of a language term, as HTML wants it where there is one."""
    return snapshot.prop("languages", term["id"], "alpha_2") if term else ""


def _language(snapshot: Snapshot) -> str:
    languages = snapshot.metadata.get("languages", ())
    return alpha_2(snapshot, languages[0]) if len(languages) == 1 else ""


def _access(snapshot: Snapshot, texts: Texts, *, files_visible: bool) -> Access:
    access = snapshot.access
    status = access["status"]
    embargo = access.get("embargo") or {}
    until = date_text(embargo["until"], texts.language) if embargo.get("active") and embargo.get("until") else ""
    notice = ""
    if snapshot.closed:
        notice = texts.embargoed_record.format(until) if until else texts.closed_notice
    elif snapshot.files_closed and snapshot.files.get("enabled"):
        notice = texts.files_embargoed.format(until) if until else texts.files_restricted
        notice += f" {texts.files_open_to_you}" if files_visible else ""
    said = texts.access[status], texts.access_meant[status]
    return Access(status, *said, notice, (embargo.get("reason") or "") if notice and until else "")


def _titled(snapshot: Snapshot, entry: Json, language: str) -> Titled:
    kind = title(entry.get("type") or {}, language)
    return Titled(kind, plain_title(entry["title"]), alpha_2(snapshot, entry.get("lang")))


def _section(heading: str, html: str, language: str) -> Section | None:
    """Cleaned once more: what was stored by other versions of the cleaner must not be trusted by a page."""
    cleaned = clean_html(html)
    return Section(heading, cleaned, language) if cleaned else None


def _further_sections(snapshot: Snapshot, language: str) -> list[Section]:
    found = (
        _section(title(entry.get("type") or {}, language), entry["description"], alpha_2(snapshot, entry.get("lang")))
        for entry in snapshot.metadata.get("additional_descriptions", ())
    )
    return [section for section in found if section]


def version_list(versions: tuple[Neighbour, ...], snapshot: Snapshot, texts: Texts) -> tuple[Version, ...]:
    """The newest first."""
    return tuple(_version(version, snapshot, texts) for version in reversed(versions))


def _version(version: Neighbour, snapshot: Snapshot, texts: Texts) -> Version:
    return Version(
        label=texts.version.format(version.version or version.index),
        date=date_text(version.publication_date, texts.language) if version.publication_date else "",
        href=texts.base + landing_path(version.id),
        is_this=version.id == snapshot.id,
        is_withdrawn=version.state != "published",
    )


def _parent_doi(snapshot: Snapshot) -> Link | None:
    doi = snapshot.parent.get("pids", {}).get("doi", {}).get("identifier", "")
    return Link(doi, doi_iri(doi)) if doi else None


def _details(snapshot: Snapshot, texts: Texts, listed: bool) -> tuple[Row, ...]:
    metadata, language = snapshot.metadata, texts.language
    year = str(metadata.get("publication_date", ""))[:4]
    kinds = [metadata["resource_type"]] if metadata.get("resource_type") else []
    rows = (
        Row(texts.resource_type, _terms("types", kinds, language, listed)),
        row(texts.publisher, [metadata.get("publisher") or ""]),
        row(texts.published_in, publishing_information(snapshot.custom_fields, year).values()),
        Row(texts.languages, _terms("languages", metadata.get("languages", ()), language, listed)),
        row(texts.sizes, metadata.get("sizes", ())),
        row(texts.formats, metadata.get("formats", ())),
    )
    return tuple(found for found in rows if found.values)


def _terms(axis: str, entries: Sequence[Json], language: str, listed: bool) -> tuple[Link, ...]:
    return tuple(
        Link(title(entry, language), term_path(axis, entry["id"], "", is_listed=listed and number < NAMED))
        for number, entry in enumerate(entries)
    )


def _subjects(metadata: Json, listed: bool) -> Iterator[Term]:
    for number, entry in enumerate(metadata.get("subjects", ())):
        term_id, name = str(entry.get("id", "")), entry.get("subject", "")
        iri = clickable(clean_iri(term_id))
        href = term_path("subjects", term_id, name, is_listed=listed and number < NAMED)
        yield Term(name or term_id, href, iri, entry.get("scheme") or host_of(iri))


def _licence(entry: Json, language: str, listed: bool) -> Licence:
    iri = clickable(licence_iri(entry))
    about = title({"title": entry["description"]}, language) if entry.get("description") else ""
    href = term_path("licences", entry["id"], "", is_listed=listed) if entry.get("id") else ""
    return Licence(Term(title(entry, language), href, iri, host_of(iri)), about)


def _technical(snapshot: Snapshot, texts: Texts) -> tuple[Row, ...]:
    rows = (
        row(texts.record_id, [snapshot.id]),
        row(texts.oai_id, [snapshot.pids.get("oai", {}).get("identifier", "")]),
        row(texts.created, [day_text(snapshot.created, texts.language)]),
        row(texts.updated, [day_text(snapshot.updated, texts.language)]),
    )
    return tuple(found for found in rows if found.values)
