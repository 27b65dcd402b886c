"""Dates as the model keeps them (EDTF level 0: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, a time, or `A/B`) for other formats."""

import re

_FORMS = (
    ("gYear", re.compile(r"(?!0000)\d{4}")),
    ("gYearMonth", re.compile(r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])")),
    ("date", re.compile(r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")),
    (
        "dateTime",
        re.compile(
            r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
            r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"
        ),
    ),
)
_YEAR = re.compile(r"\d{4}")
_BY_LENGTH = {4: _FORMS[0], 7: _FORMS[1], 10: _FORMS[2]}


def bounds(date: str) -> tuple[str, str]:
    """Begin and end of a date; of a single one it is both."""
    begin, slash, end = date.partition("/")
    return (begin, end) if slash else (begin, begin)


def year(date: str) -> str:
    """The year in which a date begins, four digits; empty if it has none."""
    match = _YEAR.match(date)
    return match.group() if match else ""


def datatype(date: str) -> str:
    """Local name of the XML Schema type of a single date; empty if it is of none.

    Specified by: DCAT-AP 3, range of dct:issued and dct:modified.
    """
    name, form = _BY_LENGTH.get(len(date), _FORMS[3])
    return name if form.fullmatch(date) else ""
