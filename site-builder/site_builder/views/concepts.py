"""Terms of vocabularies as concepts: a page, or SKOS in four syntaxes, at the IRIs by which records name them.

Schemes, the concepts of small vocabularies, and those that public records name are frozen as well, see `concept_files`.
"""

import re
from collections.abc import Iterator

import pyoxigraph
from flask import Response, redirect, request
from pyoxigraph import RdfFormat, Triple

from repository.api.localised import title
from repository.errors import NotFound
from repository.ld.negotiation import HTML, Plain, accepted
from repository.records.identifiers import concept_iri, vocabulary_iri
from repository.records.snapshot import Json
from repository.services.concepts import CONCEPT_TYPES
from site_builder import axes, skos
from site_builder.context import pages
from site_builder.landing.links import Link
from site_builder.rendering import document, html, kept, words
from site_builder.skos import Scheme

INDEX = "/vocabularies/"
_SYNTAXES = {
    Plain("ttl", "text/turtle"): RdfFormat.TURTLE,
    Plain("jsonld", "application/ld+json"): RdfFormat.JSON_LD,
    Plain("rdf", "application/rdf+xml"): RdfFormat.RDF_XML,
    Plain("nt", "application/n-triples"): RdfFormat.N_TRIPLES,
}
SUFFIXES = tuple(offer.name for offer in _SYNTAXES)
_OFFERS = (HTML, *_SYNTAXES)
_PAGE = re.compile(r"(?:(.+)/)?page/([1-9]\d{0,5})")


def index() -> Response:
    """The vocabularies whose terms are concepts, with their numbers."""
    names = words().vocabulary_names
    numbers = pages().source.concepts().numbers()
    found = [(vocabulary_iri(pages().base, kind), names.get(kind, kind), number) for kind, number in numbers.items()]
    return html("vocabularies.html", found=sorted(found, key=lambda each: each[1]))


def scheme(kind: str) -> Response:
    """A vocabulary with its concepts. Raises NotFound, NotAcceptable."""
    kind, offer = _asked(kind, kind in CONCEPT_TYPES)
    if kind not in CONCEPT_TYPES:
        raise NotFound
    return _moved(vocabulary_iri("", kind), offer) or _vocabulary(kind, 1, offer)


def concept(kind: str, term_id: str) -> Response:
    """A concept, a scheme of subjects, or a further page of a scheme. Raises NotFound, NotAcceptable."""
    if kind not in CONCEPT_TYPES or not term_id.isprintable():
        raise NotFound
    found = pages().source.concepts()
    term = found.one(kind, term_id)
    name, offer = _asked(term_id, term is not None)
    if term is None and name != term_id:
        term = found.one(kind, name)
    if term is not None:
        return _concept(kind, term, offer)
    if page := _PAGE.fullmatch(name):
        number = int(page[2])
        return _of_subjects(kind, page[1], number, offer) if page[1] else _vocabulary(kind, number, offer)
    return _moved(concept_iri("", kind, name), offer) or _of_subjects(kind, name, 1, offer)


def _asked(name: str, is_name: bool) -> tuple[str, Plain]:
    """The name without a suffix that chooses the form, and the form; a term may be named like a file."""
    if not is_name and not pages().base:  # documents have one address, whatever language the pages are in
        for offer in _SYNTAXES:
            if name.endswith(f".{offer.name}"):
                return name.removesuffix(f".{offer.name}"), offer
    return name, accepted(request.headers.get("Accept"), _OFFERS)


def _moved(href: str, offer: Plain) -> Response | None:
    """To where a page of a scheme is that is asked for in the way that there was."""
    given = request.args.get("page", "1")
    if given == "1":
        return None
    if not re.fullmatch(r"[1-9]\d{0,5}", given):
        raise NotFound
    suffix = f".{offer.name}" if request.path.endswith(f".{offer.name}") else ""
    response: Response = redirect(f"{pages().base}{skos.paged(href, int(given))}{suffix}", 301)  # type: ignore[assignment]
    return kept(response)


def _vocabulary(kind: str, number: int, offer: Plain) -> Response:
    found = pages().source.concepts().page(kind, number)
    if not found.total:
        raise NotFound
    site = pages().site.url
    return _scheme(Scheme(site, kind, kind, vocabulary_iri(site, kind), found.terms, found.total, number), offer)


def _of_subjects(kind: str, name: str, number: int, offer: Plain) -> Response:
    found = pages().source.concepts().page(kind, number, name)
    if not found.total:
        raise NotFound
    site = pages().site.url
    return _scheme(Scheme(site, kind, name, concept_iri(site, kind, name), found.terms, found.total, number), offer)


def _scheme(found: Scheme, offer: Plain) -> Response:
    if found.page > found.last:
        raise NotFound
    href = found.iri.removeprefix(found.site)
    if offer is not HTML:
        return _graph(skos.scheme_triples(found), offer, skos.paged(href, found.page))
    language, said = pages().language, words()
    listed = [Link(title(term, language), concept_iri("", found.kind, term["id"])) for term in found.terms]
    answer = html(
        "vocabulary.html",
        name=said.vocabulary_names.get(found.name, found.name),
        iri=found.iri,
        canonical=skos.paged(href, found.page),
        terms=listed,
        total=found.total,
        page=found.page,
        last=found.last,
        previous=skos.paged(href, found.page - 1) if found.page > 1 else "",
        next=skos.paged(href, found.page + 1) if found.page < found.last else "",
    )
    return _varied(answer)


def _concept(kind: str, term: Json, offer: Plain) -> Response:
    href = concept_iri("", kind, term["id"])
    if offer is not HTML:
        return _graph(skos.concept_triples(pages().site.url, kind, term), offer, href)
    above = skos.broader(kind, term)
    answer = html(
        "concept.html",
        kind=words().vocabulary_names.get(kind, kind),
        scheme=vocabulary_iri("", kind),
        iri=skos.iri_of(pages().site.url, kind, term),
        href=href,
        name=title(term, pages().language),
        labels=sorted((term.get("title") or {}).items()),
        notation=term["id"],
        broader=Link(above, concept_iri("", kind, above)) if above else None,
        elsewhere=[address for _name, address in skos.addresses(term)],
        records=_records(kind, term),
    )
    return _varied(answer)


def _records(kind: str, term: Json) -> str:
    """Path of the records that name a term, if there are any."""
    path = f"{axes.AXIS_OF[kind]}/{axes.key_of(term['id'])}" if kind in axes.AXIS_OF else ""
    if not path:
        return ""
    with pages().source.catalogue() as catalogue:
        return axes.url(f"{path}/") if catalogue.kept.numbered(path) else ""


def _graph(triples: Iterator[Triple], offer: Plain, href: str) -> Response:
    """`href`: the path of what is described; with a suffix it is that of this document."""
    data = pyoxigraph.serialize(list(dict.fromkeys(triples)), format=_SYNTAXES[offer], prefixes=skos.NAMESPACES) or b""
    response = document(data, offer.media_type)
    response.headers["Content-Location"] = f"{href}.{offer.name}"
    return _varied(response)


def _varied(response: Response) -> Response:
    response.vary.add("Accept")
    return response
