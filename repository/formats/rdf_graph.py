"""Building the RDF graph of one record with pyoxigraph terms: namespaces, literals, and the triples gathered so far."""

import re
from itertools import starmap

from pyoxigraph import Literal, NamedNode, Triple

from repository.formats.dates import datatype
from repository.formats.text import clean
from repository.records.snapshot import Json


class Namespace:
    """Terms of a vocabulary as attributes, each made once: `DCT.title`."""

    def __init__(self, iri: str) -> None:
        self.iri = iri

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        node = NamedNode(self.iri + name)
        setattr(self, name, node)
        return node


ADMS = Namespace("http://www.w3.org/ns/adms#")
BIBO = Namespace("http://purl.org/ontology/bibo/")
DC = Namespace("http://purl.org/dc/elements/1.1/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
ORG = Namespace("http://www.w3.org/ns/org#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
PROV = Namespace("http://www.w3.org/ns/prov#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SCHEMA = Namespace("https://schema.org/")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
VOID = Namespace("http://rdfs.org/ns/void#")
WDRS = Namespace("http://www.w3.org/2007/05/powder-s#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")

PREFIXES = {
    "adms": ADMS.iri,
    "dcat": DCAT.iri,
    "dct": DCT.iri,
    "foaf": FOAF.iri,
    "geo": GEO.iri,
    "locn": LOCN.iri,
    "org": ORG.iri,
    "owl": OWL.iri,
    "prov": PROV.iri,
    "rdfs": RDFS.iri,
    "schema": SCHEMA.iri,
    "skos": SKOS.iri,
    "spdx": SPDX.iri,
    "vcard": VCARD.iri,
    "void": VOID.iri,
    "wdrs": WDRS.iri,
    "xsd": XSD.iri,
}
_RDF_TYPE = RDF.type
_DOI = re.compile(r"https?://(?:[^/]*\.)?doi\.org[:/]", re.IGNORECASE)

Value = NamedNode | Literal | None
"""Of a property; None says nothing."""
Said = tuple[NamedNode, Value]
"""Property and value."""
Statement = tuple[NamedNode, NamedNode, NamedNode | Literal]
"""A triple as Python has it: what is taken from one of pyoxigraph's is made anew each time."""


class Graph:
    """The triples of one record.

    There are no blank nodes: what has no IRI of its own is a fragment of the landing page, so that equal records give
    equal bytes, and graphs can share a store.
    """

    def __init__(self, subject: str, landing: str) -> None:
        self.subject = NamedNode(subject)
        self._subject_iri = subject
        self.landing = landing
        self._of_subject: list[Statement] = []
        self._of_others: list[Statement] = []
        self._site = landing.partition("/records/")[0] + "/"
        self._described: dict[str, NamedNode] = {}
        self._said_last: dict[str, tuple[tuple[NamedNode, ...], tuple[Said, ...]]] = {}
        self._organisations: dict[str, int] = {}

    def add(self, predicate: NamedNode, value: Value) -> None:
        """Says something of the subject; nothing if there is no value."""
        if value is not None:
            self._of_subject.append((self.subject, predicate, value))

    def describe(self, iri: str, classes: tuple[NamedNode, ...], *said: Said) -> NamedNode:
        """Says what another node is, and what is new whenever it is described again; returns the node."""
        node = self._described.get(iri)
        if node is None:
            node = self._described[iri] = NamedNode(iri)
        elif self._said_last[iri] == (classes, said):
            return node
        self._said_last[iri] = classes, said
        add = (self._of_subject if iri == self._subject_iri else self._of_others).append
        for kind in classes:
            add((node, _RDF_TYPE, kind))
        for predicate, value in said:
            if value is not None:
                add((node, predicate, value))
        return node

    def linked(self, link: str) -> str:
        """A link that a depositor chose freely, as the IRI of what it leads to; empty where that may be a record, ours
        or another one, or anything else of this site: nobody else describes that."""
        return "" if link.startswith(self._site) or _DOI.match(link) else link

    def values(self, predicate: NamedNode) -> list[NamedNode | Literal]:
        """What has been said of the subject with this property, each value once, in the order in which it was said."""
        return list(dict.fromkeys(value for _subject, known, value in self._of_subject if known == predicate))

    def fragment(self, name: str) -> str:
        return f"{self.landing}#{name}"

    def organisation(self, name: str) -> str:
        """The IRI of an organisation that has only a name: the same for the same name."""
        return self.fragment(f"organisation-{self._organisations.setdefault(name, len(self._organisations) + 1)}")

    def statements(self) -> list[Statement]:
        """Each once, the subject's own first."""
        return list(dict.fromkeys(self._of_subject + self._of_others))

    def triples(self) -> list[Triple]:
        """The same for pyoxigraph."""
        return list(starmap(Triple, self.statements()))


def text(value: str, language: str = "") -> Literal | None:
    """A literal without the characters that RDF/XML can't hold; None if nothing is left."""
    value = value.strip() if value.isprintable() else clean(value)
    if not value:
        return None
    return Literal(value, language=language) if language else Literal(value)


def labels(term: Json) -> list[Said]:
    """The labels of a vocabulary's term in the languages of the repository; its id where it has none."""
    titles = term.get("title") or {}
    found: list[Said] = [(SKOS.prefLabel, text(titles[code], code)) for code in ("en", "cs") if titles.get(code)]
    return found or [(SKOS.prefLabel, text(term["id"]))]


def moment(value: str) -> Literal | None:
    """A literal typed by its precision, as DCAT-AP wants it; None if it is no date that XML Schema knows."""
    kind = datatype(value)
    return Literal(value, datatype=getattr(XSD, kind)) if kind else None


def date(value: str) -> Literal | None:
    """The same, but plain text if it is no such date."""
    typed = moment(value)
    return text(value) if typed is None else typed
