"""The embedded engine offers the nearest words that the viewer may find."""

from collections.abc import Iterator

import pytest
from record_parts import access

from repository.records.visibility import ANONYMOUS
from repository.search.engine import Search, SearchEngine
from repository.search.tantivy_corrections import distance
from tests.search.kit import READER, indexed, record
from tests.search.rules_seeing import versions
from tests.search.test_tantivy import KIT


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    states = [
        record(0, {"title": "Precipitation over the harbour"}),
        record(1, {"title": "Harbours and perception"}),
        record(2, {"title": "Déšť v přístavu"}, access=access("public", "public", "open")),
    ]
    closed = versions(40, True)[0]
    closed.metadata["title"] = "Precipitating evapotranspiration"
    with indexed(KIT, tmp_path_factory.mktemp("corrections"), [*states, closed]) as (_index, found):
        yield found


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("precipitaton", "precipitation"), ("PRECIPTIATION", "precipitation"), ("harbuor", "harbour"),
        ("precipitaton AND harbour", "precipitation AND harbour"), ("precipitaton zzzzz", "precipitation"),
        ("precipitaton AND zzzzz", ""), ("pristvau", "pristavu"), ("title:precipitaton", ""), ('"precipitaton"', ""),
        ("precipitation", ""), ("evapotranspiraton", ""), ("precipitatign", "precipitation"),
        ("NOT precipitation AND harbuor", ""),
        ("x", ""), ("hrab", ""),
    ],
)  # fmt: skip
def test_the_nearest_word_is_offered_where_there_are_no_hits(engine: SearchEngine, text: str, want: str) -> None:
    assert engine.search(Search(text)).correction == want


def test_words_of_closed_records_are_offered_to_their_readers_only(engine: SearchEngine) -> None:
    for text in ("evapotranspiraton", "precipitatig AND evapotranspiration"):
        assert "evapo" not in engine.search(Search(text, viewer=ANONYMOUS)).correction
        assert "evapotranspiration" in engine.search(Search(text, viewer=READER)).correction


def test_what_is_selected_counts_too(engine: SearchEngine) -> None:
    selected = (("access_status", ("restricted",)),)
    assert engine.search(Search("harbuor", selected=selected)).correction == ""


@pytest.mark.parametrize(
    ("one", "other", "want"),
    [
        ("abcd", "abcd", 0),
        ("abcd", "abdc", 1),
        ("abcd", "abc", 1),
        ("abcd", "abxd", 1),
        ("abcd", "dcba", 3),
        ("a", "", 1),
    ],
)
def test_distance(one: str, other: str, want: int) -> None:
    assert distance(one, other, 2) == distance(other, one, 2) == want
