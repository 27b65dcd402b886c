"""Versions as mementos of what stands behind them all. Specified by: RFC 7089, 2.1.1, 4.2 and 5; RFC 6690."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol, TypeVar

from repository.formats.signposts import LINK_FORMAT
from repository.records.identifiers import landing_iri, timegate_url, timemap_url
from repository.records.snapshot import Site, Snapshot
from repository.records.visibility import public_versions


class Version(Protocol):
    """A version; snapshots are such."""

    @property
    def id(self) -> str: ...

    @property
    def index(self) -> int:
        """Number of the version, from 1."""
        ...

    @property
    def created(self) -> str:
        """ISO 8601."""
        ...


@dataclass(frozen=True, slots=True)
class Memento:
    """A version of which no more is known."""

    id: str
    index: int
    created: str


AnyVersion = TypeVar("AnyVersion", bound=Version)


def moment(snapshot: Version) -> str:
    """When this version was published, as HTTP writes dates. Later corrections of its metadata leave it."""
    return format_datetime(_second(snapshot), usegmt=True)


def _second(snapshot: Version) -> datetime:
    return datetime.fromisoformat(snapshot.created).astimezone(UTC).replace(microsecond=0)


def timemap(versions: Sequence[Version], site: Site, parent_id: str, record_id: str) -> bytes:
    """All versions that can be seen, at least one, in `application/link-format`; the map is that of one of them."""
    ordered = _in_time(versions)
    first, last = ordered[0], ordered[-1]
    span = f'from="{moment(first)}"; until="{moment(last)}"'
    lines = [
        f'<{landing_iri(site, parent_id)}>; rel="original"',
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


def public_mementos(snapshot: Snapshot, created: Mapping[str, str]) -> list[Memento]:
    """The versions that everybody may see, at the times (id → ISO 8601) that are known; empty if one is not."""
    shown = public_versions(snapshot)
    if any(version.id not in created for version in shown):
        return []
    return [Memento(version.id, version.index, created[version.id]) for version in shown]


def version_at(versions: Sequence[AnyVersion], when: datetime | None) -> AnyVersion:
    """Of at least one, the version that was the newest at that moment; the first one for any time before it, the last
    one for no time."""
    ordered = _in_time(versions)
    past = [version for version in ordered if when is None or _second(version) <= when]
    return past[-1] if past else ordered[0]


def time_links(site: Site, parent_id: str, record_id: str) -> str:
    """The field `Link` of a time gate, and of what it is the gate of. Specified by: RFC 7089, 4.2.1 and 4.1."""
    return (
        f'<{landing_iri(site, parent_id)}>; rel="original", '
        f'<{timegate_url(site, record_id)}>; rel="timegate", '
        f'<{timemap_url(site, record_id)}>; rel="timemap"; type="{LINK_FORMAT}"'
    )


def _in_time(versions: Sequence[AnyVersion]) -> list[AnyVersion]:
    return sorted(versions, key=lambda version: (version.created, version.index))
