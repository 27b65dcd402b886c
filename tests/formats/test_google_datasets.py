"""schema.org as Google reads it from a landing page: structured data for datasets.

Specified by: Google Search Central, Dataset structured data.
"""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from corpus_records import corpus_records
from snapshots import (
    SITE,
    embargoed,
    files_closed,
    full,
    hostile,
    many_authors,
    many_files,
    minimal,
    with_files,
    with_metadata,
)

from repository.formats.schema_org import inline
from repository.records.snapshot import Snapshot

AGENTS = {"Person", "Organization"}
DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)?)?")


def faults(snapshot: Snapshot) -> list[str]:
    """Required properties that are missing, and values that Google does not take."""
    said = orjson.loads(inline(snapshot, SITE))
    found = [name for name in ("name", "description") if not isinstance(said.get(name), str) or not said[name]]
    if not 50 <= len(said.get("description", "")) <= 5000:
        found.append("length of description")
    found += [name for name in ("creator", "identifier", "url", "datePublished") if not said.get(name)]
    for agent in [*said.get("creator", ()), *said.get("funder", ())]:
        if agent["@type"] not in AGENTS or not agent["name"]:
            found.append("creator")
    for entry in said.get("distribution", ()):
        if not entry["contentUrl"].startswith("https://") or "encodingFormat" not in entry:
            found.append("distribution")
    for name in ("dateCreated", "dateModified", "datePublished"):
        if name in said and not DATE.fullmatch(said[name]):
            found.append(name)
    for place in said.get("spatialCoverage", ()):
        geo = place.get("geo")
        if geo and not (geo["@type"] == "GeoCoordinates" or len(geo["box"].split()) == 4):
            found.append("spatialCoverage")
    if said["@type"] == "Dataset" and not said["includedInDataCatalog"]["name"]:
        found.append("includedInDataCatalog")
    return found


def some_files() -> Snapshot:
    return many_files(30)


MAKERS = (minimal, full, hostile, with_files, files_closed, embargoed, many_authors, some_files)


@pytest.mark.parametrize("make", MAKERS)
def test_a_page_has_what_google_requires(make: Any) -> None:
    assert faults(make()) == []


def test_a_record_without_a_description_is_described_by_who_published_what() -> None:
    said = orjson.loads(inline(with_metadata(minimal(), publisher="Harbour Institute"), SITE))
    assert said["description"] == (
        "Rain in the harbour. Dataset by Carberry, Josiah, published by Harbour Institute, 2024-05-01."
    )


def test_a_short_description_is_followed_by_who_published_what() -> None:
    said = orjson.loads(inline(with_metadata(minimal(), description="<p>Rain.</p>"), SITE))
    assert said["description"].startswith("Rain.\nRain in the harbour. Dataset by Carberry, Josiah")
    assert faults(with_metadata(minimal(), description="Rain.", title="R", creators=[])) == ["creator"]


def test_a_long_description_is_cut() -> None:
    said = orjson.loads(inline(with_metadata(minimal(), description="Rain. " * 1000), SITE))
    assert len(said["description"]) == 5000
    assert said["description"].endswith("…")


def test_records_of_the_corpus_have_what_google_requires(shared: Path) -> None:
    count = 0
    for snapshot in corpus_records(shared / "corpus" / "datacite"):
        assert faults(snapshot) == [], snapshot.metadata["title"]
        count += 1
    assert count > 1000
