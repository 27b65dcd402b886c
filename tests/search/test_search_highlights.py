"""What is shown of a hit: the words that were sought, marked, and nothing else as markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.search.engine import Search
from repository.search.highlights import Highlights
from tests.search.kit import record

TITLE = "Řeky a déšť: <i>rivers</i> & rain-water"
DESCRIPTION = (
    f"<p>Rain &lt;b&gt; falls.</p><p>{'dry ' * 100}</p><p>Rainy rivers rain</p>{'dry ' * 100}<script>rain</script>"
)
STATE = record(0, {"title": TITLE, "description": DESCRIPTION})


def marked(query: str, field: str = "metadata.title", **asked: str) -> list[str]:
    """The words that are marked in a field."""
    found = Highlights(Search(query, **asked)).of(STATE).get(f"{field}", [])
    return re.findall("<em>(.*?)</em>", " ".join(found))


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ("rain", ["rain"]), ("RAIN rivers", ["rivers", "rain"]), ("reka", ["Řeky"]), ("řekách", ["Řeky"]),
        ("river", ["rivers"]),
        ("dest", ["déšť"]), ("riv*", ["rivers"]), ("r?in", ["rain"]), ('"rivers rain"', ["rivers", "rain"]),
        ("title:rain", ["rain"]), ("title:river", []), ("description:rain", []), ("rain AND NOT rivers", ["rain"]),
        ("-rain rivers", ["rivers"]), ("author:rain", []), ("rain-water", ["rain", "water"]), ("*", []), ("", []),
        ("nosuch", []), ("year:2024", []),
    ],
)  # fmt: skip
def test_words_that_were_sought_are_marked(query: str, want: list[str]) -> None:
    assert marked(query) == want


def test_a_title_is_shown_whole_and_a_description_in_fragments() -> None:
    shown = Highlights(Search("rain")).of(STATE)
    assert shown["metadata.title"] == ["Řeky a déšť: rivers &amp; <em>rain</em>-water"]
    first, then, *more = shown["metadata.description"]
    assert first.startswith("<em>Rain</em> &lt;b&gt; falls. dry")
    assert "rivers <em>rain</em> dry" in then
    assert all(len(fragment) < 300 for fragment in (first, then, *more))


def test_what_is_being_typed_is_marked() -> None:
    assert marked("", prefix="déšť ri") == ["déšť", "rivers"]
    assert "metadata.description" not in Highlights(Search(prefix="rai")).of(STATE)


@given(st.text(alphabet="<>&\"'emrain /ř-", max_size=60), st.sampled_from(["rain", "r*", "em", "e* amp"]))
def test_nothing_but_em_is_markup(text: str, query: str) -> None:
    state = record(0, {"title": text, "description": f"<p>{text}</p>"})
    for fragments in Highlights(Search(query)).of(state).values():
        for fragment in fragments:
            assert not re.search("[<>\"']", re.sub("</?em>", "", fragment))
            assert fragment.count("<em>") == fragment.count("</em>") > 0


def test_a_hostile_pattern_is_done_at_once() -> None:
    state = record(0, {"title": "a" * 50_000, "description": "a" * 50_000})
    assert Highlights(Search(f"a{'*a' * 14}*b")).of(state) == {}
