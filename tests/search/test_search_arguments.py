"""The query string of a search: what is taken, and what is refused in which words."""

import pytest

from repository.errors import InvalidInput
from repository.records.visibility import ANONYMOUS
from repository.search.arguments import search_of
from repository.search.engine import Search


def test_nothing_asked_is_the_first_page_of_the_newest() -> None:
    search = search_of({}, ANONYMOUS)
    assert search == Search()
    assert (search.sort_by, search.page, search.size) == ("newest", 1, 25)
    assert search_of({"q": [""], "sort": [""], "page": [""], "nosuch": ["1"]}, ANONYMOUS) == search


def test_everything_asked_comes_back_in_the_links_by_name() -> None:
    asked = {
        "q": ["metadata.title:rain OR title"], "page": ["2"], "size": ["5"], "sort": ["oldest"],
        "allversions": ["True"],
        "resource_type": ["publication::publication-article", "dataset", "dataset"], "access_status": ["open"],
        "f": ["x:y"],
    }  # fmt: skip
    search = search_of(asked, ANONYMOUS)
    assert search.arguments() == [
        ("access_status", "open"), ("allversions", "true"), ("page", "2"), ("q", "metadata.title:rain OR title"),
        ("resource_type", "publication::publication-article"), ("resource_type", "dataset"), ("size", "5"),
        ("sort", "oldest"),
    ]  # fmt: skip
    again: dict[str, list[str]] = {}
    for name, value in search.arguments():
        again.setdefault(name, []).append(value)
    assert search_of(again, ANONYMOUS) == search
    assert search.at(3).arguments()[2] == ("page", "3")


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({"page": ["0"]}, "page", "Must be greater than or equal to 1."),
        ({"size": ["0"]}, "size", "Must be greater than or equal to 1."),
        ({"size": ["-1"]}, "size", "Must be greater than or equal to 1."),
        ({"size": ["abc"]}, "size", "Not a valid integer."),
        ({"page": ["1.5"]}, "page", "Not a valid integer."),
        ({"page": ["²"]}, "page", "Not a valid integer."),
        ({"page": ["9" * 5000]}, "page", "Not a valid integer."),
        ({"size": ["1001"]}, "size", "Must be at most 1000."),
        ({"sort": ["nosuch"]}, "_schema", "Invalid sort option 'nosuch'."),
        ({"sort": ["mostviewed"]}, "_schema", "Invalid sort option 'mostviewed'."),
        ({"q": ["rain"], "suggest": ["ra"]}, "suggest", "Not together with `q`."),
        ({"file_type": [str(number) for number in range(51)]}, "file_type", "At most 50 values are taken."),
    ],
)
def test_a_wrong_argument_is_named(asked: dict[str, list[str]], field: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        search_of(asked, ANONYMOUS)
    assert refused.value.message == "A validation error occurred."
    assert [(error.field, error.messages) for error in refused.value.errors] == [(field, (message,))]


def test_all_wrong_numbers_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        search_of({"page": ["a"], "size": ["0"]}, ANONYMOUS)
    assert [error.field for error in refused.value.errors] == ["page", "size"]


def test_the_window_ends_at_ten_thousand() -> None:
    with pytest.raises(InvalidInput) as refused:
        search_of({"page": ["401"], "size": ["25"]}, ANONYMOUS)
    assert refused.value.message == "Invalid querystring parameters."
    assert [(error.field, "links.next" in error.messages[0]) for error in refused.value.errors] == [("page", True)]
    with pytest.raises(InvalidInput) as refused:
        search_of({"page": ["401"], "q": ["rain"]}, ANONYMOUS)
    assert "sort=newest" in refused.value.errors[0].messages[0]
    last = search_of({"page": ["400"], "size": ["25"]}, ANONYMOUS)
    assert last.limit == 25
    assert not last.has_next(50_000)
    assert last.at(399).has_next(50_000)
    assert not last.at(2).has_next(50)
    assert last.at(2).has_next(51)
    assert search_of({"page": ["15"], "size": ["700"]}, ANONYMOUS).limit == 200


@pytest.mark.parametrize(
    ("text", "taken"), [("true", True), ("1", True), ("True", True), ("false", False), ("0", False)]
)
def test_allversions(text: str, taken: bool) -> None:
    assert search_of({"allversions": [text]}, ANONYMOUS).all_versions is taken


def test_what_is_to_be_completed_comes_back_in_the_links_and_counts_no_facets() -> None:
    search = search_of({"suggest": ["ra"]}, ANONYMOUS)
    assert (search.prefix, search.facets, search.order) == ("ra", False, None)
    assert ("suggest", "ra") in search.arguments()


def test_the_order_by_rank_needs_a_text() -> None:
    assert search_of({"q": ["rain"]}, ANONYMOUS).order is None
    nothing = search_of({"sort": ["bestmatch"]}, ANONYMOUS)
    assert (nothing.sort_by, nothing.order) == ("bestmatch", ("created", "desc"))
