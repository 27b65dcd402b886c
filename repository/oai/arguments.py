"""The arguments of a request: from whatever bytes arrive to a verb with arguments that are allowed and well-formed.

Specified by: OAI-PMH 2.0, 3.1.1 HTTP Request Format, 3.3 UTCdatetime, 4 Protocol Requests and Responses.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl

from repository.oai.errors import ProtocolError

VerbName = Literal["Identify", "ListMetadataFormats", "ListSets", "GetRecord", "ListIdentifiers", "ListRecords"]

LONGEST = 65_536
"""Bytes of arguments; no request that can be meant needs a fiftieth of it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The arguments of one verb; an exclusive one stands alone."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    exclusive: bool = False
    """Whether `resumptionToken` may stand instead of all others."""


_LIST = Allowed(("metadataPrefix",), ("from", "until", "set"), exclusive=True)
ALLOWED: Mapping[VerbName, Allowed] = {
    "Identify": Allowed(),
    "ListMetadataFormats": Allowed(optional=("identifier",)),
    "ListSets": Allowed(exclusive=True),
    "GetRecord": Allowed(("identifier", "metadataPrefix")),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}

# What may stand in an attribute of <request>: else the answer itself would not be valid XML, or not to the schema.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_URI = re.compile(r"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_SEGMENT = r"[A-Za-z0-9\-_.!~*'()]+"
_PREFIX = re.compile(_SEGMENT)
_SET = re.compile(rf"{_SEGMENT}(?::{_SEGMENT})*")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_SECOND = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)

DAY = 86_400


def _is_uri(text: str) -> bool:
    """A URI reference with at most one fragment and no brackets, as XML Schema's anyURI is checked."""
    return _URI.fullmatch(text) is not None and text.count("#") <= 1 and not text.startswith(":")


_WELL_FORMED: Mapping[str, Callable[[str], bool]] = {
    "identifier": _is_uri,
    "metadataPrefix": lambda text: _PREFIX.fullmatch(text) is not None,
    "set": lambda text: _SET.fullmatch(text) is not None,
    "from": lambda text: seconds(text) is not None,
    "until": lambda text: seconds(text) is not None,
    "resumptionToken": lambda _text: True,
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose arguments are all allowed and well-formed, as they came."""

    verb: VerbName
    arguments: Mapping[str, str]

    def get(self, name: str) -> str | None:
        return self.arguments.get(name)

    def __getitem__(self, name: str) -> str:
        return self.arguments[name]

    @property
    def earliest(self) -> int | None:
        """`from` in seconds since 1970."""
        text = self.arguments.get("from")
        return None if text is None else seconds(text)

    @property
    def latest(self) -> int | None:
        """`until` in seconds since 1970; the last second of the day where only a day is given."""
        text = self.arguments.get("until")
        found = None if text is None else seconds(text)
        return found + DAY - 1 if found is not None and _is_day(text) else found


def parse(query: bytes) -> Request:
    """Reads form-encoded arguments. Raises ProtocolError `badVerb` or `badArgument`, and nothing else."""
    if len(query) > LONGEST:
        raise ProtocolError("badArgument", f"The arguments are longer than {LONGEST} bytes.")
    pairs = [(_decode(name), _decode(value)) for name, value in _split(query)]
    verb = _verb([value for name, value in pairs if name == "verb"])
    arguments: dict[str, str] = {}
    for name, value in pairs:
        if name == "verb":
            continue
        if name is None or value is None:
            raise ProtocolError("badArgument", "An argument has characters that are not allowed.")
        if name in arguments:
            raise ProtocolError("badArgument", f"The argument {name} is repeated.")
        arguments[name] = value
    _check(verb, arguments)
    return Request(verb, arguments)


@lru_cache(16)
def utc(moment: int) -> str:
    """A datestamp in the repository's granularity, seconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _split(query: bytes) -> list[tuple[str, str]]:
    """The pairs, percent-decoded, each character one byte."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")


def _decode(text: str) -> str | None:
    """None for what is not UTF-8 or could not be repeated in XML."""
    try:
        decoded = text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return None
    return None if _FORBIDDEN.search(decoded) else decoded


def _verb(values: list[str | None]) -> VerbName:
    if not values:
        raise ProtocolError("badVerb", "The argument verb is missing.")
    if len(values) > 1:
        raise ProtocolError("badVerb", "The argument verb is repeated.")
    for verb in ALLOWED:
        if verb == values[0]:
            return verb
    raise ProtocolError("badVerb", "The verb is none of " + ", ".join(ALLOWED) + ".")


def _check(verb: VerbName, arguments: Mapping[str, str]) -> None:
    allowed = ALLOWED[verb]
    if allowed.exclusive and "resumptionToken" in arguments:
        if len(arguments) > 1:
            raise ProtocolError("badArgument", "A resumptionToken excludes all other arguments.")
        known: tuple[str, ...] = ("resumptionToken",)
    else:
        known = allowed.required + allowed.optional
        missing = [name for name in allowed.required if name not in arguments]
        if missing:
            raise ProtocolError("badArgument", f"{verb} needs the argument {missing[0]}.")
    for name, value in arguments.items():
        if name not in known:
            raise ProtocolError("badArgument", f"{verb} does not know the argument {name}.")
        if not value:
            raise ProtocolError("badArgument", f"The argument {name} is empty.")
        if not _WELL_FORMED[name](value):
            raise ProtocolError("badArgument", f"The argument {name} is not well-formed.")
    if "from" in arguments and "until" in arguments:
        _check_range(arguments["from"], arguments["until"])


def _check_range(earliest: str, latest: str) -> None:
    if _is_day(earliest) != _is_day(latest):
        raise ProtocolError("badArgument", "The arguments from and until have different granularities.")
    if earliest > latest:  # of one form, so their order is that of the texts
        raise ProtocolError("badArgument", "The argument from is later than the argument until.")


def _is_day(text: str | None) -> bool:
    return text is not None and "T" not in text


def seconds(text: str) -> int | None:
    """Seconds since 1970 of a day or second; None if it is neither, or does not exist."""
    match = _DAY.fullmatch(text) or _SECOND.fullmatch(text)
    if not match:
        return None
    try:
        return calendar.timegm(datetime(*map(int, match.groups()), tzinfo=UTC).utctimetuple())  # type: ignore[arg-type, misc]
    except ValueError:
        return None
