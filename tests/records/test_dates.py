"""EDTF dates."""

from datetime import date

import edtf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.records import dates


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020-02-29", date(2020, 2, 29), date(2020, 2, 29)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("2020-01/2020-06", date(2020, 1, 1), date(2020, 6, 30)),
        ("2019/2020", date(2019, 1, 1), date(2020, 12, 31)),
        ("2020/2020-06", date(2020, 1, 1), date(2020, 6, 30)),
        ("2020-01-01/2020-01-01", date(2020, 1, 1), date(2020, 1, 1)),
    ],
)
def test_dates_and_intervals_span_days(text: str, first: date, last: date) -> None:
    assert dates.bounds(text) == (first, last)
    assert dates.year(text) == first.year


@pytest.mark.parametrize(
    "text",
    [
        "", "tomorrow", "20", "2020-1", "2020-13", "2020-00", "2021-02-29", "2020-02-30", "2020-01-01T00:00:00",
        "2020/", "/2020", "2020/2019", "2020-06/2020-05", "2020/2021/2022", "2020~", "2020?", "202X", "2020-21",
        "Y12345", "-0001", "0000", "２０２０", "2020-01-01 ", "2020/open", "12020", "2020-01-01/2020-01-01T00:00:00Z",
        "9" * 1000,
    ],
)  # fmt: skip
def test_what_is_no_level_0_date_is_refused(text: str) -> None:
    assert not dates.is_level0(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2020-02-28T12:00:00Z", True),
        ("2020-02-28T12:00:00", True),
        ("2020-02-28T12:00:00.123456+01:00", True),
        ("2020-02-28T12:00:00-0530", True),
        ("2020-02-30T12:00:00Z", False),
        ("2020-02-28T24:00:00Z", False),
        ("2020-02-28T12:60:00Z", False),
        ("2020-02-28T12:00", False),
        ("2020-02T12:00:00Z", False),
        ("2020-02", True),
    ],
)
def test_moments_are_read_where_they_are_allowed(text: str, right: bool) -> None:
    assert dates.is_level0(text, times=True) is right


@given(st.from_regex(r"[0-3]\d{3}(-[01]\d(-[0-3]\d)?)?", fullmatch=True))
def test_single_dates_agree_with_the_edtf_library(text: str) -> None:
    try:
        edtf.parse_edtf(text)
        right = not text.startswith("0000")
    except edtf.EDTFParseException:
        right = False
    if right and text.count("-") == 2:
        try:
            date.fromisoformat(text)
        except ValueError:
            right = False
    # the library reads months above 12 as seasons, which are level 1
    if right and text.count("-") >= 1 and int(text[5:7]) > 12:
        right = False
    assert dates.is_level0(text) is right


@pytest.mark.parametrize(
    "text", ["2020", "2020~", "1984-06?/2004-08?", "2001-21", "196X", "Y-17E7", "[1667,1668]", "../1985"]
)
def test_level_2_dates_are_read(text: str) -> None:
    assert dates.is_level2(text)


@pytest.mark.parametrize("text", ["", "soon", "2020-99-99", "(" * 60, "2" * 500])
def test_what_is_no_edtf_at_all_is_refused(text: str) -> None:
    assert not dates.is_level2(text)


def test_a_day_is_just_a_day() -> None:
    assert dates.iso_day("2020-02-29") == date(2020, 2, 29)
    assert [dates.iso_day(text) for text in ("2020", "2020-02", "2021-02-29", "", "2020-02-29/2020-03-01")] == [
        None
    ] * 5
