"""What an assessor of FAIRness finds of a record: by its landing page, its links, its identifier, and its files."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx
import orjson
import rdflib
from lxml import etree, html

_LINK = re.compile(r'<([^>]+)>\s*;\s*rel="([^"]+)"(?:\s*;\s*type="([^"]+)")?')


@dataclass(frozen=True, slots=True)
class Link:
    relation: str
    address: str
    media_type: str


@dataclass(frozen=True, slots=True)
class File:
    said: Any
    """The `DataDownload` of schema.org."""
    answer: httpx.Response


@dataclass(frozen=True, slots=True)
class Found:
    page: httpx.Response
    said: Any
    """The JSON-LD in the page, as JSON."""
    terms: dict[str, list[str]]
    """Contents of the page's `meta` elements by name."""
    in_page: tuple[Link, ...]
    in_header: tuple[Link, ...]
    described: tuple[tuple[Link, httpx.Response], ...]
    """What each `describedby` leads to."""
    negotiated: httpx.Response
    """To `Accept: text/turtle` at the page's own address."""
    files: tuple[File, ...]
    by_identifier: httpx.Response
    """Of the identifier; of a DOI at the repository's own resolver, since `doi.org` is another host."""

    @property
    def graph(self) -> rdflib.Graph:
        return rdflib.Graph().parse(data=self.negotiated.content, format="turtle")

    @property
    def vocabularies(self) -> set[str]:
        """Namespaces of all properties and classes of the graph and of the elements of what is XML."""
        used = {str(term) for _subject, term, _object in self.graph}
        used |= {str(kind) for kind in self.graph.objects(None, rdflib.RDF.type)}
        found = {re.sub(r"[^/#]*$", "", term) for term in used}
        for link, answer in self.described:
            if link.media_type.endswith("xml"):
                elements = etree.fromstring(answer.content).iter("{*}*")
                found |= {etree.QName(element).namespace or "" for element in elements}
        return found


def look(base: str, page: str) -> Found:
    """Everything of the record with this landing page, asked for over HTTP."""
    with httpx.Client(timeout=60) as client:
        answer = client.get(page, headers={"Accept": "text/html"}).raise_for_status()
        document = html.document_fromstring(answer.text)
        (script,) = document.xpath('//script[@type="application/ld+json"]/text()')
        said = orjson.loads(str(script))
        terms: dict[str, list[str]] = {}
        for meta in document.xpath("//head/meta[@name]"):
            terms.setdefault(meta.get("name"), []).append(meta.get("content"))
        in_page = tuple(
            Link(link.get("rel"), urljoin(page, link.get("href")), link.get("type", ""))
            for link in document.xpath("//head/link[@rel][@href]")
        )
        in_header = tuple(
            Link(relation, urljoin(page, address), media_type)
            for address, relation, media_type in _LINK.findall(answer.headers["Link"])
        )
        return Found(
            answer,
            said,
            terms,
            in_page,
            in_header,
            tuple((link, client.get(link.address)) for link in in_page if link.relation == "describedby"),
            client.get(page, headers={"Accept": "text/turtle"}),
            tuple(File(entry, client.get(entry["contentUrl"])) for entry in said.get("distribution", ())),
            client.get(said["@id"].replace("https://doi.org", f"{base}/doi")),
        )
