"""Versions as mementos of what stands behind them all. Specified by: RFC 7089, 2.1.1, 4.2 and 5; RFC 6690."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from repository.formats.signposts import LINK_FORMAT
from repository.records.identifiers import landing_iri, timegate_url, timemap_url
from repository.records.snapshot import Site, Snapshot


def moment(snapshot: Snapshot) -> str:
    """When this version was published, as HTTP writes dates. Later corrections of its metadata leave it."""
    return format_datetime(_second(snapshot), usegmt=True)


def _second(snapshot: Snapshot) -> datetime:
    return datetime.fromisoformat(snapshot.created).astimezone(UTC).replace(microsecond=0)


def timemap(versions: Sequence[Snapshot], site: Site, record_id: str) -> bytes:
    """All versions that can be seen, at least one, in `application/link-format`."""
    ordered = _in_time(versions)
    first, last = ordered[0], ordered[-1]
    span = f'from="{moment(first)}"; until="{moment(last)}"'
    lines = [
        f'<{landing_iri(site, first.parent_id)}>; rel="original"',
        f'<{timemap_url(site, record_id)}>; rel="self"; type="{LINK_FORMAT}"; {span}',
        f'<{timegate_url(site, record_id)}>; rel="timegate"',
    ]
    for version in ordered:
        place = "".join(word for word, end in (("first ", first), ("last ", last)) if version is end)
        lines.append(f'<{landing_iri(site, version.id)}>; rel="{place}memento"; datetime="{moment(version)}"')
    return ",\n".join(lines).encode() + b"\n"


def asked(value: str) -> datetime:
    """The moment that `Accept-Datetime` names. Raises ValueError. Specified by: RFC 7089, 2.1.1.2 (RFC 1123, GMT)."""
    return datetime.strptime(value.strip(), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)


def version_at(versions: Sequence[Snapshot], when: datetime | None) -> Snapshot:
    """Of at least one, the version that was the newest at that moment; the first one for any time before it, the last
    one for no time."""
    ordered = _in_time(versions)
    past = [version for version in ordered if when is None or _second(version) <= when]
    return past[-1] if past else ordered[0]


def time_links(site: Site, snapshot: Snapshot) -> str:
    """The field `Link` of a time gate. Specified by: RFC 7089, 4.2.1."""
    return (
        f'<{landing_iri(site, snapshot.parent_id)}>; rel="original", '
        f'<{timegate_url(site, snapshot.id)}>; rel="timegate", '
        f'<{timemap_url(site, snapshot.id)}>; rel="timemap"; type="{LINK_FORMAT}"'
    )


def _in_time(versions: Sequence[Snapshot]) -> list[Snapshot]:
    return sorted(versions, key=lambda version: (version.created, version.index))
