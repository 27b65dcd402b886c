"""DCAT-AP as RDF/XML: `record.rdf`. What it says is what `record.ttl` says."""

from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.rdf import PROFILE, triples
from repository.formats.rdf_xml import NAMESPACE, SCHEMA, serialise
from repository.records.snapshot import Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    return serialise(triples(snapshot, site))


FORMAT = Format(
    name="dcat",
    title="DCAT-AP, RDF/XML",
    media_type="application/rdf+xml",
    file_name="record.rdf",
    profile=PROFILE,
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=("application/dcat+xml",),
    echoed=("application/dcat+xml",),  # as InvenioRDM's clients ask for it, and look at the answer
    oai=OaiFormat(prefix="dcat", namespace=NAMESPACE, schema=SCHEMA),
)
