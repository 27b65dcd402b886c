"""CSL-JSON, which citation processors and reference managers read.

Specified by: Citation Style Language 1.0.2, JSON schema of input data. One record is an item, several are a list.
"""

from collections.abc import Iterable

import orjson

from repository.formats.csl import item
from repository.formats.format import Format, source_digest
from repository.records.snapshot import Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    return orjson.dumps(item(snapshot, site))


def write_list(snapshots: Iterable[Snapshot], site: Site) -> bytes:
    return orjson.dumps([item(snapshot, site) for snapshot in snapshots])


FORMAT = Format(
    name="csl",
    title="CSL-JSON",
    media_type="application/vnd.citationstyles.csl+json",
    file_name="csl.json",
    frozen=False,
    write=write,
    write_list=write_list,
    rules=source_digest(__name__),
    accept=("application/citeproc+json",),
)
