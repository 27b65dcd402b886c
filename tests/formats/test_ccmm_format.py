"""The Czech Core Metadata Model: valid documents, its code lists, and what a record needs for it."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from record_parts import access, file_entry, files, organisation, person, term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, embargoed, full, hostile, many_authors, many_files, minimal, with_files, with_metadata

from repository import vocabularies
from repository.formats import ccmm_terms, ccmm_xml, file_types, suitable
from repository.formats.ccmm_xml import lacks
from repository.formats.datacite_terms import CONTRIBUTOR_TYPES, DATE_TYPES, DESCRIPTION_TYPES, TITLE_TYPES
from repository.records.snapshot import Snapshot

C = "{https://schema.ccmm.cz/research-data/1.1}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LISTS = "https://vocabs.ccmm.cz/registry/codelist/"
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "schemas" / "ccmm.xsd"))
ROLES = {"Creator", "Publisher", *(f"Contributor/{word}" for word in CONTRIBUTOR_TYPES)}
LICENCE = {
    "id": "cc-by-4.0",
    "title": {"en": "CC BY"},
    "props": {"url": "https://creativecommons.org/licenses/by/4.0/"},
}


def sufficient(snapshot: Snapshot) -> Snapshot:
    """The record with a licence and a subject beside those that it has."""
    metadata = snapshot.metadata
    return with_metadata(
        snapshot,
        rights=[*metadata.get("rights", ()), LICENCE],
        subjects=[*metadata.get("subjects", ()), {"subject": "rain"}],
    )


def parse(snapshot: Snapshot) -> Any:
    return etree.fromstring(ccmm_xml.write(snapshot, SITE))


def all_of(snapshot: Snapshot, *names: str) -> list[str]:
    """Texts at the end of this path of elements."""
    return [node.text or "" for node in parse(snapshot).iterfind("/".join(C + name for name in names))]


@pytest.mark.parametrize("make", [minimal, full, hostile, with_files, embargoed, many_authors, many_files])
def test_documents_conform_to_the_model(make: Any) -> None:
    SCHEMA.assertValid(parse(sufficient(make())))


@settings(deadline=None)
@given(any_snapshot().map(sufficient))
def test_the_document_of_any_record_that_suits_conforms(snapshot: Snapshot) -> None:
    missing = {hint.field for hint in lacks(snapshot.metadata)}
    assert missing <= {"metadata.title"}, "whose characters may all be ones that XML forbids"
    if not missing:
        SCHEMA.assertValid(parse(snapshot))


@settings(deadline=None)
@given(any_snapshot())
def test_what_lacks_nothing_conforms(snapshot: Snapshot) -> None:
    assert SCHEMA.validate(parse(snapshot)) or lacks(snapshot.metadata)


def test_a_licence_and_a_subject_are_needed_beside_what_publishing_needs() -> None:
    hints = lacks(minimal().metadata)
    assert [hint.to_json() for hint in hints] == [
        {
            "field": "metadata.rights",
            "messages": ["The Czech Core Metadata Model (CCMM) needs a licence."],
            "severity": "info",
        },
        {
            "field": "metadata.subjects",
            "messages": ["The Czech Core Metadata Model (CCMM) needs at least one subject."],
            "severity": "info",
        },
    ]
    assert lacks(sufficient(minimal()).metadata) == ()
    assert ccmm_xml.FORMAT in suitable(sufficient(minimal()))
    assert ccmm_xml.FORMAT not in suitable(minimal())
    assert not ccmm_xml.FORMAT.suits(minimal(metadata={}))


@pytest.mark.parametrize(
    ("rights", "subjects", "lacking"),
    [
        ([{"title": {"en": "info:eu-repo/semantics/openAccess"}}], [{"subject": "rain"}], ["metadata.rights"]),
        ([{"link": "http://purl.org/coar/access_right/c_abf2"}], [{"subject": "rain"}], ["metadata.rights"]),
        ([{"link": "https://example.org/licence"}], [{"subject": "\x00 \x0b"}], ["metadata.subjects"]),
        ([{"title": {"cs": "Licence"}}], [{"subject": ""}, {"id": "x", "title": {"en": "X"}}], []),
    ],
)
def test_words_for_access_are_no_licence_and_nothing_no_subject(rights: Any, subjects: Any, lacking: list[str]) -> None:
    metadata = with_metadata(minimal(), rights=rights, subjects=subjects).metadata
    assert [hint.field for hint in lacks(metadata)] == lacking


def test_the_licence_is_the_first_that_is_one() -> None:
    stated = {"title": {"en": "info:eu-repo/semantics/openAccess"}}
    snapshot = with_metadata(minimal(), rights=[stated, LICENCE])
    assert all_of(snapshot, "terms_of_use", "license", "iri") == ["https://creativecommons.org/licenses/by/4.0/"]
    assert all_of(snapshot, "terms_of_use", "access_rights", "iri") == ["http://purl.org/coar/access_right/c_abf2"]


@pytest.mark.parametrize(
    ("status", "coar"),
    [("open", "c_abf2"), ("restricted", "c_16ec"), ("embargoed", "c_f1cf"), ("metadata-only", "c_14cb")],
)
def test_access_follows_from_the_status(status: str, coar: str) -> None:
    (iri,) = all_of(minimal(access=access(status=status)), "terms_of_use", "access_rights", "iri")
    assert iri == "http://purl.org/coar/access_right/" + coar


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2024-05-01", ["2024-05-01"]),
        ("2024", ["2024-01-01", "2024-12-31"]),
        ("2024-02", ["2024-02-01", "2024-02-29"]),
        ("2019/2020-04", ["2019-01-01", "2020-04-30"]),
    ],
)
def test_a_year_and_a_month_are_intervals_of_days(date: str, expected: list[str]) -> None:
    snapshot = with_metadata(minimal(), publication_date=date)
    assert [node.text for node in parse(snapshot).iter(C + "date")] == expected
    assert all_of(snapshot, "publication_year") == [date[:4]]


def test_dates_that_the_calendar_does_not_have_are_left_out() -> None:
    dates = [{"date": day, "type": term("created", "Created")} for day in ("2023-02-29", "soon", "2023-02-28")]
    assert [node.text for node in parse(with_metadata(minimal(), dates=dates)).iter(C + "date")] == [
        "2024-05-01",
        "2023-02-28",
    ]


def test_the_end_of_an_embargo_is_the_date_of_availability() -> None:
    kinds = all_of(embargoed(), "time_reference", "date_type", "iri")
    assert kinds == [LISTS + "TimeReference/Issued", LISTS + "TimeReference/Available"]


def test_a_record_without_doi_is_identified_by_its_landing_page() -> None:
    assert all_of(minimal(), "identifier", "scheme", "iri") == ["urn:iri"]
    assert all_of(minimal(), "identifier", "value") == ["https://repository.example.org/records/00000-00195"]
    assert all_of(full(), "identifier", "scheme", "iri")[0] == "https://doi.org/"


def test_identifiers_without_a_scheme_that_is_known_are_left_out() -> None:
    known = [{"scheme": "other", "identifier": "17"}, {"scheme": "isbn", "identifier": "978-3-16-148410-0"}]
    assert all_of(with_metadata(minimal(), identifiers=known), "identifier", "value")[1:] == ["978-3-16-148410-0"]


def test_the_resource_type_is_coar_s() -> None:
    props = {"resourcetypes": {"dataset": {"coar": "http://purl.org/coar/resource_type/c_ddb1"}}}
    typed = minimal(props=props)
    assert all_of(typed, "resource_type", "iri") == ["http://purl.org/coar/resource_type/c_ddb1"]
    assert all_of(typed, "resource_type", "label") == ["Dataset", "Datová sada"]


def test_the_repository_manages_the_metadata_unless_somebody_else_is_named() -> None:
    path = ("metadata_identification", "qualified_relation", "relation", "organization", "name")
    assert all_of(minimal(), *path) == ["Example Repository"]
    manager = organisation("Data centre", role=term("datamanager", "Data manager"))
    assert all_of(with_metadata(minimal(), contributors=[manager]), *path) == ["Data centre"]


def test_roles_are_of_the_code_list() -> None:
    friends = [person("Berg", role=term("friend", "Friend"))]
    roles = all_of(with_metadata(full(), contributors=friends), "qualified_relation", "role", "iri")
    assert roles == [LISTS + "AgentRole/" + role for role in (*["Creator"] * 3, "Contributor/Other", "Publisher")]


def test_files_have_a_type_of_the_eu_s_list() -> None:
    named = [file_entry(name) for name in ("a.csv", "b.JPG", "c.h5", "d.strange", "e")]
    listed = minimal(access=access(), files=files(*named))
    types = all_of(listed, "distribution", "distribution_downloadable_file", "format", "iri")
    assert [iri.rpartition("/")[2] for iri in types] == ["CSV", "JPEG", "HDF", "OCTET", "OCTET"]
    assert all_of(with_files(), "distribution", "distribution_downloadable_file", "checksum", "checksum_value") == [
        "0cc175b9c0f1b6a831c399e269772661"
    ] * 2  # fmt: skip


def test_texts_of_unknown_language_say_so() -> None:
    titles = parse(with_metadata(minimal(), subjects=[{"subject": "rain"}])).iterfind(f"{C}subject/{C}title")
    assert [title.get(LANG) for title in titles] == [""]
    titles = parse(full()).iterfind(f"{C}alternate_title/{C}title")
    assert [title.get(LANG) for title in titles] == ["en", "cs"]


def iris(shared: Path, name: str) -> set[str]:
    text = (shared / "corpus" / "vocab" / "ccmm" / f"ccmm_{name}.yaml").read_text(encoding="utf-8")
    return set(re.findall(r"^ +iri: *(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "prefix", "words"),
    [
        ("alternate_title_types", ccmm_terms.ALTERNATE_TITLE, TITLE_TYPES),
        ("description_types", ccmm_terms.DESCRIPTION_TYPE, DESCRIPTION_TYPES),
        ("time_reference_types", ccmm_terms.TIME_REFERENCE, DATE_TYPES),
        ("agent_roles", ccmm_terms.AGENT_ROLE, ROLES),
        ("relation_types", ccmm_terms.RELATION_TYPE, ccmm_xml.RELATION_TYPES),
        ("location_relation_types", ccmm_terms.REFERS_TO_PLACE, {""}),
        ("checksum_algorithms", "", {ccmm_terms.MD5, ccmm_terms.SHA_256}),
        ("identifier_schemes", "", {iri for iri, _label in (*ccmm_terms.SCHEMES.values(), ccmm_terms.IRI_SCHEME)}),
        ("file_types", file_types.FILE_TYPE, file_types.FILE_TYPES | set(file_types.FILE_TYPE_ALIASES.values())),
    ],
)  # fmt: skip
def test_what_we_write_is_in_the_code_lists(shared: Path, name: str, prefix: str, words: set[str]) -> None:
    assert {prefix + word for word in words} <= iris(shared, name)


def test_fields_of_science_are_subject_categories_of_the_model(shared: Path) -> None:
    known = iris(shared, "rdm_subjects")
    fields = [subject for subject in vocabularies.load("subjects") if subject["scheme"] == "FOS"]
    for subject in fields:
        iri, code = ccmm_terms.subject_category(subject["id"])
        assert iri in known, subject["id"]
        assert iri.endswith(code)
    assert len(fields) > 40
    subject = {**fields[1], "title": {"en": "Mathematics", "cs": "Matematika"}}
    snapshot = with_metadata(minimal(), subjects=[subject])
    assert all_of(snapshot, "subject", "iri") == [LISTS + "SubjectCategory/10000/10100"]
    assert all_of(snapshot, "subject", "classification_code") == ["10100"]
    assert all_of(snapshot, "subject", "title") == ["Mathematics", "Matematika"]


@given(st.text())
def test_subjects_of_other_schemes_are_no_category(text: str) -> None:
    assert ccmm_terms.subject_category(text) == ("", "")
