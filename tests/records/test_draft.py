"""A draft as a request sends it: what is stored, what is named, what it lacks."""

from typing import Any

import pytest

from repository.records import structure
from repository.records.draft import (
    MOST_ERRORS,
    NO_FILES,
    NO_PUBLISHER,
    check,
    file_errors,
    load,
    merge,
    missing,
    references,
)
from tests.drafts_sent import MANAGED, MINIMAL, PERSON, RULES, TERMS, fields, read


def test_a_new_draft_of_nothing_is_public_and_expects_files() -> None:
    loaded = load({}, None, {}, RULES)
    assert loaded.body() == {
        "metadata": {},
        "custom_fields": {},
        "access": {"record": "public", "files": "public", "embargo": {"active": False, "reason": None}},
        "pids": {},
        "files": {"enabled": True, "order": []},
    }
    assert loaded.media_files == {"enabled": False, "order": []}
    assert loaded.internal_notes is None
    assert loaded.errors == ()


def test_absent_access_and_pids_are_kept_absent_metadata_and_custom_fields_emptied() -> None:
    before = {
        "metadata": MINIMAL,
        "custom_fields": {"code:codeRepository": "https://example.org"},
        "access": {"record": "restricted", "files": "restricted", "embargo": {"active": False, "reason": None}},
        "pids": {"doi": {"identifier": "10.1234/x", "provider": "external"}},
        "files": {"enabled": False, "order": []},
    }
    loaded = load({}, before, TERMS, RULES)
    assert (loaded.metadata, loaded.custom_fields) == ({}, {})
    assert (loaded.access, loaded.pids) == (before["access"], before["pids"])
    assert loaded.files["enabled"] is True
    assert load({"pids": {}}, before, TERMS, RULES).pids == {}


def test_metadata_of_a_wrong_type_are_named_and_the_rest_is_read() -> None:
    loaded = load({"metadata": "oops", "files": {"enabled": False}}, None, TERMS, RULES)
    assert fields(loaded) == ["metadata._schema"]
    assert loaded.files["enabled"] is False


def test_unknown_keys_beside_the_metadata_are_dropped_silently() -> None:
    assert load({"unknown": 1, "links": {}, "ui": {}, "revision_id": 3}, None, {}, RULES).errors == ()


@pytest.mark.parametrize(
    ("files", "stored", "named"),
    [
        (None, {"enabled": True, "order": []}, []),
        ({"enabled": False, "default_preview": None}, {"enabled": False, "order": []}, []),
        (
            {"enabled": True, "order": ["b", "a", "b"], "default_preview": "a", "count": 2, "entries": {}},
            {"enabled": True, "order": ["b", "a"], "default_preview": "a"},
            [],
        ),
        ({"enabled": "no"}, {"enabled": True, "order": []}, ["files.enabled"]),
        ({"order": ["a\x00", "b"]}, {"enabled": True, "order": ["b"]}, ["files.order.0"]),
        ({"surplus": 1}, {"enabled": True, "order": []}, ["files.surplus"]),
        ([], {"enabled": True, "order": []}, ["files._schema"]),
    ],
)
def test_files_are_read(files: Any, stored: dict[str, Any], named: list[str]) -> None:
    loaded = load({"files": files}, None, {}, RULES)
    assert loaded.files == stored
    assert fields(loaded) == named


@pytest.mark.parametrize(
    ("files", "count", "field"),
    [
        ({"enabled": True}, 0, "files.enabled"),
        ({"enabled": True}, 1, None),
        ({"enabled": False}, 0, None),
        ({"enabled": False}, 1, "files.enabled"),
        ({"enabled": True, "default_preview": "a"}, 1, None),
        ({"enabled": True, "default_preview": "z"}, 1, "files.default_preview"),
    ],
)
def test_files_must_fit_the_switch(files: dict[str, Any], count: int, field: str | None) -> None:
    errors = file_errors(files, count, lambda key: key == "a")
    assert [error.field for error in errors] == ([field] if field else [])


def test_parent_and_review_are_read_as_wishes() -> None:
    loaded = load(
        {
            "parent": {"id": "x", "communities": {"default": " rain ", "ids": []}, "access": {}},
            "review": {"type": "community-submission", "receiver": {"community": "abc", "n": 3}},
        },
        None,
        {},
        RULES,
    )
    assert loaded.parent_input == {
        "communities": {"default": "rain"},
        "review": {"type": "community-submission", "receiver": {"community": "abc"}},
    }
    assert load({"parent": [], "review": {"type": 3}}, None, {}, RULES).parent_input == {}


def test_internal_notes_are_cleaned() -> None:
    note = {"id": "1", "note": "<b>x</b><script>", "timestamp": "t", "added_by": {"user": "1"}}
    loaded = load({"internal_notes": [note, {"id": "2"}, 3]}, None, {}, RULES)
    assert loaded.internal_notes == ({"id": "1", "note": "<b>x</b>"},)
    assert fields(loaded) == ["internal_notes.1.note", "internal_notes.2._schema"]


def test_what_publishing_needs_is_missing_from_an_empty_draft() -> None:
    lacking = missing(load({}, None, {}, RULES), RULES)
    assert [error.field for error in lacking] == [
        "metadata.resource_type",
        "metadata.creators",
        "metadata.title",
        "metadata.publication_date",
    ]
    assert {error.messages for error in lacking} == {("Missing data for required field.",)}


