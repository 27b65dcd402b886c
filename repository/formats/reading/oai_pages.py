"""A page of an OAI-PMH list: which items are on it, when it was made, and where the list goes on.

    page = read_page(body)
    for part in page.parts: …    # documents for `reading.read`, which together hold all records of the page

A page that is not well-formed is taken apart: each record becomes a response of its own, so that a broken one costs
only itself. Of a page that was cut off, the records before the cut are left.

Specified by: OAI-PMH 2.0 §2.5, §3.2, §3.5, §4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import unescape

from lxml import etree

from repository.formats.reading.intake import Refused
from repository.formats.reading.xml_documents import OAI
from repository.formats.reading.xml_trees import local_name, namespace

_NAME = rb"[A-Za-z_][\w.-]*:"
_BEGINS = re.compile(rb"<(?:%b)?record(?:\s[^<>]*)?>\s*<(?:%b)?header[\s>/]" % (_NAME, _NAME))
_ENDS = re.compile(rb"</(?:%b)?record\s*>" % _NAME)
_OUTER = re.compile(rb"<((?:%b)?(?:OAI-PMH|ListRecords|ListIdentifiers|GetRecord))[\s>]" % _NAME)
_LIST_ENDS = re.compile(rb"</(?:%b)?(?:ListRecords|GetRecord)\s*>" % _NAME)
_TOKEN = re.compile(rb"<(?:%b)?resumptionToken(?:\s[^<>]*)?(?:/>|>([^<]*)</)" % _NAME)
_RESPONDED = re.compile(rb"<(?:%b)?responseDate\s*>([^<]*)<" % _NAME)
_IDENTIFIER = re.compile(rb"<(?:%b)?identifier\s*>([^<]*)<" % _NAME)
_ENTITIES = {"&quot;": '"', "&apos;": "'"}


@dataclass(frozen=True, slots=True)
class Item:
    """A header. `deleted`: the source has it no more."""

    identifier: str
    datestamp: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A whole response, or one record of it within the response's outer elements."""

    body: bytes
    place: str = ""
    """What tells a record from the others where it can't be read: `#` and its identifier."""


@dataclass(frozen=True, slots=True)
class Page:
    """See the module. `token` is empty at the end of the list; `size` is `completeListSize`, 0 where it is not told."""

    responded: str
    token: str
    items: tuple[Item, ...]
    parts: tuple[Part, ...]
    size: int = 0
    cut: bool = False
    """The end is missing, and with it where the list goes on."""


def parse(body: bytes) -> etree._Element:
    """The root of a response. Raises XMLSyntaxError where it is not well-formed, Refused for a DOCTYPE."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    root = etree.fromstring(body, parser)
    if root.getroottree().docinfo.doctype:
        raise Refused("DOCTYPE", "a document type declaration is not accepted")
    if errors := parser.error_log.filter_from_errors():  # those after which the parser goes on by itself
        raise etree.XMLSyntaxError(errors[0].message, errors[0].type, errors[0].line, errors[0].column)
    return root


def responded(body: bytes) -> str:
    """The responseDate of any response, well-formed or not; empty where it has none."""
    return _text(_RESPONDED.search(body))


def read_page(body: bytes) -> Page:
    """Raises Refused where nothing can be made of it."""
    try:
        root = parse(body)
    except etree.XMLSyntaxError as error:
        return _taken_apart(body, error)
    token = next((entry for entry in root.iterfind("*/*") if _is(entry, "resumptionToken")), None)
    size = token.get("completeListSize", "") if token is not None else ""
    return Page(
        responded=responded(body),
        token=(token.text or "").strip() if token is not None else "",
        items=tuple(_items(root)),
        parts=(Part(body),),
        size=int(size) if size.isascii() and size.isdecimal() else 0,
    )


def _items(root: etree._Element) -> Iterator[Item]:
    """Of ListRecords and GetRecord (`*/record/header`) and of ListIdentifiers (`*/header`); metadata may hold headers
    of their own."""
    for entry in root.iterfind("*/*"):
        header = entry if _is(entry, "header") else next((child for child in entry if _is(child, "header")), None)
        if header is None:
            continue
        said = {local_name(child): (child.text or "").strip() for child in header if isinstance(child.tag, str)}
        if said.get("identifier"):
            yield Item(said["identifier"], said.get("datestamp", ""), header.get("status") == "deleted")


def _is(element: etree._Element, name: str) -> bool:
    """Some repositories forget the namespace."""
    return isinstance(element.tag, str) and local_name(element) == name and namespace(element) in (OAI, "")


def _taken_apart(body: bytes, error: etree.XMLSyntaxError) -> Page:
    starts = [found.start() for found in _BEGINS.finditer(body)]
    if not starts or re.search(rb"<!DOCTYPE", body[: starts[0]]):
        raise Refused("XML", f"not well-formed: {error.msg}")
    head = body[: starts[0]]
    close = b"".join(b"</%b>" % name for name in reversed(_OUTER.findall(head)))
    parts: list[Part] = []
    items: list[Item] = []
    after = starts[0]
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        closings = list(_ENDS.finditer(body, start, end))
        if closings:
            after = closings[-1].end()
        elif end == len(body):  # what follows the last whole record was cut off
            break
        record = body[start : after if closings else end]
        parts.append(Part(head + record + close, _place(record)))
        items += _items_of(parts[-1].body)
    rest = body[after:]
    tokens = _TOKEN.findall(rest)
    return Page(
        responded=responded(head),
        token=_unescaped(tokens[-1]) if tokens else "",
        items=tuple(items),
        parts=tuple(parts),
        cut=not tokens and not _LIST_ENDS.search(rest),
    )


def _items_of(body: bytes) -> Iterator[Item]:
    try:
        yield from _items(parse(body))
    except (etree.XMLSyntaxError, Refused):
        return  # it is refused by whoever reads it


def _place(record: bytes) -> str:
    identifier = _text(_IDENTIFIER.search(record))
    return f"#{identifier}" if identifier else ""


def _text(found: "re.Match[bytes] | None") -> str:
    return _unescaped(found[1]) if found else ""


def _unescaped(said: bytes) -> str:
    return unescape(said.decode(errors="replace").strip(), _ENTITIES)
