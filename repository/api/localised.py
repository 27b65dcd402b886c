"""Dates and titles as people of one language write them. Specified by: CLDR, through Babel."""

from datetime import UTC, date, datetime
from typing import Any

from babel.dates import format_date, format_interval, format_skeleton

from repository.records.snapshot import Json

_SKELETONS = {("long", 1): "y", ("long", 2): "yMMMM", ("medium", 1): "y", ("medium", 2): "yMMM"}


def title(term: Json, language: str) -> str:
    """A term's title in the language, else in English, else its id."""
    titles = term.get("title") or {}
    return str(titles.get(language) or titles.get("en") or next(iter(titles.values()), term.get("id", "")))


def terms(value: Any, language: str) -> Any:
    """A copy in which every term says `title_l10n` (and `description_l10n`) in place of all its titles."""
    if isinstance(value, list):
        return [terms(entry, language) for entry in value]
    if not isinstance(value, dict):
        return value
    localised = {name: terms(entry, language) for name, entry in value.items() if name not in ("title", "description")}
    for name in ("title", "description"):
        if isinstance(value.get(name), dict):
            localised[f"{name}_l10n"] = title({"title": value[name]}, language)
        elif name in value:
            localised[name] = value[name]
    return localised


def edtf(text: str, language: str, width: str) -> str:
    """An EDTF level 0 date or interval, `long` or `medium`; what is not one is returned as it is."""
    try:
        start, _, end = text.partition("/")
        if not end:
            return _one(start, language, width)
        return _interval(start, end, language, width)
    except (ValueError, KeyError):
        return text


def _one(text: str, language: str, width: str) -> str:
    parts = text[:10].split("-")
    if len(parts) == 3:
        return format_date(date.fromisoformat(text[:10]), format=width, locale=language)
    return format_skeleton(_SKELETONS[width, len(parts)], _day(text), locale=language)


def _interval(start: str, end: str, language: str, width: str) -> str:
    precision = len(start.split("-"))
    if precision == len(end.split("-")) and precision < 3:
        skeleton = _SKELETONS[width, precision]
        return format_interval(_day(start), _day(end), skeleton, locale=language)
    return f"{_one(start, language, width)} – {_one(end, language, width)}"


def _day(text: str) -> datetime:
    year, month = [*(int(part) for part in text.split("-")), 1][:2]
    return datetime(year, month, 1, tzinfo=UTC)


def day(moment: str, language: str) -> str:
    """The day of an ISO 8601 time, written out."""
    return format_date(datetime.fromisoformat(moment).date(), format="long", locale=language)
