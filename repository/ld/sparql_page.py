"""The page at `/sparql` for people: what can be asked, a form, and examples. Plain HTML, complete without scripts."""

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import urlencode

from repository.records.snapshot import Site

_PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    query: str


def _example(title: str, body: str) -> Example:
    used = [f"PREFIX {name}: <{iri}>" for name, iri in _PREFIXES.items() if f"{name}:" in body]
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

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SPARQL – {name}</title>
<link rel="alternate" type="text/turtle" href="{url}/sparql">
</head>
<body>
<header><p><a href="{url}/">{name}</a></p></header>
<main>
<h1>SPARQL</h1>
<p>The public records of this repository as RDF can be queried here with SPARQL 1.1. Each record is a named graph, which
is named by its landing page; without <code>GRAPH</code> a query asks all of them together.</p>
<p>Programs send the query as the parameter <code>query</code> of a GET or POST request to <code>{url}/sparql</code>, or
as the body of a POST of the type <code>application/sparql-query</code>. By the header <code>Accept</code> they choose
JSON, XML, CSV or TSV for rows, and Turtle, N-Triples, RDF/XML or JSON-LD for triples. Nothing can be changed here, and
a query that takes too long is stopped.</p>
<form action="{url}/sparql" method="get">
<p><label for="query">Query</label></p>
<p><textarea id="query" name="query" rows="12" cols="80" spellcheck="false" required>{first}</textarea></p>
<p><button type="submit">Run</button></p>
</form>
<h2>Examples</h2>
{examples}
</main>
</body>
</html>
"""


@lru_cache(maxsize=8)
def page(site: Site) -> str:
    """The page as HTML."""
    examples = "\n".join(
        f'<h3><a href="{escape(site.url)}/sparql?{escape(urlencode({"query": example.query}))}">{escape(example.title)}'
        f"</a></h3>\n<pre>{escape(example.query)}</pre>"
        for example in EXAMPLES
    )
    return _PAGE.format(
        name=escape(site.name), url=escape(site.url), first=escape(EXAMPLES[0].query), examples=examples
    )