def test_nothing_is_missing_from_a_minimal_record() -> None:
    loaded = read(MINIMAL)
    assert missing(loaded, RULES) == ()
    assert check(loaded.body(), TERMS, RULES) == ()
    structure.check_record(loaded.body())


@pytest.mark.parametrize(
    ("publisher", "pids", "lacking"),
    [
        ({}, {}, [("metadata.publisher", (NO_PUBLISHER,))]),
        ({"publisher": " "}, {}, [("metadata.publisher", (NO_PUBLISHER,))]),
        ({"publisher": "P"}, {}, []),
        ({}, {"doi": {"identifier": "10.1234/x", "provider": "external"}}, []),
    ],
)
def test_a_managed_doi_needs_a_publisher(publisher: Any, pids: Any, lacking: list[Any]) -> None:
    loaded = load({"metadata": {**MINIMAL, **publisher}, "pids": pids}, None, TERMS, MANAGED)
    assert [(error.field, error.messages) for error in missing(loaded, MANAGED)] == lacking


def test_a_wrong_field_is_not_named_as_missing_too() -> None:
    loaded = read({"title": "ab", "resource_type": {"id": "nosuch"}, "creators": [3]})
    assert [error.field for error in missing(loaded, RULES)] == ["metadata.publication_date"]


def test_what_is_stored_of_a_wrong_draft_stops_publishing_again() -> None:
    loaded = read(
        {
            "title": "ab",
            "creators": [
                {"person_or_org": {"type": "robot"}},
                {"person_or_org": {"type": "personal", "given_name": "A"}},
            ],
            "contributors": [PERSON],
        },
        access={"record": "public", "files": "restricted", "embargo": {"active": True, "until": "2001-01-01"}},
    )
    assert [error.field for error in check(loaded.body(), TERMS, RULES)] == [
        "metadata.resource_type",
        "metadata.creators.0.person_or_org.family_name",
        "metadata.title",
        "metadata.publication_date",
        "metadata.contributors.0.role",
        "access.embargo.until",
    ]


def test_a_term_that_was_removed_since_is_named() -> None:
    stored = read(MINIMAL).body()
    assert [error.field for error in check(stored, {}, RULES)] == ["metadata.resource_type.id"]


def test_errors_are_merged_in_the_order_of_the_fields_each_once() -> None:
    loaded = read(
        {"version": 3, "title": "ab"}, custom_fields={"no:such": 1}, access={"record": "x", "files": "public"}
    )
    merged = merge(file_errors({"enabled": True}, 0, bool), loaded.errors, loaded.errors, missing(loaded, RULES))
    assert [error.field for error in merged] == [
        "metadata.resource_type",
        "metadata.creators",
        "metadata.title",
        "metadata.publication_date",
        "metadata.version",
        "custom_fields.no:such",
        "access.record",
        "files.enabled",
    ]
    assert merged[-1].messages == (NO_FILES,)


def test_errors_of_a_hostile_body_are_capped_and_counted() -> None:
    loaded = read({f"key{number}": 1 for number in range(MOST_ERRORS + 5)})
    assert len(loaded.errors) == MOST_ERRORS + 1
    assert loaded.errors[-1].messages == ("5 more errors are not listed.",)


def test_unknown_keys_are_named_in_the_order_of_the_body() -> None:
    assert fields(read({"zz": 1, "aa": 1, "mm": 1})) == ["metadata.zz", "metadata.aa", "metadata.mm"]


def test_all_terms_that_a_body_names_are_found() -> None:
    def named(name: str) -> dict[str, str]:
        return {"id": name}

    body = {
        "metadata": {
            "resource_type": named("a"),
            "creators": [{"role": named("b"), "affiliations": [named("c"), {"name": "x"}]}],
            "contributors": [{"role": named("d"), "affiliations": named("e")}],
            "additional_titles": [{"type": named("f"), "lang": named("g")}],
            "additional_descriptions": [{"type": named("h"), "lang": named("i")}],
            "dates": [{"type": named("j")}],
            "languages": [named("k")],
            "subjects": [named("l")],
            "rights": [named("m")],
            "related_identifiers": [{"relation_type": named("n"), "resource_type": named("o")}],
            "funding": [{"funder": named("p"), "award": named("q")}],
        },
        "custom_fields": {"code:programmingLanguage": [named("r")], "code:developmentStatus": named("s")},
    }
    assert references(body) == {
        ("resourcetypes", "a"),
        ("creatorsroles", "b"),
        ("affiliations", "c"),
        ("contributorsroles", "d"),
        ("affiliations", "e"),
        ("titletypes", "f"),
        ("languages", "g"),
        ("descriptiontypes", "h"),
        ("languages", "i"),
        ("datetypes", "j"),
        ("languages", "k"),
        ("subjects", "l"),
        ("licenses", "m"),
        ("relationtypes", "n"),
        ("resourcetypes", "o"),
        ("funders", "p"),
        ("awards", "q"),
        ("code:programmingLanguages", "r"),
        ("code:developmentStatus", "s"),
    }


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {"metadata": []},
        {"metadata": {"languages": [{"id": 3}, {"id": "a\x00"}, {"id": "x" * 600}, {}, 1]}},
    ],
)
def test_of_garbage_no_terms_are_looked_up(body: Any) -> None:
    assert references(body) == frozenset()
