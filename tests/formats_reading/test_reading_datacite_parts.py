"""The parts of DataCite JSON: names, identifiers, rights, types, places, containers, relations, languages."""

from collections.abc import Callable
from typing import Any

import pytest

from repository.records.deposit import Deposit, Refusal
from tests.formats_reading.samples import ORCID, ROR, datacite, metadata, notes

ReadOne = Callable[..., Deposit]
Read = Callable[..., list[Deposit | Refusal]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ({"name": "Tom Johnson"}, {"type": "personal", "family_name": "Tom Johnson", "name": "Tom Johnson"}),
        ({"name": "Harbour Institute"}, {"type": "organizational", "name": "Harbour Institute"}),
        ({"name": "CERN"}, {"type": "organizational", "name": "CERN"}),
        ({"name": "(:unav)"}, {"type": "organizational", "name": "(:unav)"}),
        ({"name": "李文"}, {"type": "personal", "family_name": "李文", "name": "李文"}),
        (
            {"name": "Josiah Carberry", "givenName": "Josiah", "familyName": "Carberry"},
            {"type": "personal", "family_name": "Carberry", "given_name": "Josiah", "name": "Carberry, Josiah"},
        ),
        (
            {"name": "Plato", "nameType": "Personal"},
            {"type": "personal", "family_name": "Plato", "name": "Plato"},
        ),
    ],
)
def test_names(read_one: ReadOne, name: dict[str, str], expected: dict[str, str]) -> None:
    deposit = read_one(datacite(creators=[name]))
    assert metadata(deposit)["creators"] == [{"person_or_org": expected}]
    assert notes(deposit) == []


def test_a_name_that_its_parts_do_not_make_is_kept(read_one: ReadOne) -> None:
    deposit = read_one(datacite(creators=[{"name": "J. Carberry", "givenName": "Josiah", "familyName": "Carberry"}]))
    assert notes(deposit) == ["creators.0.name: J. Carberry"]


def test_a_second_identifier_of_a_scheme_and_an_invalid_one_become_notes(read_one: ReadOne) -> None:
    identifiers = [
        {"nameIdentifier": ORCID, "nameIdentifierScheme": "ORCID"},
        {"nameIdentifier": "0000-0001-5109-3700", "nameIdentifierScheme": "ORCID"},
        {"nameIdentifier": "0000-0002-1825-0098", "nameIdentifierScheme": "ORCID"},
        {"nameIdentifier": "H-2280-2011", "nameIdentifierScheme": "ResearcherID"},
    ]
    deposit = read_one(datacite(creators=[{"name": "Carberry, Josiah", "nameIdentifiers": identifiers}]))
    assert metadata(deposit)["creators"][0]["person_or_org"]["identifiers"] == [
        {"scheme": "orcid", "identifier": ORCID}
    ]
    assert [note for note in notes(deposit) if note.endswith(("3700", "0098", "2011"))] == [
        "creators.0.nameIdentifiers.1.nameIdentifier: 0000-0001-5109-3700",
        "creators.0.nameIdentifiers.2.nameIdentifier: 0000-0002-1825-0098",
        "creators.0.nameIdentifiers.3.nameIdentifier: H-2280-2011",
    ]
    assert list(deposit.terms) == [("names", ORCID)]
    assert deposit.changed.count("identifier-kept-as-note") == 3


def test_a_ror_with_a_wrong_checksum_is_no_term(read_one: ReadOne) -> None:
    affiliation = {"name": "Harbour", "affiliationIdentifier": "https://ror.org/03yrm5c27"}
    deposit = read_one(datacite(creators=[{"name": "Carberry, Josiah", "affiliation": [affiliation, "Harbour"]}]))
    assert metadata(deposit)["creators"][0]["affiliations"] == [{"name": "Harbour"}]
    assert notes(deposit) == ["creators.0.affiliation.0.affiliationIdentifier: https://ror.org/03yrm5c27"]
    assert deposit.terms == {}


