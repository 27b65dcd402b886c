"""DataCite JSON. Specified by: DataCite Metadata Schema 4.7; attribute names of DataCite's REST API."""

import orjson

from repository.formats.datacite import attributes
from repository.formats.format import Format, source_digest
from repository.records.snapshot import Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    return orjson.dumps(attributes(snapshot, site))


FORMAT = Format(
    name="datacite-json",
    title="DataCite JSON",
    media_type="application/vnd.datacite.datacite+json",
    file_name="datacite.json",
    profile="http://datacite.org/schema/kernel-4",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
)
