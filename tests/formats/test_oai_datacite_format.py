"""DataCite XML in the wrapper for OAI-PMH: kernel 4.6, and what OpenAIRE asks of data archives."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree
from record_parts import access, term
from shipped_terms import with_every_term
from snapshot_strategies import snapshots as any_snapshot
from snapshots import (
    SITE,
    embargoed,
    files_closed,
    full,
    hostile,
    many_authors,
    minimal,
    with_files,
    with_metadata,
)

from repository.formats import oai_datacite
from repository.formats.datacite_older import KERNEL_4_6
from repository.formats.datacite_terms import RELATED_LABELS, RELATION_TYPES, RESOURCE_TYPES
from repository.records.snapshot import Snapshot

O = "{http://schema.datacite.org/oai/oai-1.1/}"  # noqa: E741 — read as part of a path
D = "{http://datacite.org/schema/kernel-4}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def parse(snapshot: Snapshot) -> Any:
    return etree.fromstring(oai_datacite.write(snapshot, SITE))


def payload(snapshot: Snapshot) -> Any:
    return parse(snapshot).find(f"{O}payload/{D}resource")


def related(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    return [
        (entry.get("relationType"), entry.get("relatedIdentifierType"), entry.text)
        for entry in payload(snapshot).iter(f"{D}relatedIdentifier")
    ]


def work(scheme: str, identifier: str, relation: str = "Cites", **more: Any) -> Snapshot:
    """A record with one related work."""
    entry = {"identifier": identifier, "scheme": scheme, "relation_type": term("it", "It"), **more}
    props = {
        "relationtypes": {"it": {"datacite": relation}},
        "resourcetypes": {"poster": {"datacite_general": "Poster"}},
    }
    return with_metadata(minimal(props=props), related_identifiers=[entry])


@pytest.mark.parametrize("make", [minimal, full, hostile, with_files, files_closed, embargoed, many_authors])
def test_wrapper_and_payload_conform(oai_datacite_schema: etree.XMLSchema, make: Any) -> None:
    oai_datacite_schema.assertValid(parse(make()))


@given(any_snapshot())
def test_any_record_conforms(oai_datacite_schema: etree.XMLSchema, snapshot: Snapshot) -> None:
    oai_datacite_schema.assertValid(parse(snapshot))


def test_every_shipped_term_has_a_word_in_kernel_4_6(oai_datacite_schema: etree.XMLSchema) -> None:
    for snapshot in with_every_term():
        oai_datacite_schema.assertValid(parse(snapshot))


def test_a_record_without_metadata_conforms(oai_datacite_schema: etree.XMLSchema) -> None:
    oai_datacite_schema.assertValid(parse(minimal(metadata={}, props=None)))


def test_the_schema_of_the_tests_checks_the_payload(oai_datacite_schema: etree.XMLSchema) -> None:
    newer = oai_datacite.write(full(), SITE).replace(b'"JournalArticle"', b'"Poster"')
    assert not oai_datacite_schema.validate(etree.fromstring(newer))


@pytest.mark.parametrize(
    ("name", "ours", "lacking"),
    [
        ("resourceType", RESOURCE_TYPES, set(KERNEL_4_6.resource_types)),
        ("relationType", RELATION_TYPES, set(KERNEL_4_6.relations)),
        ("relatedIdentifierType", set(RELATED_LABELS.values()), KERNEL_4_6.labels),
    ],
)
def test_what_4_6_lacks_is_what_its_lists_lack(shared: Path, name: str, ours: set[str], lacking: set[str]) -> None:
    root = etree.parse(shared / "xsd" / "datacite" / "kernel-4.6" / "include" / f"datacite-{name}-v4.xsd")
    assert ours - lacking == {node.get("value") for node in root.iter("{http://www.w3.org/2001/XMLSchema}enumeration")}


def test_the_wrapper_names_version_and_repository() -> None:
    root = parse(full())
    assert root.tag == f"{O}oai_datacite"
    assert root.get(XSI) == "http://schema.datacite.org/oai/oai-1.1/ http://schema.datacite.org/oai/oai-1.1/oai.xsd"
    assert root.findtext(f"{O}schemaVersion") == "4.6"
    assert root.findtext(f"{O}datacentreSymbol") == "repository.example.org"
    assert payload(full()).get(XSI).endswith("/kernel-4.6/metadata.xsd")


@pytest.mark.parametrize("general", ["Poster", "Presentation"])
def test_newer_resource_types_are_other_with_their_word(general: str) -> None:
    props = {"resourcetypes": {"it": {"datacite_general": general, "datacite_type": ""}}}
    kind = payload(with_metadata(minimal(props=props), resource_type=term("it", "It"))).find(f"{D}resourceType")
    assert (kind.get("resourceTypeGeneral"), kind.text) == ("Other", general)


def test_a_resource_type_is_named_beside_the_general_one() -> None:
    kind = payload(full()).find(f"{D}resourceType")
    assert (kind.get("resourceTypeGeneral"), kind.text) == ("JournalArticle", "Journal article")


def test_a_relation_that_4_6_lacks_is_left_out() -> None:
    assert related(work("doi", "10.1234/x", "Other")) == []
    assert related(work("doi", "10.1234/x", "HasTranslation")) == [("HasTranslation", "DOI", "10.1234/x")]


def test_an_identifier_whose_type_4_6_lacks_is_related_by_url_or_not_at_all() -> None:
    content = "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2"
    assert related(work("swhid", content)) == [("Cites", "URL", f"https://archive.softwareheritage.org/{content}")]
    assert related(work("raid", "10.1/7")) == [("Cites", "URL", "https://raid.org/10.1/7")]
    assert related(work("swhid", " ")) == []


def test_a_related_poster_is_something_other() -> None:
    entry = payload(work("doi", "10.1234/x", resource_type=term("poster", "Poster"))).find(f".//{D}relatedIdentifier")
    assert entry.get("resourceTypeGeneral") == "Other"


@pytest.mark.parametrize(("scheme", "label"), [("swhid", "URL"), ("doi", "DOI")])
def test_the_identifier_of_a_meeting_has_a_type_of_4_6(
    oai_datacite_schema: etree.XMLSchema, scheme: str, label: str
) -> None:
    meeting = {"title": "Rain", "identifiers": [{"scheme": scheme, "identifier": "10.1234/x"}]}
    held = minimal(custom_fields={"meeting:meeting": meeting})
    oai_datacite_schema.assertValid(parse(held))
    assert payload(held).find(f".//{D}relatedItemIdentifier").get("relatedItemIdentifierType") == label


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("open", "openAccess"),
        ("embargoed", "embargoedAccess"),
        ("restricted", "restrictedAccess"),
        ("metadata-only", "closedAccess"),
    ],
)
def test_the_access_right_is_given_once_by_its_term(status: str, word: str) -> None:
    links = [entry.get("rightsURI") for entry in payload(minimal(access=access(status=status))).iter(f"{D}rights")]
    assert links == [f"info:eu-repo/semantics/{word}"]


@pytest.mark.parametrize(
    "said",
    [
        {"title": {"en": "info:eu-repo/semantics/openAccess"}},
        {"title": {"en": "open access"}, "link": "http://purl.org/coar/access_right/c_abf2"},
        {"title": {"en": "open"}, "link": "https://purl.org/coar/access_right/c_abf2"},
    ],
)
def test_an_access_right_that_the_record_states_is_given_by_its_term(said: Any) -> None:
    root = payload(with_metadata(minimal(), rights=[said]))
    links = [entry.get("rightsURI") for entry in root.iter(f"{D}rights")]
    assert [link for link in links if link and link.startswith("info:")] == ["info:eu-repo/semantics/openAccess"]


def test_an_embargo_has_a_begin_and_an_end() -> None:
    def dates(snapshot: Snapshot) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in payload(snapshot).iter(f"{D}date"):
            found.setdefault(entry.get("dateType"), []).append(entry.text)
        return found

    closed = dates(embargoed())
    assert (closed["Accepted"], closed["Available"]) == (["2024-05-01"], ["2099-01-01"])
    props = {"datetypes": {"accepted": {"datacite": "Accepted"}, "available": {"datacite": "Available"}}}
    given_dates = [
        {"date": "2020-02-28", "type": term("accepted", "Accepted")},
        {"date": "2020-03-01", "type": term("available", "Available")},
    ]
    told = with_metadata(replace(embargoed(), props=props), dates=given_dates)
    assert (dates(told)["Accepted"], dates(told)["Available"]) == (["2020-02-28"], ["2099-01-01"])
    public = with_metadata(minimal(props=props), dates=given_dates)
    assert (dates(public)["Accepted"], dates(public)["Available"]) == (["2020-02-28"], ["2020-03-01"])
    assert "Accepted" not in dates(minimal())


def test_the_language_has_its_shortest_code() -> None:
    assert payload(full()).findtext(f"{D}language") == "en"
    assert payload(with_metadata(minimal(), languages=[term("cop", "Coptic")])).findtext(f"{D}language") == "cop"


def test_forbidden_characters_are_removed() -> None:
    nasty = with_metadata(minimal(), title="a\x00\x0b\x1fb\ufffe\uffff", subjects=[{"subject": "\x01rain"}])
    assert payload(nasty).findtext(f"{D}titles/{D}title") == "ab"
    assert payload(nasty).findtext(f"{D}subjects/{D}subject") == "rain"
