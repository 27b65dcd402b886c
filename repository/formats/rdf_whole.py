"""All that RDF can say of a record: the graph of `record.ttl`, and what DCAT-AP has no words for.

That is the order of the creators (BIBO's list of authors), the class of schema.org, sizes; and simple Dublin Core, each
element a plain text, for harvesters that read RDF without following it from node to node.
Specified by: Dublin Core elements 1.1; Bibliographic Ontology 1.3, authorList; decision 0025.
"""

from pyoxigraph import NamedNode

from repository.formats.dublin_core import elements
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.rdf import graph_of
from repository.formats.rdf_graph import BIBO, DC, DCT, RDF, Graph, text
from repository.formats.rdf_xml import NAMESPACE, SCHEMA, serialise
from repository.records.snapshot import Site, Snapshot


def write(snapshot: Snapshot, site: Site) -> bytes:
    graph = graph_of(snapshot, site)
    _class(graph, snapshot)
    for size in snapshot.metadata.get("sizes", ()):
        graph.add(DCT.extent, text(size))
    for name, value in elements(snapshot, site):
        graph.add(getattr(DC, name), text(value))
    _order(graph)
    return serialise(graph.triples())


def _class(graph: Graph, snapshot: Snapshot) -> None:
    kind = snapshot.metadata.get("resource_type") or {"id": ""}
    iri = snapshot.prop("resourcetypes", kind["id"], "schema.org")
    if iri.startswith("https://schema.org/"):
        graph.add(RDF.type, NamedNode(iri))


def _order(graph: Graph) -> None:
    """The creators as a list, where there are several: a graph has no order of its own."""
    creators = [creator for creator in graph.values(DCT.creator) if isinstance(creator, NamedNode)]
    if len(creators) < 2:
        return
    cells = [graph.fragment(f"authors-{position}") for position in range(1, len(creators) + 1)]
    for cell, creator, following in zip(cells, creators, (*cells[1:], RDF.nil.value), strict=True):
        graph.describe(cell, (), (RDF.first, creator), (RDF.rest, NamedNode(following)))
    graph.add(BIBO.authorList, NamedNode(cells[0]))


FORMAT = Format(
    name="rdf",
    title="RDF with Dublin Core, RDF/XML",
    media_type='application/rdf+xml;profile="http://purl.org/dc/elements/1.1/"',
    file_name="whole.rdf",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="rdf", namespace=NAMESPACE, schema=SCHEMA),
)
