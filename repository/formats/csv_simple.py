"""CSV with the few columns that InvenioRDM gives for a glance; of several values each has a line of its field.

Specified by: InvenioRDM REST API, `application/vnd.inveniordm.v1.simple+csv`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from repository.formats.csv_text import document
from repository.formats.format import Format, source_digest
from repository.formats.lists import list_of
from repository.formats.text import clean, english
from repository.records.snapshot import Json, Site, Snapshot

_COLUMNS = (
    "id",
    "created",
    "pids.doi.identifier",
    "metadata.title",
    "metadata.description",
    "metadata.resource_type.title.en",
    "metadata.publication_date",
    "metadata.creators.person_or_org.type",
    "metadata.creators.person_or_org.name",
    "metadata.rights.id",
)


def write(snapshot: Snapshot, site: Site) -> bytes:
    return write_list((snapshot,), site)


def write_pieces(snapshots: Iterable[Snapshot], _site: Site) -> Iterator[bytes]:
    yield document((_COLUMNS,))
    for snapshot in snapshots:
        yield document((map(clean, _row(snapshot)),))


write_list = list_of(write_pieces)


def _row(snapshot: Snapshot) -> Sequence[str]:
    metadata = snapshot.metadata
    creators = [entry["person_or_org"] for entry in metadata.get("creators", ())]
    return (
        snapshot.id,
        snapshot.created,
        snapshot.doi,
        snapshot.title,
        metadata.get("description") or "",
        english((metadata.get("resource_type") or {}).get("title")),
        metadata.get("publication_date", ""),
        _lines(creators, "type"),
        _lines(creators, "name"),
        _lines(metadata.get("rights", ()), "id"),
    )


def _lines(entries: Iterable[Json], name: str) -> str:
    values: Iterable[Any] = (entry.get(name) for entry in entries)
    return "\n".join(str(value) for value in values if value)


FORMAT = Format(
    name="csv-simple",
    title="CSV, main columns",
    media_type="application/vnd.inveniordm.v1.simple+csv",
    file_name="simple.csv",
    frozen=False,
    write=write,
    write_list=write_list,
    write_pieces=write_pieces,
    rules=source_digest(__name__),
    accept=("text/csv",),
    echoed=("text/csv",),
)
