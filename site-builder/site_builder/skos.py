"""Terms of vocabularies in SKOS, as triples. Pure.

Specified by: SKOS Reference; Hydra Core Vocabulary, 5.3 (partial collection views).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from repository.formats.iris import clean_iri
from repository.formats.rdf_graph import DCT, HYDRA, PREFIXES, RDF, RDFS, SKOS, Value, text
from repository.records.identifiers import concept_iri, vocabulary_iri
from repository.records.snapshot import Json
from repository.services.concepts import LISTED

NAMESPACES = {name: PREFIXES[name] for name in ("dct", "rdfs", "skos")} | {"hydra": HYDRA.iri}
_EXACT = ("coar",)
"""Properties of a term that name the same concept elsewhere; other addresses are only seen also."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A concept scheme, and one page of its concepts."""

    site: str
    """Address of the repository."""
    kind: str
    name: str
    iri: str
    terms: Sequence[Json]
    total: int
    page: int

    @property
    def last(self) -> int:
        """Number of its last page."""
        return -(-self.total // LISTED)

    def page_iri(self, number: int) -> str:
        return paged(self.iri, number)


def paged(address: str, number: int) -> str:
    """Of a page of a scheme, as its address or its IRI are given."""
    return f"{address}/page/{number}" if number > 1 else address


def scheme_triples(found: Scheme) -> Iterator[Triple]:
    node, page = NamedNode(found.iri), NamedNode(found.page_iri(found.page))
    yield Triple(node, RDF.type, SKOS.ConceptScheme)
    yield from _said(node, DCT.title, text(found.name))
    yield Triple(node, RDF.type, HYDRA.Collection)
    yield Triple(node, HYDRA.totalItems, Literal(found.total))
    yield Triple(node, HYDRA.view, page)
    yield Triple(page, RDF.type, HYDRA.PartialCollectionView)
    yield Triple(page, HYDRA.first, node)
    yield Triple(page, HYDRA.last, NamedNode(found.page_iri(found.last)))
    if found.page > 1:
        yield Triple(page, HYDRA.previous, NamedNode(found.page_iri(found.page - 1)))
    if found.page < found.last:
        yield Triple(page, HYDRA.next, NamedNode(found.page_iri(found.page + 1)))
    for term in found.terms:
        concept = NamedNode(iri_of(found.site, found.kind, term))
        yield Triple(concept, SKOS.inScheme, node)
        yield from _labels(concept, term)
        above = broader(found.kind, term)
        if above:
            yield Triple(concept, SKOS.broader, NamedNode(concept_iri(found.site, found.kind, above)))
        else:
            yield Triple(node, SKOS.hasTopConcept, concept)
            yield Triple(concept, SKOS.topConceptOf, node)


def concept_triples(site: str, kind: str, term: Json) -> Iterator[Triple]:
    node = NamedNode(iri_of(site, kind, term))
    yield Triple(node, RDF.type, SKOS.Concept)
    yield from _labels(node, term)
    yield from _said(node, SKOS.notation, text(str(term["id"])))
    for language, said in sorted((term.get("description") or {}).items()):
        yield from _said(node, SKOS.definition, text(str(said), language))
    schemes = {vocabulary_iri(site, kind): kind}
    schemes |= {concept_iri(site, kind, term["scheme"]): str(term["scheme"])} if term.get("scheme") else {}
    for iri, name in schemes.items():
        yield Triple(node, SKOS.inScheme, NamedNode(iri))
        yield Triple(NamedNode(iri), RDF.type, SKOS.ConceptScheme)
        yield from _said(NamedNode(iri), DCT.title, text(name))
    above = broader(kind, term)
    if above:
        yield Triple(node, SKOS.broader, NamedNode(concept_iri(site, kind, above)))
    for iri in schemes if not above else ():
        yield Triple(node, SKOS.topConceptOf, NamedNode(iri))
    for name, address in addresses(term):
        yield Triple(node, SKOS.exactMatch if name in _EXACT else RDFS.seeAlso, NamedNode(address))


def _labels(node: NamedNode, term: Json) -> Iterator[Triple]:
    titles = term.get("title") or {"en": term.get("subject") or term["id"]}
    for language, said in sorted(titles.items()):
        yield from _said(node, SKOS.prefLabel, text(str(said), language))


def _said(node: NamedNode, predicate: NamedNode, value: Value) -> Iterator[Triple]:
    if isinstance(value, NamedNode | Literal):
        yield Triple(node, predicate, value)


def broader(kind: str, term: Json) -> str:
    """The id of the type that a resource type is a kind of."""
    above = (term.get("props") or {}).get("type", "") if kind == "resourcetypes" else ""
    return above if above and above != term["id"] else ""


def addresses(term: Json) -> list[tuple[str, str]]:
    """Where others tell of a term, by the name of its property."""
    found = [(name, clean_iri(str(value))) for name, value in sorted((term.get("props") or {}).items())]
    return [(name, iri) for name, iri in found if iri.startswith(("http://", "https://"))]


def iri_of(site: str, kind: str, term: Json) -> str:
    """The IRI by which records name the concept: its own, if its id is one."""
    own = clean_iri(term["id"]) if term["id"].startswith(("http://", "https://")) else ""
    return own or concept_iri(site, kind, term["id"])