def test_another_name_for_a_known_organisation_becomes_a_note(read_file: Read) -> None:
    """The record shows the vocabulary's name, so the document's own must be said elsewhere."""
    creators = [
        [
            {
                "name": "A B",
                "affiliation": {"name": name, "affiliationIdentifier": ROR, "affiliationIdentifierScheme": "ROR"},
            }
        ]
        for name in ("Rain Office", "Rain Office", "Office of Rain")
    ]
    first, second, third = read_file([datacite(doi=f"10.1234/{n}", creators=c) for n, c in enumerate(creators)])
    assert isinstance(first, Deposit)
    assert isinstance(second, Deposit)
    assert isinstance(third, Deposit)
    assert notes(first) == notes(second) == []
    assert notes(third) == ["creators.0.affiliation.name: Office of Rain"]


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ({"rightsIdentifier": "CC-BY-4.0", "rightsIdentifierScheme": "SPDX"}, {"id": "cc-by-4.0"}),
        ({"rights": "Creative Commons Attribution 4.0 International"}, {"id": "cc-by-4.0"}),
        ({"rights": "CC BY-SA 4.0"}, {"id": "cc-by-sa-4.0"}),
        ({"rights": "CC0"}, {"id": "cc0-1.0"}),
        ({"rightsUri": "http://creativecommons.org/publicdomain/zero/1.0/"}, {"id": "cc0-1.0"}),
        ({"rightsURI": "https://spdx.org/licenses/MIT.html"}, {"id": "mit"}),
        ({"rightsIdentifier": "GPL-3.0+"}, {"id": "gpl-3.0-or-later"}),
        (
            {"rights": "info:eu-repo/semantics/openAccess"},
            {"title": {"en": "info:eu-repo/semantics/openAccess"}},
        ),
        (
            {"rights": "open", "rightsUri": "http://purl.org/coar/access_right/c_abf2"},
            {"title": {"en": "open"}, "link": "http://purl.org/coar/access_right/c_abf2"},
        ),
    ],
)
def test_rights(read_one: ReadOne, rights: dict[str, str], expected: dict[str, Any]) -> None:
    assert metadata(read_one(datacite(rightsList=[rights])))["rights"] == [expected]


@pytest.mark.parametrize(
    ("types", "expected", "kept"),
    [
        ({"resourceTypeGeneral": "JournalArticle", "resourceType": "Journal article"}, "publication-article", []),
        ({"resourceTypeGeneral": "Text", "resourceType": "Text"}, "publication", []),
        ({"resourceTypeGeneral": "Collection"}, "publication-annotationcollection", []),
        ({"resourceTypeGeneral": "Image", "resourceType": "Figure"}, "image-figure", []),
        ({"resourceTypeGeneral": "Text", "resourceType": "Other"}, "publication-other", []),
        ({"resourceTypeGeneral": "Software", "resourceType": "Script"}, "software", ["resourceType: Script"]),
        (
            {"resourceTypeGeneral": "Other", "resourceType": "Thesis"},
            "publication-dissertation",
            ["resourceTypeGeneral: Other", "resourceType: Thesis"],
        ),
        ({"resourceTypeGeneral": "Award"}, "other", ["resourceTypeGeneral: Award"]),
    ],
)
def test_resource_types(read_one: ReadOne, types: dict[str, str], expected: str, kept: list[str]) -> None:
    deposit = read_one(datacite(types=types))
    assert metadata(deposit)["resource_type"] == {"id": expected}
    assert notes(deposit) == [f"types.{note}" for note in kept]


def test_identifiers_go_by_what_they_are(read_one: ReadOne) -> None:
    given = [
        ("https://doi.org/10.1234/RAIN", "DOI"),
        ("http://hdl.handle.net/2065/12261", "DOI"),
        ("2049-3630", "ISSN"),
        ("2049-3631", "ISSN"),
        ("H-1", "local"),
        ("0306406152", "ISBN"),
        ("http://hdl.handle.net/2065/12261", "Handle"),
    ]
    alternates = [{"alternateIdentifier": value, "alternateIdentifierType": kind} for value, kind in given]
    deposit = read_one(datacite(alternateIdentifiers=alternates))
    assert metadata(deposit)["identifiers"] == [
        {"identifier": "2065/12261", "scheme": "handle"},
        {"identifier": "2049-3630", "scheme": "issn"},
        {"identifier": "2049-3631", "scheme": "other"},
        {"identifier": "H-1", "scheme": "other"},
        {"identifier": "978-0-306-40615-7", "scheme": "isbn"},
    ]
    assert notes(deposit) == [
        "alternateIdentifiers.1.alternateIdentifierType: DOI",
        "alternateIdentifiers.3.alternateIdentifierType: ISSN",
        "alternateIdentifiers.4.alternateIdentifierType: local",
        "alternateIdentifiers.5.alternateIdentifier: 0306406152",
    ]
    assert {"duplicate", "identifier-scheme", "identifier"} <= set(deposit.changed)


