"""MARC fields as lines of XML, and those that have positions instead of subfields: leader, 005, 006, 007, 008.

Specified by: MARC 21 Format for Bibliographic Data; MARCXML.
"""

from repository.formats.dates import bounds, datatype, year
from repository.formats.library_kinds import Kind
from repository.formats.library_languages import bibliographic
from repository.formats.library_terms import country
from repository.formats.text import clean
from repository.formats.xml_text import escape
from repository.records.snapshot import Snapshot

_ONLINE = "cr unu||||||||"
"""007 of a remote electronic resource of which no more is known."""
_UNKNOWN_DATES = "nuuuuuuuu"


def tidy(text: str) -> str:
    """One line without what XML forbids, which are MARC's own delimiters too."""
    return text.strip() if text.isprintable() else " ".join(clean(text).split())


def field(tag: str, indicators: str, *subfields: tuple[str, str]) -> str:
    """One data field; empty if its first subfield is. Other empty subfields are left out."""
    texts = [(code, tidy(value)) for code, value in subfields]
    return _data(tag, indicators, texts) if texts[0][1] else ""


def statement(tag: str, indicators: str, *subfields: tuple[str, str]) -> str:
    """One data field in which no subfield is needed for the others; empty if all are."""
    texts = [(code, tidy(value)) for code, value in subfields]
    return _data(tag, indicators, texts) if any(text for _, text in texts) else ""


def _data(tag: str, indicators: str, texts: list[tuple[str, str]]) -> str:
    inner = "".join([f'<subfield code="{code}">{escape(text)}</subfield>' for code, text in texts if text])
    return f'<datafield tag="{tag}" ind1="{indicators[0]}" ind2="{indicators[1]}">{inner}</datafield>'


def control(tag: str, value: str) -> str:
    return f'<controlfield tag="{tag}">{value}</controlfield>'


def leader(snapshot: Snapshot, kind: Kind, *, hosted: bool) -> str:
    """24 characters; lengths and addresses are zero, which MARCXML has no use for.

    `hosted`: it is known what the work was published in. Minimal level (7): made by a program from what depositors
    say. ISBD without its punctuation (c).
    """
    status = "n" if snapshot.revision_id == 1 else "c"
    level = "a" if kind.part and hosted else kind.level
    return f"00000{status}{kind.record_type}{level} a22000007c 4500"


def control_fields(snapshot: Snapshot, kind: Kind, agency: str) -> list[str]:
    stamp = snapshot.updated[:19].translate(_DIGITS)
    lines = [control("001", snapshot.id), control("003", escape(agency)), control("005", f"{stamp}.0")]
    if kind.record_type not in "mr":
        lines.append(control("006", "m     o  d        "))
    if kind.record_type != "r":
        lines.append(control("007", _ONLINE))
    lines.append(control("008", fixed(snapshot, kind)))
    return lines


_DIGITS = str.maketrans("", "", "-:T")


def fixed(snapshot: Snapshot, kind: Kind) -> str:
    """008, 40 characters."""
    entered = snapshot.created[2:10].replace("-", "")
    place = country(((snapshot.custom_fields or {}).get("imprint:imprint") or {}).get("place", ""))
    language = next((bibliographic(entry["id"]) for entry in snapshot.metadata.get("languages", ())), "")
    return f"{entered}{_dates(snapshot, kind)}{place}{_specific(kind)}{language or '   '} d"


def _dates(snapshot: Snapshot, kind: Kind) -> str:
    """008/06-14: type of date, first date, second date."""
    begin, end = bounds(snapshot.metadata.get("publication_date", ""))
    first, last = year(begin), year(end)
    if not first:
        return _UNKNOWN_DATES
    if kind.level == "s":
        return f"d{first}{last}" if last and last != first else f"c{first}9999"
    if last and last != first:
        return f"m{first}{last}"
    copyrighted = copyright_year(snapshot)
    if copyrighted:
        return f"t{first}{copyrighted}"
    if begin == end and datatype(begin) in ("gYearMonth", "date", "dateTime"):
        return f"e{first}{begin[5:7]}{begin[8:10]:2}"
    return f"s{first}    "


def copyright_year(snapshot: Snapshot) -> str:
    dates = snapshot.metadata.get("dates", ())
    return next(
        (year(entry["date"]) for entry in dates if (entry.get("type") or {}).get("id") == "copyrighted"),
        "",
    )


def _specific(kind: Kind) -> str:
    """008/18-34, after the type of material in the leader; `|` is what nobody has looked at."""
    detail, conference = kind.detail, int(kind.conference)
    if kind.level == "s":
        return f"|| poo    |{conference}   |0"
    if kind.record_type == "a":
        return f"|||| o{detail}   |{conference}|| 0 "
    if kind.record_type == "m":
        return f"     o  {detail} |      "
    if kind.record_type == "i":
        return "nnnn o|||||||| n "
    if kind.record_type == "g":
        return f"---       |o   {detail}u"
    return f"nnn       |{' ' if kind.record_type == 'r' else 'o'}   {detail}n"
