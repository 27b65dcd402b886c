"""DCAT-AP as Turtle: `record.ttl`. Specified by: RDF 1.1 Turtle; the mapping is in `rdf`."""

import pyoxigraph

from repository.formats.format import Format, source_digest
from repository.formats.rdf import PREFIXES, PROFILE, triples
from repository.records.snapshot import Site, Snapshot

_HEADER = "".join(sorted(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())).encode()


def write(snapshot: Snapshot, site: Site) -> bytes:
    data = pyoxigraph.serialize(triples(snapshot, site), format=pyoxigraph.RdfFormat.TURTLE, prefixes=PREFIXES) or b""
    # pyoxigraph writes the prefixes in an order that changes from call to call; in any order they are as long
    return _HEADER + data[len(_HEADER) :]


FORMAT = Format(
    name="turtle",
    title="DCAT-AP, Turtle",
    media_type="text/turtle",
    file_name="record.ttl",
    profile=PROFILE,
    frozen=True,
    write=write,
    rules=source_digest(__name__),
    accept=("application/x-turtle",),
)
