"""DCAT-AP as JSON-LD: `record.jsonld`. What it says is what `record.ttl` says, with the same prefixes.

The context is written into each document, so that nobody has to fetch one; `schemas/dcat-ap-v1.jsonld` is the same.
Specified by: JSON-LD 1.1; the mapping is in `rdf`.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from pyoxigraph import NamedNode, Triple

from repository.formats.format import Format, source_digest
from repository.formats.rdf import PREFIXES, PROFILE, triples
from repository.formats.rdf_graph import RDF, XSD
from repository.records.snapshot import Json, Site, Snapshot

CONTEXT = dict(sorted(PREFIXES.items()))
_TYPE = RDF.type.value
_STRING = XSD.string.value


def write(snapshot: Snapshot, site: Site) -> bytes:
    return orjson.dumps({"@context": CONTEXT, "@graph": nodes(triples(snapshot, site))})


def nodes(said: Iterable[Triple]) -> list[Json]:
    """A node object for each subject, in the order in which they come."""
    found: dict[str, Json] = {}
    for triple in said:
        subject: Any = triple.subject
        value: Any = triple.object
        iri, predicate = subject.value, triple.predicate.value
        node = found.get(iri)
        if node is None:
            node = found[iri] = _named(iri)
        if predicate == _TYPE:
            node.setdefault("@type", []).append(_compact(value.value))
        else:
            node.setdefault(_compact(predicate), []).append(_value(value))
    return [{name: _bare(values) for name, values in node.items()} for node in found.values()]


def _bare(values: Any) -> Any:
    """A single value without brackets."""
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _value(value: Any) -> Any:
    if isinstance(value, NamedNode):
        return _named(value.value)
    text, language, datatype = value.value, value.language, value.datatype.value
    if language:
        return {"@value": text, "@language": language}
    return text if datatype == _STRING else {"@value": text, "@type": _compact(datatype)}


def _named(iri: str) -> Json:
    """An IRI whose scheme is one of our prefixes (`geo:50,14`) is not to be read as a name of the vocabulary."""
    scheme = iri.partition(":")[0]
    return {"@context": {scheme: None}, "@id": iri} if scheme in CONTEXT else {"@id": iri}


@lru_cache(maxsize=1024)
def _compact(iri: str) -> str:
    """The name of a term with its prefix; the whole IRI where it is of no vocabulary of ours."""
    for prefix, namespace in CONTEXT.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


FORMAT = Format(
    name="json-ld",
    title="DCAT-AP, JSON-LD",
    media_type=f'application/ld+json;profile="{PROFILE}"',
    file_name="record.jsonld",
    profile=PROFILE,
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    accept=(
        f'application/ld+json;profile="{PROFILE[:-1]}"',
        'application/ld+json;profile="https://semiceu.github.io/DCAT-AP/"',
        'application/ld+json;profile="http://data.europa.eu/r5r/"',
        'application/ld+json;profile="http://www.w3.org/ns/dcat#"',
    ),
)
