"""RDF/XML. Specified by: RDF 1.1 XML Syntax."""

from collections.abc import Sequence

import pyoxigraph
from pyoxigraph import RdfFormat, Triple

from repository.formats.rdf import PREFIXES
from repository.formats.rdf_graph import BIBO, DC, RDF
from repository.formats.xml_text import DECLARATION

NAMESPACE = RDF.iri
SCHEMA = "http://www.openarchives.org/OAI/2.0/rdf.xsd"
"""RDF/XML has no XML schema, as its elements are those of any vocabulary; this is the address by which providers of
OAI-PMH name it."""

_PREFIXES = {**PREFIXES, "bibo": BIBO.iri, "dc": DC.iri}
_ROOT = "<rdf:RDF" + "".join(f' xmlns:{name}="{iri}"' for name, iri in sorted((_PREFIXES | {"rdf": RDF.iri}).items()))
_HEADER = DECLARATION + _ROOT.encode()


def serialise(triples: Sequence[Triple]) -> bytes:
    """A document of these triples, each node once with all that is said of it.

    The triples of one subject must stand together, and their text be free of what XML forbids: `rdf_graph` sees to
    both.
    """
    data = pyoxigraph.serialize(triples, format=RdfFormat.RDF_XML, prefixes=_PREFIXES) or b""
    # pyoxigraph writes the prefixes in an order that changes from call to call, and some of its own
    return _HEADER + data[data.index(b">", len(DECLARATION)) :] + b"\n"
