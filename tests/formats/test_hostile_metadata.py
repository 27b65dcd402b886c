"""Hostile text in every field through every writer: the output is read by its suffix, and holds the text as text.

A format that is added to FORMATS is taken by these tests. One with a new suffix gets a parser in READERS.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import bibtexparser
import orjson
import pyoxigraph
import pytest
import rispy
import yaml
from linkset_rules import read_text
from lxml import etree
from pyoxigraph import NamedNode, RdfFormat
from record_parts import file_entry, files
from snapshots import KINDS, SITE, full
from write_goldens import example

from repository.formats import FORMATS, Format
from repository.records.identifiers import parse_doi
from repository.records.snapshot import Neighbour, Snapshot

EACH = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
SPOKEN = "Niederschlag"
"""A word in each hostile text, to be found again as text."""
HOSTILE = {
    "quotes": f"{SPOKEN} \"'`“”« \\\" \\' '''\"\"\"",
    "markup": f"{SPOKEN} </script><script>alert(1)</script><!-- --> ]]> <![CDATA[ &amp; &#x1; &bogus; <?php ?>",
    "controls": f"{SPOKEN}\x00\x01\x08\x0b\x0c\x1b\x1f\x7f\x80\x85\x9f\ufffe\uffff\ufeff",
    "lines": f"{SPOKEN}\r\n\t\u2028\u2029\n---\n...\n- a: b\n#c\n@prefix x: <y> .\n",
    "directions": f"{SPOKEN} \u202e\u202d\u2066\u2067\u2069\u200f\u200e\u061cمطر",
    "signs": f'{SPOKEN} {{x}} ${{y}} %s %zz %00 \\ \\n \\u0000 {{\\"u}} $ & % # _ ~ ^ | * ? ; , : =',
    "braces": f"{SPOKEN} }}, note = {{x}}\n}}\n\n@misc{{other, title = {{y}}}} {{",
    "records": f"{SPOKEN}\nER  - \n\nTY  - JOUR\nT1  - other\nER  - \n",
    "formulas": f'=cmd|\'/c {SPOKEN}\'!A1","b\n@SUM(1),"',
    "unicode": f"{SPOKEN} 👩\u200d🔬 e\u0301 ﷽ \U0001f600 \u00ad\u200b İı ﬀ 𝔉",
    "iri": f'https://example.org/{SPOKEN} a b?q="<x>"&r={{y}}|z^`\\#f#g %zz é \u202e\x01',
    "script": f"javascript:alert('{SPOKEN}')",
    "paths": f"../../{SPOKEN}/..\\..//C:\\con?x=1#y",
}
_TERMS = ("resource_type", "type", "role", "lang", "relation_type")
"""Parts that hold a term with properties: its id is a word of ours, its titles are not."""
_WORDS = ("scheme", "date", "publication_date")
"""What validation admits only in a few forms."""


def _hostile(value: Any, text: str, name: str = "") -> Any:
    """The value with every text replaced, but for words of vocabularies and dates."""
    if isinstance(value, dict):
        if name in _TERMS:
            return {key: inner if key == "id" else _hostile(inner, text, key) for key, inner in value.items()}
        return {key: _hostile(inner, text, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_hostile(inner, text, name) for inner in value]
    is_kind = name == "type" and value in ("personal", "organizational", "Point", "Polygon")
    return text if isinstance(value, str) and not is_kind and name not in _WORDS else value


def _filled(text: str) -> Snapshot:
    """A record with the text in every field; in its own DOI and those of its versions as far as DOIs can hold it."""
    base = full()
    doi = "10.5072/" + "".join(letter for letter in text if letter.isprintable() and not letter.isspace())
    assert parse_doi(doi) == doi
    pids = {"doi": {"identifier": doi, "provider": "external"}}
    own = Neighbour(base.id, base.index, "published", closed=False, doi=doi)
    others = [replace(own, id="00000-00003", index=base.index + step, version=text) for step in (-1, 1)]
    entries = [file_entry(f"{text}{number}", number, text, ext=text) for number in range(2)]
    return replace(
        base,
        metadata=_hostile(base.metadata, text),
        custom_fields=_hostile(base.custom_fields, text),
        files=files(*entries),
        pids=pids,
        parent={**base.parent, "pids": pids},
        versions=(others[0], own, others[1]),
    )


def records(form: Format, text: str) -> list[Snapshot]:
    """As whatever kind of record has the format, as it stands, and as others."""
    made = _filled(text)
    return [example(form, made), *(kind(made) for kind in KINDS)]


def _in_xml(data: bytes) -> Iterator[str]:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    assert not list(root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity))
    for element in root.iter(etree.Element):
        assert etree.QName(element).localname.lower() not in ("script", "b", "a"), element
        assert not any(SPOKEN in name for name in (element.tag, *element.attrib))
        yield from (element.text or "", *element.attrib.values())


def _in_rdf(syntax: RdfFormat) -> Callable[[bytes], Iterator[str]]:
    def texts(data: bytes) -> Iterator[str]:
        for quad in pyoxigraph.parse(data, format=syntax):
            for term in (quad.subject, quad.predicate, quad.object):
                if isinstance(term, NamedNode):
                    _check_iri(term.value)
                yield getattr(term, "value", "")

    return texts


_OF_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f-\x9f]")


def _check_iri(iri: str) -> None:
    assert not _OF_NO_IRI.search(iri), iri
    assert not iri.lower().startswith(("javascript:", "data:", "vbscript:")), iri


_LINKS = (
    *("@id", "url", "contentUrl", "codeRepository", "downloadUrl", "path", "homepage", "record", "website"),
    *("license-url", "repository-code", "rightsUri", "awardUri", "valueUri", "sameAs", "relatedLink", "citation"),
)
"""Fields whose texts readers follow."""


def _in_json(data: bytes) -> Iterator[str]:
    """Names of fields are ours, ids are IRIs; JSON-LD that brings its own context is a graph."""
    value = orjson.loads(data)
    yield from _in_values(value)
    context = value.get("@context") if isinstance(value, dict) else None
    if isinstance(context, dict):
        list(_in_rdf(RdfFormat.JSON_LD)(data))


def _in_values(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            assert SPOKEN not in key, key
            yield from _in_values(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _in_values(inner, name)
    elif isinstance(value, str):
        if name in _LINKS:
            _check_iri(value)
        yield value


def _in_yaml(data: bytes) -> Iterator[str]:
    documents = list(yaml.safe_load_all(data))
    assert len(documents) == 1
    return _in_values(documents[0])


def _in_text(data: bytes) -> Iterator[str]:
    text = data.decode()
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
    yield text


def _in_bibtex(data: bytes) -> Iterator[str]:
    library = bibtexparser.parse_string(data.decode())
    assert not library.failed_blocks
    (entry,) = library.entries
    assert [*library.comments, *library.preambles, *library.strings] == []
    for field in entry.fields:
        assert re.fullmatch(r"[a-z]+", field.key), field.key
        yield field.value


def _in_ris(data: bytes) -> Iterator[str]:
    (entry,) = rispy.loads(data.decode())
    assert "unknown_tag" not in entry
    return _in_values(entry)


def _in_csv(data: bytes) -> Iterator[str]:
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    (row,) = rows
    assert len(row) == len(header)
    assert not any(SPOKEN in name for name in header)
    yield from row


def _in_linkset(data: bytes) -> Iterator[str]:
    for link in read_text(data):
        yield from link


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "xml": _in_xml,
    "rdf": lambda data: _both(_in_xml(data), _in_rdf(RdfFormat.RDF_XML)(data)),
    "ttl": _in_rdf(RdfFormat.TURTLE),
    "nt": _in_rdf(RdfFormat.N_TRIPLES),
    "json": _in_json,
    "jsonld": _in_json,
    "geojson": _in_json,
    "cff": _in_yaml,
    "bib": _in_bibtex,
    "ris": _in_ris,
    "csv": _in_csv,
    "linkset": _in_linkset,
    "txt": _in_text,
}


def _both(first: Iterator[str], second: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from second


def _holding(form: Format, text: str) -> list[int]:
    """How many texts of each record's output hold the word."""
    read = READERS[form.file_name.rpartition(".")[2]]
    return [sum(SPOKEN in unquote(found) for found in read(form.write(record, SITE))) for record in records(form, text)]


@EACH
def test_hostile_text_is_text_in_every_format(form: Format) -> None:
    """As many places hold it as hold a harmless word, but for one at most: CFF and BibTeX leave out a DOI that they
    can't hold, and two names that are the same address are one link; in a crate that is a node, with three texts."""
    one = 3 if form.name == "ro-crate" else 1
    harmless = _holding(form, SPOKEN)
    assert min(harmless) > 0
    for name, text in HOSTILE.items():
        for found, expected in zip(_holding(form, text), harmless, strict=True):
            assert found >= expected - one, name


@EACH
def test_the_example_of_a_format_suits_it(form: Format) -> None:
    """The texts reach the fields that only this kind of record has."""
    assert form.suits(example(form, full()))
