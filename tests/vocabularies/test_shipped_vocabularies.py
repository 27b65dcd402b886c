"""The vocabularies that ship: whole, well-formed, and in step with DataCite's own lists."""

import re
from pathlib import Path
from typing import Any

import idutils
import pytest

from repository import vocabularies
from repository.records.vocabularies import SPECIFIC, TYPES

COUNTS = {
    "code:developmentStatus": 8,
    "communitytypes": 4,
    "contributorsroles": 22,
    "creatorsroles": 22,
    "datetypes": 12,
    "descriptiontypes": 6,
    "licenses": 419,
    "relationtypes": 39,
    "removalreasons": 12,
    "resourcetypes": 47,
    "titletypes": 4,
}
AT_LEAST = {"affiliations": 3000, "code:programmingLanguages": 700, "funders": 2500, "languages": 7847, "subjects": 40}
HAND_MADE = ("subjects", *(name for name in COUNTS if name != "licenses"))
RESOURCE_TYPE_PROPS = {
    "coar",
    "csl",
    "datacite_general",
    "datacite_type",
    "eurepo",
    "marc21_subtype",
    "marc21_type",
    "openaire_resourceType",
    "openaire_type",
    "schema.org",
    "subtype",
    "type",
}


def by_id(type_: str) -> dict[str, dict[str, Any]]:
    return {term["id"]: term for term in vocabularies.load(type_)}


def test_every_type_of_the_domain_ships() -> None:
    assert vocabularies.available() == TYPES


def test_an_unknown_type_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        vocabularies.load("nosuchtype")


@pytest.mark.parametrize("type_", TYPES)
def test_ids_are_unique(type_: str) -> None:
    ids = [term["id"] for term in vocabularies.load(type_)]
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize(("type_", "count"), COUNTS.items())
def test_fixed_vocabularies_are_whole(type_: str, count: int) -> None:
    assert len(list(vocabularies.load(type_))) == count


@pytest.mark.parametrize(("type_", "count"), AT_LEAST.items())
def test_large_vocabularies_are_large(type_: str, count: int) -> None:
    assert len(list(vocabularies.load(type_))) >= count


@pytest.mark.parametrize("type_", HAND_MADE)
def test_hand_made_terms_have_titles_in_english_and_czech(type_: str) -> None:
    assert [term["id"] for term in vocabularies.load(type_) if not (term["title"]["en"] and term["title"]["cs"])] == []


@pytest.mark.parametrize("type_", [name for name in TYPES if name not in SPECIFIC])
def test_generic_terms_have_text_props_known_keys_and_an_english_title(type_: str) -> None:
    for term in vocabularies.load(type_):
        assert {"id", "title", "props", "tags"} <= set(term) <= {"id", "title", "props", "tags", "icon", "description"}
        assert term["title"]["en"].strip() == term["title"]["en"] != ""
        assert all(isinstance(value, str) for value in term["props"].values())
        assert all(isinstance(tag, str) for tag in term["tags"])


@pytest.mark.parametrize(
    ("type_", "schema", "allowed_more"),
    [
        ("contributorsroles", "contributorType", set()),
        ("creatorsroles", "contributorType", set()),
        ("datetypes", "dateType", set()),
        ("descriptiontypes", "descriptionType", set()),
        ("relationtypes", "relationType", set()),
        # What is lacking has no InvenioRDM type: an award is metadata of a record, a service is not deposited.
        ("resourcetypes", "resourceType", {"Award", "Service"}),
        ("titletypes", "titleType", set()),
    ],
)
def test_datacite_values_are_those_of_kernel_4_7(type_: str, schema: str, allowed_more: set[str], shared: Path) -> None:
    xsd = shared / "xsd" / "datacite" / "kernel-4.7" / "include" / f"datacite-{schema}-v4.xsd"
    values = set(re.findall(r'enumeration value="(\w+)"', xsd.read_text(encoding="utf-8")))
    prop = "datacite_general" if type_ == "resourcetypes" else "datacite"
    used = {term["props"][prop] for term in vocabularies.load(type_)}
    assert used <= values
    assert values - used == allowed_more


def test_ids_of_datacite_terms_are_the_values_without_case() -> None:
    for type_ in ("contributorsroles", "creatorsroles", "datetypes", "relationtypes"):
        assert [t["id"] for t in vocabularies.load(type_) if t["id"] != t["props"]["datacite"].lower()] == []


