"""What there is for machines, told in the ways in which machines look for it: api-catalog, VoID, OpenSearch.

Specified by: RFC 9727 and FAIRiCat (api-catalog); RFC 9264 (link sets); Describing Linked Datasets with VoID, 7.2;
OpenSearch 1.1 Draft 6.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Response

from repository.formats.iris import clean_iri
from repository.formats.rdf_graph import PREFIXES, text
from repository.formats.text import clean
from repository.formats.xml_text import document, escape
from repository.records.identifiers import ALL_DATA
from repository.records.snapshot import Site
from site_builder import rendering, shards
from site_builder.context import pages
from site_builder.views import catalog, feed, stream
from site_builder.views.resource_sets import DOCUMENTS, PAGES, SOURCE

VOID = "/.well-known/void"
VOCABULARIES = ".well-known/void#vocabularies"
"""The terms that are concepts, as a dataset; from the site's root."""
API_CATALOG = "/.well-known/api-catalog"
OPENSEARCH = "/opensearch.xml"
LINKSET = "application/linkset+json"
WITHOUT_SUFFIX = frozenset({VOID, API_CATALOG, SOURCE, stream.ROOT})
"""Files whose name tells no media type; the rules of web servers do."""
STANDING = (API_CATALOG, OPENSEARCH, SOURCE, PAGES.capabilities, DOCUMENTS.capabilities)
"""What is the same whatever is published; VoID tells how much there is."""
_TURTLE = "text/turtle"
_VOCABULARIES = ("dcat", "dct", "foaf", "org", "prov", "schema", "skos", "spdx", "vcard", "locn", "adms")

# address, title, relation → (address, media type)
_INTERFACES: tuple[tuple[str, str, dict[str, tuple[str, str]]], ...] = (
    (
        "/api/records",
        "REST API, compatible with InvenioRDM",
        {
            "service-desc": ("/api/openapi.json", "application/json"),
            "service-doc": ("/about/", "text/html"),
            "status": ("/api/status", "application/json"),
        },
    ),
    (
        "/oai",
        "OAI-PMH 2.0",
        {
            "service-desc": ("/oai?verb=Identify", "text/xml"),
            "service-doc": ("http://www.openarchives.org/OAI/openarchivesprotocol.html", "text/html"),
            "service-meta": ("/oai?verb=ListMetadataFormats", "text/xml"),
        },
    ),
    (
        "/sparql",
        "SPARQL 1.1 Query",
        {
            "service-desc": ("/sparql", _TURTLE),
            "service-doc": ("https://www.w3.org/TR/sparql11-protocol/", "text/html"),
            "service-meta": (VOID, _TURTLE),
        },
    ),
    (
        SOURCE,
        "ResourceSync",
        {
            "service-doc": ("http://www.openarchives.org/rs/1.1/resourcesync", "text/html"),
            "service-meta": (PAGES.capabilities, "application/xml"),
        },
    ),
    (
        stream.ROOT,
        "Event stream of changes (LDES)",
        {"service-doc": ("https://w3id.org/ldes/specification", "text/html"), "service-meta": (stream.ROOT, _TURTLE)},
    ),
    (
        catalog.ROOTS[0],
        "DCAT catalogue",
        {
            "service-doc": ("https://semiceu.github.io/DCAT-AP/releases/3.0.1/", "text/html"),
            "service-meta": (VOID, _TURTLE),
        },
    ),
    ("/sitemap.xml", "Sitemap", {"service-doc": ("https://www.sitemaps.org/protocol.html", "text/html")}),
    (feed.PATH, "Atom feed", {"service-doc": ("https://www.rfc-editor.org/rfc/rfc4287", "text/html")}),
    (
        "/search/results",
        "OpenSearch",
        {
            "service-desc": (OPENSEARCH, "application/opensearchdescription+xml"),
            "service-doc": ("https://github.com/dewitt/opensearch", "text/html"),
        },
    ),
)


