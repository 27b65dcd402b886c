"""DataCite JSON and XML."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from lxml import etree
from record_parts import access, organisation, person, term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, embargoed, files_closed, full, hostile, many_authors, minimal, with_files, with_metadata

from repository.formats import datacite_json, datacite_xml
from repository.formats.datacite import attributes
from repository.records.snapshot import Neighbour, Snapshot

D = "{http://datacite.org/schema/kernel-4}"


def parse(snapshot: Snapshot) -> Any:
    return etree.fromstring(datacite_xml.write(snapshot, SITE))


@pytest.mark.parametrize("make", [minimal, full, hostile, with_files, files_closed, embargoed, many_authors])
def test_xml_conforms_to_kernel_4_7(schema: etree.XMLSchema, make: Any) -> None:
    schema.assertValid(parse(make()))


def test_xml_of_a_record_without_metadata_conforms(schema: etree.XMLSchema) -> None:
    schema.assertValid(parse(minimal(metadata={}, props=None)))


@given(any_snapshot())
def test_xml_of_any_record_conforms(schema: etree.XMLSchema, snapshot: Snapshot) -> None:
    schema.assertValid(parse(snapshot))


def test_absent_mandatory_values_are_datacite_s_standard_ones() -> None:
    empty = attributes(minimal(metadata={}), SITE)
    assert empty["creators"] == [{"name": "(:unkn)"}]
    assert empty["titles"] == [{"title": "(:unas)"}]
    assert empty["publisher"] == {"name": "(:unav)"}
    assert empty["publicationYear"] == "2024"
    assert empty["types"] == {"resourceTypeGeneral": "Other", "resourceType": ""}


def test_a_record_without_doi_is_identified_by_its_landing_page() -> None:
    identifier = parse(minimal()).find(f"{D}identifier")
    assert identifier.attrib == {"identifierType": "URL"}
    assert identifier.text == "https://repository.example.org/records/00000-00195"
    assert "doi" not in attributes(minimal(), SITE)


def test_a_doi_is_given_whole_and_in_parts() -> None:
    work = attributes(full(), SITE)
    assert (work["doi"], work["prefix"], work["suffix"]) == ("10.5072/00000-00971", "10.5072", "00000-00971")
    assert parse(full()).find(f"{D}identifier").attrib == {"identifierType": "DOI"}


def test_json_has_the_shape_that_invenio_rdm_clients_read() -> None:
    work = orjson.loads(datacite_json.write(full(), SITE))
    assert work["creators"][0] == {
        "name": "Carberry, Josiah",
        "nameType": "Personal",
        "givenName": "Josiah",
        "familyName": "Carberry",
        "nameIdentifiers": [
            {
                "nameIdentifier": "0000-0002-1825-0097",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org/",
            }
        ],
        "affiliation": [
            {
                "name": "Brookhaven National Laboratory",
                "affiliationIdentifier": "https://ror.org/02ex6cf31",
                "affiliationIdentifierScheme": "ROR",
                "schemeUri": "https://ror.org/",
            },
            {"name": "Dept. of Rain"},
        ],
    }
    assert work["types"] == {"resourceTypeGeneral": "JournalArticle", "resourceType": ""}
    assert work["contributors"][0]["contributorType"] == "ContactPerson"
    assert work["publisher"] == {"name": "Harbour Institute"}
    assert {"date": "2019/2020", "dateType": "Collected", "dateInformation": "field work"} in work["dates"]
    assert work["schemaVersion"] == "http://datacite.org/schema/kernel-4"


def test_words_that_datacite_does_not_know_become_other() -> None:
    strange = with_metadata(
        minimal(),
        resource_type=term("thing", "A strange thing"),
        contributors=[person("Berg", role=term("friend", "Friend"))],
        dates=[{"date": "2020", "type": term("someday", "Some day")}],
        additional_titles=[{"title": "T", "type": term("nickname", "Nickname")}],
        additional_descriptions=[{"description": "D", "type": term("gossip", "Gossip")}],
        related_identifiers=[{"identifier": "10.1/x", "scheme": "doi", "relation_type": term("likes", "Likes")}],
    )
    work = attributes(strange, SITE)
    assert work["types"] == {"resourceTypeGeneral": "Other", "resourceType": "A strange thing"}
    assert work["contributors"][0]["contributorType"] == "Other"
    assert work["dates"][1] == {"date": "2020", "dateType": "Other"}
    assert work["titles"][1]["titleType"] == "Other"
    assert work["descriptions"][0]["descriptionType"] == "Other"
    assert work["relatedIdentifiers"][0]["relationType"] == "Other"


def test_versions_are_related_by_doi_and_only_as_everybody_sees_them() -> None:
    versions = (
        Neighbour("a", 1, "published", closed=False, doi="10.5072/one"),
        Neighbour("b", 2, "published", closed=False, doi="10.5072/two"),
        Neighbour("c", 3, "published", closed=True, doi="10.5072/closed"),
    )
    related = attributes(minimal(index=2, versions=versions), SITE)["relatedIdentifiers"]
    assert [(entry["relationType"], entry["relatedIdentifier"]) for entry in related] == [
        ("IsNewVersionOf", "10.5072/one")
    ]
    first = attributes(minimal(index=1, versions=versions), SITE)["relatedIdentifiers"]
    assert [(entry["relationType"], entry["relatedIdentifier"]) for entry in first] == [
        ("IsPreviousVersionOf", "10.5072/two")
    ]


def test_a_withdrawn_version_is_no_newer_version() -> None:
    related = attributes(full(), SITE)["relatedIdentifiers"]
    assert "IsPreviousVersionOf" not in {entry["relationType"] for entry in related}
    assert "IsNewVersionOf" in {entry["relationType"] for entry in related}


def test_schemes_without_a_datacite_type_are_related_by_url() -> None:
    related = attributes(full(), SITE)["relatedIdentifiers"]
    assert {
        "relatedIdentifier": "http://www.wikidata.org/entity/Q42",
        "relatedIdentifierType": "URL",
        "relationType": "Other",
    } in related


def test_the_same_relation_is_written_once() -> None:
    work = {"identifier": "10.1234/A", "scheme": "doi", "relation_type": term("iscitedby", "Is cited by")}
    twice = with_metadata(full(), related_identifiers=[work, work | {"identifier": "10.1234/a"}], references=None)
    related = attributes(twice, SITE)["relatedIdentifiers"]
    assert [entry["relatedIdentifier"] for entry in related if entry["relationType"] == "IsCitedBy"] == ["10.1234/A"]


def test_access_status_is_told_in_the_rights() -> None:
    for status, word in (
        ("open", "openAccess"),
        ("restricted", "restrictedAccess"),
        ("embargoed", "embargoedAccess"),
        ("metadata-only", "closedAccess"),
    ):
        rights = attributes(minimal(access=access(status=status)), SITE)["rightsList"]
        assert [entry["rightsUri"] for entry in rights] == [f"info:eu-repo/semantics/{word}"]


def test_access_that_an_imported_record_states_itself_is_not_contradicted() -> None:
    stated = with_metadata(minimal(), rights=[{"title": {"en": "info:eu-repo/semantics/openAccess"}}])
    assert attributes(stated, SITE)["rightsList"] == [
        {"rights": "Open Access", "rightsUri": "info:eu-repo/semantics/openAccess"}
    ]


def test_the_end_of_an_embargo_is_the_date_of_availability() -> None:
    assert {"date": "2099-01-01", "dateType": "Available"} in attributes(embargoed(), SITE)["dates"]


def test_impossible_positions_are_left_out() -> None:
    features = [
        {"place": "Nowhere", "geometry": {"type": "Point", "coordinates": [200, 10]}},
        {"geometry": {"type": "LineString", "coordinates": [[1, 2], [3, -4]]}},
    ]
    located = attributes(with_metadata(minimal(), locations={"features": features}), SITE)["geoLocations"]
    assert located[0] == {"geoLocationPlace": "Nowhere"}
    assert located[1]["geoLocationBox"] == {
        "westBoundLongitude": 1,
        "eastBoundLongitude": 3,
        "southBoundLatitude": -4,
        "northBoundLatitude": 2,
    }


def test_a_polygon_that_is_no_box_stays_a_polygon(schema: etree.XMLSchema) -> None:
    ring = [[0, 0], [2, 1], [1, 3], [0, 0]]
    feature = {"geometry": {"type": "Polygon", "coordinates": [ring, [[0.1, 0.1], [0.2, 0.2], [0.1, 0.2]]]}}
    located = with_metadata(minimal(), locations={"features": [feature]})
    polygon = attributes(located, SITE)["geoLocations"][0]["geoLocationPolygon"]
    assert [list(point["polygonPoint"].values()) for point in polygon] == ring
    schema.assertValid(parse(located))


def test_a_funder_is_named_by_the_best_of_its_identifiers() -> None:
    funding = [
        {
            "funder": {
                "name": "A",
                "identifiers": [{"scheme": "gnd", "identifier": "1"}, {"scheme": "doi", "identifier": "10.13039/1"}],
            }
        },
        {"funder": {"id": "05k73zm37", "name": "B"}, "award": {"number": "7", "title": {"cs": "Déšť"}}},
    ]
    references = attributes(with_metadata(minimal(), funding=funding), SITE)["fundingReferences"]
    assert references[0] == {
        "funderName": "A",
        "funderIdentifier": "https://doi.org/10.13039/1",
        "funderIdentifierType": "Crossref Funder ID",
    }
    assert references[1]["funderIdentifierType"] == "ROR"
    assert references[1]["awardTitle"] == "Déšť"


def test_text_survives_escaping() -> None:
    nasty = "a \"b\" 'c' <d> & ]]> é 👩 \u202e"
    root = parse(
        with_metadata(minimal(), publisher=nasty, creators=[organisation(nasty)], subjects=[{"subject": nasty}])
    )
    assert root.findtext(f"{D}publisher") == nasty
    assert root.findtext(f"{D}creators/{D}creator/{D}creatorName") == nasty
    assert root.findtext(f"{D}subjects/{D}subject") == nasty


def test_characters_that_xml_forbids_are_removed() -> None:
    root = parse(with_metadata(minimal(), version="1\x00\x0b.\x1f\ufffe2\uffff", publisher="\x01"))
    assert root.findtext(f"{D}version") == "1.2"
    assert root.findtext(f"{D}publisher") == "(:unav)"


def test_html_becomes_plain_text() -> None:
    descriptions = attributes(full(), SITE)["descriptions"]
    assert descriptions[0]["description"] == "It rained & rained.\n1 < 2\nmore"
    assert descriptions[1] == {"description": "How it was done", "descriptionType": "Methods", "lang": "eng"}


def test_the_journal_is_a_related_item() -> None:
    items = attributes(full(), SITE)["relatedItems"]
    assert items[0] == {
        "relatedItemType": "Journal",
        "relationType": "IsPublishedIn",
        "relatedItemIdentifier": {"relatedItemIdentifier": "1234-5679", "relatedItemIdentifierType": "ISSN"},
        "titles": [{"title": "J. Rain"}],
        "volume": "12",
        "issue": "3",
        "firstPage": "1",
        "lastPage": "11",
    }
