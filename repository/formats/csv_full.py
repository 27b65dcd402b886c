"""CSV with a column for every value of a record: `metadata.creators.0.person_or_org.name`, in alphabetic order.

Files are counted, not listed: each key would be columns of its own, in a list of records without end.
Specified by: InvenioRDM REST API, `application/vnd.inveniordm.v1.full+csv`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from repository.formats.csv_text import document
from repository.formats.format import Format, source_digest
from repository.formats.text import clean
from repository.records.identifiers import api_url, doi_iri, landing_iri
from repository.records.snapshot import Json, Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    return write_list((snapshot,), site)


def write_list(snapshots: Iterable[Snapshot], site: Site) -> bytes:
    found = [dict(_flat(_public(snapshot, site))) for snapshot in snapshots]
    columns = sorted({name for values in found for name in values})
    places = {name: place for place, name in enumerate(columns)}
    return document((map(clean, columns), *(_row(values, places) for values in found)))


def _row(values: Mapping[str, str], places: Mapping[str, int]) -> Sequence[str]:
    """Most columns are those of other records: a row is empty before it has values."""
    row = [""] * len(places)
    for name, value in values.items():
        row[places[name]] = clean(value)
    return row


def _public(snapshot: Snapshot, site: Site) -> Json:
    """What everybody may see, in the API's shape."""
    counted = ("enabled", "count", "total_bytes") if snapshot.files_listed else ("enabled",)
    links = {
        "self": api_url(site, snapshot.id),
        "self_html": landing_iri(site, snapshot.id),
        "doi": doi_iri(snapshot.doi) if snapshot.doi else None,
    }
    return {
        "id": snapshot.id,
        "created": snapshot.created,
        "updated": snapshot.updated,
        "revision_id": snapshot.revision_id,
        "links": links,
        "parent": {name: snapshot.parent.get(name) for name in ("id", "communities", "pids")},
        "versions": {"index": snapshot.index},
        "pids": snapshot.pids,
        "metadata": snapshot.metadata,
        "custom_fields": snapshot.custom_fields,
        "access": snapshot.access,
        "files": {name: snapshot.files.get(name) for name in counted},
    }


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Paths and texts of all values that there are."""
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in entries:
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif value is not None:
        yield path, str(value)


FORMAT = Format(
    name="csv-full",
    title="CSV, all columns",
    media_type="application/vnd.inveniordm.v1.full+csv",
    file_name="full.csv",
    frozen=False,
    write=write,
    write_list=write_list,
    rules=source_digest(__name__),
)
