"""Dates in any spelling → EDTF level 0: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `A/B`, and with a time of day where allowed.

Specified by: Library of Congress EDTF, level 0 (ISO 8601-2:2019, Annex A).
"""

import re
from dataclasses import dataclass

from repository.records import dates

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:\d\d)?", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?|(\d{4})(\d\d)(\d\d)")
_DAY_FIRST = re.compile(r"(?:(\d{1,2})[-/. ])?(\d{1,2})[-/. ](\d{4})")
_YEARS = re.compile(r"(?<!\d)([12]\d{3})(?!\d)")
_DECADE = re.compile(r"([12]\d\d)0s")
_BEFORE_CHRIST = re.compile(r"\bB\.?\s?C\b", re.IGNORECASE)
_ENUMERATION = re.compile(r"[;:,]")
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_MONTHS = {
    name: number + 1
    for number, names in enumerate((
        "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
        "september sept sep", "october oct", "november nov", "december dec",
    ))
    for name in names.split()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A date in EDTF; `exact` if it is spelled as the document has it."""

    edtf: str
    exact: bool

    @property
    def year(self) -> str:
        """Of its beginning."""
        return self.edtf[:4]

    @property
    def day(self) -> str:
        """Without the time of day."""
        return self.edtf if "/" in self.edtf else self.edtf[:10]


def read(said: str) -> Read | None:
    """The date that is meant, or None. What EDTF can't say exactly ("circa", a season) becomes the year."""
    said = said.strip()
    if dates.is_level0(said, times=True):
        return Read(said, exact=True)
    if len(said) > 100 or not said.isascii():
        return None
    if found := _with_time(said):
        return Read(found, exact=False)
    if "/" in said and (found := _interval(said)):
        return Read(found, exact=False)
    found = _numbers(said) or _named_month(said) or _years(said)
    return Read(found, exact=False) if found else None


def _date(year: str, month: str | None, day: str | None) -> str:
    """Empty if there is no such day."""
    found = "-".join((year, *(f"{int(part):02d}" for part in (month, day) if part is not None)))
    return found if dates.is_level0(found) else ""


def _with_time(said: str) -> str:
    match = _TIME.fullmatch(said)
    if match is None or not dates.is_level0(match[1]):
        return ""
    day, hour, minute, second, zone = match.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return day
    if zone and zone not in "Zz" and (int(zone[1:3]) > 13 or int(zone[4:]) > 59):
        return day
    return f"{day}T{hour}:{minute}:{second or '00'}{(zone or '').upper()}"


def _interval(said: str) -> str:
    """Two dates; their times are left out, and they are put in order. With one end open, the other end."""
    ends = [end.strip() for end in said.split("/")]
    if len(ends) != 2:
        return ""
    if any(end in ("", "..", "open", "unknown") for end in ends):
        return next((end for end in ends if dates.is_level0(end)), "")
    days = [end if dates.is_level0(end) else _with_time(end)[:10] for end in ends]
    if not all(days):
        return ""
    first, last = days if days[0][: len(days[1])] <= days[1][: len(days[0])] else reversed(days)
    return f"{first}/{last}"


def _numbers(said: str) -> str:
    """`2001-3-4`, `2001/03/04`, `20010304`, `3/2001`, `31.12.2001`. A day that may be a month is left out."""
    if match := _NUMBERS.fullmatch(said):
        year, month, day = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
        return _date(year, month, day)
    if match := _DAY_FIRST.fullmatch(said):
        one, two, year = match.groups()
        if one is None:
            return _date(year, two, None)
        if int(one) > 12 or one == two:
            return _date(year, two, one)
        return _date(year, one, two) if int(two) > 12 else year
    return ""


def _named_month(said: str) -> str:
    """`9 March 1999`, `April 9, 1999`, `June 2001`, `2001-Sept.`; two months or two days are left to `_years`."""
    words = _WORDS.findall(said.lower())
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    numbers = [word for word in words if word.isdecimal()]
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(months) != 1 or len(years) != 1 or len(numbers) != 1 + len(days) or len(days) > 1:
        return ""
    if len(words) != 1 + len(numbers):
        return ""
    return _date(years[0], str(months[0]), days[0] if days else None)


def _years(said: str) -> str:
    """The only year that is named, or the first and the last of two. Years before Christ are beyond level 0."""
    if said.startswith("-") or _BEFORE_CHRIST.search(said):
        return ""
    if decade := _DECADE.fullmatch(said):
        return f"{decade[1]}0/{decade[1]}9"
    years = list(dict.fromkeys(_YEARS.findall(said)))
    if len(years) == 1 or (len(years) == 2 and _ENUMERATION.search(said)):
        return str(years[0])
    return f"{years[0]}/{years[1]}" if len(years) == 2 and years[0] < years[1] else ""
