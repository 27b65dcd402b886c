"""Formatted citations: every style in both languages, and what citeproc-py can't take as it is."""

import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_parts import organisation, person
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, full, hostile, many_authors, minimal, with_metadata

from repository.errors import InvalidInput
from repository.formats.citation import FORMAT, STYLES, cite, locales, with_parameters
from repository.formats.csl import TYPES
from repository.formats.text import one_line
from repository.records.snapshot import Snapshot

LANDING = f"{SITE.url}/records/{minimal().id}"


def apa(snapshot: Snapshot) -> str:
    return cite(snapshot, SITE, "apa", "en-US")


@pytest.mark.parametrize(
    ("style", "locale", "expected"),
    [
        ("apa", "en-US", f"Holm, A. (2026). Rain by the day (Version 1.2) [Dataset]. Harbour Institute. {LANDING}"),
        ("apa", "cs-CZ", f"Holm, A. (2026). Rain by the day (Verze 1.2) [Dataset]. Harbour Institute. {LANDING}"),
        ("ieee", "en-US", f"A. Holm, “Rain by the day.” Harbour Institute, Feb. 2026. [Online]. Available: {LANDING}"),
        ("ieee", "cs-CZ", f"A. Holm, „Rain by the day“. Harbour Institute, únor 2026. [Online]. Dostupné z: {LANDING}"),
        (
            "chicago-author-date",
            "en-US",
            f"Holm, Ada. 2026. “Rain by the day.” Version 1.2. Harbour Institute, February. {LANDING}.",
        ),
        (
            "chicago-author-date",
            "cs-CZ",
            f"Holm, Ada. 2026. „Rain by the day“. Verze 1.2. Harbour Institute, únor. {LANDING}.",
        ),
        (
            "iso690",
            "en-US",
            f"HOLM, Ada, 2026. Rain by the day. Online. February 2026. Harbour Institute. Available from: {LANDING}",
        ),
        (
            "iso690",
            "cs-CZ",
            f"HOLM, Ada, 2026. Rain by the day. Online. únor 2026. Neuvedeno: Harbour Institute. Dostupné z: {LANDING}",
        ),
    ],
)
def test_each_style_in_english_and_czech(style: str, locale: str, expected: str) -> None:
    creators = [person("Holm", "Ada")]
    record = with_metadata(
        minimal(),
        title="Rain by the day",
        creators=creators,
        publication_date="2026-02",
        publisher="Harbour Institute",
        version="v1.2",
    )
    assert cite(record, SITE, style, locale) == expected


@pytest.mark.parametrize("style", STYLES)
def test_every_citation_names_creators_year_title_and_identifier(style: str) -> None:
    for record in (full(), hostile()):
        text = cite(record, SITE, style, "cs-CZ")
        assert "carberry" in text.lower()
        assert "2020" in text
        assert "the harbour" in text.lower()
        assert record.doi in text
        assert one_line(text) == text


@pytest.mark.parametrize("style", STYLES)
def test_a_dataset_is_cited_with_its_doi_though_a_style_forgets_it(style: str) -> None:
    record = minimal(pids={"doi": {"identifier": "10.5072/abc", "provider": "external"}})
    assert cite(record, SITE, style, "en-US").count("10.5072/abc") == 1


def test_a_work_of_a_type_that_a_style_does_not_list_is_cited_all_the_same() -> None:
    record = minimal(props={"resourcetypes": {"dataset": {"csl": "classic"}}})
    assert cite(record, SITE, "chicago", "en-US") == f"Carberry, Josiah. 2024. “Rain in the harbour.” May 1. {LANDING}."


@pytest.mark.parametrize(
    ("title", "style", "locale", "expected"),
    [
        ("Is it rain?", "chicago", "en-US", "“Is it rain?” "),
        ("Is it rain?", "ieee", "en-US", "“Is it rain?” "),
        ("Is it rain?", "ieee", "en-GB", "‘Is it rain?’. "),
        ("The harbours’", "chicago", "en-US", "“The harbours’.” "),
    ],
)
def test_quoted_words_end_as_their_language_wants(title: str, style: str, locale: str, expected: str) -> None:
    assert expected in cite(with_metadata(minimal(), title=title), SITE, style, locale)


