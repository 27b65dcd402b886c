"""What the SPARQL endpoint says of itself to programs. Specified by: SPARQL 1.1 Service Description."""

from functools import lru_cache

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_TITLE = NamedNode("http://purl.org/dc/terms/title")
_PREFIXES = {"sd": _SD, "formats": _FORMATS, "dct": "http://purl.org/dc/terms/"}
_RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD",
)  # fmt: skip


@lru_cache(maxsize=8)
def describe(site_url: str, media_type: str) -> bytes:
    """The service description in one of the media types of RDF."""
    endpoint = NamedNode(f"{site_url}/sparql")
    dataset, graph = NamedNode(f"{endpoint.value}#dataset"), NamedNode(f"{endpoint.value}#union")
    triples = [
        Triple(endpoint, _RDF_TYPE, _sd("Service")),
        Triple(endpoint, _sd("endpoint"), endpoint),
        Triple(endpoint, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        Triple(endpoint, _sd("feature"), _sd("UnionDefaultGraph")),
        Triple(endpoint, _sd("defaultDataset"), dataset),
        Triple(dataset, _RDF_TYPE, _sd("Dataset")),
        Triple(dataset, _TITLE, _text("One named graph for each public record, named by its landing page")),
        Triple(dataset, _sd("defaultGraph"), graph),
        Triple(graph, _RDF_TYPE, _sd("Graph")),
        Triple(graph, _TITLE, _text("All named graphs together")),
        *(Triple(endpoint, _sd("resultFormat"), NamedNode(_FORMATS + name)) for name in _RESULT_FORMATS),
    ]
    form = RdfFormat.from_media_type(media_type)
    if form is None:
        raise ValueError(f"{media_type} is no media type of RDF")
    return serialize(triples, format=form, prefixes=_PREFIXES) or b""


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)


def _text(value: str) -> Literal:
    return Literal(value, language="en")
