"""Related items of MODS: the journal or book that a work is in, with volume, issue and pages, and other works."""

from collections.abc import Iterator

from repository.formats.containers import Container, containers
from repository.formats.library_relations import Relation, relations
from repository.formats.library_terms import IDENTIFIER_SOURCES
from repository.formats.mods_xml import element, text_element
from repository.formats.xml_text import attribute
from repository.records.snapshot import Snapshot

_TYPES = {
    "Cites": "references",
    "Continues": "preceding",
    "HasPart": "constituent",
    "HasTranslation": "otherVersion",
    "HasVersion": "otherVersion",
    "IsCitedBy": "isReferencedBy",
    "IsContinuedBy": "succeeding",
    "IsIdenticalTo": "otherFormat",
    "IsNewVersionOf": "preceding",
    "IsObsoletedBy": "succeeding",
    "IsOriginalFormOf": "otherFormat",
    "IsPartOf": "host",
    "IsPreviousVersionOf": "succeeding",
    "IsPublishedIn": "host",
    "IsReferencedBy": "isReferencedBy",
    "IsTranslationOf": "original",
    "IsVariantFormOf": "otherFormat",
    "IsVersionOf": "otherVersion",
    "Obsoletes": "preceding",
    "References": "references",
    "Reviews": "reviewOf",
}
"""DataCite's relationType → type; the others keep their name in otherType."""


def related_items(snapshot: Snapshot) -> Iterator[str]:
    for container in containers(snapshot):
        if container.kind != "ConferenceProceeding":  # the meeting is a name
            yield _host(container)
    for relation in relations(snapshot):
        yield _related(relation)


def _host(container: Container) -> str:
    inner = element("titleInfo", text_element("title", container.title))
    place = element("place", text_element("placeTerm", container.place, ' type="text"'))
    inner += element("originInfo", place + text_element("edition", container.edition))
    inner += text_element("identifier", container.identifier, attribute("type", container.scheme))
    part = ""
    for name, number in (("volume", container.volume), ("issue", container.issue)):
        part += element("detail", text_element("number", number), f' type="{name}"')
    if container.last_page:
        pages = text_element("start", container.first_page) + text_element("end", container.last_page)
    else:
        pages = text_element("list", container.first_page)
    part += element("extent", pages, ' unit="pages"')
    return f'<relatedItem type="host">{inner}{element("part", part)}</relatedItem>'


def _related(relation: Relation) -> str:
    kind = _TYPES.get(relation.type)
    attributes = f' type="{kind}"' if kind else attribute("otherType", relation.phrase.lower())
    scheme = attribute("type", IDENTIFIER_SOURCES.get(relation.scheme, relation.scheme))
    inner = text_element("note", relation.text, ' type="citation"')
    inner += text_element("identifier", relation.identifier, scheme)
    if relation.iri.startswith(("http://", "https://")):
        inner += element("location", text_element("url", relation.iri))
    return element("relatedItem", inner, attributes)
