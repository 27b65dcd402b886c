"""RIS, which every reference manager imports: a tag and a value a line, ended by CR LF. In UTF-8.

Specified by: RIS Format Specifications (Research Information Systems, 2001; Thomson Reuters, 2012, for the types).
"""

from collections.abc import Iterator

from repository.formats.csl import item, keywords, pages
from repository.formats.format import Format, source_digest
from repository.formats.lists import list_of, pieces_of
from repository.formats.text import english, one_line
from repository.records.snapshot import Json, Site, Snapshot

_TYPES = {
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "figure": "FIGURE",
    "graphic": "ART",
    "map": "MAP",
    "motion_picture": "VIDEO",
    "paper-conference": "CPAPER",
    "patent": "PAT",
    "periodical": "JFULL",
    "report": "RPRT",
    "software": "COMP",
    "song": "SOUND",
    "speech": "SLIDE",
    "standard": "STAND",
    "thesis": "THES",
    "webpage": "ELEC",
}


def write(snapshot: Snapshot, site: Site) -> bytes:
    lines = (f"{tag}  - {value}\r\n" for tag, value in _lines(snapshot, item(snapshot, site)) if value)
    return "".join((*lines, "ER  - \r\n")).encode()


write_pieces = pieces_of(write, between=b"\r\n")
write_list = list_of(write_pieces)


def _lines(snapshot: Snapshot, work: Json) -> Iterator[tuple[str, str]]:
    is_part = work["type"] in ("article", "review") and "container-title" in work
    yield "TY", "JOUR" if is_part else _TYPES.get(work["type"], "GEN")
    yield "ID", work["id"]
    for entry in work.get("author", ()):
        yield "AU", _name(entry)
    for entry in work.get("editor", ()):
        yield "ED", _name(entry)
    yield "TI", work.get("title", "")
    yield "T2", work.get("container-title") or work.get("event-title", "")
    yield from _dates(work)
    yield "AB", one_line(work.get("abstract", ""))
    for word in keywords(snapshot.metadata):
        yield "KW", word
    yield "LA", work.get("language", "")
    yield "PB", work.get("publisher", "")
    yield "CY", work.get("publisher-place") or work.get("event-place", "")
    yield "VL", work.get("volume", "")
    yield "IS", work.get("issue", "")
    first, last = pages(work)
    yield "SP", first
    yield "EP", last
    yield "ET", work.get("edition") or work.get("version", "")
    yield "SN", work.get("ISSN") or work.get("ISBN", "")
    kind = english((snapshot.metadata.get("resource_type") or {}).get("title"))
    yield "M3", work.get("genre") or one_line(kind)
    yield "DO", work.get("DOI", "")
    yield "UR", work["URL"]


def _name(entry: Json) -> str:
    """`Family, Given`; RIS has no way to say that a comma in the name of an organisation does not part it."""
    return f"{entry['family']}, {entry['given']}" if "given" in entry else str(entry.get("family") or entry["literal"])


def _dates(work: Json) -> Iterator[tuple[str, str]]:
    """Year, and `YYYY/MM/DD/` with what is not known left empty."""
    if "issued" in work:
        year, month, day, *_ = (f"{part:02}" for part in (*work["issued"]["date-parts"][0], 0, 0))
        yield "PY", year.zfill(4)
        yield "DA", f"{year.zfill(4)}/{month if month != '00' else ''}/{day if day != '00' else ''}/"


FORMAT = Format(
    name="ris",
    title="RIS",
    media_type="application/x-research-info-systems",
    file_name="record.ris",
    frozen=False,
    write=write,
    write_list=write_list,
    write_pieces=write_pieces,
    rules=source_digest(__name__),
)
