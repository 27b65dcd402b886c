"""The first rows of a table in text: CSV with whatever separator, TSV. Specified by: RFC 4180, 2."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import escape

from site_builder.previews import decoding
from site_builder.previews.decoding import decoded
from site_builder.previews.preview import HTML, NOTHING, Draw, Kind, Opened, Preview

_ROWS, _COLUMNS, _WIDTH = 10, 8, 60
"""What is shown at most; the width is in characters of a cell."""
_SEPARATORS = ",;\t|"
_SAMPLE = 50
"""Rows by which a separator is chosen."""
_NUMBER = re.compile(r"[-+]?[\d\s.,]+%?")


def preview(data: bytes, *, is_whole: bool) -> Preview:
    """Of the beginning of a table. Rows are counted where the whole of it is there."""
    text = decoded(data, is_whole=is_whole)
    if text is None:
        return NOTHING
    if not is_whole:  # the last row may be cut anywhere
        text = text.rpartition("\n")[0]
    separator = _separator(text)
    rows = _read(text, separator) if separator else []
    if not rows:
        return NOTHING
    head, body = (rows[0], rows[1:]) if _is_head(rows) else (None, rows)
    width = max(map(len, rows))
    for number in range(min(_ROWS, len(body)), -1, -1):
        html = _rows(head, body[:number], width)
        if len(html.encode()) <= HTML:
            break
    else:
        return NOTHING
    total = len(body) if is_whole else 0
    return Preview("table", html, number, total, min(width, _COLUMNS), width, is_whole=is_whole and number == total)


def _separator(text: str) -> str:
    """The one by which most rows have one and the same number of cells, more than one; empty if there is none."""
    best, chosen = 0.0, ""
    for separator in _SEPARATORS:
        if separator not in text:
            continue
        rows = _read(text, separator, _SAMPLE)
        widths = Counter(len(row) for row in rows)
        width, number = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        agree = number / len(rows) if rows else 0.0
        if width > 1 and agree + width / 10_000 > best:
            best, chosen = agree + width / 10_000, separator
    if chosen and best < 0.5:
        return ""
    # a column of its own: any separator that does not occur leaves it whole
    return chosen or next((separator for separator in _SEPARATORS if separator not in text), "")


def _read(text: str, separator: str, most: int = 2**62) -> list[list[str]]:
    """Rows that are not empty. What is quoted wrongly is read as it comes."""
    found: list[list[str]] = []
    lines = iter(text.split("\n"))
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append(row)
                if len(found) == most:
                    break
    except csv.Error:
        return []
    return found


def _is_head(rows: Sequence[Sequence[str]]) -> bool:
    """Names of columns are not numbers, differ from each other, and none is missing."""
    first = [cell.strip() for cell in rows[0]]
    return all(first) and len(set(first)) == len(first) and not any(map(_NUMBER.fullmatch, first))


def _rows(head: Sequence[str] | None, body: Iterable[Sequence[str]], width: int) -> str:
    named = list(head[:_COLUMNS]) if head is not None else []
    named += [str(number) for number in range(len(named) + 1, min(width, _COLUMNS) + 1)]
    cells = "".join(f'<th scope="col">{_cell(name)}</th>' for name in named)
    lines = (
        "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in _filled(row, len(named))) + "</tr>\n" for row in body
    )
    return f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{''.join(lines)}</tbody>"


def _filled(row: Sequence[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]


def _cell(text: str) -> str:
    text = " ".join(text.split())
    return str(escape(text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"))


def _make(file: Opened, _draw: Draw) -> Preview:
    data = file.beginning()
    return preview(data, is_whole=len(data) == file.size)


KIND = Kind(
    "table",
    frozenset(("csv", "tsv", "tab")),
    frozenset(("text/csv", "text/tab-separated-values")),
    2**62,
    _make,
    (__name__, decoding.__name__),
)
