"""DataCite's dates and publicationYear → `publication_date` and `dates`."""

from repository.formats.reading import dates
from repository.formats.reading.assembly import Mapped
from repository.formats.reading.intake import Intake, take, take_entries, text
from repository.records.snapshot import Json

_REGISTRY = ("published", "created", "registered", "updated")
"""Dates that DataCite's database adds; the first is the year of publication once more."""


def take_dates(document: Json, mapped: Mapped, intake: Intake) -> None:
    """The date of publication is the date `Issued` if it falls into the year of publication, else that year.

    Takes `dates`, `publicationYear`, and `published` where it says the same.
    """
    year = dates.read(text(document.get("publicationYear"))) or dates.read(text(document.get("published")))
    found: list[Json] = []
    issued: dates.Read | None = None
    for path, value in take_entries(document, "dates"):
        entry = {"date": value} if isinstance(value, str) else value
        if not isinstance(entry, dict) or (read := dates.read(text(entry.get("date")))) is None:
            if entry:
                intake.change("date-kept-as-note")
            intake.keep(path, entry)
            continue
        mapped.other_dates.append(read.day)
        said = take(entry, "date")
        if not read.exact:
            intake.change("date")
            intake.keep(f"{path}.date", said)
        kind = _take_kind(entry, intake)
        if kind == "issued" and issued is None and (year is None or read.year == year.year):
            issued = read
            if read.day == read.edtf and not entry.get("dateInformation"):
                intake.keep(path, entry)
                continue
        found.append(_date(path, read, kind, entry, intake))
    mapped.metadata["dates"] = found
    chosen = issued or year
    if chosen:
        mapped.metadata["publication_date"] = chosen.day
        _take_same_year(document, chosen)
    mapped.other_dates += [text(document.get(key)) for key in _REGISTRY]


def _take_kind(entry: Json, intake: Intake) -> str:
    said = text(entry.get("dateType"))
    kind = said.lower()
    if intake.known.has("datetypes", kind):
        del entry["dateType"]
        return kind
    if said:
        intake.change("date-type")
    return "other"


def _date(path: str, read: dates.Read, kind: str, entry: Json, intake: Intake) -> Json:
    found: Json = {"date": read.edtf, "type": {"id": kind}}
    if description := take(entry, "dateInformation"):
        found["description"] = description
    intake.keep(path, entry)
    return found


def _take_same_year(document: Json, chosen: dates.Read) -> None:
    """Takes the years that the date of publication says as well."""
    for key in ("publicationYear", "published"):
        said = text(document.get(key))
        if said and said in (chosen.year, chosen.edtf, chosen.day):
            del document[key]
