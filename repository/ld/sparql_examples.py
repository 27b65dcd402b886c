"""Examples for the page of queries; each finds something among the records of the demonstration."""

from dataclasses import dataclass

from repository.formats import rdf
from repository.formats.rdf_graph import RDF

PREFIXES = {**rdf.PREFIXES, "rdf": RDF.iri}
"""Short names for the namespaces of what is used here."""


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    query: str


def _example(title: str, body: str) -> Example:
    used = [f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items() if f"{name}:" in body]
    return Example(title, "\n".join([*used, body.strip()]))


EXAMPLES = (
    _example(
        "The newest datasets",
        """
SELECT ?dataset ?title ?issued WHERE {
  ?dataset a dcat:Dataset ; dct:title ?title ; dct:issued ?issued .
}
ORDER BY DESC(STR(?issued)) LIMIT 20""",
    ),
    _example(
        "How many records of each type",
        """
SELECT ?type (COUNT(?dataset) AS ?records) WHERE {
  ?dataset dct:type ?kind .
  ?kind skos:prefLabel ?type . FILTER(LANG(?type) = "en")
}
GROUP BY ?type ORDER BY DESC(?records)""",
    ),
    _example(
        "Who has made most",
        """
SELECT ?creator ?name (COUNT(?dataset) AS ?records) WHERE {
  ?dataset dct:creator ?creator .
  ?creator foaf:name ?name .
}
GROUP BY ?creator ?name ORDER BY DESC(?records) LIMIT 20""",
    ),
    _example(
        "Landing pages, which name the graphs, and what they are about",
        """
SELECT ?page ?dataset ?modified WHERE {
  GRAPH ?page { ?page a dcat:CatalogRecord ; foaf:primaryTopic ?dataset ; dct:modified ?modified . }
}
ORDER BY DESC(?modified) LIMIT 20""",
    ),
    _example(
        "Titles in which a word occurs",
        """
SELECT ?dataset ?title WHERE {
  ?dataset a dcat:Dataset ; dct:title ?title .
  FILTER(CONTAINS(LCASE(?title), "a"))
}
LIMIT 20""",
    ),
    _example(
        "Everything about a few datasets, as triples",
        """
CONSTRUCT { ?dataset ?property ?value } WHERE {
  { SELECT ?dataset WHERE { ?dataset a dcat:Dataset } LIMIT 5 }
  ?dataset ?property ?value .
}""",
    ),
)
