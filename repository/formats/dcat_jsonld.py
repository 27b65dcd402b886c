"""DCAT-AP as JSON-LD: `record.jsonld`. What it says is what `record.ttl` says, with the same prefixes.

The context is written into each document, so that nobody has to fetch one; `schemas/dcat-ap-v1.jsonld` is the same.
Specified by: JSON-LD 1.1; the mapping is in `rdf`.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from pyoxigraph import NamedNode

from repository.formats.format import Format, source_digest
from repository.formats.rdf import PREFIXES, PROFILE, statements
from repository.formats.rdf_graph import RDF, XSD, Statement
from repository.records.snapshot import Json, Site, Snapshot

CONTEXT = dict(sorted(PREFIXES.items()))
_TYPE = RDF.type.value
_STRING = XSD.string.value


def write(snapshot: Snapshot, site: Site) -> bytes:
    return orjson.dumps({"@context": CONTEXT, "@graph": nodes(statements(snapshot, site))})


def nodes(said: Iterable[Statement]) -> list[Json]:
    """A node object for each subject, in the order in which they come."""
    found: dict[str, Json] = {}
    last, node = None, Json()
    for subject, predicate, value in said:
        if subject is not last:
            last, iri = subject, subject.value
            node = found.get(iri) or found.setdefault(iri, _named(iri))
        name = _compact(predicate.value)
        if name == _TYPE:
            name, told = "@type", _compact(value.value)
        else:
            told = _value(value)
        before = node.get(name)
        if before is None:  # as nearly always: a single value stands without brackets
            node[name] = told
        elif isinstance(before, list):
            before.append(told)
        else:
            node[name] = [before, told]
    return list(found.values())


def _value(value: Any) -> Any:
    if isinstance(value, NamedNode):
        return _named(value.value)
    language = value.language
    if language:
        return {"@value": value.value, "@language": language}
    datatype = value.datatype.value
    return value.value if datatype == _STRING else {"@value": value.value, "@type": _compact(datatype)}


def _named(iri: str) -> Json:
    """An IRI whose scheme is one of our prefixes (`geo:50,14`) is not to be read as a name of the vocabulary."""
    if iri.startswith("http"):  # no prefix begins so, and nearly every IRI does
        return {"@id": iri}
    scheme = iri.partition(":")[0]
    return {"@context": {scheme: None}, "@id": iri} if scheme in CONTEXT else {"@id": iri}


@lru_cache(maxsize=1024)
def _compact(iri: str) -> str:
    """The name of a term with its prefix; the whole IRI where it is of no vocabulary of ours, as `rdf:type`."""
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
