"""Rows as comma-separated values. Specified by: RFC 4180.

A text that a spreadsheet would take for a formula is left as it is: readers of data must get what was said.
"""

import csv
import io
from collections.abc import Iterable


def document(rows: Iterable[Iterable[str]]) -> bytes:
    """UTF-8, the first row has the names of the columns. Values are to be clean."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "ignore")
