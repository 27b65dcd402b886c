"""The XML around what is answered. Specified by: OAI-PMH 2.0, 3.2 XML Response Format; OAI-PMH.xsd."""

from collections.abc import Mapping, Sequence

from repository.formats.xml_text import DECLARATION, attribute, escape
from repository.oai.arguments import utc
from repository.oai.bodies import unpacked
from repository.oai.browsing import INSTRUCTION
from repository.oai.errors import ProtocolError
from repository.oai.items import Records

_ROOT = (
    DECLARATION
    + INSTRUCTION
    + b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    b' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
)


Parts = Sequence[bytes]
"""Of a response, joined once: a page of records is a quarter of a megabyte."""


def document(stamp: int, base_url: str, arguments: Mapping[str, str], content: Parts) -> bytes:
    """A whole response; `arguments` are repeated verbatim, and empty for badVerb and badArgument."""
    attributes = "".join(attribute(name, value) for name, value in arguments.items())
    request = f"<responseDate>{utc(stamp)}</responseDate><request{attributes}>{escape(base_url)}</request>"
    return b"".join((_ROOT, request.encode(), *content, b"</OAI-PMH>\n"))


def error(error: ProtocolError) -> Parts:
    return (f'<error code="{error.code}">{escape(error.message)}</error>'.encode(),)


def element(name: str, *texts: str) -> str:
    """Elements of one name, one a text."""
    return "".join(f"<{name}>{escape(text)}</{name}>" for text in texts)


def wrapped(verb: str, content: str) -> Parts:
    return (f"<{verb}>{content}</{verb}>".encode(),)


def records(verb: str, page: Records, token: str = "") -> Parts:
    """Whole records, in GetRecord and ListRecords."""
    parts: list[bytes] = [f"<{verb}>".encode()]
    for _key, header, body in page:
        parts += (b"<record>", header, unpacked(body), b"</record>")
    parts.append(f"{token}</{verb}>".encode())
    return parts


def headers(verb: str, page: Records, token: str = "") -> Parts:
    return (f"<{verb}>".encode(), *(row[1] for row in page), f"{token}</{verb}>".encode())


def token(text: str, cursor: int, total: int, expires: int | None = None) -> str:
    """A resumptionToken; empty, and without expiry, on the last page. Specified by: OAI-PMH 2.0, 3.5."""
    expiry = attribute("expirationDate", utc(expires)) if expires else ""
    size = attribute("completeListSize", str(total)) + attribute("cursor", str(cursor))
    return f"<resumptionToken{expiry}{size}>{text}</resumptionToken>"
