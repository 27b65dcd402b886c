"""Real records for reference managers: one pass over the corpus, read back by other people's parsers."""

import csv
import io
from itertools import cycle
from pathlib import Path

import bibtexparser
import orjson
import pytest
import rispy
from corpus_records import corpus_records, covering, of_every_shape
from csl_rules import faults
from snapshots import SITE

from repository.formats import bibtex, csl_json, csv_full, csv_simple, ris
from repository.formats.citation import cite
from repository.formats.text import one_line

pytestmark = pytest.mark.long

STYLES = ("apa", "ieee", "chicago-author-date", "iso690-author-date")
WAYS = [(style, locale) for style in STYLES for locale in ("en-US", "cs-CZ")]


@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_every_record_of_the_corpus_is_read_back(shared: Path, folder: str) -> None:
    records = corpus_records(shared / "corpus" / folder)
    ids = [record.id for record in records]
    assert len(ids) > 500
    assert [faults(found) for found in orjson.loads(csl_json.write_list(records, SITE))] == [[]] * len(ids)
    library = bibtexparser.parse_string(bibtex.write_list(records, SITE).decode())
    assert library.failed_blocks == []
    assert [entry.key.rpartition("_")[2] for entry in library.entries] == ids
    assert [entry["id"] for entry in rispy.loads(ris.write_list(records, SITE).decode())] == ids
    for writer in (csv_simple, csv_full):
        header, *rows = csv.reader(io.StringIO(writer.write_list(records, SITE).decode(), newline=""), strict=True)
        assert {len(row) for row in rows} == {len(header)}
        assert [row[header.index("id")] for row in rows] == ids


@pytest.mark.parametrize("folder", ["datacite", "oai_dc"])
def test_records_of_the_corpus_are_cited_in_every_style(shared: Path, folder: str) -> None:
    """A citation takes 5 to 25 ms: records that cover all kinds of values are cited in every style, the languages in
    turn; others of every shape in each of the ways in turn."""
    ways, locales = cycle(WAYS), cycle(("en-US", "cs-CZ"))
    records = corpus_records(shared / "corpus" / folder)
    covered = {record.id for record in covering(records)}
    assert len(covered) > 50
    for record in of_every_shape(records):
        every = [(style, next(locales)) for style in STYLES] if record.id in covered else [next(ways)]
        next(locales)
        for style, locale in every:
            text = cite(record, SITE, style, locale)
            assert (record.doi or f"/records/{record.id}") in text, text
            assert one_line(text) == text
