"""The catalogue's counts are those of its entries; a look at a large list costs what one at a small list does."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder import shards
from site_builder.catalogue import Catalogue, Claim, Listing
from site_builder.harvested import Changed

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
DATES = ["2020", "2020-05", "2020-05-12", "2020-05-13", "2021-05-12", "0999"]


def record_id(number: int) -> str:
    """Ids that are spread as random ones are."""
    scattered, digits = number * 2_654_435_761 % (1 << 50), ""
    for _ in range(10):
        scattered, digit = divmod(scattered, 32)
        digits = LETTERS[digit] + digits
    return f"{digits[5:]}-{digits[:5]}"


def claim(number: int, position: int, date: str | None, is_latest: bool = True) -> Claim:
    """`date`: None for a record that is in no list."""
    if date is None:
        return Claim(record_id(number), position, None, None)
    place = shards.place(date, "2024-01-01", record_id(number))
    listing = Listing(place, is_latest, "dataset", "2024", "<li>", "", "", "", "s", "t", "d" * 64, 1)
    return Claim(record_id(number), position, listing, None)


CHANGES = st.lists(st.tuples(st.integers(0, 40), st.sampled_from([*DATES, None]), st.booleans()), max_size=120)


@settings(deadline=None)
@given(changes=CHANGES, batch=st.integers(1, 30))
def test_counts_are_those_of_the_entries_whatever_comes_and_goes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, str | None, bool]], batch: int
) -> None:
    held: dict[str, tuple[str, bool]] = {}
    claims = []
    for position, (number, date, is_latest) in enumerate(changes, 1):
        claims.append(one := claim(number, position, date, is_latest))
        held.pop(one.record_id, None)
        if one.listing:
            held[one.record_id] = (one.listing.place, is_latest)
    with Catalogue.open(tmp_path_factory.mktemp("catalogue") / "c.sqlite") as catalogue:
        for start in range(0, len(claims), batch):
            latest = {one.record_id: one for one in claims[start : start + batch]}
            with catalogue.transaction():
                catalogue.claim([*latest.values()], journal=True)
        shown_years = Counter(place[:4] for place, latest in held.values() if latest)
        assert catalogue.number() == len(held)
        assert catalogue.years() == sorted(shown_years.items(), reverse=True)
        assert dict(catalogue.kinds()) == ({"dataset": shown_years.total()} if shown_years else {})
        for counted, places in (
            (catalogue.all, [place for place, _latest in held.values()]),
            (catalogue.shown, [place for place, latest in held.values() if latest]),
        ):
            assert counted.children("", 7).keys() == {place[:7] for place in places}
            for place in places:
                for length in range(4, len(place) + 1):
                    node = place[:length]
                    if shards.node_of(shards.url(node).removeprefix("/browse/")) == node:
                        assert counted.count(node) == sum(other.startswith(node) for other in places)
                        deeper = shards.child_length(node)
                        below = {other[:deeper] for other in places if other.startswith(node)}
                        assert counted.children(node, deeper).keys() == below


def steps_of_a_look(folder: Path, number: int) -> int:
    """Hundreds of steps of SQLite's machine to find the lists of a month in which all of so many records are."""
    with Catalogue.open(folder / f"{number}.sqlite") as catalogue:
        with catalogue.transaction():
            catalogue.claim([claim(one, one + 1, "2020") for one in range(number)], journal=False)
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        catalogue._connection.set_progress_handler(count, 100)
        lists = list(shards.layout(catalogue.shown, "2020-00"))
        assert sum(catalogue.shown.count(shard.node) for shard in lists if shard.is_leaf) == number
        return steps


def test_finding_the_lists_of_a_month_looks_at_lists_and_not_at_records(tmp_path: Path) -> None:
    """Ten times the records in as many lists, which are cut by one letter of the id: ten times the entries."""
    small, large = steps_of_a_look(tmp_path, 375), steps_of_a_look(tmp_path, 3_750)
    assert large <= 2 * small + 10


def steps_to_the_newest(folder: Path, removed: int) -> int:
    """The same to find what the feed shows, where so many records were removed after the last one that it shows."""
    with Catalogue.open(folder / f"removed-{removed}.sqlite") as catalogue:
        claims = [claim(one, one + 1, "2020") for one in range(60)]
        claims += [claim(one, one + 1, None) for one in range(60, 60 + removed)]
        claims = [replace(one, change=change_of(one)) for one in claims]
        with catalogue.transaction():
            catalogue.claim(claims, journal=False)
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        catalogue._connection.set_progress_handler(count, 10)
        assert len(catalogue.harvested.newest(50)) == 50
        return steps


def change_of(one: Claim) -> Changed:
    at = f"2024-01-01T00:00:{one.position / 1000:06.3f}Z"
    action = "created" if one.listing else "deleted"
    return Changed(f"2024-01-01-{one.record_id}", one.record_id, one.position, at, action, "", "")


def test_what_the_feed_shows_is_found_behind_any_number_of_removals(tmp_path: Path) -> None:
    assert steps_to_the_newest(tmp_path, 5_000) <= 2 * steps_to_the_newest(tmp_path, 5)


def test_the_feed_shows_no_record_that_has_become_an_older_version(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "c.sqlite") as catalogue:
        for position, is_latest in ((1, True), (2, False), (3, True)):
            made = claim(1, position, "2020", is_latest)
            with catalogue.transaction():
                catalogue.claim([replace(made, change=change_of(made))], journal=True)
            assert len(catalogue.harvested.newest(50)) == is_latest
