"""A citation as readers write it: APA, Chicago, IEEE, ISO 690, in many languages, by citeproc-py.

The styles are files in `styles/`, the languages those of citeproc-py. A citation takes 5 to 30 ms, the most of it the
work of an interpreter that walks the style; each one parses its style anew, because citeproc-py writes into the tree.

Specified by: Citation Style Language 1.0.2; `text/x-bibliography` of the DOI content negotiation.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from repository.errors import FieldError, InvalidInput
from repository.formats.citation_source import source
from repository.formats.csl import UNKNOWN
from repository.formats.format import Format, source_digest
from repository.records.identifiers import subject_iri
from repository.records.snapshot import Site, Snapshot

_ENGLISH_AND_CZECH = {"": "iso690-author-date-en", "cs": "iso690-author-date-cs"}
_FILES: Mapping[str, Mapping[str, str]] = {
    "apa": {"": "apa"},
    "chicago-author-date": {"": "chicago-author-date"},
    "ieee": {"": "ieee"},
    "iso690-author-date": _ENGLISH_AND_CZECH,
    "iso690-author-date-en": {"": "iso690-author-date-en"},
    "iso690-author-date-cs": {"": "iso690-author-date-cs"},
    "chicago": {"": "chicago-author-date"},
    "iso690": _ENGLISH_AND_CZECH,
}
"""Name → name of the file by language of the locale."""
STYLES = tuple(_FILES)
DEFAULT_STYLE = "apa"
DEFAULT_LOCALE = "en-US"
NOT_FOUND = "Citation string style not found."
"""The words of InvenioRDM."""
_NUMBER = "[1]"
"""What styles that number their references begin with."""


def write(snapshot: Snapshot, site: Site) -> bytes:
    return cite(snapshot, site, DEFAULT_STYLE, DEFAULT_LOCALE).encode()


def cite(snapshot: Snapshot, site: Site, style: str, locale: str) -> str:
    """One line of plain text. `style` is one of STYLES, `locale` one of `locales()`."""
    text = _rendered(snapshot, site, style, locale) or _rendered(snapshot, site, style, locale, UNKNOWN)
    iri = subject_iri(site, snapshot)
    is_named = iri in text or (snapshot.doi and snapshot.doi in text)
    return text if is_named else f"{text} {iri}".strip()  # some styles leave it out where a work is no article


def _rendered(snapshot: Snapshot, site: Site, style: str, locale: str, kind: str = "") -> str:
    """What the style makes of the record, or of it as of another type; nothing where it lists no such works."""
    citeproc = _citeproc()
    parsed = citeproc.CitationStylesStyle(io.BytesIO(_style(style, locale)), locale=locale, validate=False)
    bibliography = citeproc.CitationStylesBibliography(parsed, source(snapshot, site, kind), citeproc.formatter.plain)
    bibliography.register(citeproc.Citation([citeproc.CitationItem(snapshot.id)]))
    lines = [str(entry) for entry in bibliography.bibliography()]
    line = " ".join(" ".join(lines).split()).removeprefix(_NUMBER).strip()
    if parsed.root.get_locale_option("punctuation-in-quote") == "true":
        line = _with_points_in_quotes(line, str(parsed.root.get_single_term(name="close-quote")))
    return line


@cache
def _citeproc() -> Any:
    """citeproc-py, which shortens given names even where a style says `initialize="false"`, as Chicago's does.

    Specified by: CSL 1.0.2, Name.
    """
    import citeproc
    from citeproc.model import Name

    shorten = Name.initialize

    def initialize(self: Any, given: Any, mark: str, context: Any) -> Any:
        return given if self.get("initialize") == "false" else shorten(self, given, mark, context)

    Name.initialize = initialize
    return citeproc


def _with_points_in_quotes(line: str, quote: str) -> str:
    """Points and commas that follow a closing quotation mark stand before it; a point is left out where the quoted
    words end with a mark of their own. Specified by: CSL 1.0.2, Locale Options."""
    line = re.sub(rf"(?<=[.?!]){quote}\.", quote, line)
    return re.sub(rf"(?<![.,?!]){quote}([.,])", rf"\1{quote}", line)


def with_parameters(given: Mapping[str, str]) -> Format:
    """FORMAT in the `style` and the `locale` of these; raises InvalidInput, which lists those that there are."""
    style, locale = given.get("style", "").lower() or DEFAULT_STYLE, _locale(given.get("locale", ""))
    if style not in _FILES:
        raise InvalidInput(NOT_FOUND, (FieldError("style", (f"There is: {', '.join(STYLES)}.",)),))
    is_default = (style, locale) == (DEFAULT_STYLE, DEFAULT_LOCALE)
    return replace(
        FORMAT,
        media_type=f"{FORMAT.media_type};charset=utf-8;style={style};locale={locale}",
        file_name=FORMAT.file_name if is_default else f"{FORMAT.file_name}?style={style}&locale={locale}",
        write=partial(_write_in, style, locale),
    )


def _write_in(style: str, locale: str, snapshot: Snapshot, site: Site) -> bytes:
    return cite(snapshot, site, style, locale).encode()


def _locale(wanted: str) -> str:
    """The locale that is meant by `cs-CZ`, `cs_cz`, `cs`."""
    known = locales()
    found = known.get(wanted.replace("_", "-").lower() or DEFAULT_LOCALE.lower())
    if found is None:
        names = ", ".join(sorted(set(known.values())))
        raise InvalidInput("Citation locale not found.", (FieldError("locale", (f"There is: {names}.",)),))
    return found


@cache
def locales() -> dict[str, str]:
    """The locales of citeproc-py by their names in lower case, and the main one of each language by its code."""
    spec = find_spec("citeproc")
    if spec is None or spec.origin is None:
        raise ImportError("citeproc-py")
    folder = Path(spec.origin).parent / "data" / "locales"
    named = json.loads((folder / "locales.json").read_bytes())
    names = (name for name in named["language-names"] if (folder / f"locales-{name}.xml").exists())
    found = {name.lower(): name for name in names}
    return {code.lower(): name for code, name in named["primary-dialects"].items() if name in found.values()} | found


@cache
def _style_file(name: str) -> bytes:
    return (Path(__file__).parent / "styles" / f"{name}.csl").read_bytes()


def _style(style: str, locale: str) -> bytes:
    files = _FILES[style]
    return _style_file(files.get(locale.partition("-")[0], files[""]))


FORMAT = Format(
    name="citation",
    title="Citation (APA)",
    media_type="text/x-bibliography",
    file_name="citation.txt",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    api_type="text/plain; charset=utf-8",
    with_parameters=with_parameters,
)
