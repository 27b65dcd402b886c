"""Every field of the metadata: what is stored of a right value, what is kept of a wrong one, and how it is named."""

from typing import Any

import pytest

from repository.records import structure
from tests.drafts_sent import MINIMAL, PERSON, STORED_PERSON, fields, read


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("resource_type", {"id": "dataset", "title": {"en": "anything"}}, {"id": "dataset"}),
        ("title", " A\x00 title\n", "A title"),
        ("publisher", "", None),
        ("publication_date", "2020-01/2020-06", "2020-01/2020-06"),
        ("creators", [PERSON], [STORED_PERSON]),
        (
            "creators",
            [{"person_or_org": {"type": "organizational", "name": "N", "given_name": "x", "family_name": "y"}}],
            [{"person_or_org": {"type": "organizational", "name": "N"}}],
        ),
        (
            "creators",
            [
                {
                    **PERSON,
                    "role": {"id": "datacurator"},
                    "affiliations": [{"id": "02ex6cf31", "name": "B"}, {"name": "L"}],
                }
            ],
            [{**STORED_PERSON, "role": {"id": "datacurator"}, "affiliations": [{"id": "02ex6cf31"}, {"name": "L"}]}],
        ),
        (
            "creators",
            [
                {
                    "person_or_org": {
                        **PERSON["person_or_org"],
                        "name": "typed",
                        "identifiers": [{"identifier": "https://orcid.org/0000-0002-1825-0097"}],
                    }
                }
            ],
            [
                {
                    "person_or_org": {
                        **STORED_PERSON["person_or_org"],
                        "identifiers": [{"identifier": "0000-0002-1825-0097", "scheme": "orcid"}],
                    }
                }
            ],
        ),
        (
            "additional_titles",
            [{"title": "Subtitle", "type": {"id": "subtitle"}, "lang": {"id": "eng"}}],
            [{"title": "Subtitle", "type": {"id": "subtitle"}, "lang": {"id": "eng"}}],
        ),
        ("description", "<p>x<script>y</script></p>", "<p>x</p>"),
        ("rights", [{"id": "cc-by-4.0"}], [{"id": "cc-by-4.0"}]),
        (
            "rights",
            [{"id": "cc-by-4.0", "title": {"en": "old words"}, "props": {"url": "x"}, "icon": "cc"}],
            [{"id": "cc-by-4.0"}],
        ),
        ("rights", [{"id": "cc-by-4.0", "title": {"en": "cc-by-4.0 title"}}], [{"id": "cc-by-4.0"}]),
        (
            "rights",
            [{"title": {"en": "House licence"}, "description": {"en": "Ask"}, "link": "https://example.org/l"}],
            [{"title": {"en": "House licence"}, "description": {"en": "Ask"}, "link": "https://example.org/l"}],
        ),
        (
            "subjects",
            [{"id": "https://example.org/subjects/rain", "subject": "Rain", "scheme": "X"}, {"subject": " rain "}],
            [{"id": "https://example.org/subjects/rain"}, {"subject": "rain"}],
        ),
        (
            "dates",
            [{"date": "2020-02-28T12:00:00Z", "type": {"id": "accepted"}, "description": "noon"}],
            [{"date": "2020-02-28T12:00:00Z", "type": {"id": "accepted"}, "description": "noon"}],
        ),
        ("identifiers", [{"identifier": "arXiv:2001.00001"}], [{"identifier": "arXiv:2001.00001", "scheme": "arxiv"}]),
        (
            "related_identifiers",
            [{"identifier": "https://doi.org/10.1234/A", "relation_type": {"id": "iscitedby"}}],
            [{"identifier": "10.1234/A", "scheme": "doi", "relation_type": {"id": "iscitedby"}}],
        ),
        (
            "references",
            [{"reference": "Nielsen 2001", "identifier": "0000 0001 1456 7559", "scheme": "isni"}, {"reference": "B"}],
            [{"reference": "Nielsen 2001", "identifier": "0000 0001 1456 7559", "scheme": "isni"}, {"reference": "B"}],
        ),
        (
            "funding",
            [{"funder": {"id": "05k73zm37", "name": "F"}, "award": {"id": "05k73zm37::1", "title": {"en": "x"}}}],
            [{"funder": {"id": "05k73zm37"}, "award": {"id": "05k73zm37::1"}}],
        ),
        (
            "funding",
            [{"funder": {"name": "F"}, "award": {"number": "7", "title": {"en": "R"}, "acronym": "A", "program": "P"}}],
            [{"funder": {"name": "F"}, "award": {"number": "7", "title": {"en": "R"}, "acronym": "A", "program": "P"}}],
        ),
        (
            "locations",
            {"features": [{"geometry": {"type": "Point", "coordinates": [12.57, 55.68]}, "place": "Copenhagen"}]},
            {"features": [{"geometry": {"type": "Point", "coordinates": [12.57, 55.68]}, "place": "Copenhagen"}]},
        ),
        ("version", "v1", "v1"),
        ("sizes", ["11 pages"], ["11 pages"]),
        ("creators", [], None),
    ],
)
def test_a_right_field_is_stored(field: str, sent: Any, stored: Any) -> None:
    loaded = read({field: sent})
    assert loaded.errors == ()
    assert loaded.metadata.get(field) == stored


