"""BibTeX, in UTF-8. What TeX would take for a command is written so that TeX prints it.

Specified by: BibTeXing (Patashnik 1988), 3.1 (types and fields) and 4 (names); `dataset`, `software`, `version`, `doi`
and `url` are those of BibLaTeX. BibTeX counts braces even behind a backslash, so a text never contains one of its own.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from repository.formats.csl import item, keywords, pages
from repository.formats.format import Format, source_digest
from repository.formats.lists import list_of, pieces_of
from repository.formats.text import one_line
from repository.records.snapshot import Json, Site, Snapshot

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{sign: f"\\{sign}" for sign in "$&%#_"},
}
_SPECIAL = re.compile(r"[\\{}^~$&%#_]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AND = re.compile(r"(?i)(?:^|\s)and(?=\s|$)")
_VERBATIM = re.compile(r"[^{}\\]*")
_SHORT = 60
"""Characters of a name in a key."""


def write(snapshot: Snapshot, site: Site) -> bytes:
    work = item(snapshot, site)
    kind = _kind(work)
    fields = [*_fields(work, kind), *_more_fields(snapshot, work)]
    lines = [f"@{kind}{{{_key(work)},", *(f"  {name:<12} = {value}," for name, value in fields if value), "}\n"]
    return "\n".join(lines).encode()


write_pieces = pieces_of(write, between=b"\n")
write_list = list_of(write_pieces)


def _kind(work: Json) -> str:
    """The most telling type whose required fields there are; `misc` requires none."""
    kind = work["type"]
    named = "author" in work and "title" in work and "issued" in work
    if kind in ("dataset", "software"):
        return str(kind)
    if not named:
        return "misc"
    if kind in ("article-journal", "article", "review") and "container-title" in work:
        return "article"
    if kind == "paper-conference" and ("container-title" in work or "event-title" in work):
        return "inproceedings"
    if "publisher" not in work:
        return "misc"
    if kind == "chapter":
        return "incollection" if "container-title" in work else "misc"
    if kind == "thesis":
        return "mastersthesis" if "master" in work.get("genre", "").lower() else "phdthesis"
    return {"book": "book", "report": "techreport"}.get(kind, "misc")


def _key(work: Json) -> str:
    """`carberry_2020_xxxxx-xxxxx`: told apart by the id, remembered by the rest."""
    first = " ".join(work["author"][0].values()) if "author" in work else ""
    name = unicodedata.normalize("NFKD", first.partition(" ")[0]).lower()
    slug = "".join(sign for sign in name if sign.isascii() and sign.isalnum())[:_SHORT]
    return "_".join(part for part in (slug, _year(work), work["id"]) if part)


def _year(work: Json) -> str:
    return f"{work['issued']['date-parts'][0][0]:04}" if "issued" in work else ""


_PUBLISHERS = {"techreport": "institution", "phdthesis": "school", "mastersthesis": "school"}
_CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}


def _fields(work: Json, kind: str) -> Iterator[tuple[str, str]]:
    yield "author", _names(work.get("author", ()))
    yield "editor", _names(work.get("editor", ()))
    yield "title", _text(work.get("title", ""))
    if kind in _CONTAINERS:
        yield _CONTAINERS[kind], _text(work.get("container-title") or work.get("event-title", ""))
    yield _PUBLISHERS.get(kind, "publisher"), _text(work.get("publisher", ""))
    yield "address", _text(work.get("publisher-place", ""))
    yield "year", _text(_year(work))
    parts = work["issued"]["date-parts"][0] if "issued" in work else []
    yield "month", _MONTHS[parts[1] - 1] if len(parts) > 1 and 1 <= parts[1] <= 12 else ""
    for name, variable in (("edition", "edition"), ("volume", "volume"), ("number", "issue")):
        yield name, _text(work.get(variable, ""))
    yield "pages", _text("--".join(filter(None, pages(work))))
    if kind in ("phdthesis", "mastersthesis"):
        yield "type", _text(work.get("genre", ""))


def _more_fields(snapshot: Snapshot, work: Json) -> Iterator[tuple[str, str]]:
    yield "version", _text(work.get("version", ""))
    yield "isbn", _text(work.get("ISBN", ""))
    yield "issn", _text(work.get("ISSN", ""))
    yield "doi", _verbatim(work.get("DOI", ""))
    yield "url", _verbatim(work["URL"])
    yield "keywords", _text(", ".join(keywords(snapshot.metadata)))
    yield "abstract", _text(one_line(work.get("abstract", "")))


def _text(text: str) -> str:
    return f"{{{_escaped(text)}}}" if text else ""


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda sign: _ESCAPES[sign.group()], text)


def _verbatim(text: str) -> str:
    """Addresses are not escaped, since readers take them as they stand; nothing if that would break the entry."""
    return f"{{{text}}}" if text and _VERBATIM.fullmatch(text) else ""


def _names(entries: Iterable[Json]) -> str:
    found = " and ".join(_name(entry) for entry in entries)
    return f"{{{found}}}" if found else ""


def _name(entry: Json) -> str:
    if "given" in entry:
        return f"{_part(entry['family'])}, {_part(entry['given'])}"
    return _text(str(entry.get("family") or entry["literal"]))


def _part(text: str) -> str:
    """Part of a name, in braces where BibTeX would take it apart."""
    escaped = _escaped(text)
    return f"{{{escaped}}}" if "," in text or _AND.search(text) else escaped


FORMAT = Format(
    name="bibtex",
    title="BibTeX",
    media_type="application/x-bibtex",
    file_name="record.bib",
    frozen=True,
    write=write,
    write_list=write_list,
    write_pieces=write_pieces,
    rules=source_digest(__name__),
    accept=("text/x-bibtex",),
)
