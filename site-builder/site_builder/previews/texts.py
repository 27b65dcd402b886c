"""The beginning of a text."""

from markupsafe import escape

from site_builder.previews import decoding
from site_builder.previews.decoding import decoded
from site_builder.previews.preview import HTML, NOTHING, Draw, Kind, Opened, Preview

_LINES = 30
_WIDTH = 160
"""Characters of a line that are shown."""
_SUFFIXES = (
    "txt text log readme json geojson jsonld ndjson jsonl xml yaml yml toml ini cfg conf rst tex bib ris cff nt nq ttl "
    "n3 rq sparql sql py r rmd jl m c h cc cpp hpp f f90 java js ts go rs rb pl sh bat ps1 do sps ipynb fasta fa fastq "
    "fq vcf gff bed pdb nex nwk srt vtt gpx kml wkt prj asc"
)


def preview(data: bytes, *, is_whole: bool) -> Preview:
    text = decoded(data, is_whole=is_whole)
    if text is None or not text.strip():
        return NOTHING
    lines = text.split("\n")
    shown, length, was_cut = [], 0, False
    for line in lines[:_LINES]:
        cut = line[:_WIDTH].rstrip()
        made = str(escape(cut + "…" if len(line) > _WIDTH else cut))
        length += len(made.encode()) + 1
        if length > HTML:
            break
        shown.append(made)
        was_cut |= len(line) > _WIDTH
    if not any(shown):
        return NOTHING
    rest = any(line.strip() for line in lines[len(shown) :])
    return Preview("text", "\n".join(shown).rstrip("\n"), is_whole=is_whole and not rest and not was_cut)


def _make(file: Opened, _draw: Draw) -> Preview:
    data = file.beginning()
    return preview(data, is_whole=len(data) == file.size)


KIND = Kind(
    "text",
    frozenset(_SUFFIXES.split()),
    frozenset(("text/plain", "application/json", "application/xml", "text/xml", "application/x-ipynb+json")),
    2**62,
    _make,
    (__name__, decoding.__name__),
)
