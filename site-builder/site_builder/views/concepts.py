"""Terms of vocabularies as concepts: a page, or SKOS in four syntaxes, at the IRIs by which records name them.

They are rendered from the database whenever they are asked for: what they say is no part of the change log.
Specified by: SKOS Reference; Hydra Core Vocabulary, 5.3 (partial collection views).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph
from flask import Response, request
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from repository.api.context import instance, viewer
from repository.api.localised import title
from repository.errors import NotFound
from repository.formats.iris import clean_iri
from repository.formats.rdf_graph import DCT, HYDRA, PREFIXES, RDF, RDFS, SKOS, Value, text
from repository.ld.negotiation import HTML, Plain, accepted
from repository.records.identifiers import concept_iri, vocabulary_iri
from repository.records.snapshot import Json
from repository.services import vocabularies
from site_builder.context import pages
from site_builder.rendering import document, html

_PREFIXES = {name: PREFIXES[name] for name in ("dct", "rdfs", "skos")} | {"hydra": HYDRA.iri}
_SYNTAXES = {
    Plain("ttl", "text/turtle"): RdfFormat.TURTLE,
    Plain("jsonld", "application/ld+json"): RdfFormat.JSON_LD,
    Plain("rdf", "application/rdf+xml"): RdfFormat.RDF_XML,
    Plain("nt", "application/n-triples"): RdfFormat.N_TRIPLES,
}
_OFFERS = (HTML, *_SYNTAXES)
LISTED = 500
"""Concepts on one page."""
_EXACT = ("coar",)
"""Properties of a term that name the same concept elsewhere; other addresses are only seen also."""


@dataclass(frozen=True, slots=True)
class _Scheme:
    """A concept scheme, and one page of its concepts."""

    kind: str
    name: str
    iri: str
    terms: Sequence[Json]
    total: int
    page: int

    @property
    def href(self) -> str:
        """Its path."""
        return self.iri.removeprefix(pages().site.url)

    def page_iri(self, number: int) -> str:
        return f"{self.iri}?page={number}" if number > 1 else self.iri


def index() -> Response:
    """The vocabularies whose terms are concepts."""
    return html("vocabularies.html", kinds=vocabularies.concept_types())


def scheme(kind: str) -> Response:
    """A vocabulary with its concepts. Raises NotFound, NotAcceptable."""
    kind, offer = _asked(kind, kind in vocabularies.concept_types())
    if kind not in vocabularies.concept_types():
        raise NotFound
    page = _page()
    offset = (page - 1) * LISTED
    found = vocabularies.list_terms(instance(), viewer(), kind, offset=offset, size=LISTED)
    iri = vocabulary_iri(pages().site.url, kind)
    return _scheme(_Scheme(kind, kind, iri, found.terms, found.total, page), offer)


def concept(kind: str, term_id: str) -> Response:
    """A concept, or a scheme of subjects. Raises NotFound, NotAcceptable."""
    if kind not in vocabularies.concept_types() or not term_id.isprintable():
        raise NotFound
    term = _term(kind, term_id)
    name, offer = _asked(term_id, term is not None)
    term = term or (_term(kind, name) if name != term_id else None)
    if term is not None:
        return _concept(kind, term, offer)
    page = _page()
    found = vocabularies.list_scheme(instance(), kind, name, offset=(page - 1) * LISTED, size=LISTED)
    if not found.total:
        raise NotFound
    return _scheme(
        _Scheme(kind, name, concept_iri(pages().site.url, kind, name), found.terms, found.total, page), offer
    )


def _term(kind: str, term_id: str) -> Json | None:
    try:
        return vocabularies.read_term(instance(), viewer(), kind, term_id)
    except NotFound:
        return None


def _asked(name: str, is_name: bool) -> tuple[str, Plain]:
    """The name without a suffix that chooses the form, and the form; a term may be named like a file."""
    if not is_name and not pages().base:  # documents have one address, whatever language the pages are in
        for offer in _SYNTAXES:
            if name.endswith(f".{offer.name}"):
                return name.removesuffix(f".{offer.name}"), offer
    return name, accepted(request.headers.get("Accept"), _OFFERS)


def _page() -> int:
    given = request.args.get("page", "1")
    if not given.isascii() or not given.isdigit() or len(given) > 6 or int(given) < 1:
        raise NotFound
    return int(given)


def _scheme(found: _Scheme, offer: Plain) -> Response:
    if found.page > 1 and not found.terms:
        raise NotFound
    following = f"?page={found.page + 1}" if found.page * LISTED < found.total else ""
    if offer is HTML:
        language = pages().language
        listed = [(_href(found.kind, term), title(term, language)) for term in found.terms]
        answer = html(
            "vocabulary.html",
            name=found.name,
            iri=found.iri,
            href=found.href,
            terms=listed,
            total=found.total,
            following=following,
        )
        return _varied(answer)
    return _graph(_scheme_triples(found, following), offer, found.href, f"?page={found.page}" if found.page > 1 else "")


def _scheme_triples(found: _Scheme, following: str) -> Iterator[Triple]:
    node, page = NamedNode(found.iri), NamedNode(found.page_iri(found.page))
    yield Triple(node, RDF.type, SKOS.ConceptScheme)
    yield from _said(node, DCT.title, text(found.name))
    yield Triple(node, RDF.type, HYDRA.Collection)
    yield Triple(node, HYDRA.totalItems, Literal(found.total))
    yield Triple(node, HYDRA.view, page)
    yield Triple(page, RDF.type, HYDRA.PartialCollectionView)
    yield Triple(page, HYDRA.first, node)
    yield Triple(page, HYDRA.last, NamedNode(found.page_iri(-(-found.total // LISTED))))
    if found.page > 1:
        yield Triple(page, HYDRA.previous, NamedNode(found.page_iri(found.page - 1)))
    if following:
        yield Triple(page, HYDRA.next, NamedNode(found.iri + following))
    for term in found.terms:
        concept_ = NamedNode(iri_of(found.kind, term))
        yield Triple(concept_, SKOS.inScheme, node)
        yield from _labels(concept_, term)
        broader = _broader(found.kind, term)
        if broader:
            yield Triple(concept_, SKOS.broader, NamedNode(concept_iri(pages().site.url, found.kind, broader)))
        else:
            yield Triple(node, SKOS.hasTopConcept, concept_)
            yield Triple(concept_, SKOS.topConceptOf, node)


def _concept(kind: str, term: Json, offer: Plain) -> Response:
    iri = iri_of(kind, term)
    if offer is HTML:
        broader = _broader(kind, term)
        answer = html(
            "concept.html",
            kind=kind,
            iri=iri,
            href=_href(kind, term),
            name=title(term, pages().language),
            labels=sorted((term.get("title") or {}).items()),
            notation=term["id"],
            broader=broader,
            elsewhere=[address for _name, address in _addresses(term)],
        )
        return _varied(answer)
    return _graph(_concept_triples(kind, term, NamedNode(iri)), offer, _href(kind, term))


def _concept_triples(kind: str, term: Json, node: NamedNode) -> Iterator[Triple]:
    site = pages().site.url
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
    broader = _broader(kind, term)
    if broader:
        yield Triple(node, SKOS.broader, NamedNode(concept_iri(site, kind, broader)))
    for iri in schemes if not broader else ():
        yield Triple(node, SKOS.topConceptOf, NamedNode(iri))
    for name, address in _addresses(term):
        yield Triple(node, SKOS.exactMatch if name in _EXACT else RDFS.seeAlso, NamedNode(address))


def _labels(node: NamedNode, term: Json) -> Iterator[Triple]:
    titles = term.get("title") or {"en": term.get("subject") or term["id"]}
    for language, said in sorted(titles.items()):
        yield from _said(node, SKOS.prefLabel, text(str(said), language))


def _said(node: NamedNode, predicate: NamedNode, value: Value) -> Iterator[Triple]:
    if isinstance(value, NamedNode | Literal):
        yield Triple(node, predicate, value)


def _broader(kind: str, term: Json) -> str:
    """The id of the type that a resource type is a kind of."""
    above = (term.get("props") or {}).get("type", "") if kind == "resourcetypes" else ""
    return above if above and above != term["id"] else ""


def _addresses(term: Json) -> list[tuple[str, str]]:
    found = [(name, clean_iri(str(value))) for name, value in sorted((term.get("props") or {}).items())]
    return [(name, iri) for name, iri in found if iri.startswith(("http://", "https://"))]


def iri_of(kind: str, term: Json) -> str:
    """The IRI by which records name the concept: its own, if its id is one."""
    own = clean_iri(term["id"]) if term["id"].startswith(("http://", "https://")) else ""
    return own or concept_iri(pages().site.url, kind, term["id"])


def _href(kind: str, term: Json) -> str:
    """Where it is told of here."""
    return concept_iri("", kind, term["id"])


def _graph(triples: Iterator[Triple], offer: Plain, href: str, page: str = "") -> Response:
    """`href`: the path of what is described; with a suffix it is that of this document."""
    data = pyoxigraph.serialize(list(dict.fromkeys(triples)), format=_SYNTAXES[offer], prefixes=_PREFIXES) or b""
    response = document(data, offer.media_type)
    response.headers["Content-Location"] = f"{href}.{offer.name}{page}"
    return _varied(response)


def _varied(response: Response) -> Response:
    response.vary.add("Accept")
    return response
