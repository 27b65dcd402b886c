"""XML files, single records and whole OAI-PMH responses, as a stream of elements.

Nothing outside the file is read: no DTD, no entities, no network; a DOCTYPE is refused. Each element is dropped when
it has been read.

Specified by: OAI-PMH 2.0 §2.5, §3.2, §4.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO

from lxml import etree

from repository.formats.reading.assembly import Header
from repository.formats.reading.intake import Refused
from repository.formats.reading.sources import Counted
from repository.formats.reading.xml_trees import local_name, namespace
from repository.records.snapshot import Json

OAI = "http://www.openarchives.org/OAI/2.0/"
DELETED = "header.status"
"""The field of a refusal that tells of a deletion."""
_PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
_NO_METADATA = ("header", "about")


@dataclass(frozen=True, slots=True)
class XmlDocument:
    """One record: its element, and the header and the `about` containers of the OAI-PMH record around it."""

    element: etree._Element
    header: Header | None = None
    about: tuple[etree._Element, ...] = ()
    place: str = ""
    """What tells it from the other records of its file: `#` and the header's identifier, else its number."""


Recognises = Callable[[etree._Element], bool]
Found = XmlDocument | tuple[str, Refused]
"""A record, or the place and the refusal of one."""


def documents(stream: IO[bytes], recognises: Recognises) -> Iterator[Found]:
    """Yields the records that some reader recognises, and (place, refusal) for each that none does or that can't be
    read; a file that is not well-formed ends with such a refusal."""
    counted = Counted(stream)
    try:
        yield from _documents(counted, recognises)
    except etree.XMLSyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        yield "", Refused("XML", f"not well-formed: {where}{error.msg}")
    except Refused as refused:
        yield "", refused


def _documents(counted: Counted, recognises: Recognises) -> Iterator[Found]:
    request = Header("")
    depth = outer = 0  # of the element at hand; of the record that is open, 0 if none is
    number = 0
    root: etree._Element | None = None
    events = etree.iterparse(
        counted, events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    for event, element in events:
        if event == "start":
            depth += 1
            if root is None:
                root = element
                _refuse_doctype(element)
            if not outer and (_is_record(element) or recognises(element)):
                outer = depth
            continue
        if outer == depth:
            outer = 0
            _refuse_errors(events.error_log)
            if not _is_description(element):
                number += 1
                yield from _record(element, "" if depth == 1 else f"#{number}", request, recognises)
        elif not outer and namespace(element) == OAI:
            if local_name(element) == "request":
                request = replace(_request(element), harvested=request.harvested)
            elif local_name(element) == "responseDate":
                request = replace(request, harvested=(element.text or "").strip())
            elif local_name(element) == "error":
                number += 1
                said = " ".join((element.text or "").split())
                yield "", Refused("OAI-PMH error", ": ".join(filter(None, (str(element.get("code", "")), said))) or "?")
        if not outer:
            _drop(element)
            counted.restart()
        depth -= 1
    if not number and root is not None:
        yield "", Refused(local_name(root), _nothing_found(root))


def _refuse_doctype(root: etree._Element) -> None:
    if root.getroottree().docinfo.doctype:
        raise Refused("DOCTYPE", "a document type declaration is not accepted")


def _refuse_errors(log: "etree._ListErrorLog") -> None:
    """Errors after which the parser goes on by itself, such as a namespace that is no URI or an undefined entity."""
    errors = log.filter_from_errors()
    if len(errors):
        raise Refused("XML", f"not well-formed: line {errors[0].line}: {errors[0].message}")


def _is_record(element: etree._Element) -> bool:
    """An OAI-PMH record, with or without the response around it; some repositories forget the namespace."""
    return local_name(element) == "record" and namespace(element) in (OAI, "")


def _is_description(element: etree._Element) -> bool:
    """Whether it describes a set or the repository, not a record."""
    return any(local_name(above) in ("setDescription", "description") for above in element.iterancestors())


def _request(element: etree._Element) -> Header:
    return Header("", base_url=(element.text or "").strip(), prefix=str(element.get("metadataPrefix", "")))


def _record(element: etree._Element, place: str, request: Header, recognises: Recognises) -> Iterator[Found]:
    """A record by itself, or the metadata of an OAI-PMH record, or why they are not taken."""
    if not _is_record(element):
        yield XmlDocument(element, place=place)
        return
    parts = {local_name(child): child for child in element if isinstance(child.tag, str)}
    head = parts.get("header")
    header = _header(head, request) if head is not None else None
    place = f"#{header.identifier}" if header and header.identifier else place
    if head is not None and head.get("status") == "deleted":
        yield place, Refused(DELETED, "deleted at the source")
        return
    metadata = parts.get("metadata", element)
    inside = (child for child in metadata if isinstance(child.tag, str) and local_name(child) not in _NO_METADATA)
    payload = next(inside, None)
    if payload is None:
        yield place, Refused("metadata", "missing: the record has none")
        return
    inner = next((child for child in payload.iter() if isinstance(child.tag, str) and recognises(child)), None)
    if inner is None:
        yield place, Refused("metadata", f"the format {_tag(payload)} is not read here")
        return
    about = tuple(child for child in element if isinstance(child.tag, str) and local_name(child) == "about")
    if header:
        origins = tuple(origin for entry in about for origin in _origins(entry))
        header = replace(header, namespace=namespace(payload), provenance=origins)
    yield XmlDocument(inner, header, about, place)


def _header(head: etree._Element, request: Header) -> Header:
    said: dict[str, list[str]] = {}
    for child in head:
        if isinstance(child.tag, str) and (child.text or "").strip():
            said.setdefault(local_name(child), []).append((child.text or "").strip())
    return Header(
        identifier=said.get("identifier", [""])[0],
        datestamp=said.get("datestamp", [""])[0],
        sets=tuple(said.get("setSpec", ())),
        base_url=request.base_url,
        prefix=request.prefix,
        harvested=request.harvested,
    )


def _origins(about: etree._Element) -> Iterator[Json]:
    """Of a provenance container. Specified by: OAI-PMH implementation guidelines, provenance §2."""
    for element in about.iter(f"{{{_PROVENANCE}}}originDescription"):
        said = {local_name(child): (child.text or "").strip() for child in element if isinstance(child.tag, str)}
        found = {
            "base_url": said.get("baseURL"),
            "identifier": said.get("identifier"),
            "datestamp": said.get("datestamp"),
            "namespace": said.get("metadataNamespace"),
            "harvested": element.get("harvestDate"),
            "altered": element.get("altered"),
        }
        yield {key: value for key, value in found.items() if value}


def _nothing_found(root: etree._Element) -> str:
    return "holds no records" if namespace(root) == OAI else f"the format {_tag(root)} is not read here"


def _tag(element: etree._Element) -> str:
    """`{namespace}name`."""
    return str(element.tag)


def _drop(element: etree._Element) -> None:
    """Frees the element and what came before it, so that memory does not grow."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
