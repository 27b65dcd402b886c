"""MARCXML, read by lxml against its schema and by pymarc against MARC's rules."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from lxml import etree
from marc_rules import check, check_exchange, parse
from record_parts import DATASET_PROPS, access, organisation, person, term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import (
    SITE,
    embargoed,
    files_closed,
    full,
    hostile,
    many_authors,
    many_files,
    minimal,
    with_files,
    with_metadata,
)

from repository import vocabularies
from repository.formats import marcxml
from repository.records.snapshot import Snapshot

MAKERS = [minimal, full, hostile, with_files, files_closed, embargoed, many_authors, many_files]


def fields(snapshot: Snapshot, tag: str) -> list[tuple[str, dict[str, str]]]:
    """Indicators and subfields of each field with this tag."""
    return [("".join(found.indicators), dict(found.subfields)) for found in parse(snapshot).get_fields(tag)]


def language(code: str, title: str = "A language") -> Any:
    return term(code, title)


@pytest.mark.parametrize("make", MAKERS)
def test_output_conforms_to_marcxml_and_to_marc(schema: etree.XMLSchema, make: Any) -> None:
    schema.assertValid(etree.fromstring(marcxml.write(make(), SITE)))
    record = parse(make())
    check(record)
    check_exchange(record)


@given(any_snapshot())
def test_output_of_any_record_conforms(schema: etree.XMLSchema, snapshot: Snapshot) -> None:
    schema.assertValid(etree.fromstring(marcxml.write(snapshot, SITE)))
    check(parse(snapshot))


@pytest.mark.parametrize("kind", list(vocabularies.load("resourcetypes")), ids=lambda kind: kind["id"])
def test_every_resource_type_has_a_leader_and_an_008(schema: etree.XMLSchema, kind: Any) -> None:
    record = with_metadata(minimal(), resource_type={"id": kind["id"], "title": kind["title"]})
    record = replace(record, props={"resourcetypes": {kind["id"]: kind["props"]}})
    schema.assertValid(etree.fromstring(marcxml.write(record, SITE)))
    check(parse(record))
    main, _, specific = kind["id"].partition("-")
    assert fields(record, "980") == [("  ", {"a": main} | ({"b": specific} if specific else {}))]
    assert fields(record, "655")[-1][1]["0"] == kind["props"]["coar"]


def test_leader_tells_type_level_and_status() -> None:
    assert str(parse(minimal()).leader) == "00000nmm a22000007c 4500"
    assert str(parse(full()).leader) == "00000caa a22000007c 4500"
    assert str(parse(replace(full(), custom_fields={})).leader)[7] == "m"


def test_an_article_whose_host_is_a_relation_is_a_part_of_it() -> None:
    work = {"identifier": "1234-5679", "scheme": "issn", "relation_type": term("ispublishedin", "Is published in")}
    article = replace(with_metadata(full(), related_identifiers=[work]), custom_fields={})
    assert str(parse(article).leader)[7] == "a"


def test_control_fields_are_id_agency_and_times() -> None:
    record = parse(minimal())
    assert [record[tag].data for tag in ("001", "003", "005")] == [
        "00000-00195",
        "repository.example.org",
        "20240502100000.0",
    ]
    assert record["008"].data == "240501e20240501xx      o  a |          d"


@pytest.mark.parametrize(
    ("date", "coded"),
    [
        ("2020", "s2020    "),
        ("2020-05", "e202005  "),
        ("2020-05-07", "e20200507"),
        ("2019/2021", "m20192021"),
        ("2020-01/2020-06", "s2020    "),
        ("", "nuuuuuuuu"),
    ],
)
def test_publication_dates_are_coded(date: str, coded: str) -> None:
    assert parse(with_metadata(minimal(), publication_date=date))["008"].data[6:15] == coded


def test_a_copyright_date_is_coded_beside_the_date_of_publication() -> None:
    record = with_metadata(minimal(), dates=[{"date": "2023", "type": term("copyrighted", "Copyrighted")}])
    assert parse(record)["008"].data[6:15] == "t20242023"
    assert fields(record, "264")[1] == (" 4", {"c": "©2023"})


def test_languages_have_marc_s_codes() -> None:
    record = with_metadata(minimal(), languages=[language("ces", "Czech"), language("cmn", "Mandarin")])
    assert parse(record)["008"].data[35:38] == "cze"
    assert parse(record)["041"].get_subfields("a") == ["cze", "chi"]
    assert fields(record, "546") == [("  ", {"a": "Czech, Mandarin"})]


def test_a_language_without_a_marc_code_is_named_with_its_list() -> None:
    record = with_metadata(minimal(), languages=[language("aaa", "Ghotuo")])
    assert parse(record)["008"].data[35:38] == "   "
    assert fields(record, "041") == [(" 7", {"a": "aaa", "2": "iso639-3"})]


@pytest.mark.parametrize(
    ("code", "title", "passed"),
    [
        ("eng", "The rain", "4"),
        ("eng", "A Guide to rain", "2"),
        ("eng", "A B C of rain", "0"),
        ("eng", "A priori rain", "0"),
        ("fra", "L'eau", "2"),
        ("deu", "Die Flut", "4"),
        ("eng", "Die Flut", "0"),
        ("ces", "The rain", "0"),
    ],
)
def test_articles_are_passed_over_where_the_language_is_known(code: str, title: str, passed: str) -> None:
    assert fields(with_metadata(minimal(), title=title, languages=[language(code)]), "245")[0][0][1] == passed
    assert fields(with_metadata(minimal(), title=title), "245")[0][0][1] == "0"


def test_title_statement_has_subtitle_and_creators() -> None:
    ((indicators, title),) = fields(full(), "245")
    assert indicators == "10"
    assert title == {
        "a": "Rain over the harbour: 1 < 2 & déšť",
        "b": "A subtitle",
        "c": "Josiah Carberry, Harbour Institute, محفوظ نجيب",
    }
    assert fields(full(), "246") == [("31", {"a": "Déšť nad přístavem"})]
    assert fields(many_authors(5), "245")[0][1]["c"].endswith("Given2 Family2 [and 2 others]")


def test_a_title_that_is_not_known_is_told_so() -> None:
    nameless = with_metadata(full(), title="\x00", additional_titles=None)
    assert fields(nameless, "245")[0][0] == "10"
    assert fields(nameless, "245")[0][1]["a"] == "[Title not known]"


def test_the_first_creator_is_the_main_entry_and_the_others_are_added() -> None:
    assert fields(full(), "100") == [
        (
            "1 ",
            {
                "a": "Carberry, Josiah",
                "e": "data curator",
                "u": "Brookhaven National Laboratory; Dept. of Rain",
                "0": "(orcid)0000-0002-1825-0097",
                "1": "https://orcid.org/0000-0002-1825-0097",
                "4": "cur",
            },
        )
    ]
    assert [(entry["a"], entry["4"]) for _, entry in fields(full(), "700")] == [
        ("نجيب, محفوظ", "aut"),
        ("Berg, Eva", "prc"),
    ]
    assert [(entry["a"], entry["4"]) for _, entry in fields(full(), "710")] == [
        ("Harbour Institute", "aut"),
        ("Holders Ltd", "cph"),
        ("Academy of Finland", "fnd"),
        ("Private fund", "fnd"),
    ]
    assert fields(with_metadata(minimal(), creators=[organisation("House")]), "110")[0][1]["4"] == "cre"


def test_a_role_that_marc_has_no_code_for_is_told_in_words() -> None:
    record = with_metadata(minimal(), contributors=[person("Berg", role=term("friend", "Friend"))])
    assert fields(record, "700") == [("1 ", {"a": "Berg", "e": "friend"})]


def test_roles_have_the_codes_of_their_vocabulary() -> None:
    for known in vocabularies.load("contributorsroles"):
        role = {"id": known["id"], "title": known["title"]}
        record = with_metadata(minimal(), contributors=[person("Berg", role=role)])
        with_props = replace(record, props={"contributorsroles": {known["id"]: {"marc": "xyz"}}})
        assert fields(record, "700")[0][1]["4"] == known["props"]["marc"]
        assert fields(with_props, "700")[0][1]["4"] == "xyz"


def test_access_and_licence_are_coded_and_linked() -> None:
    assert fields(full(), "506") == [
        (
            "0 ",
            {
                "a": "Open Access",
                "f": "Unrestricted online access",
                "u": "http://purl.org/coar/access_right/c_abf2",
                "2": "star",
            },
        )
    ]
    assert fields(full(), "540") == [
        (
            "  ",
            {
                "a": "Creative Commons Attribution 4.0 International",
                "f": "CC BY 4.0",
                "u": "https://creativecommons.org/licenses/by/4.0/",
                "2": "cc",
            },
        ),
        ("  ", {"a": "House licence", "u": "https://example.org/licence"}),
    ]
    assert fields(full(), "542") == [("1 ", {"f": "Copyright 2020 Harbour Institute", "d": "Holders Ltd"})]


def test_an_embargo_has_its_end() -> None:
    ((indicators, terms),) = fields(embargoed(), "506")
    assert (indicators, terms["f"], terms["g"]) == ("1 ", "Online access with authorization", "20990101")


def test_a_licence_that_is_not_of_creative_commons_has_no_code_of_theirs() -> None:
    for identifier, code in (("mit", None), ("cc0-1.0", "CC0 1.0"), ("cc-by-nc-sa-3.0", "CC BY-NC-SA 3.0")):
        record = with_metadata(minimal(), rights=[term(identifier, "Licence")])
        assert fields(record, "540")[0][1].get("f") == code


def test_subjects_keep_their_list_and_words_are_words() -> None:
    subjects = [
        {"id": "https://id.nlm.nih.gov/mesh/D011891", "subject": "Rain", "scheme": "MeSH"},
        {"id": "http://data.europa.eu/8mn/euroscivoc/1", "subject": "meteorology", "scheme": "EuroSciVoc"},
        {"subject": "harbour"},
    ]
    record = with_metadata(minimal(), subjects=subjects)
    assert fields(record, "650") == [
        (" 2", {"a": "Rain", "0": "https://id.nlm.nih.gov/mesh/D011891"}),
        (" 7", {"a": "meteorology", "0": "http://data.europa.eu/8mn/euroscivoc/1", "2": "euroscivoc"}),
    ]
    assert fields(record, "653") == [("  ", {"a": "harbour"})]


def test_places_have_names_coordinates_and_boxes() -> None:
    assert fields(full(), "651") == [(" 4", {"a": "Copenhagen", "1": "https://sws.geonames.org/2618425/"})]
    assert fields(full(), "034")[1][1] == {
        "a": "a",
        "d": "+010.000000",
        "e": "+013.000000",
        "f": "+056.500000",
        "g": "+054.000000",
    }
    assert fields(full(), "255")[1][1] == {"c": "(E 10°--E 13°/N 56.5°--N 54°)"}


def test_the_host_is_named_with_volume_issue_and_pages() -> None:
    assert [entry for _, entry in fields(full(), "773")] == [
        {
            "t": "J. Rain",
            "g": "Volume 12, issue 3 (2020), pages 1–11",
            "q": "12:3<1",
            "x": "1234-5679",
            "7": "nnas",
        },
        {"t": "Book of rain", "b": "2", "d": "Copenhagen", "g": "pages 15–23", "z": "978-3-16-148410-0", "7": "nnam"},
    ]
    assert fields(full(), "711")[0][1]["a"] == "Rain conference"


def test_relations_have_the_fields_of_their_meaning() -> None:
    kinds = {
        "HasPart": ("774", "08"),
        "IsDerivedFrom": ("786", "08"),
        "IsIdenticalTo": ("776", "08"),
        "IsNewVersionOf": ("780", "02"),
        "IsPartOf": ("773", "08"),
        "IsPreviousVersionOf": ("785", "02"),
        "IsSupplementTo": ("772", "08"),
        "IsTranslationOf": ("765", "08"),
        "IsVersionOf": ("775", "08"),
        "Reviews": ("787", "08"),
    }
    for name, (tag, indicators) in kinds.items():
        work = {"identifier": "10.1234/x", "scheme": "doi", "relation_type": term(name.lower(), name)}
        record = replace(
            with_metadata(minimal(), related_identifiers=[work]),
            props={"relationtypes": {name.lower(): {"datacite": name}}},
        )
        ((found, entry),) = fields(record, tag)
        assert (found, entry["o"]) == (indicators, "https://doi.org/10.1234/x")
    assert fields(full(), "787")[2][1] == {
        "i": "References:",
        "n": "Nielsen et al. 2001",
        "o": "https://doi.org/10.1234/nielsen",
    }


def test_files_are_linked_with_type_size_and_access() -> None:
    links = fields(with_files(), "856")
    assert links[0] == (
        "40",
        {"3": "Landing page", "u": "https://repository.example.org/records/00000-00292", "7": "0"},
    )
    assert links[2] == (
        "40",
        {
            "3": "data/rain 2024.csv",
            "u": "https://repository.example.org/records/00000-00292/files/data/rain%202024.csv",
            "q": "text/csv",
            "s": "1234 bytes",
            "7": "0",
        },
    )
    assert fields(files_closed(), "856") == [
        ("40", {"3": "Landing page", "u": "https://repository.example.org/records/00000-00389", "7": "1"})
    ]
    assert fields(with_files(), "300") == [("  ", {"a": "1 online resource (2 files)"})]


def test_identifiers_have_the_fields_and_codes_of_their_schemes() -> None:
    known = [
        {"scheme": scheme, "identifier": value}
        for scheme, value in (
            ("isbn", "978-3-16-148410-0"), ("issn", "1234-5679"), ("handle", "20.500/1"), ("upc", "012345678905"),
            ("rrid", "RRID:AB_1"),
        )
    ]  # fmt: skip
    record = with_metadata(full(), identifiers=known)
    assert fields(record, "020") == [("  ", {"a": "9783161484100"})]
    assert fields(record, "022") == [("  ", {"a": "1234-5679"})]
    assert fields(record, "024") == [
        ("7 ", {"a": "10.5072/00000-00971", "2": "doi"}),
        ("7 ", {"a": "20.500/1", "2": "hdl"}),
        ("1 ", {"a": "012345678905"}),
        ("8 ", {"a": "RRID:AB_1", "q": "rrid"}),
        ("8 ", {"a": "oai:repository.example.org:00000-00971", "q": "oai"}),
    ]


def test_clients_of_invenio_rdm_find_the_resource_type() -> None:
    assert fields(full(), "980") == [("  ", {"a": "publication", "b": "article"})]


def test_a_country_is_coded_where_the_place_names_one() -> None:
    for place, code in (("Lund, Sweden", "sw "), ("Copenhagen", "xx "), ("London, UK", "xxk")):
        record = replace(minimal(), custom_fields={"imprint:imprint": {"place": place}})
        assert parse(record)["008"].data[15:18] == code
        assert fields(record, "264")[0][1]["a"] == place


def test_a_thing_is_not_called_an_online_resource() -> None:
    props = DATASET_PROPS | {"datacite_general": "PhysicalObject"}
    record = replace(minimal(), props={"resourcetypes": {"dataset": props}}, access=access(status="restricted"))
    assert str(parse(record).leader)[6] == "r"
    assert fields(record, "338")[0][1]["b"] == "nr"
    assert fields(record, "300") == []


def test_text_is_one_line_without_the_characters_of_the_exchange_format() -> None:
    record = with_metadata(minimal(), description="<p>one\x1e</p><p>two\x1f \u202ethree</p>", publisher="\x00\ufffe")
    assert fields(record, "520") == [("3 ", {"a": "one two \u202ethree"})]
    assert fields(record, "264") == [(" 1", {"c": "2024-05-01"})]
