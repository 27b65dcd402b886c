"""What a reader's browser must fetch stays small, for records as people deposit them."""

import gzip
from pathlib import Path
from statistics import median

import pytest

from site_builder.assets import FOLDER
from site_builder.freezer import SiteFreezer
from tests.formats.corpus_records import corpus_records
from tests.site.site_output import settings_in

PAGE, COMPRESSED, IN_ALL = 20_000, 6_000, 60_000
"""Bytes."""
EVERY = 10


@pytest.mark.long
def test_landing_page_of_the_median_record_is_small(shared: Path, tmp_path: Path) -> None:
    freezer = SiteFreezer(settings_in(tmp_path), lambda state: state, lambda ids: {})
    pages = []
    for source in ("datacite", "oai_dc"):
        for record in freezer.records(corpus_records(shared / "corpus" / source)[::EVERY]):
            pages += [file.data for file in record.files if file.path == f"records/{record.record_id}/index.html"]
    assert len(pages) > 300
    size, compressed = median(map(len, pages)), median(len(gzip.compress(page)) for page in pages)
    assert size <= PAGE
    assert compressed <= COMPRESSED
    beside = sum(path.stat().st_size for path in FOLDER.iterdir())
    assert size + beside <= IN_ALL, "with the style sheet and all images, nothing of it compressed"