def test_chicago_spells_names_out() -> None:
    """Specified by: The Chicago Manual of Style, 17th edition, 15.9: names as they appear on the title page."""
    record = with_metadata(minimal(), creators=[person("Holm", "Ada Maria"), person("Berg", "Eva")])
    assert cite(record, SITE, "chicago", "en-US").startswith("Holm, Ada Maria, and Eva Berg. 2024. ")
    assert apa(record).startswith("Holm, A. M., & Berg, E. (2024). ")


def test_a_period_is_cited_by_its_beginning() -> None:
    assert "(2019)" in apa(with_metadata(minimal(), publication_date="2019/2021-06"))


@pytest.mark.parametrize(
    ("given_name", "family", "written"),
    [
        ("Josiah Stinkney", "Carberry", "Carberry, J. S."),
        ("Xiao-ming", "Li", "Li, X.-M."),
        ("Ludwig van", "Beethoven", "Beethoven, L. van."),
        ("محفوظ", "نجيب", "محفوظ نجيب."),
        ("josiah", "Carberry", "josiah Carberry."),
        ("", "Aristotle", "Aristotle."),
    ],
)
def test_initials_are_made_of_names_that_have_them(given_name: str, family: str, written: str) -> None:
    assert apa(with_metadata(minimal(), creators=[person(family, given_name)])).startswith(f"{written} (2024)")


def test_of_very_many_creators_some_are_left_out_visibly() -> None:
    text = cite(many_authors(3000), SITE, "iso690", "en-US")
    assert "FAMILY57, Given57, … and FAMILY2999" in text
    assert len(text) < 2000


def test_an_organisation_is_not_taken_apart() -> None:
    assert apa(with_metadata(minimal(), creators=[organisation("Rain, Wind and Snow")])).startswith(
        "Rain, Wind and Snow."
    )


def test_a_citation_does_not_depend_on_those_before_it_or_beside_it() -> None:
    alone = cite(full(), SITE, "chicago-author-date", "en-US")
    found: list[str] = []

    def many() -> None:
        for record in (minimal(), full()):
            found.append(cite(record, SITE, "chicago-author-date", "en-US"))

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(alone) == 4
    assert len(set(found)) == 2


@settings(max_examples=40)
@given(
    any_snapshot(), st.sampled_from(STYLES), st.sampled_from(["en-US", "cs-CZ", "ar"]), st.sampled_from(sorted(TYPES))
)
def test_no_record_of_any_type_makes_a_style_fail(snapshot: Snapshot, style: str, locale: str, kind: str) -> None:
    of_kind = {snapshot.metadata["resource_type"]["id"]: {"csl": kind}}
    text = cite(replace(snapshot, props={"resourcetypes": of_kind}), SITE, style, locale)
    assert text
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("given_parameters", "media_type"),
    [
        ({}, "text/x-bibliography;charset=utf-8;style=apa;locale=en-US"),
        ({"style": "IEEE", "locale": "cs"}, "text/x-bibliography;charset=utf-8;style=ieee;locale=cs-CZ"),
        ({"style": "iso690", "locale": "en_gb"}, "text/x-bibliography;charset=utf-8;style=iso690;locale=en-GB"),
        ({"locale": "de", "ln": "cs"}, "text/x-bibliography;charset=utf-8;style=apa;locale=de-DE"),
    ],
)
def test_parameters_choose_style_and_locale(given_parameters: dict[str, str], media_type: str) -> None:
    form = with_parameters(given_parameters)
    assert form.media_type == media_type
    parts = dict(part.split("=") for part in media_type.split(";")[1:])
    assert form.write(full(), SITE).decode() == cite(full(), SITE, parts["style"], parts["locale"])


def test_without_parameters_it_is_apa_in_english() -> None:
    assert FORMAT.write(full(), SITE).decode() == apa(full())


@pytest.mark.parametrize(("name", "there_is"), [("style", "chicago-author-date"), ("locale", "cs-CZ")])
def test_what_is_not_there_is_refused_with_a_list_of_what_is(name: str, there_is: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        with_parameters({name: "../../etc/passwd"})
    (error,) = caught.value.errors
    assert error.field == name
    assert there_is in error.messages[0]


def test_locales_are_those_of_all_languages_that_citeproc_has() -> None:
    assert {"en-us", "cs-cz", "cs", "de", "pt-br"} <= set(locales())
    assert len(set(locales().values())) > 50
