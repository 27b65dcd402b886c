"""How text is folded and cut for search, in documents and queries alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.records.words import (
    BREAK,
    LONGEST_VALUE,
    LONGEST_WORD,
    exact,
    fold,
    joined,
    plain,
    tokens,
    unmarked,
    words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rain, over the HARBOUR!", ["rain", "over", "the", "harbour"]),
        ("Déšť Łódź Æblegrød straße", ["dest", "lodz", "aeblegrod", "strasse"]),
        ("İstanbul ΣΑΣ σας", ["istanbul", "σασ", "σασ"]),
        ("ﬁne H₂O １２", ["fine", "h2o", "12"]),
        ("e\u0301te\u0301", ["ete"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("snake_case 3.14 10.1234/a-b", ["snake", "case", "3", "14", "10", "1234", "a", "b"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("שָׁלוֹם مُحَمَّد", ["שלום", "محمد"]),
        ("数据 set", ["数", "据", "set"]),
        ("コーヒー", ["コ", "ー", "ヒ", "ー"]),
        ("\ud800 \x00 &", []),
        ("", []),
    ],
)
def test_words_are_folded_and_cut(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_hyphenated_words_are_kept_in_parts_and_as_one() -> None:
    assert tokens("An E-mail by O’Neill") == ["an", "e", "mail", "by", "o", "neill", BREAK, "email", "oneill"]
    assert tokens("no hyphen - here") == ["no", "hyphen", "here"]
    assert joined("inveniordm-py") == ["inveniordmpy"]


def test_endless_words_are_cut() -> None:
    assert words("x" * 5000 + " y") == ["x" * LONGEST_WORD, "y"]
    assert len(exact("x" * 5000)) == LONGEST_VALUE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://doi.org/10.1234/ABC", "10.1234/abc"),
        ("http://dx.doi.org/10.1234/abc", "10.1234/abc"),
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://ror.org/02ex6cf31", "02ex6cf31"),
        ("https://example.org/doi.org/x", "https://example.org/doi.org/x"),
        ("  Two   Words\n", "two words"),
        ("a\ud800\x00b", "a b"),
    ],
)
def test_whole_values_lose_case_spaces_and_resolver(text: str, found: str) -> None:
    assert exact(text) == found


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>first</p><p>second</p>", ["first", "second"]),
        ("<ul><li>one</li><li>two</li></ul>three<br>four", ["one", "two", "three", "four"]),
        ("H<sub>2</sub>O is <b>b</b>old", ["h2o", "is", "bold"]),
        ("10<sup>3</sup> and a footnote<sup>1</sup>", ["10", "3", "and", "a", "footnote", "1"]),
        ("1 &lt; 2 &amp; <em>caf&eacute;</em>", ["1", "2", "cafe"]),
        ('<a href="https://example.org/hidden">shown</a>', ["shown"]),
    ],
)
def test_words_of_html_are_whole_and_apart(html: str, found: list[str]) -> None:
    assert words(plain(html)) == found


def test_a_title_keeps_what_only_looks_like_markup() -> None:
    assert words(unmarked("The <i>E. coli</i> where p < 0.05 and x > 3")) == [
        "the", "e", "coli", "where", "p", "0", "05", "and", "x", "3",
    ]  # fmt: skip


@given(st.text())
def test_words_of_a_word_are_itself(text: str) -> None:
    for word in words(text):
        assert words(word) == [word]
        assert not set(word) & set(" .=\n")


@given(st.text())
def test_folding_and_exact_are_stable_and_never_fail(text: str) -> None:
    assert words(fold(text)) == words(text)
    once = exact(text)
    assert exact(once) == once or len(once) == LONGEST_VALUE
    once.encode()
