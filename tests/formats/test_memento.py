"""Which version a moment leads to."""

import pytest
from snapshots import SITE, minimal

from repository.formats.memento import asked, moment, public_mementos, timemap, version_at
from repository.records.snapshot import Neighbour

VERSIONS = [
    minimal(number, index=number, created=f"2024-0{number}-05T10:00:00.{number}00000+00:00") for number in (3, 1, 2)
]
NAMES = {version.index: version.id for version in VERSIONS}


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("Mon, 05 Feb 2024 09:59:59 GMT", 1),
        ("Mon, 05 Feb 2024 10:00:00 GMT", 2),
        ("Mon, 05 Feb 2024 10:00:01 GMT", 2),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 1),
        ("Tue, 01 Jan 2999 00:00:00 GMT", 3),
    ],
)
def test_a_moment_leads_to_the_version_that_was_the_newest(said: str, index: int) -> None:
    assert version_at(VERSIONS, asked(said)).id == NAMES[index]


def test_the_time_of_a_memento_leads_to_it() -> None:
    for version in VERSIONS:
        assert version_at(VERSIONS, asked(moment(version))) == version
    assert version_at(VERSIONS, None).id == NAMES[3]


@pytest.mark.parametrize("said", ["", "yesterday", "2024-02-05", "Mon, 31 Feb 2024 10:00:00 GMT", "Mon, 05 Feb 2024"])
def test_other_dates_are_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"does not match|out of range"):
        asked(said)


def test_the_times_of_a_timemap_are_in_their_order_and_it_names_the_gate() -> None:
    lines = timemap(VERSIONS, SITE, VERSIONS[0].parent_id, NAMES[2]).decode().split(",\n")
    assert lines[2] == f'<{SITE.url}/records/{NAMES[2]}/timegate>; rel="timegate"'
    assert [line.partition(">")[0].rpartition("/")[2] for line in lines[3:]] == [NAMES[1], NAMES[2], NAMES[3]]


def test_a_map_for_everybody_names_no_version_that_is_closed_or_of_unknown_time() -> None:
    closed, open_ = (
        Neighbour("00000-00001", 1, "published", closed=True),
        Neighbour("00000-00002", 2, "published", closed=False),
    )
    snapshot = minimal(2, index=2, versions=(closed, open_, Neighbour("00000-00003", 3, "withdrawn", closed=False)))
    times = {f"00000-0000{number}": f"2024-0{number}-05T10:00:00+00:00" for number in (1, 2, 3)}
    assert [version.id for version in public_mementos(snapshot, times)] == ["00000-00002"]
    assert public_mementos(snapshot, {closed.id: times[closed.id]}) == []
