"""A record as one line of a list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from markupsafe import Markup

from repository.api.localised import title
from repository.formats import dcat_listed
from repository.formats.text import plain_title
from repository.records.identifiers import landing_path, subject_iri
from repository.records.snapshot import Site, Snapshot
from repository.records.visibility import is_listed
from site_builder import axes, notes, resources, shards
from site_builder.catalogue import Listing
from site_builder.context import pages
from site_builder.landing.people import spoken_name
from site_builder.rendering import markup
from site_builder.texts import Texts, date_text, number_text

NAMED = 3
"""Of more creators only the first ones are named."""


@dataclass(frozen=True, slots=True)
class Entry:
    href: str
    title: str
    creators: str
    published: str
    kind: str
    version: str
    status: str
    access: str


def entry(snapshot: Snapshot, words: Texts) -> Entry:
    metadata, language = snapshot.metadata, words.language
    creators = metadata.get("creators", ())
    named = [spoken_name(creator["person_or_org"]) for creator in creators[:NAMED]]
    if len(creators) > NAMED:
        named.append(words.and_others.format(number_text(len(creators) - NAMED, language)))
    status = snapshot.access["status"]
    return Entry(
        href=words.base + landing_path(snapshot.id),
        title=plain_title(snapshot.title) or words.untitled,
        creators=", ".join(named),
        published=date_text(str(metadata.get("publication_date", "")), language),
        kind=title(metadata.get("resource_type") or {}, language),
        version=words.version.format(metadata.get("version") or snapshot.index) if snapshot.index > 1 else "",
        status=status,
        access=words.access[status],
    )


def line(snapshot: Snapshot, words: Texts, found: Mapping[str, Sequence[str]] | None = None) -> str:
    """The HTML of the line. `found`: the fragments of `search.highlights`, HTML as well."""
    marked = {name: Markup(" … ".join(fragments)) for name, fragments in (found or {}).items()}  # noqa: S704
    return markup(
        "entry.html",
        words,
        entry=entry(snapshot, words),
        title=marked.get("metadata.title"),
        description=marked.get("metadata.description"),
    ).decode()


_BESIDE = "\x1f"
"""Between the same line in several languages: no HTML of ours has this character."""


def in_all(snapshot: Snapshot, languages: Iterable[Texts]) -> str:
    """The line in these languages, for the catalogue."""
    return _BESIDE.join(line(snapshot, words) for words in languages)


def joined(lines: Iterable[str]) -> Markup:
    """Lines as they were rendered by `line`, and those of the catalogue in the language of the page."""
    here = pages()
    place = here.languages.index(here.words)
    among = (line.split(_BESIDE) for line in lines)
    return Markup("".join(said[min(place, len(said) - 1)] for said in among))  # noqa: S704


def listing(
    snapshot: Snapshot, site: Site, languages: Iterable[Texts], page: bytes, documents: Mapping[str, bytes]
) -> Listing:
    """What the catalogue keeps of a public record with this landing page and these frozen documents, by name."""
    metadata = snapshot.metadata
    kind = (metadata.get("resource_type") or {}).get("id", "")
    title_said, summary = notes.title_of(snapshot), notes.summary_of(snapshot)
    return Listing(
        place=shards.place(str(metadata.get("publication_date", "")), snapshot.created, snapshot.id),
        is_latest=is_listed(snapshot),
        kind=snapshot.prop("resourcetypes", kind, "type") or kind,
        created=snapshot.created,
        line=in_all(snapshot, languages),
        atom=notes.atom(snapshot, site, title_said, summary),
        resources=resources.entries(snapshot, site, documents),
        turtle=dcat_listed.write(snapshot, site),
        subject=subject_iri(site, snapshot),
        title=title_said,
        digest=sha256(page).hexdigest(),
        size=len(page),
        keys=axes.keys(snapshot),
    )
