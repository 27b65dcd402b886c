"""A record as a catalogue lists it: of its graph what DCAT-AP gives to a dataset in a catalogue, so that who harvests
the catalogue needs no second request for each record.

At most LARGEST bytes, whatever the record: of long lists the first values, of long texts the beginning. `record.ttl`,
which is named, has the whole.
Specified by: DCAT-AP 3.0.1, Dataset, Catalogue Record, Distribution; the mapping is in `rdf`.
"""

from collections.abc import Iterable, Iterator

import pyoxigraph
from pyoxigraph import Literal, NamedNode, Triple

from repository.formats.rdf import PREFIXES, triples
from repository.formats.rdf_files import add_archive
from repository.formats.rdf_graph import ADMS, DCAT, DCT, FOAF, LOCN, PROV, RDF, RDFS, WDRS, XSD, Graph
from repository.records.identifiers import catalogue_iri, format_url, landing_iri, subject_iri
from repository.records.snapshot import Site, Snapshot

LARGEST = 20_000
"""Bytes of what is said of one record."""
FILES = 10
"""Files that are named one by one; of more there is the archive of all."""
_SHORTER = ((20, 6000), (10, 3000), (5, 1500), (2, 500), (0, 500))
"""Most values of one property, and bytes of one text, of a longer one the beginning: the first pair that fits."""
DOCUMENT = "record.ttl"
"""The file with the whole graph."""

_ALWAYS = frozenset({RDF.type, DCT.title, DCT.description, DCT.identifier, DCT.issued, DCT.modified, FOAF.primaryTopic})
"""Of these there is one value at least."""
_OF_SUBJECT = _ALWAYS | {
    ADMS.identifier,
    DCAT.contactPoint,
    DCAT.distribution,
    DCAT.keyword,
    DCAT.landingPage,
    DCAT.theme,
    DCAT.version,
    DCT.accessRights,
    DCT.creator,
    DCT.language,
    DCT.license,
    DCT.publisher,
    DCT.rights,
    DCT.rightsHolder,
    DCT.spatial,
    DCT.temporal,
    DCT.type,
    PROV.wasAttributedTo,
}
_LEFT_OUT = frozenset({FOAF.familyName, FOAF.givenName, LOCN.geometry})
"""Of what describes other nodes: the whole name, and the box or centre, are said."""
_OF_PAGE = _ALWAYS | {DCT.conformsTo}
_TEXTS = (XSD.string, RDF.langString)

_Known = dict[object, list[Triple]]
"""Triples by subject."""


def write(snapshot: Snapshot, site: Site) -> str:
    """As Turtle, its prefixes left out, which are PREFIXES."""
    known = _known(snapshot, site)
    data = b""
    for most, longest in _SHORTER:
        found = _listed(snapshot, site, known, most, longest)
        data = pyoxigraph.serialize(found, format=pyoxigraph.RdfFormat.TURTLE, prefixes=PREFIXES) or b""
        if len(data) - len(_PREFIXES) <= LARGEST:
            break
    return data[len(_PREFIXES) :].decode()


_PREFIXES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()).encode()
"""pyoxigraph writes them in an order that changes from call to call; in any order they are as long."""


def _known(snapshot: Snapshot, site: Site) -> _Known:
    """The graph of the record; of many files there is the archive instead."""
    known: _Known = {}
    for triple in triples(snapshot, site):
        known.setdefault(triple.subject, []).append(triple)
    subject = NamedNode(subject_iri(site, snapshot))
    about = known[subject]
    if sum(triple.predicate == DCAT.distribution for triple in about) > FILES:
        licences = [triple.object for triple in about if triple.predicate == DCT.license]
        graph = Graph(subject.value, landing_iri(site, snapshot.id))
        add_archive(graph, snapshot, site, [licence for licence in licences if isinstance(licence, NamedNode)])
        known[subject] = [triple for triple in about if triple.predicate != DCAT.distribution]
        for triple in graph.triples():
            known.setdefault(triple.subject, []).append(triple)
    return known


def _listed(snapshot: Snapshot, site: Site, known: _Known, most: int, longest: int) -> list[Triple]:
    """Each triple once. But for texts that are cut, all of them are in the record's graph or name the catalogue."""
    subject, page = NamedNode(subject_iri(site, snapshot)), NamedNode(landing_iri(site, snapshot.id))
    catalogue, document = NamedNode(catalogue_iri(site)), NamedNode(format_url(site, snapshot.id, DOCUMENT))
    found = [Triple(catalogue, DCAT.dataset, subject), Triple(catalogue, DCAT.record, page)]
    wanted = {subject: _OF_SUBJECT, page: _OF_PAGE} if subject != page else {subject: _OF_SUBJECT | _OF_PAGE}
    waiting = [document]
    told = {subject, page, document}
    for node, predicates in wanted.items():
        said = [triple for triple in known[node] if triple.predicate in predicates]
        found += _few(said, most, longest, waiting, told)
    found += [Triple(page, RDFS.seeAlso, document), Triple(page, WDRS.describedby, document)]
    while waiting:
        found += _few(known.get(waiting.pop(), ()), most, longest, waiting, told)
    return found


def _few(
    said: Iterable[Triple], most: int, longest: int, waiting: list[NamedNode], told: set[NamedNode]
) -> Iterator[Triple]:
    """Of each property of a node the first values; other nodes among them are to be described in their turn."""
    counts: dict[NamedNode, int] = {}
    for triple in said:
        predicate, value = triple.predicate, triple.object
        count = counts[predicate] = counts.get(predicate, 0) + 1
        if (count > most and (count > 1 or predicate not in _ALWAYS)) or predicate in _LEFT_OUT:
            continue
        if isinstance(value, NamedNode) and value not in told:
            told.add(value)
            waiting.append(value)
        if isinstance(value, Literal) and len(value.value) * 4 > longest and value.datatype in _TEXTS:
            text = Literal(_cut(value.value, longest), language=value.language)
            yield Triple(triple.subject, predicate, text)
        else:
            yield triple


def _cut(text: str, longest: int) -> str:
    data = text.encode()
    if len(data) <= longest:
        return text
    return data[: longest - len("…".encode())].decode(errors="ignore").rstrip() + "…"
