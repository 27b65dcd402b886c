"""Another repository's OAI-PMH provider, asked through the client library `oaipmh`.

The library's client asks, and makes the protocol's errors exceptions. How bytes are fetched and XML is parsed is ours
(`fetching`, `formats/reading/oai_pages.py`): its own ways know no limits of time and size, take a DOCTYPE, and lose a
whole page for one broken record.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from oaipmh import error as oai_error
from oaipmh.client import BaseClient

from repository.errors import InvalidInput
from repository.formats.reading import oai_pages
from repository.formats.reading.intake import Refused
from repository.formats.reading.oai_pages import Page
from repository.services.fetching import Answer, Unusable

Fetch = Callable[[dict[str, str]], Answer]
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DAY = "YYYY-MM-DD"


class NothingNew(Exception):
    """`noRecordsMatch`; `responded` is the answer's responseDate."""

    def __init__(self, responded: str) -> None:
        super().__init__("noRecordsMatch")
        self.responded = responded


class TokenRefused(Exception):
    """`badResumptionToken`."""


class NotThere(Exception):
    """The provider does not give the item."""


class BrokenPage(Exception):
    """An answer from which it can't be told how the list goes on."""


class Provider:
    """Raises Unreachable, InvalidInput for what the provider says is wrong with the request, and the errors above."""

    def __init__(self, fetch: Fetch) -> None:
        self._client = _Client(fetch)

    def granularity_is_day(self) -> bool:
        """Of its datestamps. Raises InvalidInput where there is no provider."""
        try:
            with self._told():
                root = self._client.makeRequestErrorHandling(verb="Identify")
        except (BrokenPage, oai_error.XMLSyntaxError) as error:
            raise InvalidInput(f"There is no OAI-PMH provider: {error or 'the answer is no XML'}.") from error
        if root.find(f"{OAI}Identify") is None:
            raise InvalidInput("There is no OAI-PMH provider: it does not answer Identify.")
        return str(root.findtext(f"{OAI}Identify/{OAI}granularity", "")).strip() == DAY

    def records(self, arguments: dict[str, str]) -> Page:
        return self._page("ListRecords", arguments)

    def identifiers(self, arguments: dict[str, str]) -> Page:
        return self._page("ListIdentifiers", arguments)

    def record(self, identifier: str, prefix: str) -> Page:
        """One item. Raises NotThere where it has gone, or is not there in this format."""
        try:
            return self._page("GetRecord", {"identifier": identifier, "metadataPrefix": prefix})
        except InvalidInput as error:
            raise NotThere(error.message) from error

    def _page(self, verb: str, arguments: dict[str, str]) -> Page:
        with self._told():
            with suppress(oai_error.XMLSyntaxError):  # then the page is taken apart
                self._client.makeRequestErrorHandling(verb=verb, **arguments)
            try:
                page = oai_pages.read_page(self._client.body)
            except Refused as refused:
                raise BrokenPage(f"{refused.field} {refused.reason}") from refused
        if page.cut:
            raise BrokenPage("the end of the page is missing")
        return page

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The library's errors as ours."""
        try:
            yield
        except oai_error.NoRecordsMatchError as error:
            raise NothingNew(oai_pages.responded(self._client.body)) from error
        except oai_error.BadResumptionTokenError as error:
            raise TokenRefused from error
        except oai_error.ErrorBase as error:
            raise InvalidInput(f"The provider refuses the request: {error.oainame()}: {error}") from error
        except Unusable as error:
            raise BrokenPage(str(error)) from error
        except Refused as refused:
            raise BrokenPage(f"{refused.field}: {refused.reason}") from refused


class _Client(BaseClient):  # type: ignore[misc]  # the library has no types
    """The library's client over our ways to fetch and to parse; `body` is the last answer."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__()
        self._fetch = fetch
        self.body = b""

    def makeRequest(self, **arguments: str) -> bytes:  # noqa: N802 — the library's name
        answer = self._fetch(arguments)
        self.body = answer.body
        # Some providers send errors of the protocol with a status of HTTP.
        if answer.status >= 300 and b"OAI-PMH" not in answer.body[:2000]:
            raise Unusable(f"it answers {answer.status}")
        return answer.body

    def parse(self, xml: bytes) -> Any:
        root = oai_pages.parse(xml)
        if etree.QName(root).localname != "OAI-PMH":
            raise Unusable(f"it answers {etree.QName(root).localname}, not OAI-PMH")
        return root


def moment(said: str) -> str:
    """A time that a provider tells as `YYYY-MM-DDThh:mm:ssZ`; empty where it can't be read."""
    found = re.match(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?", said.strip())
    try:
        read = datetime.fromisoformat(found[0]) if found else None
    except ValueError:
        return ""
    if read is None:
        return ""
    read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    return f"{read:%Y-%m-%dT%H:%M:%SZ}"
