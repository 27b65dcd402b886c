"""Writes the golden files anew: `PYTHONPATH=tests python tests/formats/write_goldens.py`, then read the difference."""

from pathlib import Path

import orjson
from snapshots import KINDS, SITE, full

from repository.formats import FORMATS, Format
from repository.records.snapshot import Snapshot

GOLDEN = Path(__file__).resolve().parent / "golden"


def example(form: Format, snapshot: Snapshot) -> Snapshot:
    """The record, or the same of another kind where the format is for that kind only."""
    return next((made for made in (kind(snapshot) for kind in KINDS) if form.suits(made)), snapshot)


def readable(form: Format, data: bytes) -> bytes:
    """The output as it is; JSON with a line for each value, so that a difference can be read."""
    return orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2) if "json" in form.media_type else data


def main() -> None:
    for form in FORMATS:
        (GOLDEN / form.file_name).write_bytes(readable(form, form.write(example(form, full()), SITE)))


if __name__ == "__main__":
    main()
