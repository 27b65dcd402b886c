"""What lists for machines say of one record, written once when the record is frozen: pieces of Turtle and of Atom.

Pure. Addresses in the Turtle are relative to the site's root, as in all pages of the catalogue.
Specified by: DCAT-AP 3.0 (CatalogRecord, Dataset); RFC 4287, 4.1.2 (atom:entry).
"""

from datetime import UTC, datetime

from pyoxigraph import NamedNode

from repository.formats import dcat_turtle
from repository.formats.dates import bounds
from repository.formats.rdf_graph import date, text
from repository.formats.text import clean, plain, plain_title
from repository.formats.xml_text import escape
from repository.records.identifiers import CATALOGUE, landing_iri, subject_iri
from repository.records.snapshot import Site, Snapshot
from site_builder.landing.people import spoken_name

SUMMARISED = 200
"""Characters of the description."""
NAMED = 10
"""Authors in the feed; of more the first."""
CATALOG = f"<{CATALOGUE}>"


def moment(at: datetime) -> str:
    """The time of a change, in milliseconds: `2026-11-24T10:00:00.000Z`. Specified by: RFC 3339."""
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def title_of(snapshot: Snapshot) -> str:
    return clean(plain_title(snapshot.title)) or snapshot.id


def summary_of(snapshot: Snapshot) -> str:
    """The beginning of the description, on one line."""
    said = " ".join(clean(plain(snapshot.metadata.get("description") or "")).split())
    return said if len(said) <= SUMMARISED else said[: SUMMARISED - 1].rsplit(" ", 1)[0] + "…"


def described(snapshot: Snapshot, site: Site, title: str, summary: str) -> str:
    """The record as the catalogue lists it: what it is about, its page, and where the whole is in Turtle."""
    landing, subject = f"<records/{snapshot.id}>", str(NamedNode(subject_iri(site, snapshot)))
    has_own_subject = subject != str(NamedNode(landing_iri(site, snapshot.id)))
    about = [f"dct:title {text(title)}", f"dct:description {text(summary) or text(title)}"]
    page = [f"foaf:primaryTopic {subject}", f"rdfs:seeAlso <records/{snapshot.id}/{dcat_turtle.FORMAT.file_name}>"]
    page.append(f"dct:modified {date(snapshot.updated)}")
    if has_own_subject:
        about += [f"dcat:landingPage {landing}", f"dct:modified {date(_modified(snapshot))}"]
    return (
        f"{CATALOG} dcat:dataset {subject} ; dcat:record {landing} .\n"
        f"{subject} a dcat:Dataset ; {' ; '.join(about)} .\n"
        f"{landing} a dcat:CatalogRecord, foaf:Document ; {' ; '.join(page)} .\n"
    )


def _modified(snapshot: Snapshot) -> str:
    """As `record.ttl` has it, which wants one date only."""
    given = [entry for entry in snapshot.metadata.get("dates", ()) if (entry.get("type") or {}).get("id") == "updated"]
    return (bounds(given[-1]["date"])[1] if given else "") or snapshot.updated


def atom(snapshot: Snapshot, site: Site, title: str, summary: str) -> str:
    """The inside of an entry of the feed, its time of change left out."""
    address = escape(landing_iri(site, snapshot.id))
    names = [spoken_name(entry["person_or_org"]) for entry in snapshot.metadata.get("creators", ())[:NAMED]]
    authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in map(clean, names) if name)
    return (
        f'<id>{address}</id><title>{escape(title)}</title><link rel="alternate" type="text/html" href="{address}"/>'
        f"<published>{snapshot.created[:19]}Z</published>{authors}<summary>{escape(summary or title)}</summary>"
    )
