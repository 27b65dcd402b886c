"""What the feed says of one record, written once when the record is frozen.

Pure. Specified by: RFC 4287, 4.1.2 (atom:entry).
"""

from datetime import UTC, datetime

from repository.formats.text import clean, plain, plain_title
from repository.formats.xml_text import escape
from repository.records.identifiers import landing_iri
from repository.records.snapshot import Site, Snapshot
from site_builder.landing.people import spoken_name

SUMMARISED = 200
"""Characters of the description."""
NAMED = 10
"""Authors in the feed; of more the first."""


def moment(at: datetime) -> str:
    """The time of a change, in milliseconds: `2026-11-24T10:00:00.000Z`. Specified by: RFC 3339."""
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def seconds(at: str) -> str:
    """A moment for `lastmod`: seconds are enough, and `Z` is shorter. Specified by: W3C Date and Time Formats."""
    return f"{at[:19]}Z"


def title_of(snapshot: Snapshot) -> str:
    return clean(plain_title(snapshot.title)) or snapshot.id


def summary_of(snapshot: Snapshot) -> str:
    """The beginning of the description, on one line."""
    said = " ".join(clean(plain(snapshot.metadata.get("description") or "")).split())
    return said if len(said) <= SUMMARISED else said[: SUMMARISED - 1].rsplit(" ", 1)[0] + "…"


def atom(snapshot: Snapshot, site: Site, title: str, summary: str) -> str:
    """The inside of an entry of the feed, its time of change left out."""
    address = escape(landing_iri(site, snapshot.id))
    names = [spoken_name(entry["person_or_org"]) for entry in snapshot.metadata.get("creators", ())[:NAMED]]
    authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in map(clean, names) if name)
    return (
        f'<id>{address}</id><title>{escape(title)}</title><link rel="alternate" type="text/html" href="{address}"/>'
        f"<published>{snapshot.created[:19]}Z</published>{authors}<summary>{escape(summary or title)}</summary>"
    )
