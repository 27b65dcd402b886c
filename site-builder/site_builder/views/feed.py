"""Atom feeds of the records that changed last: of all, and of each type. Specified by: RFC 4287."""

from flask import Response

from repository.api import localised
from repository.errors import NotFound
from repository.formats.text import clean
from repository.formats.xml_text import document, escape
from site_builder import axes, rendering
from site_builder.context import pages

PATH = "/feed.xml"
MEDIA_TYPE = "application/atom+xml"
NEWEST = 50


def path(kind: str) -> str:
    """Of the feed of a type, the top level of resource types."""
    return f"/feeds/{axes.key_of(kind)}.xml"


def feed() -> Response:
    with pages().source.catalogue() as catalogue:
        found = catalogue.harvested.newest(NEWEST)
        moment = catalogue.harvested.moment
    return _feed(PATH, "/", pages().site.name, moment, found)


def of_type(key: str) -> Response:
    """Raises NotFound where nothing of the type is public."""
    with pages().source.catalogue() as catalogue:
        numbered = catalogue.kept.numbered(f"types/{key}")
        said = axes.named(numbered.said) if numbered else None
        found = catalogue.harvested.newest_of(said.term, NEWEST) if said else []
    if said is None or not found:
        raise NotFound
    name = localised.title({"title": said.titles, "id": said.term}, pages().language)
    title = f"{pages().site.name}: {name}"
    return _feed(f"/feeds/{key}.xml", axes.url(f"types/{key}/"), title, found[0][1], found)


def _feed(path: str, page: str, title: str, moment: str, found: list[tuple[str, str]]) -> Response:
    site, language = pages().site, pages().language
    address, name = escape(site.url), escape(clean(site.name))
    head = (
        f"<id>{address}{path}</id><title>{escape(clean(title))}</title>"
        f'<link rel="self" type="{MEDIA_TYPE}" href="{address}{path}"/>'
        f'<link rel="alternate" type="text/html" href="{address}{page}"/><updated>{moment}</updated>'
        f"<author><name>{name}</name></author>"
    )
    entries = "\n".join(f"<entry>{inside}<updated>{at}</updated></entry>" for inside, at in found)
    root = f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">{head}\n{entries}\n</feed>'
    return rendering.document(document(root), MEDIA_TYPE)