PERSON_ID = "metadata.creators.0.person_or_org.identifiers"


@pytest.mark.parametrize(
    ("field", "sent", "stored", "named"),
    [
        ("resource_type", {"id": "nosuch"}, None, "resource_type.id"),
        ("resource_type", "dataset", None, "resource_type._schema"),
        ("resource_type", {}, None, "resource_type.id"),
        ("resource_type", {"id": "dataset", "x": 1}, {"id": "dataset"}, "resource_type.x"),
        ("title", "ab", None, "title"),
        ("title", None, None, "title"),
        ("title", ["x"], None, "title"),
        ("publication_date", "tomorrow", None, "publication_date"),
        ("publication_date", "2020-02-28T12:00:00Z", None, "publication_date"),
        ("version", 3, None, "version"),
        ("version", "v" * 192, None, "version"),
        ("description", "", None, "description"),
        ("copyright", "", None, "copyright"),
        ("creators", {}, None, "creators"),
        ("creators", [PERSON, 3], [STORED_PERSON], "creators.1._schema"),
        (
            "creators",
            [{"person_or_org": {"type": "personal", "given_name": "Ada"}}],
            [{"person_or_org": {"type": "personal", "given_name": "Ada"}}],
            "creators.0.person_or_org.family_name",
        ),
        (
            "creators",
            [{"person_or_org": {"type": "robot", "name": "R"}}],
            [{"person_or_org": {"name": "R"}}],
            "creators.0.person_or_org.type",
        ),
        ("creators", [{"person_or_org": {"type": "organizational"}}], None, "creators.0.person_or_org.name"),
        ("creators", [{"affiliations": [{"name": "L"}]}], None, "creators.0.person_or_org"),
        ("creators", [{**PERSON, "affiliations": [{}]}], [STORED_PERSON], "creators.0.affiliations.0.affiliations"),
        (
            "creators",
            [{**PERSON, "affiliations": [{"id": "nosuch", "name": "L"}]}],
            [{**STORED_PERSON, "affiliations": [{"name": "L"}]}],
            "creators.0.affiliations.0.id",
        ),
        (
            "creators",
            [{**PERSON, "affiliations": [{"name": "L"}, {"name": " L"}]}],
            [{**STORED_PERSON, "affiliations": [{"name": "L"}]}],
            "creators.0.affiliations.1",
        ),
        ("creators", [{**PERSON, "role": {"id": "nosuch"}}], [STORED_PERSON], "creators.0.role.id"),
        ("creators", [{**PERSON, "surplus": 1}], [STORED_PERSON], "creators.0.surplus"),
        ("contributors", [PERSON], [STORED_PERSON], "contributors.0.role"),
        ("additional_titles", [{"title": "x", "type": {"id": "subtitle"}}], None, "additional_titles.0.title"),
        ("additional_titles", [{"title": "Sub"}], [{"title": "Sub"}], "additional_titles.0.type"),
        ("languages", ["eng", {"id": "ces"}], [{"id": "ces"}], "languages.0._schema"),
        ("subjects", [{}], None, "subjects.0.subjects"),
        ("subjects", [{"id": "nosuch", "subject": "rain"}], [{"subject": "rain"}], "subjects.0.id"),
        ("dates", [{"date": "x", "type": {"id": "accepted"}}], None, "dates.0.date"),
        ("dates", [{"date": "2020"}], [{"date": "2020"}], "dates.0.type"),
        ("identifiers", [{"identifier": "zzz"}], None, "identifiers.0.scheme"),
        ("identifiers", [{"identifier": "1", "scheme": "nosuch"}], None, "identifiers.0.scheme"),
        ("identifiers", [{"scheme": "doi"}], None, "identifiers.0.identifier"),
        (
            "identifiers",
            [{"identifier": "10.1/x", "scheme": "doi"}, {"identifier": "x", "scheme": "other"}],
            [{"identifier": "x", "scheme": "other"}],
            "identifiers.0.identifier",
        ),
        (
            "identifiers",
            [{"identifier": "10.1234/x", "scheme": "doi"}, {"identifier": "doi:10.1234/x", "scheme": "DOI"}],
            [{"identifier": "10.1234/x", "scheme": "doi"}],
            "identifiers.1",
        ),
        (
            "related_identifiers",
            [{"identifier": "10.1234/a", "scheme": "doi"}],
            [{"identifier": "10.1234/a", "scheme": "doi"}],
            "related_identifiers.0.relation_type",
        ),
        (
            "references",
            [{"reference": "R", "identifier": "zzz"}],
            [{"reference": "R"}],
            "references.0.scheme",
        ),
        ("references", [{}], None, "references.0.reference"),
        ("rights", [{"link": "x"}], None, "rights.0.link"),
        ("rights", [{}], None, "rights.0.rights"),
        ("rights", [{"id": "nosuch"}], None, "rights.0.id"),
        ("rights", [{"id": "cc-by-4.0", "title": {"en": "both"}}], [{"id": "cc-by-4.0"}], "rights.0.rights"),
        (
            "rights",
            [{"title": {"en": "a", "cs": "b"}}],
            [{"title": {"en": "a"}}],
            "rights.0.title",
        ),
        (
            "rights",
            [{"title": {"en": "a", "cs": "b", "?": "c"}}],
            [{"title": {"en": "a"}}],
            "rights.0.title.?",
        ),
        ("funding", [{"award": {"number": "1"}}], [{"award": {"number": "1"}}], "funding.0.funder"),
        ("funding", [{}], None, "funding.0.funder"),
        ("funding", [{"funder": {"id": "nosuch", "name": "F"}}], [{"funder": {"name": "F"}}], "funding.0.funder.id"),
        (
            "funding",
            [{"funder": {"name": "F"}, "award": {"id": "nosuch", "number": "1"}}],
            [{"funder": {"name": "F"}, "award": {"number": "1"}}],
            "funding.0.award.id",
        ),
        ("locations", {"features": [{}]}, None, "locations.features.0.locations"),
        (
            "locations",
            {"features": [{"place": "P", "geometry": {"type": "Point", "coordinates": [1]}}]},
            {"features": [{"place": "P"}]},
            "locations.features.0.geometry.coordinates",
        ),
        ("sizes", [1, " ", "3 MB"], ["3 MB"], "sizes.0"),
        ("surplus", 1, None, "surplus"),
    ],
)
def test_a_wrong_value_is_left_out_and_named_and_its_good_part_kept(
    field: str, sent: Any, stored: Any, named: str
) -> None:
    loaded = read({**MINIMAL, field: sent})
    assert loaded.metadata.get(field) == stored
    assert fields(loaded)[0] == f"metadata.{named}"
    assert all(other.startswith(f"metadata.{field}") for other in fields(loaded))
    structure.check_draft(loaded.body())


