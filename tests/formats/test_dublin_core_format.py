"""Dublin Core XML, which is also OAI-PMH's oai_dc."""

from typing import Any

import pytest
from hypothesis import given
from lxml import etree
from record_parts import access
from snapshot_strategies import snapshots as any_snapshot
from snapshots import SITE, embargoed, files_closed, full, hostile, many_authors, minimal, with_metadata

from repository.formats import dublin_core
from repository.records.snapshot import Snapshot

DC = "{http://purl.org/dc/elements/1.1/}"


def values(snapshot: Snapshot, name: str) -> list[str | None]:
    root = etree.fromstring(dublin_core.write(snapshot, SITE))
    return [element.text for element in root.iter(DC + name)]


@pytest.mark.parametrize("make", [minimal, full, hostile, files_closed, embargoed, many_authors])
def test_output_conforms_to_oai_dc(schema: etree.XMLSchema, make: Any) -> None:
    schema.assertValid(etree.fromstring(dublin_core.write(make(), SITE)))


@given(any_snapshot())
def test_output_of_any_record_conforms_to_oai_dc(schema: etree.XMLSchema, snapshot: Snapshot) -> None:
    schema.assertValid(etree.fromstring(dublin_core.write(snapshot, SITE)))


def test_namespace_and_schema_are_oai_pmh_s_own() -> None:
    root = etree.fromstring(dublin_core.write(minimal(), SITE))
    assert root.tag == "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
    location = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    assert location == "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd"


def test_titles_keep_signs_and_lose_markup() -> None:
    assert values(full(), "title")[0] == "Rain over the harbour: 1 < 2 & déšť"


def test_identifiers_are_doi_landing_page_and_oai_identifier() -> None:
    assert values(full(), "identifier")[:3] == [
        "https://doi.org/10.5072/00000-00971",
        "https://repository.example.org/records/00000-00971",
        "oai:repository.example.org:00000-00971",
    ]
    assert values(minimal(), "identifier") == [
        "https://repository.example.org/records/00000-00195",
        "oai:repository.example.org:00000-00195",
    ]


def test_access_and_licence_are_rights() -> None:
    assert values(full(), "rights") == [
        "info:eu-repo/semantics/openAccess",
        "Creative Commons Attribution 4.0 International",
        "https://creativecommons.org/licenses/by/4.0/",
        "House licence",
        "https://example.org/licence",
        "Copyright 2020 Harbour Institute",
    ]
    assert values(minimal(access=access(status="restricted")), "rights") == ["info:eu-repo/semantics/restrictedAccess"]


def test_empty_values_make_no_elements() -> None:
    assert values(with_metadata(minimal(), publisher="", description="<p></p>"), "publisher") == []
    assert values(with_metadata(minimal(), publisher="", description="<p></p>"), "description") == []


def test_order_of_authors_is_kept() -> None:
    assert values(many_authors(50), "creator") == [f"Family{i}, Given{i}" for i in range(50)]
