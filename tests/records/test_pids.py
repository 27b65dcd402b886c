"""Persistent identifiers of a draft."""

from typing import Any

import pytest

from repository.records.metadata_values import flatten
from repository.records.pids import Policy, load, will_be_managed

PREFIX = Policy(prefix="10.5072")
MANAGED = {"identifier": "10.5072/abcde-12345", "provider": "datacite", "client": "datacite"}
EXTERNAL = {"identifier": "10.1234/rain", "provider": "external"}
OAI = {"identifier": "oai:example.org:abcde-12345", "provider": "oai"}


def read(value: Any, previous: Any = None, policy: Policy = PREFIX) -> tuple[dict[str, Any], list[str]]:
    pids, messages = load(value, previous, policy)
    return pids, [error.field for error in flatten(messages, "pids")]


@pytest.mark.parametrize(
    ("value", "previous", "stored"),
    [
        (None, None, {}),
        (None, {"doi": EXTERNAL}, {"doi": EXTERNAL}),
        ({}, {"doi": EXTERNAL}, {}),
        ({}, {"doi": MANAGED}, {}),
        ({"doi": EXTERNAL}, None, {"doi": EXTERNAL}),
        ({"doi": {**EXTERNAL, "identifier": " https://doi.org/10.1234/rain "}}, None, {"doi": EXTERNAL}),
        ({"doi": {**EXTERNAL, "client": "somebody"}}, None, {"doi": EXTERNAL}),
        ({"doi": {"identifier": "", "provider": "external"}}, {"doi": EXTERNAL}, {}),
        ({"doi": {"provider": "datacite"}}, None, {}),
        ({"doi": MANAGED}, {"doi": MANAGED}, {"doi": MANAGED}),
        ({"doi": MANAGED, "oai": OAI}, {"doi": MANAGED, "oai": OAI}, {"doi": MANAGED, "oai": OAI}),
        ({"doi": EXTERNAL}, {"doi": MANAGED}, {"doi": EXTERNAL}),
        ({"doi": None}, {"doi": EXTERNAL}, {}),
    ],
)
def test_pids_are_read(value: Any, previous: Any, stored: dict[str, Any]) -> None:
    assert read(value, previous) == (stored, [])


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({"nosuch": {"identifier": "1", "provider": "external"}}, ["pids.nosuch"]),
        ({"doi": {"identifier": "10.1234/x", "provider": "nosuch"}}, ["pids.doi.provider"]),
        ({"doi": {"identifier": "10.1234/x"}}, ["pids.doi.provider"]),
        ({"doi": {"identifier": "not a doi", "provider": "external"}}, ["pids.doi"]),
        ({"doi": {"identifier": 3, "provider": "external"}}, ["pids.doi.identifier"]),
        ({"doi": {"identifier": "10.5072/mine", "provider": "external"}}, ["pids.doi"]),
        ({"doi": {"identifier": "10.5072/mine", "provider": "datacite"}}, ["pids.doi"]),
        ({"doi": {"identifier": "10.1234/x", "provider": "datacite"}}, ["pids.doi"]),
        ({"doi": {"identifier": "10.1234/" + "x" * 600, "provider": "external"}}, ["pids.doi"]),
        ({"doi": "10.1234/x"}, ["pids.doi._schema"]),
        ({"oai": OAI}, ["pids.oai"]),
        ([], ["pids._schema"]),
    ],
)
def test_wrong_pids_are_left_out_and_named(value: Any, fields: list[str]) -> None:
    assert read(value) == ({}, fields)


def test_another_prefix_that_only_begins_alike_is_external() -> None:
    longer = {"identifier": "10.50721/x", "provider": "external"}
    assert read({"doi": longer}) == ({"doi": longer}, [])


def test_without_a_prefix_of_its_own_the_instance_manages_no_doi() -> None:
    theirs = {"identifier": "10.5072/x", "provider": "external"}
    assert read({"doi": theirs}, policy=Policy()) == ({"doi": theirs}, [])


def test_an_import_brings_dois_under_the_own_prefix() -> None:
    policy = Policy(prefix="10.5072", importing=True)
    for provider in ("datacite", "external"):
        doi = {"identifier": "10.5072/old", "provider": provider}
        assert read({"doi": doi}, policy=policy) == ({"doi": doi}, [])


@pytest.mark.parametrize("value", [{}, None, {"doi": {"identifier": "", "provider": "external"}}])
def test_a_published_doi_is_never_lost(value: Any) -> None:
    policy = Policy(prefix="10.5072", published=True)
    for doi in (MANAGED, EXTERNAL):
        assert read(value, {"doi": doi, "oai": OAI}, policy) == ({"doi": doi, "oai": OAI}, [])


def test_of_published_dois_only_an_external_one_can_be_corrected() -> None:
    policy = Policy(prefix="10.5072", published=True)
    corrected = {"identifier": "10.1234/sun", "provider": "external"}
    assert read({"doi": corrected}, {"doi": EXTERNAL}, policy) == ({"doi": corrected}, [])
    assert read({"doi": corrected}, {"doi": MANAGED}, policy) == ({"doi": MANAGED}, ["pids.doi"])


def test_an_oai_identifier_is_not_overwritten() -> None:
    other = {"identifier": "oai:elsewhere:1", "provider": "oai"}
    assert read({"oai": other}, {"oai": OAI}) == ({"oai": OAI}, ["pids.oai"])


@pytest.mark.parametrize(
    ("pids", "prefix", "managed"),
    [
        ({}, "10.5072", True),
        ({"doi": MANAGED}, "10.5072", True),
        ({"doi": EXTERNAL}, "10.5072", False),
        ({}, "", False),
    ],
)
def test_whether_a_doi_will_be_managed(pids: dict[str, Any], prefix: str, managed: bool) -> None:
    assert will_be_managed(pids, prefix) is managed
