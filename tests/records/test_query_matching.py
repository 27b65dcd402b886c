"""Patterns with `*` and `?` find what the plainest way of looking finds, and no word can keep them busy."""

from hypothesis import given
from hypothesis import strategies as st

from repository.records.query_matching import regex

PARTS = st.lists(st.sampled_from(["*", "?", "a", "b", "ab", "."]), min_size=1, max_size=7).map(tuple)


def plainly(pattern: tuple[str, ...], word: str) -> bool:
    """Every way to share the word out is tried."""
    if not pattern:
        return not word
    first, rest = pattern[0], pattern[1:]
    if first == "*":
        return any(plainly(rest, word[start:]) for start in range(len(word) + 1))
    if first == "?":
        return bool(word) and plainly(rest, word[1:])
    return word.startswith(first) and plainly(rest, word[len(first) :])


@given(PARTS, st.text(alphabet="ab.\n", max_size=8))
def test_a_pattern_finds_what_it_says(pattern: tuple[str, ...], word: str) -> None:
    assert bool(regex(pattern).fullmatch(word)) == plainly(pattern, word)


def test_a_long_word_is_decided_at_once() -> None:
    """Sixteen wildcards, as many as a query may have: tried in every way, this would take longer than the tests may."""
    assert not regex(("a", *("*", "a") * 15, "*", "b")).fullmatch("a" * 4000)
    assert not regex(("*", "a", "?") * 5 + ("b",)).fullmatch("a" * 4000)
