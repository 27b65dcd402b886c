"""DCAT-AP as N-Triples: `record.nt`. What it says is what `record.ttl` says. Specified by: RDF 1.1 N-Triples."""

import pyoxigraph

from repository.formats.format import Format, source_digest
from repository.formats.rdf import PROFILE, triples
from repository.records.snapshot import Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    return pyoxigraph.serialize(triples(snapshot, site), format=pyoxigraph.RdfFormat.N_TRIPLES) or b""


FORMAT = Format(
    name="n-triples",
    title="DCAT-AP, N-Triples",
    media_type="application/n-triples",
    file_name="record.nt",
    profile=PROFILE,
    frozen=False,
    write=write,
    rules=source_digest(__name__),
)
