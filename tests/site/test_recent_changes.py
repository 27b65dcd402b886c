"""The list of the last changes tells how far back it goes, so that who was here before that begins anew."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from snapshots import minimal

from repository.storage.database import Database
from site_builder.projection import SiteProjection
from site_builder.views import resource_sets
from tests.records_in_store import MOMENT
from tests.site.site_output import build, changes, settings_in, tree

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "rs": "http://www.openarchives.org/rs/terms/"}
LISTS = ("resourcesync/recent.xml", "resourcesync/documents/recent.xml")
SECONDS = (0, 0, 1, 1, 1)
"""When the records changed, after the first of them."""


def record_of(url: Any) -> str:
    return str(url.findtext("s:loc", namespaces=NAMES)).split("/")[4]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_every_change_since_the_beginning_of_the_list_is_in_it(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, number: int
) -> None:
    """Whichever number of changes the list holds, of which some were made at the same time."""
    monkeypatch.setattr(resource_sets, "NEWEST", number)
    made = changes([minimal(one) for one in range(len(SECONDS))])
    made = [replace(each, at=MOMENT + timedelta(seconds=s)) for each, s in zip(made, SECONDS, strict=True)]
    build(SiteProjection(settings_in(tmp_path), database), made)
    root = etree.fromstring(tree(tmp_path)[path])
    (begin,) = root.xpath("rs:md/@from", namespaces=NAMES)
    told = {record_of(url) for url in root.xpath("s:url", namespaces=NAMES)}
    assert len(told) == min(number, len(made))
    since = {each.record_id for each in made if f"{each.at.isoformat()[:19]}.000Z" >= begin}
    assert since <= told
    assert begin <= f"{(made[-1].at).isoformat()[:19]}.001Z"
    assert (begin < "2024") == (number >= len(made))
