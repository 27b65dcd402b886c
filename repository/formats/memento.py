"""Versions as mementos of what stands behind them all. Specified by: RFC 7089, 2.1.1 and 5; RFC 6690."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from repository.formats.signposts import LINK_FORMAT
from repository.records.identifiers import landing_iri, timemap_url
from repository.records.snapshot import Site, Snapshot


def moment(snapshot: Snapshot) -> str:
    """When this version was published, as HTTP writes dates. Later corrections of its metadata leave it."""
    return format_datetime(datetime.fromisoformat(snapshot.created).astimezone(UTC), usegmt=True)


def timemap(versions: Sequence[Snapshot], site: Site, record_id: str) -> bytes:
    """All versions that can be seen, at least one, in `application/link-format`."""
    ordered = sorted(versions, key=lambda version: (version.created, version.index))
    first, last = ordered[0], ordered[-1]
    span = f'from="{moment(first)}"; until="{moment(last)}"'
    lines = [
        f'<{landing_iri(site, first.parent_id)}>; rel="original"',
        f'<{timemap_url(site, record_id)}>; rel="self"; type="{LINK_FORMAT}"; {span}',
    ]
    for version in ordered:
        place = "".join(word for word, end in (("first ", first), ("last ", last)) if version is end)
        lines.append(f'<{landing_iri(site, version.id)}>; rel="{place}memento"; datetime="{moment(version)}"')
    return ",\n".join(lines).encode() + b"\n"
