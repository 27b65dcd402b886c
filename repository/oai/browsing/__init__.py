"""Responses for people: a stylesheet that browsers apply themselves, or that is applied here for them.

Some browsers no longer know XSLT. One that says that it is opening a page (`Sec-Fetch-Dest: document`, which no
harvester sends) gets HTML made with the same stylesheet; everybody else gets the XML, which names the stylesheet.
"""

from functools import cache
from importlib.resources import files

from lxml import etree

FILES = {"style.xsl": "text/xsl; charset=utf-8", "style.css": "text/css; charset=utf-8"}
INSTRUCTION = b'<?xml-stylesheet type="text/xsl" href="/oai/style.xsl"?>\n'
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""Browsers take an XSL stylesheet for a script."""


def file(name: str) -> bytes:
    """One of FILES."""
    return files(__name__).joinpath(name).read_bytes()


def page(response: bytes) -> bytes:
    """The HTML page that the stylesheet makes of a response."""
    return etree.tostring(_stylesheet()(etree.fromstring(response, _parser())), method="html", encoding="utf-8")


@cache
def _stylesheet() -> etree.XSLT:
    deny = etree.XSLTAccessControl.DENY_ALL
    return etree.XSLT(etree.fromstring(file("style.xsl")), access_control=deny)


def _parser() -> etree.XMLParser:
    """Takes what we have written ourselves, however large a record is."""
    return etree.XMLParser(no_network=True, resolve_entities=False, huge_tree=True)
