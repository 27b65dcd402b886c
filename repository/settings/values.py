"""What a setting may be: functions that take what the file or a variable says and return it checked, or raise Wrong."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Limit(NamedTuple):
    """Requests that somebody may send in a minute and in an hour; 0 is any number."""

    minute: int
    hour: int


_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
"""Specified by: BCP 47, of which language, script and region are enough here."""


class Wrong(ValueError):
    """What is allowed; the reader adds which setting it is and where it was found."""


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("a text")
    return value


def whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        try:
            if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
                raise ValueError
            number = int(value)
        except (TypeError, ValueError) as error:
            raise Wrong(f"a whole number from {low} to {high}") from error
        if not low <= number <= high:
            raise Wrong(f"a whole number from {low} to {high}")
        return number

    return parse


def truth(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise Wrong("true or false")
    return str(value).lower() == "true"


def seconds(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise Wrong("a number of seconds above 0") from error
    if not 0 < number < 1e6:
        raise Wrong("a number of seconds above 0")
    return number


def url(*schemes: str) -> Callable[[Any], str]:
    allowed = "a URL that starts with " + " or ".join(f"{scheme}://" for scheme in schemes)

    def parse(value: Any) -> str:
        given = text(value).rstrip("/") if "http" in schemes else text(value)
        try:
            parts = urlsplit(given)
        except ValueError as error:
            raise Wrong(allowed) from error
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise Wrong(allowed)
        return given

    return parse


def address(value: Any) -> str:
    """A web address as it is written, or nothing."""
    if value != "" and not re.fullmatch(r"https?://[^/\s\"<>]+[^\s\"<>]*", text(value)):
        raise Wrong("a URL that starts with http:// or https://, or nothing")
    return text(value)


def optional(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What is parsed so, or nothing."""
    return lambda value: "" if value == "" else parse(value)


def webhook(value: Any) -> str:
    """An address at which nobody on the way can read or alter what is sent, or nothing."""
    if value != "" and not re.fullmatch(
        r"(https://[^/\s\"<>@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/[^\s\"<>]*)?", text(value)
    ):
        raise Wrong("a URL that starts with https://, or with http:// on this machine, or nothing")
    return text(value)


def addresses(value: Any) -> tuple[str, ...]:
    return tuple(address(part) for part in _list(value))


def doi_prefix(value: Any) -> str:
    if value != "" and not re.fullmatch(r"10\.\d{4,9}(\.\d+)*", text(value)):
        raise Wrong("a DOI prefix such as 10.5072, or nothing")
    return text(value)


def domain(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)*|[0-9.]+", text(value)):
        raise Wrong("a domain name such as repository.example.org")
    return text(value)


def email(value: Any) -> str:
    if not re.fullmatch(r"\S+@\S+", text(value)):
        raise Wrong("an e-mail address")
    return text(value)


def contact(value: Any) -> str:
    """An address as a URI, or nothing."""
    if re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", text(value)):
        return f"mailto:{value}"
    if value != "" and not re.fullmatch(r"(https://|mailto:|tel:)[!-~]+", text(value)):
        raise Wrong("an e-mail address or a URL that starts with https://, or nothing")
    return text(value)


def day(value: Any) -> str:
    """A day as `2027-12-31`, or nothing; a file may say it without quotation marks."""
    given = str(value)
    try:
        return given and date.fromisoformat(given[:10] if isinstance(value, datetime) else given).isoformat()
    except ValueError as error:
        raise Wrong("a day such as 2027-12-31, or nothing") from error


def image(value: Any) -> str:
    if value != "" and not re.fullmatch(r".+\.(svg|png)", text(value), re.IGNORECASE):
        raise Wrong("the name of an SVG or PNG file, or nothing")
    return text(value)


def _list(value: Any) -> tuple[str, ...]:
    """A list of the file, or the words of a variable with commas between them."""
    return tuple(part.strip() for part in (value.split(",") if isinstance(value, str) else value) if part.strip())


def hosts(value: Any) -> tuple[str, ...]:
    given = _list(value)
    if any(not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", host) for host in given):
        raise Wrong("a list of host names and addresses without ports, such as repository.example.org, 10.0.0.7, [::1]")
    return given


def origins(value: Any) -> tuple[str, ...]:
    given = _list(value)
    if any(origin != "*" and not re.fullmatch(r"https?://[^/\s*]+", origin) for origin in given):
        raise Wrong("a list of origins such as https://app.example.org, or *")
    return given


def hints(value: Any) -> tuple[str, ...]:
    given = _list(value)
    if not set(given) <= {"ccmm-xml"}:  # the formats that not every record can be had in
        raise Wrong("ccmm-xml, or nothing")
    return given


def languages(value: Any) -> tuple[str, ...]:
    given = _list(value)
    if not given or len(set(given)) < len(given) or not all(map(_LANGUAGE.fullmatch, given)):
        raise Wrong("a list of codes of languages such as en, cs, pt-BR, each once")
    return given


def limit(value: Any) -> Limit:
    found = {"minute": 0, "hour": 0}
    for part in filter(None, (part.strip() for part in text(value).split(","))):
        match = re.fullmatch(r"([1-9][0-9]{0,8})/(minute|hour)", part)
        if match is None or found[match[2]]:
            raise Wrong("such as 500/minute, 5000/hour, or one of them, or nothing for no limit")
        found[match[2]] = int(match[1])
    return Limit(**found)


def secret(value: Any) -> str:
    if len(text(value)) < 32:
        raise Wrong("a text of at least 32 characters")
    return text(value)


def secrets(value: Any) -> tuple[str, ...]:
    return tuple(secret(part) for part in _list(value))
