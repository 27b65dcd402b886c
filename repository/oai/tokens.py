"""Resumption tokens: all that the next page needs, signed, so that the server remembers nothing.

A token is bound to its verb and carries every argument of the list, its bound included. It may be used any number of
times until it expires. Specified by: OAI-PMH 2.0, 3.5 Flow Control.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from repository.oai.arguments import VerbName
from repository.oai.errors import ProtocolError
from repository.records.signatures import Signatures

LIFETIME = 7 * 86_400
"""Seconds for which a token can be used."""

_PURPOSE = "oai-pmh resumption tokens, layout 1"
"""A token of another layout is then one that we have not signed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a harvester stands in its list: the items with `after` < sequence ≤ `last` are still to come.

    Sequences grow with datestamps, so this is a keyset on (datestamp, sequence). `last` is the bound: what is stamped
    later than the list was begun is not in it.
    """

    verb: VerbName
    prefix: str
    set: str
    """Empty for everything."""
    after: int
    last: int
    cursor: int
    """Records that were given on the pages before."""
    total: int
    """Records in the list when it was begun."""
    first: int = 0
    """`after` of the first page."""
    until: int = 0
    """The end that the harvester has named, in seconds since 1970; 0 for none."""

    def next(self, after: int, given: int) -> "Place":
        return replace(self, after=after, cursor=self.cursor + given)


_FIELDS = tuple(Place.__dataclass_fields__)
"""In the order of the payload. A token that was written before the last two were added is read as well."""


class Tokens:
    """Signs places with `secret`, and reads back what it or one of the `earlier` secrets has signed."""

    def __init__(self, secret: str, earlier: Sequence[str] = ()) -> None:
        self._signatures = Signatures(_PURPOSE, secret, earlier)

    def write(self, place: Place, expires: int) -> str:
        """`expires`: seconds since 1970."""
        payload = orjson.dumps([*(getattr(place, name) for name in _FIELDS), expires])
        return self._signatures.sign(payload)

    def read(self, token: str, verb: VerbName, now: float) -> Place:
        """Raises ProtocolError `badResumptionToken` for a token that was tampered with, is foreign, of another verb, or
        has expired."""
        payload = self._signatures.read(token)
        if payload is None:
            raise ProtocolError("badResumptionToken", "The resumptionToken is not one of ours.")
        *fields, expires = orjson.loads(payload)
        place = Place(*fields)
        if place.verb != verb:
            raise ProtocolError("badResumptionToken", f"The resumptionToken is one of {place.verb}.")
        if expires < now:
            raise ProtocolError("badResumptionToken", "The resumptionToken has expired.")
        return place
