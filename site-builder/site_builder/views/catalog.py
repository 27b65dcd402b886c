"""The DCAT catalogue: a root, and pages of records that follow each other, cut like the sitemaps.

Each page names a record twice: as the dataset, whose IRI may be a DOI that leads elsewhere, and by its page here; and
says what who harvests the catalogue wants to know of it, see `formats.dcat_listed`. The
root names none but tells their number: a client that plans a query by what the first document holds would else take
the whole for empty.
Specified by: DCAT-AP 3.0.1, Catalogue; Hydra Core Vocabulary, 5.3 (partial collection views).
"""

from functools import lru_cache

import pyoxigraph
from flask import Response
from pyoxigraph import RdfFormat

from repository import vocabularies
from repository.errors import NotFound
from repository.formats.iris import clean_iri
from repository.formats.languages import known_iri
from repository.formats.rdf_graph import HYDRA, PREFIXES, text
from repository.records.identifiers import CATALOGUE
from repository.records.snapshot import Site
from site_builder import shards, trees
from site_builder.context import pages
from site_builder.harvested import Places
from site_builder.rendering import document

TURTLE = "text/turtle"
_SYNTAXES = {
    "ttl": (TURTLE, None),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
    "nt": ("application/n-triples", RdfFormat.N_TRIPLES),
}
ROOTS = tuple(f"/catalog.{suffix}" for suffix in _SYNTAXES)
OFFERED = tuple((f"/catalog.{suffix}", media_type) for suffix, (media_type, _form) in _SYNTAXES.items())
_NAMESPACES = {**PREFIXES, "hydra": HYDRA.iri}
CATALOG = f"<{CATALOGUE}>"


def path(node: str) -> str:
    return f"/catalog/{node}.ttl"


def root(suffix: str) -> Response:
    """What the catalogue is, and where its first and last pages are."""
    found = _SYNTAXES.get(suffix)
    if found is None:
        raise NotFound
    with pages().source.catalogue() as catalogue:
        described = catalogue.harvested.described
        first, last = (_leaf(described, place) for place in (described.first(""), described.last))
        number = catalogue.number()
    here = pages()
    turtle = _root(here.site, here.words.lead, here.language, _views(first, last), number)
    media_type, syntax = found
    return document(turtle.encode() if syntax is None else _in(turtle, syntax), media_type)


def page(node: str) -> Response:
    """The records of a leaf. Raises NotFound where the node is none."""
    with pages().source.catalogue() as catalogue:
        described = catalogue.harvested.described
        is_page = shards.is_month_or_below(node) and described.is_leaf(node)
        said = catalogue.harvested.turtle(node) if is_page else []
        following = _leaf(described, described.after(node)) if said else ""
    if not said:
        raise NotFound
    here = f"<{path(node)[1:]}>"
    head = f"{CATALOG} hydra:view {here} .\n{here} a hydra:PartialCollectionView"
    head += f" ; hydra:next <{path(following)[1:]}>" if following else ""
    text_ = f"{_header(pages().site)}{head} ; hydra:first <catalog.ttl> .\n{''.join(said)}"
    return document(text_.encode(), TURTLE)


def _leaf(described: Places, place: str) -> str:
    return trees.leaf_of(described, place) if place else ""


def _views(first: str, last: str) -> str:
    """That each root, whatever its syntax, is a view that leads to the first page."""
    leads = f" ; hydra:next <{path(first)[1:]}> ; hydra:last <{path(last)[1:]}>" if first else ""
    return "".join(f"<{address[1:]}> a hydra:PartialCollectionView{leads} .\n" for address in ROOTS)


def _root(site: Site, lead: str, language: str, views: str, number: int) -> str:
    # whatever has the same foaf:homepage is the same thing: the publisher only has a page
    publisher = f"{site.url}/#publisher"
    name = text(site.name)
    licence = clean_iri(site.metadata_licence)
    licensed = f"  dct:license <{licence}> ;\n" if licence else ""
    spoken = _language(language)
    in_language = f"  dct:language <{spoken}> ;\n" if spoken else ""
    total = f"hydra:totalItems {number} ; " if number else ""
    return (
        f"{_header(site)}"
        f"{CATALOG} a dcat:Catalog, hydra:Collection ;\n"
        f"  dct:title {name} ; dct:description {text(lead, language)} ;\n"
        f"  dct:publisher <{publisher}> ; foaf:homepage <{site.url}/> ;\n"
        f"{licensed}{in_language}"
        f"  {total}hydra:view {', '.join(f'<{address[1:]}>' for address in ROOTS)} ;\n"
        f"  rdfs:seeAlso <ldes>, <.well-known/void> ;\n"
        f"  dcat:service <oai>, <sparql>, <api/records> .\n"
        f"<{publisher}> a foaf:Agent ; foaf:name {name} ; foaf:page <{site.url}/> .\n"
        f"<{site.url}/> a foaf:Document .\n"
        f"{f'<{licence}> a dct:LicenseDocument .' if licence else ''}\n"
        f"{f'<{spoken}> a dct:LinguisticSystem .' if spoken else ''}\n"
        f"{views}"
        f"{''.join(_service(*service) for service in _SERVICES)}"
    )


_SERVICES = (
    ("oai", "OAI-PMH 2.0", "oai?verb=Identify", "http://www.openarchives.org/OAI/openarchivesprotocol.html"),
    ("sparql", "SPARQL 1.1", "sparql", "https://www.w3.org/TR/sparql11-protocol/"),
    (
        "api/records",
        "REST API",
        "api/openapi.json",
        "https://inveniordm.docs.cern.ch/reference/rest_api_index/",
    ),
)
"""Address, title, what describes it to machines, specification."""


def _service(address: str, title: str, description: str, specification: str) -> str:
    return (
        f"<{address}> a dcat:DataService ; dct:title {text(title, 'en')} ; dcat:endpointURL <{address}> ;\n"
        f"  dcat:endpointDescription <{description}> ; dct:conformsTo <{specification}> .\n"
        f"<{specification}> a dct:Standard .\n"
    )


@lru_cache(maxsize=8)
def _language(tag: str) -> str:
    """The IRI of the language in which the site writes; empty for a tag that names none. `tag`: BCP 47."""
    code = tag.partition("-")[0].lower()
    for term in vocabularies.load("languages"):
        alpha_2 = term["props"].get("alpha_2", "")
        if code in (term["id"], alpha_2):
            return known_iri(term["id"], alpha_2)
    return ""


@lru_cache(maxsize=8)
def _header(site: Site) -> str:
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in _NAMESPACES.items())
    return f"@base <{site.url}/> .\n{prefixes}"


def _in(turtle: str, syntax: RdfFormat) -> bytes:
    triples = [quad.triple for quad in pyoxigraph.parse(turtle, format=RdfFormat.TURTLE)]
    return pyoxigraph.serialize(triples, format=syntax) or b""
