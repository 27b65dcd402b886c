"""CSL-JSON, which citation processors and reference managers read.

Specified by: Citation Style Language 1.0.2, JSON schema of input data. One record is an item, several are a list.
"""

import orjson

from repository.formats.csl import item
from repository.formats.format import Format, source_digest
from repository.formats.lists import list_of, pieces_of
from repository.records.snapshot import Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    return orjson.dumps(item(snapshot, site))


write_pieces = pieces_of(write, b"[", b",", b"]")
write_list = list_of(write_pieces)


FORMAT = Format(
    name="csl",
    title="CSL-JSON",
    media_type="application/vnd.citationstyles.csl+json",
    file_name="csl.json",
    frozen=False,
    write=write,
    write_list=write_list,
    write_pieces=write_pieces,
    rules=source_digest(__name__),
    accept=("application/citeproc+json",),
)
