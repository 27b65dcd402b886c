"""Content negotiation: which of the representations that there are does a client want most?

Specified by: RFC 9110, 12.5.1 (Accept, quality values); RFC 6906 and RFC 6838, 4.3 (profiles and other parameters).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Protocol, TypeVar

from repository.errors import NotAcceptable

_LONGEST_CACHED = 1000
"""Characters of a header; longer ones are read, but don't take memory from the others."""
_MOST_RANGES = 100


class Offer(Protocol):
    """A representation that can be served; rows of FORMATS are such."""

    @property
    def media_type(self) -> str:
        """Declared when it is served."""
        ...

    @property
    def accept(self) -> tuple[str, ...]:
        """Further media types that select it; one with a parameter is selected only by an equal parameter."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """A representation that is no metadata format."""

    name: str
    media_type: str
    accept: tuple[str, ...] = ()


HTML = Plain("html", "text/html", ("application/xhtml+xml",))
JSON = Plain("json", "application/json")

AnyOffer = TypeVar("AnyOffer", bound=Offer)
Profiles = Callable[[Offer], Sequence[str]]
"""URIs of what an offer obeys."""


def choose(accept: str | None, offered: tuple[AnyOffer, ...]) -> AnyOffer | None:
    """The offer that the header asks for most; None if it wants none of them.

    `offered` is in the server's order of preference, which decides between equal wishes; its first is given to those
    who name no type. A type that is named beats one that is only covered by `*/*` with the same quality.
    """
    header = accept or ""
    found = _choose_cached(header, offered) if len(header) <= _LONGEST_CACHED else _choose(header, offered)
    return None if found is None else offered[found]


def accepted(accept: str | None, offered: tuple[AnyOffer, ...]) -> AnyOffer:
    """As `choose`; raises NotAcceptable, which lists what there is."""
    chosen = choose(accept, offered)
    if chosen is None:
        raise NotAcceptable([offer.media_type for offer in offered])
    return chosen


def parameters(accept: str | None, media_type: str) -> dict[str, str]:
    """The parameters with which the header asks for this type the most; their values are in lower case."""
    wanted = _media_type(media_type)
    ranges = [found for found in _ranges(accept or "") if _specificity(found.type, wanted) >= 3]
    best = max(ranges, key=lambda found: found.quality, default=None)
    return dict(best.type.parameters) if best else {}


def conforming(accept_profile: str, offered: tuple[AnyOffer, ...], profiles: Profiles) -> tuple[AnyOffer, ...]:
    """The offers that obey the profile that the header asks for most, of those that any obeys; all of them where none
    does, as with profiles in `Accept`. `Accept` then decides between these.

    Specified by: Content Negotiation by Profile, 7.1.
    """
    wanted = [(float(match[2] or 1), match[1]) for match in islice(_WANTED.finditer(accept_profile), _MOST_RANGES)]
    for quality, uri in sorted(wanted, key=lambda wish: -wish[0]):
        found = tuple(offer for offer in offered if uri in profiles(offer))
        if found and quality > 0:
            return found
    return offered


def accepted_of(accept: str | None, obeying: tuple[AnyOffer, ...]) -> AnyOffer:
    """As `accepted`, of offers that obey a profile that was asked for by itself: their media types need not name it."""
    plain = tuple(Plain(str(number), offer.media_type.partition(";")[0]) for number, offer in enumerate(obeying))
    return obeying[int(accepted(accept, plain).name)]


@dataclass(frozen=True, slots=True)
class _MediaType:
    kind: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    profiles: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Range:
    type: _MediaType
    quality: float


_PARAMETER = re.compile(r';\s*(?:([\w!#$%&\'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)\s*)?')
_TYPE = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+)/([\w!#$%&'*+.^`|~-]+)\s*")
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?$))+', re.DOTALL)
"""What stands between commas; a quoted string that does not end takes the rest."""
_WANTED = re.compile(r"<([^<>]*)>(?:\s*;\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?))?", re.IGNORECASE)
_QUALITY = re.compile(r"0(?:\.\d*)?|1(?:\.0*)?|\.\d+")


def _choose(header: str, offered: tuple[Offer, ...]) -> int | None:
    ranges = list(_ranges(header))
    if not ranges:
        return 0
    best: tuple[float, int] = (0.0, 0)
    found = None
    for position, offer in enumerate(offered):
        wish = _wish(_media_type(offer.media_type), ranges, 1)
        if offer.accept:
            # a wildcard means what is declared, not that HTML goes by a name of `application/` as well
            wish = max(wish, *(_wish(_media_type(name), ranges, 3) for name in offer.accept))
        if wish[0] > 0 and wish > best:
            best, found = wish, position
    return found


_choose_cached = lru_cache(maxsize=4096)(_choose)


def _wish(offered: _MediaType, ranges: list[_Range], least: int) -> tuple[float, int]:
    """Quality that the most specific range, at least so specific, gives to a type, and how specific that is."""
    specificity, quality = 0, 0.0
    for wanted in ranges:
        level = _specificity(wanted.type, offered)
        if level < least:
            continue
        if level > specificity or (level == specificity > 0 and wanted.quality > quality):
            specificity, quality = level, wanted.quality
    return quality, specificity


def _specificity(wanted: _MediaType, offered: _MediaType) -> int:
    """4 the type with its parameters, 3 the type, 2 `type/*`, 1 `*/*`, 0 no match.

    Parameters that nothing is offered by (`charset`, an unknown profile) are no reason to refuse.
    """
    if wanted.kind == offered.kind and wanted.subtype == offered.subtype:
        if not (offered.parameters or offered.profiles):
            return 3
        return 4 if offered.parameters <= wanted.parameters and offered.profiles <= wanted.profiles else 0
    if wanted.subtype != "*":
        return 0
    if wanted.kind == "*":
        return 1
    return 2 if wanted.kind == offered.kind else 0


def _ranges(header: str) -> Iterator[_Range]:
    """The media ranges of a header; what is malformed is passed over."""
    for element in islice(_ELEMENT.finditer(header), _MOST_RANGES):
        match = _TYPE.match(element.group())
        if match:
            parameters = _parameters(element.group(), match.end())
            quality = parameters.pop("q", "1")
            if _QUALITY.fullmatch(quality):
                yield _Range(_typed(match.group(1), match.group(2), parameters), float(quality))


def _parameters(text: str, position: int) -> dict[str, str]:
    found: dict[str, str] = {}
    while match := _PARAMETER.match(text, position):
        position = match.end()
        name, value = match.groups()
        if name:
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            found.setdefault(name.lower(), value)
    return found


def _typed(kind: str, subtype: str, parameters: dict[str, str]) -> _MediaType:
    profiles = parameters.pop("profile", "").split()
    pairs = frozenset((name, value.lower()) for name, value in parameters.items())
    return _MediaType(kind.lower(), subtype.lower(), pairs, frozenset(profiles))


@lru_cache(maxsize=512)
def _media_type(text: str) -> _MediaType:
    """A media type of our own, which is well-formed."""
    match = _TYPE.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no media type")
    return _typed(match.group(1), match.group(2), _parameters(text, match.end()))
