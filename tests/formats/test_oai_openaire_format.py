"""OpenAIRE's profile for literature."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree
from openaire_profile import DATACITE as D
from openaire_profile import DC, missing
from openaire_profile import OAIRE as O
from record_parts import access, file_entry, files, person, term
from shipped_terms import with_every_term
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
from repository.formats import oai_openaire
from repository.formats.datacite_older import KERNEL_4_1
from repository.formats.datacite_terms import CONTRIBUTOR_TYPES, RELATED_LABELS, RELATION_TYPES, RESOURCE_TYPES
from repository.formats.openaire_terms import (
    BY_DATACITE,
    CONTRIBUTOR_TYPES_NEWER,
    DATE_TYPES,
    GENERAL_TYPES,
    SUBSTITUTES,
    VERSIONS,
)
from repository.formats.openaire_terms import RESOURCE_TYPES as COAR_TYPES
from repository.records.snapshot import Snapshot

COAR = "http://purl.org/coar/resource_type/"
MAKERS = [minimal, full, hostile, with_files, files_closed, embargoed, many_authors, many_files]


def parse(snapshot: Snapshot) -> Any:
    return etree.fromstring(oai_openaire.write(snapshot, SITE))


def values(snapshot: Snapshot, name: str) -> list[str]:
    return [element.text for element in parse(snapshot).iter(name)]


def of_type(general: str = "", **props: str) -> Snapshot:
    """A record whose resource type has these properties."""
    known = {"resourcetypes": {"it": {"datacite_general": general, **props}}}
    return with_metadata(minimal(props=known), resource_type=term("it", "It"))


@pytest.mark.parametrize("make", MAKERS)
def test_output_conforms_and_is_complete(openaire_schema: etree.XMLSchema, make: Any) -> None:
    root = parse(make())
    openaire_schema.assertValid(root)
    assert missing(root, make()) == []


@given(any_snapshot())
def test_output_of_any_record_conforms_and_is_complete(openaire_schema: etree.XMLSchema, snapshot: Snapshot) -> None:
    root = parse(snapshot)
    openaire_schema.assertValid(root)
    assert missing(root, snapshot) == []


def test_every_shipped_term_has_a_word_in_the_profile(openaire_schema: etree.XMLSchema) -> None:
    for snapshot in with_every_term():
        openaire_schema.assertValid(parse(snapshot))


def test_a_record_without_metadata_conforms(openaire_schema: etree.XMLSchema) -> None:
    bare = parse(minimal(metadata={}, props=None))
    openaire_schema.assertValid(bare)
    assert bare.findtext(f"{O}resourceType") == "other"
    assert bare.findtext(f"{D}dates/{D}date[@dateType='Issued']") == "2024-05-01"


def _enumeration(shared: Path, file: str) -> set[str]:
    root = etree.parse(shared / "xsd" / "openaire-lit" / "4.0" / file)
    return {str(node.get("value")) for node in root.iter("{http://www.w3.org/2001/XMLSchema}enumeration")}


def test_controlled_lists_are_those_of_the_profile(shared: Path) -> None:
    assert {COAR + code for code in COAR_TYPES} == _enumeration(shared, "oaire-resourceType-v4.xsd")
    versions = {f"http://purl.org/coar/version/{code}" for code, _ in VERSIONS.values()}
    assert versions == _enumeration(shared, "oaire-versions-v4.xsd")
    assert DATE_TYPES | {"Issued"} == _enumeration(shared, "datacite-dateType-v4.xsd")
    assert _enumeration(shared, "datacite-contributorType-v4.xsd") == CONTRIBUTOR_TYPES - CONTRIBUTOR_TYPES_NEWER


def test_what_4_1_lacks_is_what_its_lists_lack(shared: Path) -> None:
    relations, kinds = KERNEL_4_1.relations, KERNEL_4_1.resource_types
    assert RELATION_TYPES - set(relations) == _enumeration(shared, "datacite-relationType-v4.xsd")
    assert set(relations.values()) - {""} <= _enumeration(shared, "datacite-relationType-v4.xsd")
    assert RESOURCE_TYPES - set(kinds) == _enumeration(shared, "datacite-resourceType-v4.1.xsd")
    assert set(kinds.values()) <= _enumeration(shared, "datacite-resourceType-v4.1.xsd")
    ours = set(RELATED_LABELS.values()) - KERNEL_4_1.labels
    assert ours == _enumeration(shared, "datacite-relatedIdentifierType-v4.xsd") - {"PISSN", "WOS"}


def test_shipped_resource_types_are_in_the_lists() -> None:
    for entry in vocabularies.load("resourcetypes"):
        code = entry["props"]["coar"].removeprefix(COAR)
        assert SUBSTITUTES.get(code, code) in COAR_TYPES, entry["id"]
        assert entry["props"]["openaire_type"] in GENERAL_TYPES, entry["id"]
    assert {code for _, code in BY_DATACITE.values()} <= set(COAR_TYPES)
    assert set(BY_DATACITE) <= RESOURCE_TYPES


@pytest.mark.parametrize(
    ("record", "general", "code"),
    [
        (of_type(coar=COAR + "c_db06", openaire_type="publication"), "literature", "c_db06"),
        (of_type(coar=COAR + "R60J-J5BD", openaire_type="publication"), "literature", "c_c94f"),
        (of_type("Software"), "software", "c_5ce6"),
        (of_type("JournalArticle"), "literature", "c_6501"),
        (of_type("Image"), "dataset", "c_c513"),
        (of_type("Service"), "other research product", "c_1843"),
        (of_type(coar="no term", openaire_type="strange"), "other research product", "c_1843"),
    ],
)
def test_resource_type_is_a_term_of_coar_with_its_label(record: Snapshot, general: str, code: str) -> None:
    kind = parse(record).find(f"{O}resourceType")
    assert dict(kind.attrib) == {"resourceTypeGeneral": general, "uri": COAR + code}
    assert kind.text == COAR_TYPES[code]


def test_identifier_is_the_link_of_the_doi_or_of_the_landing_page() -> None:
    assert values(full(), f"{D}identifier") == ["https://doi.org/10.5072/00000-00971"]
    assert parse(full()).find(f"{D}identifier").get("identifierType") == "DOI"
    assert values(minimal(), f"{D}identifier") == ["https://repository.example.org/records/00000-00195"]
    assert parse(minimal()).find(f"{D}identifier").get("identifierType") == "URL"


def test_other_identifiers_are_alternate_ones() -> None:
    assert values(minimal(), f"{D}alternateIdentifier") == ["oai:repository.example.org:00000-00195"]
    assert values(full(), f"{D}alternateIdentifier")[0] == "https://repository.example.org/records/00000-00971"


@pytest.mark.parametrize(
    ("status", "code", "label"),
    [
        ("open", "c_abf2", "open access"),
        ("embargoed", "c_f1cf", "embargoed access"),
        ("restricted", "c_16ec", "restricted access"),
        ("metadata-only", "c_14cb", "metadata only access"),
        ("a new one", "c_14cb", "metadata only access"),
    ],
)
def test_access_right_is_a_term_of_coar_with_its_label(status: str, code: str, label: str) -> None:
    right = parse(minimal(access=access(status=status))).find(f"{D}rights")
    assert (right.get("rightsURI"), right.text) == (f"http://purl.org/coar/access_right/{code}", label)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ({"title": {"en": "info:eu-repo/semantics/openAccess"}}, "open access"),
        ({"title": {"en": "x"}, "link": "https://purl.org/coar/access_right/c_16ec"}, "restricted access"),
        ({"title": {"en": "info:eu-repo/semantics/someAccess"}}, "metadata only access"),
    ],
)
def test_access_that_an_imported_record_states_itself_is_no_licence(said: Any, label: str) -> None:
    record = with_metadata(minimal(), rights=[said])
    assert values(record, f"{D}rights") == [label]
    assert values(record, f"{O}licenseCondition") == []


def test_publication_date_comes_first_and_once() -> None:
    issued = [entry for entry in parse(full()).iter(f"{D}date") if entry.get("dateType") == "Issued"]
    assert [entry.text for entry in issued] == ["2020-01"]
    twice = with_metadata(
        minimal(props={"datetypes": {"issued": {"datacite": "Issued"}}}),
        dates=[{"date": "1999", "type": term("issued", "Issued")}],
    )
    assert [entry.text for entry in parse(twice).iter(f"{D}date") if entry.get("dateType") == "Issued"] == [
        "2024-05-01"
    ]


def test_an_embargo_has_a_begin_and_an_end_and_the_licence_begins_after_it() -> None:
    record = with_metadata(embargoed(), rights=full().metadata["rights"])
    dates = {entry.get("dateType"): entry.text for entry in parse(record).iter(f"{D}date")}
    assert (dates["Accepted"], dates["Available"]) == ("2024-05-01", "2099-01-01")
    assert parse(record).find(f"{O}licenseCondition").get("startDate") == "2099-01-01"


def test_the_licence_is_the_first_with_a_link() -> None:
    licence = parse(full()).find(f"{O}licenseCondition")
    assert licence.text == "Creative Commons Attribution 4.0 International"
    assert dict(licence.attrib) == {"uri": "https://creativecommons.org/licenses/by/4.0/", "startDate": "2020-01"}
    house = [{"title": {"en": "Ask"}}, {"title": {"en": "House"}, "link": "https://example.org/licence"}]
    assert values(with_metadata(minimal(), rights=house), f"{O}licenseCondition") == ["House"]
    assert values(with_metadata(minimal(), rights=house[:1]), f"{O}licenseCondition") == ["Ask"]


def test_people_have_identifiers_and_affiliations() -> None:
    creator = parse(full()).find(f"{D}creators/{D}creator")
    assert creator.findtext(f"{D}creatorName") == "Carberry, Josiah"
    assert creator.find(f"{D}nameIdentifier").get("nameIdentifierScheme") == "ORCID"
    assert [entry.text for entry in creator.iter(f"{D}affiliation")] == [
        "Brookhaven National Laboratory",
        "Dept. of Rain",
    ]
    assert values(many_authors(50), f"{D}creatorName") == [f"Family{i}, Given{i}" for i in range(50)]


def test_a_role_that_4_1_lacks_is_other() -> None:
    props = {"contributorsroles": {"translator": {"datacite": "Translator"}}}
    record = with_metadata(minimal(props=props), contributors=[person("Berg", role=term("translator", "Translator"))])
    assert parse(record).find(f".//{D}contributor").get("contributorType") == "Other"


@pytest.mark.parametrize(
    ("relation", "expected"),
    [("IsPublishedIn", ["IsPartOf"]), ("Obsoletes", []), ("Other", []), ("Cites", ["Cites"])],
)
def test_relations_are_those_of_4_1(relation: str, expected: list[str]) -> None:
    entry = {"identifier": "10.1234/x", "scheme": "doi", "relation_type": term("it", "It")}
    record = with_metadata(
        minimal(props={"relationtypes": {"it": {"datacite": relation}}}), related_identifiers=[entry]
    )
    assert [found.get("relationType") for found in parse(record).iter(f"{D}relatedIdentifier")] == expected


def test_relations_that_become_equal_are_written_once() -> None:
    entry = {"identifier": "10.1234/x", "scheme": "doi"}
    props = {"relationtypes": {"a": {"datacite": "IsPublishedIn"}, "b": {"datacite": "IsPartOf"}}}
    both = [entry | {"relation_type": term(name, name)} for name in "ab"]
    assert values(with_metadata(minimal(props=props), related_identifiers=both), f"{D}relatedIdentifier") == [
        "10.1234/x"
    ]


def test_funding_is_openaire_s_own_element() -> None:
    first, second = parse(full()).iter(f"{O}fundingReference")
    assert first.findtext(f"{O}funderName") == "Academy of Finland"
    assert first.find(f"{O}funderIdentifier").get("funderIdentifierType") == "ROR"
    assert first.find(f"{O}awardNumber").get("awardURI") == "https://example.org/award"
    assert first.findtext(f"{O}awardTitle") == "Rain project"
    assert [child.tag for child in second] == [f"{O}funderName"]


def test_languages_publisher_descriptions_formats_and_coverage_are_dublin_core() -> None:
    assert values(full(), f"{DC}language") == ["eng", "ces"]
    assert values(full(), f"{DC}publisher") == ["Harbour Institute"]
    assert values(full(), f"{DC}description") == ["It rained & rained.\n1 < 2\nmore", "How it was done", "1. Rain"]
    assert values(full(), f"{DC}format") == ["application/pdf"]
    assert values(full(), f"{DC}coverage") == ["Copenhagen", "1990/2020"]
    assert values(with_files(), f"{DC}format") == ["image/png", "text/csv"]
    assert values(files_closed(), f"{DC}format") == []
    assert values(minimal(), f"{DC}publisher") == []


def test_files_are_located_with_access_right_media_type_and_kind() -> None:
    found = list(parse(with_files()).iter(f"{O}file"))
    assert found[1].text == "https://repository.example.org/records/00000-00292/files/data/rain%202024.csv"
    assert dict(found[1].attrib) == {
        "accessRightsURI": "http://purl.org/coar/access_right/c_abf2",
        "mimeType": "text/csv",
        "objectType": "dataset",
    }
    for closed in (files_closed(), embargoed(), minimal()):
        assert values(closed, f"{O}file") == []


def test_of_too_many_files_the_archive_is_located() -> None:
    assert len(values(many_files(1000), f"{O}file")) == 1000
    assert values(many_files(1001), f"{O}file") == [
        f"https://repository.example.org/api/records/{many_files().id}/files-archive"
    ]


@pytest.mark.parametrize(
    ("general", "media_type", "expected"),
    [
        ("JournalArticle", "application/pdf", "fulltext"),
        ("JournalArticle", "text/plain; charset=utf-8", "fulltext"),
        ("JournalArticle", "image/png", "other"),
        ("Dataset", "application/pdf", "dataset"),
        ("Software", "application/zip", "software"),
        ("Workflow", "application/pdf", "other"),
    ],
)
def test_documents_of_literature_are_its_full_text(general: str, media_type: str, expected: str) -> None:
    record = replace(of_type(general), access=access(), files=files(file_entry("a", 1, media_type)))
    assert parse(record).find(f"{O}file").get("objectType") == expected


def test_citation_is_of_the_container_and_of_the_meeting() -> None:
    names = ("Title", "Volume", "Issue", "StartPage", "EndPage", "Edition", "ConferencePlace", "ConferenceDate")
    found = [parse(full()).findtext(f"{O}citation{name}") for name in names]
    assert found == ["J. Rain", "12", "3", "1", "11", None, "Lund", "1-3 May 2024"]
    book = replace(full(), custom_fields={"imprint:imprint": {"title": "Book of rain", "edition": "2"}})
    found = [parse(book).findtext(f"{O}citation{name}") for name in names]
    assert found == ["Book of rain", None, None, None, None, "2", None, None]


@pytest.mark.parametrize(
    ("general", "text", "uri", "label"),
    [
        ("JournalArticle", "info:eu-repo/semantics/acceptedVersion", "c_ab4af688f83e57aa", "AM"),
        ("Preprint", "Submitted version", "c_71e4c1898caa6e32", "SMUR"),
        ("Dataset", "1.0.3", None, "1.0.3"),
        ("Dataset", "P", None, "P"),
    ],
)
def test_versions_are_terms_for_articles_and_anything_for_the_rest(
    general: str, text: str, uri: str | None, label: str
) -> None:
    version = parse(with_metadata(of_type(general), version=text)).find(f"{O}version")
    assert version.text == label
    assert version.get("uri") == (f"http://purl.org/coar/version/{uri}" if uri else None)


def test_a_version_of_an_article_that_is_no_term_is_left_out() -> None:
    assert values(full(), f"{O}version") == []


def test_sizes_subjects_and_places_are_given() -> None:
    assert values(full(), f"{D}size") == ["11 pages", "3 MB"]
    assert values(full(), f"{D}subject") == ["Rain", "harbour", "déšť"]
    assert parse(full()).find(f".//{D}subject").get("valueURI") == "https://id.nlm.nih.gov/mesh/D011891"
    assert values(full(), f"{D}geoLocationPlace") == ["Copenhagen"]
    assert values(full(), f"{D}pointLatitude") == ["55.68"]
    assert values(full(), f"{D}northBoundLatitude") == ["56.5"]


def test_text_survives_and_what_is_empty_is_left_out(openaire_schema: etree.XMLSchema) -> None:
    nasty = "a \"b\" 'c' <d> </e> & ]]> é 👩 \u202e"
    record = with_metadata(
        minimal(),
        title=nasty,
        publisher=nasty,
        additional_titles=[{"title": "\x00"}, {"title": "<p></p>"}],
        subjects=[{"subject": nasty}, {"subject": "\x01"}],
        identifiers=[{"scheme": "other", "identifier": "\x0b"}],
        description="<p>\x01</p>",
        funding=[{"funder": {"name": "Fund"}, "award": {"number": "7", "title": {"en": "\x01"}}}],
    )
    root = parse(record)
    openaire_schema.assertValid(root)
    assert values(record, f"{D}title") == values(record, f"{D}subject") == values(record, f"{DC}publisher") == [nasty]
    assert values(record, f"{DC}description") == values(record, f"{O}awardTitle") == []
