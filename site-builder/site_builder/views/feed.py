"""The Atom feed of the records that changed last. Specified by: RFC 4287."""

from flask import Response

from repository.formats.text import clean
from repository.formats.xml_text import document, escape
from site_builder import rendering
from site_builder.context import pages

PATH = "/feed.xml"
NEWEST = 50


def feed() -> Response:
    site, language = pages().site, pages().language
    with pages().source.catalogue() as catalogue:
        found = catalogue.harvested.newest(NEWEST)
        moment = catalogue.harvested.moment
    address, name = escape(site.url), escape(clean(site.name))
    head = (
        f"<id>{address}{PATH}</id><title>{name}</title>"
        f'<link rel="self" type="application/atom+xml" href="{address}{PATH}"/>'
        f'<link rel="alternate" type="text/html" href="{address}/"/><updated>{moment}</updated>'
        f"<author><name>{name}</name></author>"
    )
    entries = "\n".join(f"<entry>{inside}<updated>{at}</updated></entry>" for inside, at in found)
    root = f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">{head}\n{entries}\n</feed>'
    return rendering.document(document(root), "application/atom+xml")
