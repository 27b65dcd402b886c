"""Sanitised Unicode and HTML."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repository.records.text import ATTRIBUTES, TAGS, clean, clean_html, has_controls, has_surrogates


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("  Rain  ", "Rain"),
        ("a\x00b\x07c\x7f\x9f", "abc"),
        ("two\nlines\r\n and\ta tabulator", "two lines and a tabulator"),
        ("e\u0301", "é"),
        ("\ufeffwith a byte order mark\u200b", "with a byte order mark"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("مطر \u200f\u202babc\u202c", "مطر \u200f\u202babc\u202c"),
        ("Straße 雨 🌧", "Straße 雨 🌧"),
        ("\x00", ""),
    ],
)
def test_text_is_stripped_of_controls_composed_and_trimmed(given_text: str, stored: str) -> None:
    assert clean(given_text) == stored


@given(st.text(st.characters()))
def test_clean_text_is_clean_once_and_for_all(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in once)
    once.encode()


@pytest.mark.parametrize(
    ("given_html", "stored"),
    [
        ("plain text", "plain text"),
        ("first\r\nsecond", "first\nsecond"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<p>A <strong>bold</strong> word<script>alert(1)</script></p>", "<p>A <strong>bold</strong> word</p>"),
        ('<a href="javascript:alert(1)" onclick="x()">y</a>', "<a>y</a>"),
        ('<a href="https://example.org/?a=1&amp;b=2" title="t" target="_blank">y</a>',
         '<a href="https://example.org/?a=1&amp;b=2" title="t">y</a>'),
        ("<img src=x onerror=alert(1)>after", "after"),
        ("<div><section>kept</section></div>", "<div>kept</div>"),
        ("<!-- gone -->x", "x"),
        ("<p>\u0338 onclick=alert(1)&gt;</p>", "<p>\u0338 onclick=alert(1)&gt;</p>"),
    ],
)  # fmt: skip
def test_html_keeps_what_is_allowed(given_html: str, stored: str) -> None:
    if "\u0338" in given_html:
        # `>` and a combining solidus compose to one character, which would break the tag open.
        assert "onclick" not in dict(Tags.of(clean_html(given_html)).attributes)
    else:
        assert clean_html(given_html) == stored


class Tags(HTMLParser):
    """All tags and attributes of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    @classmethod
    def of(cls, text: str) -> "Tags":
        parser = cls()
        parser.feed(text)
        parser.close()
        return parser


PIECES = (
    "<p>", "</p>", "<pre>", "\n", "<a href='", "javascript:", "java&#7;script:", "java\x07script:", "'>", "&#824;",
    "\u0338", "&#0;", "&lt;", "<", ">", "&", "&nbsp;", "\xa0", "<svg><style>", "<math><mi>", "<table><td>", "<!--",
    "-->", "<b onclick=x>", "text", "<noscript>", "</", "<textarea>", "&#x200b;", "\r", "<li>", "<p", "é", "e\u0301",
)  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(st.characters(), max_size=3)), max_size=12).map("".join))
@example("<pre>" + "\n" * 30 + "</pre>")
@example("<p>&#824; onclick=alert(1)&gt;x</p>")
def test_cleaned_html_is_harmless_and_a_fixed_point(text: str) -> None:
    cleaned = clean_html(text)
    assert clean_html(cleaned) == cleaned
    found = Tags.of(cleaned)
    assert set(found.tags) <= set(TAGS)
    assert {name for name, _ in found.attributes} <= set().union(*ATTRIBUTES.values())
    for name, value in found.attributes:
        # as browsers read a URL: blanks before it and line breaks within it do not count
        scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", re.sub(r"[\t\n]", "", value), re.IGNORECASE)
        assert name != "href" or scheme is None or scheme[1].lower() in ("http", "https", "mailto")
    assert not any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in cleaned)


@pytest.mark.parametrize("body", ["\udc80", {"a": ["x", {"b": "\ud800"}]}, {"\ud800": 1}, [["\udfff"]]])
def test_a_lone_surrogate_is_found_wherever_it_stands(body: object) -> None:
    assert has_surrogates(body)


@pytest.mark.parametrize("body", [None, 1, "🌧", {"a": ["é", True, 2.5]}, []])
def test_well_formed_text_has_no_surrogates(body: object) -> None:
    assert not has_surrogates(body)


def test_names_that_hold_controls_are_told_from_unusual_ones() -> None:
    assert has_controls("a\x00")
    assert has_controls("a\ud800")
    assert not has_controls("with\xa0space 雨 🌧")


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 20_000 + "end",
        "&amp;" * 100_000 + "end",
        "<b lang=x><i>" * 60 + "<p>" * 20_000 + "end",
        "<pre>" * 2000 + "end",
    ],
)
def test_markup_without_end_is_reduced_to_its_text(text: str) -> None:
    cleaned = clean_html(text)
    assert cleaned.endswith("end")
    assert "<" not in cleaned
    assert clean_html(cleaned) == cleaned


def test_long_html_of_the_usual_kind_stays() -> None:
    items = "<ul>" + "<li><b>one</b> &amp; two</li>" * 2000 + "</ul>"
    assert clean_html(items) == items