def test_places_become_geojson_features(read_one: ReadOne) -> None:
    corner = {"pointLongitude": "4", "pointLatitude": 52}
    deposit = read_one(
        datacite(
            geoLocations=[
                {
                    "geoLocationPlace": "Harbour",
                    "geoLocationPoint": {"pointLongitude": "14.5", "pointLatitude": "50.25"},
                    "geoLocationBox": {
                        "westBoundLongitude": "14",
                        "eastBoundLongitude": "15",
                        "southBoundLatitude": "50",
                        "northBoundLatitude": "51",
                    },
                },
                {
                    "geoLocationPolygon": [
                        {"polygonPoint": corner},
                        {"polygonPoint": {"pointLongitude": "5", "pointLatitude": "52"}},
                        {"polygonPoint": {"pointLongitude": "5", "pointLatitude": "53"}},
                    ]
                },
                {"geoLocationPoint": {"pointLongitude": "200", "pointLatitude": "50"}},
                {"geoLocationPlace": "Sea"},
            ]
        )
    )
    assert metadata(deposit)["locations"] == {
        "features": [
            {"geometry": {"type": "Point", "coordinates": [14.5, 50.25]}, "place": "Harbour"},
            {
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[14.0, 50.0], [15.0, 50.0], [15.0, 51.0], [14.0, 51.0], [14.0, 50.0]]],
                }
            },
            {"geometry": {"type": "Polygon", "coordinates": [[[4.0, 52.0], [5.0, 52.0], [5.0, 53.0], [4.0, 52.0]]]}},
            {"place": "Sea"},
        ]
    }
    assert notes(deposit) == [
        "geoLocations.2.geoLocationPoint.pointLongitude: 200",
        "geoLocations.2.geoLocationPoint.pointLatitude: 50",
    ]


def test_the_container_becomes_the_journal(read_one: ReadOne) -> None:
    container = {
        "type": "Journal",
        "title": "Rain Letters",
        "volume": "3",
        "issue": "4",
        "firstPage": "10",
        "lastPage": "12",
        "identifier": "2049-3630",
        "identifierType": "ISSN",
    }
    deposit = read_one(datacite(container=container))
    assert deposit.body["custom_fields"] == {
        "journal:journal": {
            "title": "Rain Letters",
            "volume": "3",
            "issue": "4",
            "pages": "10-12",
            "issn": "2049-3630",
        }
    }
    assert notes(deposit) == []


def test_a_related_item_is_the_journal(read_one: ReadOne) -> None:
    item = {
        "relatedItemType": "Journal",
        "relationType": "IsPublishedIn",
        "relatedItemIdentifier": {"relatedItemIdentifier": "2049-3630", "relatedItemIdentifierType": "ISSN"},
        "titles": [{"title": "Rain Letters"}],
        "volume": "3",
        "publicationYear": "2019",
    }
    deposit = read_one(datacite(relatedItems=[item]))
    journal = {"title": "Rain Letters", "volume": "3", "issn": "2049-3630"}
    assert deposit.body["custom_fields"] == {"journal:journal": journal}
    assert "related_identifiers" not in metadata(deposit)
    assert notes(deposit) == ["relatedItems.0.publicationYear: 2019"]


def test_the_identifier_of_a_journal_that_is_no_issn_is_a_relation(read_one: ReadOne) -> None:
    item = {
        "relatedItemType": "Journal",
        "relationType": "IsPublishedIn",
        "relatedItemIdentifier": {"relatedItemIdentifier": "10.1234/letters", "relatedItemIdentifierType": "DOI"},
        "titles": [{"title": "Rain Letters"}],
    }
    deposit = read_one(datacite(relatedItems=[item]))
    assert deposit.body["custom_fields"] == {"journal:journal": {"title": "Rain Letters"}}
    assert metadata(deposit)["related_identifiers"] == [
        {
            "identifier": "10.1234/letters",
            "scheme": "doi",
            "relation_type": {"id": "ispublishedin"},
            "resource_type": {"id": "publication-journal"},
        }
    ]


def test_unknown_relations_and_roles_are_other_and_kept(read_one: ReadOne) -> None:
    deposit = read_one(
        datacite(
            relatedIdentifiers=[
                {"relatedIdentifier": "10.1234/x", "relatedIdentifierType": "DOI", "relationType": "Admires"}
            ],
            contributors=[{"name": "Berg, Eva", "contributorType": "Muse"}],
        )
    )
    assert metadata(deposit)["related_identifiers"][0]["relation_type"] == {"id": "other"}
    assert metadata(deposit)["contributors"][0]["role"] == {"id": "other"}
    assert set(notes(deposit)) == {
        "relatedIdentifiers.0.relationType: Admires",
        "contributors.0.contributorType: Muse",
    }


def test_languages_in_other_spellings(read_one: ReadOne) -> None:
    for said, ids, kept in (
        ("ger", ["deu"], []),
        ("English", ["eng"], []),
        ("en-US", ["eng"], ["language: en-US"]),
        ("en; fr", ["eng", "fra"], []),
        ("Rainish", [], ["language: Rainish"]),
    ):
        deposit = read_one(datacite(language=said))
        assert [entry["id"] for entry in metadata(deposit).get("languages", [])] == ids
        assert notes(deposit) == kept
