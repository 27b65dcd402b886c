"""Content negotiation."""

from dataclasses import dataclass

import pytest

from repository.errors import NotAcceptable
from repository.formats import FORMATS
from repository.ld.negotiation import HTML, JSON, Plain, accepted, choose, conforming, parameters

DCAT = 'application/ld+json;profile="http://www.w3.org/ns/dcat#"'
SCHEMA = Plain("schema", "application/ld+json", ('application/ld+json;profile="https://schema.org/"',))
PROFILED = Plain("dcat", DCAT)
TURTLE = Plain("turtle", "text/turtle", ("application/x-turtle",))
XML = Plain("xml", "application/vnd.datacite.datacite+xml")
OFFERED = (HTML, SCHEMA, TURTLE, PROFILED, XML)

CHROMIUM = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
RDFLIB = "application/rdf+xml;q=0.9, text/turtle;q=1.0, application/ld+json;q=0.8, */*;q=0.1"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, HTML),
        ("", HTML),
        ("*/*", HTML),
        (CHROMIUM, HTML),
        (RDFLIB, TURTLE),
        ("text/turtle", TURTLE),
        ("TEXT/Turtle ; Q=0.4", TURTLE),
        ("text/turtle, */*", TURTLE),
        ("text/turtle;q=0.5, */*;q=0.6", HTML),
        ("text/*", HTML),
        ("text/*;q=0.9, application/ld+json;q=0.8", HTML),
        ("text/html;q=0, text/*", TURTLE),
        ("application/ld+json, text/html;q=0.9", SCHEMA),
        ("application/ld+json;q=0.5, text/turtle;q=0.6", TURTLE),
        ("application/x-turtle", TURTLE),
        ("application/x-turtle;q=0.9, text/turtle;q=0.1, text/html;q=0.5", TURTLE),
        ("text/html;q=0.1, text/turtle;q=0.001", HTML),
        ("*/*;q=0, text/turtle", TURTLE),
        ("text/html;charset=utf-8", HTML),
        ("application/vnd.datacite.datacite+xml", XML),
    ],
)
def test_the_wish_of_highest_quality_wins(header: str | None, expected: Plain) -> None:
    assert choose(header, OFFERED) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/ld+json", SCHEMA),
        (DCAT, PROFILED),
        ("application/ld+json; profile=http://www.w3.org/ns/dcat#", PROFILED),
        ('application/ld+json;profile="https://schema.org/"', SCHEMA),
        ('application/ld+json;profile="http://example.org/x http://www.w3.org/ns/dcat#"', PROFILED),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', SCHEMA),
        (f"application/ld+json;q=0.5, {DCAT}", PROFILED),
        (f"application/ld+json, {DCAT};q=0.5", SCHEMA),
        ('application/ld+json;profile="a,b;q=0.1\\"";q=0.3, text/turtle;q=0.2', SCHEMA),
    ],
)
def test_a_profile_selects_and_an_unknown_one_is_no_refusal(header: str, expected: Plain) -> None:
    assert choose(header, OFFERED) is expected


def test_a_type_without_its_parameter_does_not_select_what_is_offered_by_parameter_only() -> None:
    assert choose("application/ld+json", (HTML, PROFILED)) is None
    assert choose("application/*", (HTML, PROFILED)) is PROFILED


@pytest.mark.parametrize("header", ["image/png", "text/turtle;q=0", "*/*;q=0", "text/html;q=0.0, image/*"])
def test_what_is_not_there_is_not_acceptable_and_the_error_lists_what_is(header: str) -> None:
    assert choose(header, (HTML, TURTLE)) is None
    with pytest.raises(NotAcceptable) as caught:
        accepted(header, (HTML, TURTLE))
    assert caught.value.offered == ("text/html", "text/turtle")


@pytest.mark.parametrize("header", ["garbage", ",,;;", "text", "/", 'text/"', "text/html;q=two", ";q=1", '"' * 50])
def test_a_header_that_names_no_type_gives_the_default(header: str) -> None:
    assert choose(header, (JSON, TURTLE)) is JSON


def test_malformed_elements_are_passed_over() -> None:
    assert choose("te xt/html;;, ;q=1, text/turtle;q=0.3;x, image/png;q=9", OFFERED) is TURTLE


@pytest.mark.parametrize("header", ['"\\' * 100_000, "a/b;" * 100_000, "a/b," * 100_000, 'x/y;a="' + "\\" * 100_000])
def test_a_hostile_header_ends_and_matches_nothing_it_does_not_name(header: str) -> None:
    assert choose(header, OFFERED) in (None, HTML)


def test_equal_wishes_are_decided_by_the_order_of_the_offers() -> None:
    assert choose("text/turtle, text/html", (HTML, TURTLE)) is HTML
    assert choose("text/turtle, text/html", (TURTLE, HTML)) is TURTLE


@dataclass(frozen=True)
class Row:
    media_type: str
    accept: tuple[str, ...]


def test_anything_with_media_types_can_be_offered() -> None:
    row = Row("text/csv", ())
    assert choose("text/csv", (HTML, row)) is row


def test_every_format_is_selected_by_its_own_media_types() -> None:
    for row in FORMATS:
        for media_type in (row.media_type, *row.accept):
            assert choose(media_type, (HTML, *FORMATS)) is row


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, {}),
        ("*/*;style=ieee", {}),
        ("text/html;style=ieee", {}),
        ("text/x-bibliography", {}),
        ("text/x-bibliography; style=IEEE; locale=cs-CZ; q=0.5", {"style": "ieee", "locale": "cs-cz"}),
        ('text/x-bibliography;q=0.5;style=apa, TEXT/X-Bibliography;style="ieee"', {"style": "ieee"}),
    ],
)
def test_parameters_are_those_of_the_range_that_is_wanted_most(header: str | None, expected: dict[str, str]) -> None:
    assert parameters(header, "text/x-bibliography") == expected


OBEYED = {SCHEMA.name: ("https://schema.org/",), TURTLE.name: ("urn:dcat",), PROFILED.name: ("urn:dcat", "urn:old")}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("<urn:dcat>", (TURTLE, PROFILED)),
        ("<urn:old>", (PROFILED,)),
        ("<https://schema.org/>;q=0.5, <urn:dcat>;q=0.9", (TURTLE, PROFILED)),
        ("<https://schema.org/>; q=1.0, <urn:dcat>;q=0.9", (SCHEMA,)),
        ("<urn:nobody-s>, <https://schema.org/>;q=0.1", (SCHEMA,)),
        ("<urn:old>;q=0, <urn:dcat>;q=0.1", (TURTLE, PROFILED)),
        ("<urn:nobody-s>", OFFERED),
        ("<urn:dcat>;q=0", OFFERED),
        ("urn:dcat", OFFERED),
        ("", OFFERED),
    ],
)
def test_of_profiles_the_one_wanted_most_that_there_is_counts(header: str, expected: tuple[Plain, ...]) -> None:
    assert conforming(header, OFFERED, lambda offer: OBEYED.get(getattr(offer, "name", ""), ())) == expected
