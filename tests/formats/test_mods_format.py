"""MODS, against its schema and by what readers look for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from lxml import etree
from record_parts import DATASET_PROPS, organisation, person, term
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

from repository.formats import mods
from repository.records.snapshot import Snapshot

NAMES = {"m": "http://www.loc.gov/mods/v3", "xlink": "http://www.w3.org/1999/xlink"}


def find(snapshot: Snapshot, path: str) -> list[Any]:
    """What an XPath finds; texts and attributes as strings."""
    found: list[Any] = etree.fromstring(mods.write(snapshot, SITE)).xpath(path, namespaces=NAMES)
    return found


@pytest.mark.parametrize(
    "make", [minimal, full, hostile, with_files, files_closed, embargoed, many_authors, many_files]
)
def test_output_conforms_to_mods(schema: etree.XMLSchema, make: Any) -> None:
    schema.assertValid(etree.fromstring(mods.write(make(), SITE)))


@given(any_snapshot())
def test_output_of_any_record_conforms_to_mods(schema: etree.XMLSchema, snapshot: Snapshot) -> None:
    root = etree.fromstring(mods.write(snapshot, SITE))
    schema.assertValid(root)
    assert [node.tag for node in root.iter() if not len(node) and not (node.text or "").strip()] == []


def test_titles_have_types_languages_and_articles() -> None:
    titles = "m:titleInfo[@usage='primary']/"
    assert find(full(), titles + "m:title/text()") == ["Rain over the harbour: 1 < 2 & déšť"]
    assert find(full(), titles + "m:subTitle[@lang='eng']/text()") == ["A subtitle"]
    assert find(full(), "m:titleInfo[@type='translated'][@lang='cze']/m:title/text()") == ["Déšť nad přístavem"]
    article = with_metadata(minimal(), title="The rain", languages=[term("eng", "English")])
    assert find(article, titles + "m:nonSort/text()") == ["The "]
    assert find(article, titles + "m:title/text()") == ["rain"]


def test_names_have_parts_roles_identifiers_and_affiliations() -> None:
    first = "m:name[@usage='primary'][@type='personal']/"
    assert find(full(), first + "m:namePart[@type='family']/text()") == ["Carberry"]
    assert find(full(), first + "m:namePart[@type='given']/text()") == ["Josiah"]
    assert find(full(), first + "m:role/m:roleTerm[@authority='marcrelator'][@type='code']/text()") == ["cur"]
    assert find(full(), first + "m:nameIdentifier[@type='orcid']/text()") == ["0000-0002-1825-0097"]
    assert find(full(), first + "m:affiliation/text()") == ["Brookhaven National Laboratory", "Dept. of Rain"]
    assert find(full(), first + "m:affiliation/@valueURI") == ["https://ror.org/02ex6cf31"]
    assert find(full(), "m:name/m:role/m:roleTerm[@type='code']/text()") == [
        "cur", "aut", "aut", "prc", "cph", "fnd", "fnd",
    ]  # fmt: skip
    assert find(full(), "m:name[@type='conference']/m:namePart/text()") == ["Rain conference, Lund", "1-3 May 2024"]


def test_a_name_that_is_nothing_but_forbidden_characters_is_not_known() -> None:
    record = with_metadata(minimal(), creators=[organisation("\x00"), person("\x01")])
    assert find(record, "m:name/m:namePart/text()") == ["[Name not known]"] * 2


def test_kind_is_told_in_the_words_of_libraries() -> None:
    assert find(minimal(), "m:typeOfResource/text()") == ["software, multimedia"]
    assert find(minimal(), "m:genre[@authority='marcgt']/text()") == ["numeric data"]
    props = {"resourcetypes": {"dataset": DATASET_PROPS | {"coar": "http://purl.org/coar/resource_type/c_ddb1"}}}
    assert find(replace(minimal(), props=props), "m:genre[@authority='coar']/@valueURI") == [
        "http://purl.org/coar/resource_type/c_ddb1"
    ]


def test_dates_are_encoded_and_ranges_have_two_ends() -> None:
    issued = find(full(), "m:originInfo/m:dateIssued[@encoding='w3cdtf']")
    assert [(node.text, node.get("point"), node.get("keyDate")) for node in issued] == [
        ("2020-01", "start", "yes"),
        ("2020-06", "end", None),
    ]
    assert find(full(), "m:originInfo/m:dateOther[@type='accepted']/text()") == ["2020-02-28"]
    assert find(full(), "m:subject/m:temporal/text()") == ["1990", "2020"]
    created = with_metadata(minimal(), dates=[{"date": "2020-02-03", "type": term("created", "Created")}])
    assert find(created, "m:originInfo/m:dateCreated[@encoding='w3cdtf']/text()") == ["2020-02-03"]
    assert find(embargoed(), "m:originInfo/m:dateOther[@type='embargo end']/text()") == ["2099-01-01"]


def test_languages_have_bibliographic_codes() -> None:
    code = "m:language/m:languageTerm[@type='code']"
    assert find(full(), code + "[@authority='iso639-2b']/text()") == ["eng", "cze"]
    rare = with_metadata(minimal(), languages=[term("aaa", "Ghotuo")])
    assert find(rare, code + "[@authority='iso639-3']/text()") == ["aaa"]


def test_descriptions_are_told_apart() -> None:
    assert find(full(), "m:abstract/text()") == ["It rained & rained.\n1 < 2\nmore"]
    assert find(full(), "m:note[@type='methodology']/text()") == ["How it was done"]
    assert find(full(), "m:tableOfContents/text()") == ["1. Rain"]
    assert find(full(), "m:note[@type='funding']/text()")[0] == "Academy of Finland, Rain project, 755021"


def test_subjects_are_topics_places_and_coordinates() -> None:
    assert find(full(), "m:subject/m:topic/text()") == ["Rain", "harbour", "déšť"]
    assert find(full(), "m:subject[@authority='mesh']/@valueURI") == ["https://id.nlm.nih.gov/mesh/D011891"]
    assert find(full(), "m:subject/m:geographic/text()") == ["Copenhagen"]
    assert find(full(), "m:subject/m:cartographics/m:coordinates/text()")[1] == "E 10°--E 13°/N 56.5°--N 54°"


def test_the_host_has_its_parts() -> None:
    host = "m:relatedItem[@type='host'][1]/"
    assert find(full(), host + "m:titleInfo/m:title/text()") == ["J. Rain"]
    assert find(full(), host + "m:identifier[@type='issn']/text()") == ["1234-5679"]
    assert find(full(), host + "m:part/m:detail[@type='volume']/m:number/text()") == ["12"]
    assert find(full(), host + "m:part/m:detail[@type='issue']/m:number/text()") == ["3"]
    assert find(full(), host + "m:part/m:extent[@unit='pages']/*/text()") == ["1", "11"]


def test_related_works_have_the_type_that_mods_knows_or_their_own() -> None:
    item = "m:relatedItem[{}]/m:identifier/text()"
    assert find(full(), item.format("@type='isReferencedBy'")) == ["10.1234/foo.bar"]
    assert find(full(), item.format("@type='preceding'")) == ["10.5072/0001x-14906"]
    assert find(full(), item.format("@otherType='is derived from'")) == ["https://example.org/related"]
    assert find(full(), "m:relatedItem[@type='references']/m:note/text()") == [
        "Nielsen et al. 2001",
        "Plain text reference",
    ]


def test_identifiers_and_links() -> None:
    assert find(full(), "m:identifier[@type='doi']/text()") == ["10.5072/00000-00971"]
    assert find(full(), "m:identifier[@type='oai']/text()") == ["oai:repository.example.org:00000-00971"]
    page = "m:location/m:url[@usage='primary display'][@access='object in context']/text()"
    assert find(full(), page) == ["https://repository.example.org/records/00000-00971"]
    assert find(with_files(), "m:location/m:url[@access='raw object']/@displayLabel") == [
        "figure.png",
        "data/rain 2024.csv",
    ]
    assert find(files_closed(), "m:location/m:url[@access='raw object']") == []


def test_access_and_use_are_conditions_with_links() -> None:
    restriction = "m:accessCondition[@type='restriction on access']"
    assert find(full(), restriction + "/@xlink:href") == ["http://purl.org/coar/access_right/c_abf2"]
    assert find(embargoed(), restriction + "/text()") == ["Embargoed Access"]
    assert find(full(), "m:accessCondition[@type='use and reproduction']/@xlink:href") == [
        "https://creativecommons.org/licenses/by/4.0/",
        "https://example.org/licence",
    ]


def test_the_record_names_its_source_and_times() -> None:
    info = "m:recordInfo/"
    assert find(full(), info + "m:recordIdentifier[@source='repository.example.org']/text()") == ["00000-00971"]
    assert find(full(), info + "m:recordContentSource/text()") == ["Example Repository"]
    assert find(full(), info + "m:recordCreationDate/text()") == ["2024-05-01"]
    assert find(full(), info + "m:recordChangeDate/text()") == ["2024-05-02"]
