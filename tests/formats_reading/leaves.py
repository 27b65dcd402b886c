"""Counts the values of a document and looks for each in what became of it: independent of how the readers work.

A value is found if the record says it, letter case, punctuation and spelling of its scheme aside; `_means_the_same`
lists all that counts as the same. Values that are constants of the format are not looked for.
"""

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from repository.formats.reading import Known
from repository.formats.reading.intake import SCHEME_URIS, Intake
from repository.formats.reading.resource_types import GENERAL, of_text
from repository.formats.reading.rights import license_of
from repository.records.deposit import Deposit
from repository.records.text import clean

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_PREFIX = re.compile(
    r"^(?:https?://)?(?:(?:dx|www)\.)?(?:doi\.org/|hdl\.handle\.net/|orcid\.org/|ror\.org/|isni\.org/(?:isni/)?|"
    r"d-nb\.info/gnd/|arxiv\.org/abs/|wikidata\.org/(?:wiki|entity)/)|^(?:doi|info:doi/|hdl|info:hdl/|urn|issn|isbn|"
    r"arxiv|orcid|pmid)[:/\s]\s*",
    re.IGNORECASE,
)


_SAID_BY = {
    "issued": "publication_date", "abstract": "description", "ror": "id", "uri": "url", "bibcode": "ads",
    "book": "imprint:imprint", "conferenceproceeding": "meeting:meeting", "false": "files",
}  # fmt: skip
"""Words that are said by a field, a key or a scheme of the record."""


def folded(text: str) -> str:
    """Letters and digits, markup and case aside."""
    text = _TAG.sub("", unescape(_TAG.sub("", unescape(text))))
    text = unicodedata.normalize("NFC", text)
    return "".join(character for character in text.casefold() if character.isalnum()) or "".join(text.split())


def json_leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from json_leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from json_leaves(inner, f"{path}[]")
    elif value is not None and str(value).strip():
        yield path, value


def xml_leaves(element: etree._Element, path: str = "") -> Iterator[tuple[str, Any]]:
    """Texts, attributes, and texts after elements; of comments only what comes after them."""
    path = f"{path}/{etree.QName(element).localname}"
    for name, value in element.attrib.items():
        if name not in (f"{XSI}schemaLocation", f"{XSI}noNamespaceSchemaLocation") and value.strip():
            yield f"{path}@{name}", value
    pieces = [element.text or ""]
    mixed = any(isinstance(child.tag, str) and etree.QName(child).localname == "br" for child in element)
    for child in element:
        if isinstance(child.tag, str):
            yield from xml_leaves(child, path)
        pieces.append(child.tail or "")
    for piece in [" ".join(pieces)] if mixed else pieces:
        if piece.strip():
            yield path, piece.strip()


class Record:
    """All that a deposit says, in a form to look values up in."""

    def __init__(self, deposit: Deposit, known: Known) -> None:
        self.known = known
        self.metadata = deposit.body["metadata"]
        self.doi = deposit.body["pids"].get("doi", {}).get("identifier", "")
        self.texts = [*_texts(deposit.body), *_texts(deposit.origin), deposit.identity, deposit.parent]
        self.values = {folded(text) for text in self.texts} | {folded(key) for key in _keys(deposit.body)}
        self.keys = {*_keys(deposit.body), "files"}
        self.values |= {folded(part) for text in self.texts for part in re.split(r": ", text)[1:]}
        self.values |= {folded(text.partition(": ")[2]) for text in self.texts}
        self.values |= {folded(part) for text in self.texts if len(text) < 40 for part in text.split("-")}
        self.values.add(folded(self.doi.rpartition("/")[2]))
        self.blob = "\n".join(folded(text) for text in self.texts)
        self.numbers = {round(number, 9) for number in _numbers(self.metadata.get("locations"))}
        self.values |= {word for text in self.texts if "%0A" in text for word in map(folded, text.split())}
        self.names = {_words(text) for text in self.texts if len(text) < 300}

    def says(self, value: Any) -> bool:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        word = folded(text)
        if word in self.values or (len(word) >= 8 and word in self.blob):
            return True
        return self._means_the_same(text.strip(), word)

    def _means_the_same(self, text: str, word: str) -> bool:
        text = clean(text)
        bare = folded(_PREFIX.sub("", _PREFIX.sub("", text)))
        intake = Intake(self.known)
        return (
            bare in self.values
            or (len(bare) >= 6 and bare in self.blob)
            or folded(self.known.languages.get(text.lower(), "-")) in self.values
            or GENERAL.get(word, "-") == self.metadata["resource_type"]["id"]
            or folded(GENERAL.get(word, "-")) in self.values
            or of_text(text, intake) == self.metadata["resource_type"]["id"]
            or folded(license_of(text, intake) or "-") in self.values
            or all(_is_number(part) and round(float(part), 9) in self.numbers for part in text.split())
            or _SAID_BY.get(word, "-") in self.keys
            or _SAID_BY.get(word, "-") in self.values
            or _words(text) in self.names
            or (re.fullmatch(r"\d{4}", text) is not None and self.metadata["publication_date"].startswith(text))
            or (word == "oai" and any(said.startswith("oai:") for said in self.texts))
            or self._is_constant(text, word)
        )

    def _is_constant(self, text: str, word: str) -> bool:
        address = urlsplit(text.lower().rstrip("/")) if "://" in text else None
        if address and f"{address.netloc}{address.path}" in {uri for uris in SCHEME_URIS.values() for uri in uris}:
            return True
        return text.startswith(("http://datacite.org/schema/kernel-", "local://records/")) or word in ("dois", "spdx")


def _texts(value: Any) -> Iterator[str]:
    for _, leaf in json_leaves(value):
        yield str(leaf)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *key.split(":"))
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _numbers(value: Any) -> Iterator[float]:
    for _, leaf in json_leaves(value):
        if isinstance(leaf, int | float):
            yield float(leaf)


def _words(text: str) -> tuple[str, ...]:
    return tuple(sorted(re.findall(r"[^\W_]+", text.casefold())))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+\.?\d*|[+-]?\.\d+", text.strip()) is not None


def lost(leaves: Iterator[tuple[str, Any]], deposit: Deposit, known: Known) -> list[tuple[str, Any]]:
    """The values of a document that its deposit does not say."""
    record = Record(deposit, known)
    return [(path, value) for path, value in leaves if not record.says(value)]
