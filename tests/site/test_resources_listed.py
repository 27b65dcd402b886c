"""What lists of ResourceSync name of one record: bounded, and nothing that not everybody may see."""

from typing import Any

import pytest
from lxml import etree
from record_parts import access, file_entry, files
from snapshots import SITE, embargoed, files_closed, many_files, minimal, with_files

from repository.records.snapshot import Snapshot
from site_builder import resources

NAMES = {"rs": "http://www.openarchives.org/rs/terms/"}


def listed(snapshot: Snapshot, change: str = "") -> list[Any]:
    text = resources.entries(snapshot, SITE, {"record.ttl": b"<> a <> ."})
    text = resources.changed(text, change, "2024-05-01T00:00:00.000Z") if change else text
    return list(etree.fromstring(f'<urlset xmlns:rs="{NAMES["rs"]}">{text}</urlset>'))


def addresses(snapshot: Snapshot) -> list[str]:
    return [entry.findtext("loc").removeprefix(f"{SITE.url}/records/{snapshot.id}/") for entry in listed(snapshot)]


@pytest.mark.parametrize(("number", "named"), [(resources.FILES, resources.FILES), (resources.FILES + 1, 0), (1001, 0)])
def test_of_more_files_than_some_none_is_named(number: int, named: int) -> None:
    assert len(addresses(many_files(number))) == 1 + named


@pytest.mark.parametrize("make", [files_closed, embargoed, minimal])
def test_closed_files_and_no_files_are_not_named(make: Any) -> None:
    assert addresses(make()) == ["record.ttl"]


def test_hidden_files_are_not_named() -> None:
    assert addresses(with_files()) == ["record.ttl", "files/figure.png", "files/data/rain%202024.csv"]


def test_an_entry_of_a_list_of_changes_says_what_happened_and_when() -> None:
    """Z39.99, 12.1; whatever a file is called."""
    odd = minimal(access=access(), files=files(file_entry('<rs:md x="&y">.csv')))
    entries = listed(odd, "updated")
    assert len(entries) == 2
    for entry in entries:
        facts = entry.find("rs:md", NAMES)
        assert (facts.get("change"), facts.get("datetime")) == ("updated", "2024-05-01T00:00:00.000Z")
        assert facts.get("hash").startswith("sha-256:")
