"""The journal of changed addresses names all that a change touches, and loses none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from snapshots import minimal, with_files, with_metadata

from repository.formats import FORMATS
from repository.records.snapshot import erased
from repository.storage.database import Database
from site_builder import changed
from site_builder.changed import EVERYTHING, Journal
from site_builder.projection import SiteProjection
from tests.following.contract import closed, files_closed, withdrawn
from tests.site.site_output import build, changes, increment, settings_in, tree

pytestmark = pytest.mark.long
STATE = with_files(20)
ADDRESS = f"/records/{STATE.id}"
FILES = {f"{ADDRESS}/files/data/rain%202024.csv", f"{ADDRESS}/files/figure.png"}
"""Those that everybody may list."""
OWN = {ADDRESS, f"{ADDRESS}/latest", *(f"{ADDRESS}/{form.file_name}" for form in FORMATS)}
LISTS = {"/", "/feed.xml", "/browse/", "/resourcesync/recent.xml"}


@pytest.fixture
def projection(database: Database, tmp_path: Path) -> SiteProjection:
    made = SiteProjection(settings_in(tmp_path), database)
    build(made, changes([STATE, minimal(1), minimal(2)]))
    return made


@pytest.fixture
def journal(projection: SiteProjection) -> Iterator[Journal]:
    with Journal.open(projection.output.own) as opened:
        yield opened


def told(journal: Journal, number: int) -> set[str]:
    return {change.address for change in journal.since(number)}


def test_a_new_build_changes_everything(journal: Journal, projection: SiteProjection) -> None:
    assert told(journal, 0) == {EVERYTHING}
    last = journal.last()
    build(projection, changes([STATE]), "g2")
    assert told(journal, last) == {EVERYTHING}


def test_what_is_written_is_what_is_named(journal: Journal, projection: SiteProjection, tmp_path: Path) -> None:
    before, last = tree(tmp_path), journal.last()
    increment(projection, changes([with_metadata(minimal(1), title="Hail"), minimal(3)], 50))
    after = tree(tmp_path)
    named = {change.file for change in journal.since(last) if change.file}
    assert named == {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert told(journal, last) >= LISTS
    assert not {address for address in told(journal, last) if address.endswith("index.html")}
    last = journal.last()
    increment(projection, changes([with_metadata(minimal(1), title="Hail"), minimal(3)], 50))
    assert told(journal, last) == set()


@pytest.mark.parametrize("fate", [withdrawn, closed, "erased"])
def test_what_may_not_be_seen_any_more_is_named_whole(
    fate: object, journal: Journal, projection: SiteProjection
) -> None:
    tombstone = {"note": "", "is_visible": True, "removal_date": "2024-06-01T00:00:00+00:00"}
    state = fate(STATE) if callable(fate) else erased(STATE, tombstone)
    last = journal.last()
    increment(projection, changes([state], 50))
    assert told(journal, last) >= OWN | FILES | LISTS
    assert not {address for address in told(journal, last) if "SECRET" in address}


def test_files_that_are_closed_are_named(journal: Journal, projection: SiteProjection) -> None:
    last = journal.last()
    increment(projection, changes([files_closed(STATE)], 50))
    assert told(journal, last) >= FILES
    last = journal.last()
    increment(projection, changes([replace(files_closed(STATE), metadata={**STATE.metadata, "title": "X"})], 60))
    assert not {address for address in told(journal, last) if "/files/" in address}


def test_a_writer_that_was_killed_in_between_has_changed_everything(projection: SiteProjection) -> None:
    with Journal.open(projection.output.own) as journal:
        last = journal.last()
        journal.begin()
        journal.note("/about/", "about/index.html")
    with Journal.open(projection.output.own) as journal:
        assert told(journal, last) == set()
        journal.begin()
        assert told(journal, last) == {EVERYTHING}
        last = journal.last()
        journal.begin()
        assert told(journal, last) == set()


def test_a_machine_that_fell_has_changed_everything(
    projection: SiteProjection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal.open(projection.output.own) as journal:
        last = journal.last()
        journal.begin()
        monkeypatch.setattr(changed, "boot", lambda: "another start")
        journal.begin()
        assert told(journal, last) == {EVERYTHING}


def test_an_address_is_named_by_its_last_change_only(journal: Journal, projection: SiteProjection) -> None:
    for number, title in enumerate(("Hail", "Snow", "Fog")):
        increment(projection, changes([with_metadata(minimal(1), title=title)], 50 + number))
    changed_files = [(change.address, change.file) for change in journal.since(0)]
    assert len(changed_files) == len({*changed_files})
    seen = journal.since(0, 5)
    assert [change.number for change in seen] == sorted(change.number for change in seen)
    assert [*seen, *journal.since(seen[-1].number)] == journal.since(0)


def test_too_many_to_be_told_apart_are_everything(
    journal: Journal, projection: SiteProjection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed, "MOST", 20)
    last = journal.last()
    increment(projection, changes([minimal(number) for number in range(5, 9)], 50))
    assert told(journal, last) == {EVERYTHING}