def api_catalog() -> Response:
    """One link set: the catalogue names every interface, and every interface what describes it."""
    site = pages().site.url
    items = [{"href": f"{site}{address}", "title": title} for address, title, _said in _INTERFACES]
    contexts: list[dict[str, Any]] = [{"anchor": f"{site}{API_CATALOG}", "item": items}]
    for address, _title, said in _INTERFACES:
        links = {relation: [_target(site, *target)] for relation, target in said.items()}
        contexts.append({"anchor": f"{site}{address}", **links})
    body = orjson.dumps({"linkset": contexts}, option=orjson.OPT_INDENT_2)
    response = rendering.document(body, f'{LINKSET}; profile="https://www.rfc-editor.org/info/rfc9727"')
    if pages().is_live:
        response.headers["Link"] = f'<{site}{API_CATALOG}>; rel="api-catalog"'
    return response


def _target(site: str, address: str, media_type: str) -> dict[str, str]:
    return {"href": f"{site}{address}" if address.startswith("/") else address, "type": media_type}


def void() -> Response:
    """The repository as one dataset: where it begins, where it is queried, what it is written in."""
    here = pages()
    with here.source.catalogue() as catalogue:
        number = catalogue.number()
        places = (catalogue.harvested.described.first(""), catalogue.harvested.described.last)
    examples = dict.fromkeys(shards.id_of(place) for place in places if place)
    said = _void(here.site, here.words.lead, number, list(examples))
    return rendering.document("\n".join(said).encode(), _TURTLE)


def _void(here: Site, lead: str, number: int, examples: list[str]) -> Iterator[str]:
    """`examples` are ids of records."""
    site, name, licence = here.url, here.name, clean_iri(here.metadata_licence)
    yield f"@base <{site}/> ."
    yield "@prefix void: <http://rdfs.org/ns/void#> ."
    yield f"@prefix dct: <{PREFIXES['dct']}> ."
    yield f"@prefix foaf: <{PREFIXES['foaf']}> ."
    yield f"@prefix rdfs: <{PREFIXES['rdfs']}> ."
    yield f"<{VOID}> a void:DatasetDescription ; foaf:primaryTopic <{ALL_DATA}> ; dct:title {text(name)} ."
    yield f"<{ALL_DATA}> a void:Dataset ; dct:title {text(name)} ; dct:description {text(lead)} ;"
    if licence:
        yield f"  dct:license <{licence}> ;"
    if number:
        yield f"  void:entities {number} ;"
        yield f"  void:exampleResource {', '.join(f'<records/{record_id}>' for record_id in examples)} ;"
    yield f"  rdfs:seeAlso <{catalog.ROOTS[0]}>, <{stream.ROOT}>, <{SOURCE}> ;"
    yield f'  foaf:page <{site}/> ; void:sparqlEndpoint <sparql> ; void:uriSpace "{site}/records/" ;'
    yield f"  void:openSearchDescription <{OPENSEARCH}> ; void:rootResource {catalog.CATALOG}, <ldes#stream> ;"
    yield "  void:feature <http://www.w3.org/ns/formats/Turtle>, <http://www.w3.org/ns/formats/JSON-LD>,"
    yield "    <http://www.w3.org/ns/formats/RDF_XML>, <http://www.w3.org/ns/formats/N-Triples> ;"
    yield f"  void:subset <{VOCABULARIES}> ;"
    yield f"  void:vocabulary {', '.join(f'<{PREFIXES[prefix]}>' for prefix in _VOCABULARIES)} ."
    yield f"<{VOCABULARIES}> a void:Dataset ; dct:title {text('Vocabularies', 'en')} ; foaf:homepage <vocabularies/> ;"
    yield f'  void:uriSpace "{site}/vocabularies/" ; void:vocabulary <{PREFIXES["skos"]}> .'
    yield ""


def opensearch() -> Response:
    site = pages().site
    name, address = clean(site.name), escape(site.url)
    root = (
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{escape(name[:16])}</ShortName><LongName>{escape(name[:48])}</LongName>"
        f"<Description>{escape(pages().words.search_label)}: {escape(name)}</Description>"
        f'<Url type="text/html" template="{address}/search/results?q={{searchTerms}}&amp;page={{startPage?}}"/>'
        f'<Url type="application/json" template="{address}/api/records?q={{searchTerms}}&amp;page={{startPage?}}'
        '&amp;size={count?}"/>'
        f'<Url type="application/opensearchdescription+xml" rel="self" template="{address}{OPENSEARCH}"/>'
        "<InputEncoding>UTF-8</InputEncoding><OutputEncoding>UTF-8</OutputEncoding></OpenSearchDescription>"
    )
    return rendering.document(document(root), "application/opensearchdescription+xml")
