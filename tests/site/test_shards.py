"""Long lists are cut by date and id, never by rank."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import shards
from site_builder.shards import LIMIT, layout, node_of, place, shard, url

ID = "7k2fa-0vj61"
CREATED = "2026-11-24T10:00:00+00:00"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2020-05-12", f"2020-05-12-{ID}"),
        ("2020-05", f"2020-05-00-{ID}"),
        ("2020", f"2020-00-{ID}"),
        ("2020-05/2021-01", f"2020-05-00-{ID}"),
        ("2020-05-12T10:00:00Z", f"2020-05-12-{ID}"),
        ("2020-13", f"2026-11-24-{ID}"),
        ("20201", f"2026-11-24-{ID}"),
        ("", f"2026-11-24-{ID}"),
        ("no date", f"2026-11-24-{ID}"),
    ],
)
def test_a_record_belongs_to_the_day_on_which_its_date_begins(date: str, expected: str) -> None:
    assert place(date, CREATED, ID) == expected


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ("2020", "/browse/2020/"),
        ("2020-05", "/browse/2020/05/"),
        ("2020-05-12", "/browse/2020/05/12/"),
        ("2020-05-00-7k", "/browse/2020/05/00/7k/"),
        ("2020-00-7k2fa-0", "/browse/2020/00/7k2fa-0/"),
    ],
)
def test_a_node_has_one_address(node: str, path: str) -> None:
    assert url(node) == path
    assert node_of(path.removeprefix("/browse/").removesuffix("/")) == node


@pytest.mark.parametrize(
    "path", ["", "20", "2020-05", "2020/5", "2020//05", "2020/05/12/é", "2020/05/1", "../2020", "x"]
)
def test_what_is_no_node_has_no_list(path: str) -> None:
    assert node_of(path) == ""


class Counts:
    def __init__(self, places: list[str]) -> None:
        self._places = places

    def count(self, node: str) -> int:
        return sum(found.startswith(node) for found in self._places)

    def children(self, node: str, length: int) -> dict[str, int]:
        return dict(sorted(Counter(found[:length] for found in self._places if found.startswith(node)).items()))


DATES = st.sampled_from(["2020", "2020-05", "2020-05-12", "2020-05-13"])
IDS = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=3, max_size=3).map(lambda text: f"{text}aa-bbb{text[:2]}")


@given(st.dictionaries(IDS, DATES, max_size=60), st.integers(1, 8))
def test_leaves_hold_every_record_once_and_none_too_many(records: dict[str, str], limit: int) -> None:
    places = [place(date, CREATED, record_id) for record_id, date in records.items()]
    counts = Counts(places)
    before = shards.LIMIT
    shards.LIMIT = limit
    try:
        found = [part for month in {shards.month_of(known) for known in places} for part in layout(counts, month)]
    finally:
        shards.LIMIT = before
    leaves = [part.node for part in found if part.is_leaf]
    assert len({part.node for part in found}) == len(found)
    for known in places:
        assert sum(known.startswith(leaf) for leaf in leaves) == 1
    assert all(counts.count(leaf) <= limit for leaf in leaves)
    assert all(counts.count(part.node) > limit for part in found if not part.is_leaf)
    assert all(node_of(url(part.node).removeprefix("/browse/").removesuffix("/")) == part.node for part in found)


def test_a_month_is_one_list_up_to_the_limit() -> None:
    places = [f"2020-05-12-{number:05d}-00000" for number in range(LIMIT + 1)]
    assert shard(Counts(places[:-1]), "2020-05").is_leaf
    assert shard(Counts(places), "2020-05").children == (("2020-05-12", LIMIT + 1),)
