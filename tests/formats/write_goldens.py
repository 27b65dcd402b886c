"""Writes the golden files anew: `PYTHONPATH=tests python tests/formats/write_goldens.py`, then read the difference."""

from pathlib import Path

import orjson
from snapshots import SITE, full

from repository.formats import FORMATS, Format

GOLDEN = Path(__file__).resolve().parent / "golden"


def readable(form: Format, data: bytes) -> bytes:
    """The output as it is; JSON with a line for each value, so that a difference can be read."""
    return orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2) if "json" in form.media_type else data


def main() -> None:
    for form in FORMATS:
        (GOLDEN / form.file_name).write_bytes(readable(form, form.write(full(), SITE)))


if __name__ == "__main__":
    main()