@pytest.mark.parametrize(
    ("identifiers", "named"),
    [
        ([{"scheme": "orcid", "identifier": "0000-0000-0000-0000"}], f"{PERSON_ID}.0.identifier"),
        ([{"scheme": "doi", "identifier": "10.1234/x"}], f"{PERSON_ID}.0.scheme"),
        (
            [
                {"scheme": "orcid", "identifier": "0000-0002-1825-0097"},
                {"scheme": "orcid", "identifier": "0000-0001-5109-3700"},
            ],
            f"{PERSON_ID}._schema",
        ),
    ],
)
def test_a_person_has_valid_identifiers_one_of_each_scheme(identifiers: list[Any], named: str) -> None:
    loaded = read({"creators": [{"person_or_org": {**PERSON["person_or_org"], "identifiers": identifiers}}]})
    kept = loaded.metadata["creators"][0]["person_or_org"].get("identifiers", [])
    assert fields(loaded) == [named]
    assert kept == identifiers[: len(identifiers) - 1]


@pytest.mark.parametrize(
    ("geometry", "right"),
    [
        ({"type": "Point", "coordinates": [180, -90, 3]}, True),
        ({"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]}, True),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, True),
        ({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]]}, True),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, True),
        ({"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]}, True),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [0, 0]}]}, True),
        ({"type": "Point", "coordinates": [55.68, 112.57]}, False),
        ({"type": "Point", "coordinates": ["1", "2"]}, False),
        ({"type": "Point", "coordinates": [True, False]}, False),
        ({"type": "LineString", "coordinates": [[0, 0]]}, False),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, False),
        ({"type": "Polygon", "coordinates": []}, False),
        ({"type": "GeometryCollection", "geometries": []}, False),
        ({"type": "Circle", "coordinates": [0, 0]}, False),
        ({"coordinates": [0, 0]}, False),
        ([], False),
    ],
)
def test_geometries_are_those_of_geojson(geometry: Any, right: bool) -> None:
    loaded = read({**MINIMAL, "locations": {"features": [{"geometry": geometry}]}})
    assert ("locations" in loaded.metadata) is right
    assert (loaded.errors == ()) is right
    structure.check_record(loaded.body())


def test_geometries_nested_without_end_are_refused() -> None:
    geometry: dict[str, Any] = {"type": "Point", "coordinates": [0, 0]}
    for _ in range(90):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    assert read({"locations": {"features": [{"geometry": geometry}]}}).errors
