"""Dates in the spellings that real documents have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.formats.reading import dates
from repository.records.dates import is_level0


@pytest.mark.parametrize("said", ["2001", "2001-02", "2001-02-03", "2001/2004-05", "2012-05-01T10:00:00Z"])
def test_level_0_dates_stay_as_they_are(said: str) -> None:
    assert dates.read(said) == dates.Read(said, exact=True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("(1867-1868)", "1867/1868"),
        ("1999-2000", "1999/2000"),
        ("2001-2-3", "2001-02-03"),
        ("2001/02/03", "2001-02-03"),
        ("20010304", "2001-03-04"),
        ("31.12.2001", "2001-12-31"),
        ("13/4/2001", "2001-04-13"),
        ("3/2001", "2001-03"),
        ("May 1999", "1999-05"),
        ("2001-Sept.", "2001-09"),
        ("9 March 1999", "1999-03-09"),
        ("April 9, 1999", "1999-04-09"),
        ("Ca. 1950", "1950"),
        ("1961?", "1961"),
        ("1990s", "1990/1999"),
        ("Between 1910-1920", "1910/1920"),
        ("2012-05-01 10:00:00", "2012-05-01T10:00:00"),
        ("2009-01-01T25:00:00Z", "2009-01-01"),
        ("2001-02-30", "2001"),
        ("2002/2001", "2001/2002"),
        ("2001/..", "2001"),
        ("1957-07-15T00:00:00/2011-02-07T18:15:00", "1957-07-15/2011-02-07"),
        ("Created: 1999; Available: 2003", "1999"),
    ],
)
def test_other_spellings_are_understood(said: str, meant: str) -> None:
    assert dates.read(said) == dates.Read(meant, exact=False)


def test_a_day_that_may_be_a_month_is_left_out() -> None:
    assert dates.read("3/4/2001") == dates.Read("2001", exact=False)


@pytest.mark.parametrize(
    "said", ["undated", "", "-0024/-0022", "300 BC", "1500 B.C.", "12012-02-03", "٢٠١٢", "x" * 500]
)
def test_what_is_no_date_is_none(said: str) -> None:
    assert dates.read(said) is None


@given(st.text() | st.from_regex(r"[\d./\-T: ]{1,30}"))
def test_whatever_is_read_is_level_0(said: str) -> None:
    read = dates.read(said)
    assert read is None or (is_level0(read.edtf, times=True) and is_level0(read.day) and is_level0(read.year))
