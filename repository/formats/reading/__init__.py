"""Reading other people's metadata, for import: whatever a file holds, as deposits and refusals.

    for item in read(path, "records.jsonl", known, fill_missing=False): …    # Deposit | Refusal, one at a time

The format is recognised by content. Nothing of a document is lost: what has no place in the model is an identifier or
a note (`intake`). Nothing here does any I/O but reading the file, and nothing stops at a document that can't be read.

A newcomer adds a format as one file with `recognises` and `read` (and `document_of` for XML), and one line in READERS.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from lxml import etree

from repository.formats.reading import (
    datacite_json,
    datacite_xml,
    inveniordm_json,
    json_documents,
    oai_dc,
    xml_documents,
)
from repository.formats.reading.assembly import Mapped, assemble, fingerprint
from repository.formats.reading.intake import Intake, Refused
from repository.formats.reading.known import Known
from repository.formats.reading.sources import opened
from repository.formats.reading.xml_documents import XmlDocument
from repository.formats.reading.xml_trees import tree
from repository.records.deposit import Deposit, Refusal
from repository.records.snapshot import Json

__all__ = ["READERS", "Known", "Reader", "read"]


@dataclass(frozen=True, slots=True)
class Reader:
    """A format that is read. `recognises` is asked about a JSON object or an XML element, `document_of` makes JSON of
    an element, `read` takes that apart (raising Refused)."""

    name: str
    syntax: Literal["json", "xml"]
    recognises: Callable[[Any], bool]
    read: Callable[[Json, Intake], Mapped]
    document_of: Callable[[Any], Json] = dict


READERS = (
    Reader("InvenioRDM JSON", "json", inveniordm_json.recognises, inveniordm_json.read),
    Reader("DataCite JSON", "json", datacite_json.recognises, datacite_json.read),
    Reader("DataCite XML", "xml", datacite_xml.recognises, datacite_xml.read, datacite_xml.document_of),
    Reader("oai_dc", "xml", oai_dc.recognises, oai_dc.read, oai_dc.document_of),
)
FAULT = "reader"
"""The field of a refusal that is a reader's own fault."""
_SNIFFED = 64 * 1024
_SPACE = b" \t\r\n\x00"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(
    origin: Path | IO[bytes], source: str, known: Known, *, fill_missing: bool = False
) -> Iterator[Deposit | Refusal]:
    """Yields what each document of a file becomes. `source` names the file in the report; `fill_missing` puts
    DataCite's words for unknown values where something required is missing. Raises OSError."""
    with opened(origin) as stream:
        start, first = _beginning(stream)
        if not first:
            yield Refusal(source, "file", "is empty")
        elif first == b"<":
            yield from _read_xml(stream, source, known, fill_missing)
        elif first in b"{[":
            yield from _read_json(stream, start, source, known, fill_missing)
        else:
            yield Refusal(source, "file", "is neither JSON nor XML")


def _beginning(stream: IO[bytes]) -> tuple[int, bytes]:
    """(position, byte) of the first thing that is neither white space nor a byte order mark; leaves the stream at 0."""
    stream.seek(0)
    start = 0
    head = stream.read(_SNIFFED)
    while head and not head.strip(_SPACE):
        start += len(head)
        head = stream.read(_SNIFFED)
    stream.seek(0)
    if start == 0:
        for mark in (codecs.BOM_UTF8, *_WIDE):
            if head.startswith(mark):
                start, head = len(mark), head[len(mark) :]
    stripped = head.lstrip(_SPACE)
    return start + len(head) - len(stripped), stripped[:1]


def _read_json(
    stream: IO[bytes], start: int, source: str, known: Known, fill_missing: bool
) -> Iterator[Deposit | Refusal]:
    for place, value in json_documents.documents(stream, start):
        where = source + place
        if isinstance(value, Refused):
            yield Refusal(where, value.field, value.reason)
        elif not isinstance(value, dict):
            yield Refusal(where, "document", "is no JSON object")
        elif (reader := _reader("json", value)) is None:
            yield Refusal(where, "document", "is neither DataCite nor InvenioRDM JSON")
        else:
            yield _taken(reader, value, where, known, fill_missing)


def _read_xml(stream: IO[bytes], source: str, known: Known, fill_missing: bool) -> Iterator[Deposit | Refusal]:
    for found in xml_documents.documents(stream, lambda element: _reader("xml", element) is not None):
        if isinstance(found, tuple):
            place, refused = found
            yield Refusal(source + place, refused.field, refused.reason)
            continue
        if reader := _reader("xml", found.element):
            yield _taken(reader, found, source + found.place, known, fill_missing)


def _reader(syntax: str, value: Json | etree._Element) -> Reader | None:
    return next((reader for reader in READERS if reader.syntax == syntax and reader.recognises(value)), None)


def _taken(reader: Reader, found: Json | XmlDocument, source: str, known: Known, fill: bool) -> Deposit | Refusal:
    intake = Intake(known)
    try:
        if isinstance(found, XmlDocument):
            document, header = _document_of(reader, found), found.header
        else:
            document, header = found, None
        whole = {"header": [header.identifier, *header.sets], "": document} if header else document
        digest = fingerprint(whole, intake)
        return assemble(reader.read(document, intake), digest, source, header, fill, intake)
    except Refused as refused:
        return Refusal(source, refused.field, refused.reason)
    except Exception as error:  # a reader's own fault costs one document, never the import
        return Refusal(source, FAULT, f"{reader.name} failed: {error!r}")


def _document_of(reader: Reader, found: XmlDocument) -> Json:
    document = reader.document_of(found.element)
    if found.about:
        document["about"] = [tree(about) for about in found.about]
    return document
