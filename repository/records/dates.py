"""Dates as EDTF writes them: level 0 for nearly everything, level 2 where a field allows it.

Specified by: Extended Date/Time Format, Library of Congress, 2019 (ISO 8601-2). The `edtf` library takes milliseconds
for one date, so level 0 is read here and the library is asked only about what level 0 does not know.
"""

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?", re.ASCII
)
_LONGEST = 64


@lru_cache(maxsize=16384)
def _single(text: str) -> tuple[date, date] | None:
    match = _DATE.fullmatch(text)
    if not match or match[1] == "0000":
        return None
    year, month, day = int(match[1]), match[2], match[3]
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    last = monthrange(year, int(month))[1]
    if day is None:
        return date(year, int(month), 1), date(year, int(month), last)
    if int(day) > last:
        return None
    exact = date(year, int(month), int(day))
    return exact, exact


def bounds(text: str, *, times: bool = False) -> tuple[date, date] | None:
    """First and last day of a level 0 date (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`) or interval (`A/B`, in this order).

    With `times`, a moment such as `2020-02-28T12:00:00Z` is taken too. None if the text is none of these; the year 0000
    is none, because XML Schema and DataCite know no such year.
    """
    if len(text) > _LONGEST:
        return None
    start, slash, end = text.partition("/")
    if slash:
        first, second = _single(start), _single(end)
        return (first[0], second[1]) if first and second and first[0] <= second[1] else None
    if times and "T" in text:
        match = _TIME.fullmatch(text)
        return _single(match[1]) if match else None
    return _single(text)


def year(text: str) -> int | None:
    """The year in which a date or interval begins."""
    found = bounds(text, times=True)
    return found[0].year if found else None


def is_level0(text: str, *, times: bool = False) -> bool:
    return bounds(text, times=times) is not None


@lru_cache(maxsize=1024)
def is_level2(text: str) -> bool:
    """Whether the text is EDTF up to level 2: uncertain, approximate, seasons, sets, long years, open intervals."""
    if bounds(text, times=True):
        return True
    if not text or len(text) > _LONGEST:
        return False
    import edtf

    try:
        edtf.parse_edtf(text)
    except Exception:  # its grammar raises whatever its classes happen to meet
        return False
    return True


def iso_day(text: str) -> date | None:
    """A plain `YYYY-MM-DD`."""
    found = _single(text)
    return found[0] if found and len(text) == len("YYYY-MM-DD") else None