def test_resource_types_carry_what_the_formats_need() -> None:
    for term in vocabularies.load("resourcetypes"):
        assert set(term["props"]) == RESOURCE_TYPE_PROPS
        assert all(term["props"][name] for name in RESOURCE_TYPE_PROPS - {"datacite_type", "subtype", "marc21_subtype"})
        assert term["id"] == (term["props"]["subtype"] or term["props"]["type"])
        assert term["icon"]


def test_types_that_can_only_be_linked_to_are_not_depositable() -> None:
    linkable_only = {t["id"] for t in vocabularies.load("resourcetypes") if "depositable" not in t["tags"]}
    assert linkable_only == {"project", "instrument"}
    assert all("linkable" in term["tags"] for term in vocabularies.load("resourcetypes"))


def test_coar_concepts_exist(shared: Path) -> None:
    text = (shared / "corpus" / "vocab" / "ccmm" / "ccmm_resource_types.yaml").read_text(encoding="utf-8")
    concepts = set(re.findall(r"iri: (\S+)", text))
    assert {term["props"]["coar"] for term in vocabularies.load("resourcetypes")} <= concepts


def test_the_recommended_licences_are_described_in_both_languages() -> None:
    recommended = {t["id"]: t for t in vocabularies.load("licenses") if "recommended" in t["tags"]}
    assert set(recommended) == {"apache-2.0", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0", "gpl-3.0-or-later", "mit"}
    assert all(term["description"]["en"] and term["description"]["cs"] for term in recommended.values())
    assert all(term["title"]["cs"] for term in recommended.values())


def test_licences_have_their_props_and_tags() -> None:
    for term in vocabularies.load("licenses"):
        assert set(term["props"]) == {"url", "scheme", "osi_approved"}
        assert term["props"]["url"].startswith("https://")
        assert term["props"]["osi_approved"] in ("y", "")
        assert "all" in term["tags"]
        assert set(term["tags"]) <= {"all", "recommended", "data", "software"}


def test_languages_with_a_two_letter_code_have_czech_names() -> None:
    languages = by_id("languages")
    assert [t["id"] for t in languages.values() if "alpha_2" in t["props"] and "cs" not in t["title"]] == []
    assert languages["ces"]["title"] == {"en": "Czech", "cs": "Čeština"}
    assert languages["eng"] == {
        "id": "eng",
        "title": {"en": "English", "cs": "Angličtina"},
        "props": {"alpha_2": "en"},
        "tags": ["individual", "living"],
    }


@pytest.mark.parametrize("type_", ["affiliations", "funders"])
def test_organisations_have_inveniordm_shape_and_valid_ror_ids(type_: str) -> None:
    keys = {"id", "name", "acronym", "aliases", "country", "country_name", "location_name", "status", "types"}
    schemes = {"ror", "grid", "isni"} | ({"doi"} if type_ == "funders" else set())
    for term in vocabularies.load(type_):
        assert set(term) <= keys | {"identifiers", "title"}
        assert idutils.is_ror(term["id"]), term
        assert term["identifiers"][0] == {"identifier": term["id"], "scheme": "ror"}
        assert {identifier["scheme"] for identifier in term["identifiers"]} <= schemes
        assert term["name"]
        assert term["title"]
        assert all(term["title"].values())


def test_organisations_that_others_name_are_there() -> None:
    affiliations, funders = by_id("affiliations"), by_id("funders")
    for ror in ("02ex6cf31", "01ggx4157", "024d6js02", "02j46qs45", "050dkka69", "05gq02987", "04d836q62"):
        assert ror in affiliations
    for ror in ("00k4n6c32", "05k73zm37", "01pv73b02", "04v0fk911", "037n8p820", "021nxhr62", "029chgv08", "018mejw64"):
        assert ror in funders
        assert "funder" in funders[ror]["types"]


def test_awards_name_funders_that_ship() -> None:
    funders = by_id("funders")
    for award in vocabularies.load("awards"):
        assert award["id"] == f"{award['funder']['id']}::{award['number']}"
        assert award["funder"]["name"] == funders[award["funder"]["id"]]["name"]


def test_names_are_known_by_orcid() -> None:
    for name in vocabularies.load("names"):
        assert idutils.is_orcid(name["id"])
        assert {"identifier": name["id"], "scheme": "orcid"} in name["identifiers"]


def test_subjects_are_uris_of_a_scheme() -> None:
    for subject in vocabularies.load("subjects"):
        assert subject["id"].startswith("http")
        assert subject["scheme"] == "FOS"
        assert subject["subject"] == subject["title"]["en"]


def test_no_shipped_file_is_over_a_megabyte() -> None:
    assert [path.name for path in vocabularies.FOLDER.iterdir() if path.is_file() and path.stat().st_size > 10**6] == []
