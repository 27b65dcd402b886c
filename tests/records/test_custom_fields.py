"""Custom fields: the bundles and an instance's own."""

from typing import Any

import pytest

from repository.errors import WrongSetting
from repository.records.custom_fields import BUNDLES, CustomFields, compile_fields, load
from repository.records.metadata_terms import references, resolve
from repository.records.metadata_values import TERMS, flatten

KNOWN: dict[tuple[str, str], dict[str, Any]] = {
    ("code:programmingLanguages", "python"): {"id": "python", "title": {"en": "Python"}},
    ("code:developmentStatus", "active"): {"id": "active", "title": {"en": "Active", "cs": "Aktivní"}},
    ("languages", "ces"): {"id": "ces", "title": {"en": "Czech"}},
}
BUNDLE: dict[str, Any] = {
    "journal:journal": {"title": "J. Rain", "issue": "3", "volume": "12", "pages": "1-11", "issn": "1234-5679"},
    "imprint:imprint": {
        "title": "Rain",
        "isbn": "978-3-16-148410-0",
        "pages": "15-23",
        "place": "Brno",
        "edition": "2",
    },
    "thesis:thesis": {
        "university": "U",
        "department": "Physics",
        "type": "PhD",
        "date_submitted": "2020~",
        "date_defended": "2021-21",
    },
    "meeting:meeting": {
        "acronym": "RAIN24",
        "dates": "1-3 May 2024",
        "place": "Lund",
        "session_part": "1",
        "session": "VI",
        "title": "Rain conference",
        "url": "https://example.org/rain24",
        "identifiers": [{"identifier": "10.1234/rain24", "scheme": "doi"}],
    },
    "code:codeRepository": "https://example.org/code",
    "code:programmingLanguage": [{"id": "python"}],
    "code:developmentStatus": {"id": "active"},
}


def read(value: Any, fields: CustomFields = BUNDLES) -> tuple[dict[str, Any], list[str]]:
    token = TERMS.set(KNOWN)
    try:
        kept, messages = load(value, fields)
    finally:
        TERMS.reset(token)
    return kept, [error.field for error in flatten(messages, "custom_fields")]


def test_all_bundles_are_on() -> None:
    assert read(BUNDLE) == (BUNDLE, [])
    assert set(BUNDLES) == set(BUNDLE)


@pytest.mark.parametrize(
    "nothing", [None, {}, {"journal:journal": None}, {"journal:journal": {}}, {"journal:journal": {"title": ""}}]
)
def test_nothing_is_nothing(nothing: Any) -> None:
    assert read(nothing) == ({}, [])


@pytest.mark.parametrize(
    ("value", "kept", "fields"),
    [
        (
            {"journal:journal": {"title": "J", "issn": "12"}},
            {"journal:journal": {"title": "J"}},
            ["journal:journal.issn"],
        ),
        ({"imprint:imprint": {"isbn": "1"}}, {}, ["imprint:imprint.isbn"]),
        ({"nosuch:field": 1}, {}, ["nosuch:field"]),
        ({"journal:journal": {"surplus": 1}}, {}, ["journal:journal.surplus"]),
        ({"code:codeRepository": "no url"}, {}, ["code:codeRepository"]),
        ({"code:codeRepository": "javascript://x/%0a"}, {}, ["code:codeRepository"]),
        ({"code:developmentStatus": {"id": "nope"}}, {}, ["code:developmentStatus.id"]),
        (
            {"code:programmingLanguage": [{"id": "python"}, {"id": "nope"}]},
            {"code:programmingLanguage": [{"id": "python"}]},
            ["code:programmingLanguage.1.id"],
        ),
        ({"thesis:thesis": {"date_submitted": "soon"}}, {}, ["thesis:thesis.date_submitted"]),
        ({"meeting:meeting": "x"}, {}, ["meeting:meeting._schema"]),
    ],
)
def test_what_is_wrong_is_left_out_and_named(value: Any, kept: dict[str, Any], fields: list[str]) -> None:
    assert read(value) == (kept, [f"custom_fields.{field}" for field in fields])


@pytest.mark.parametrize(
    ("value", "thesis"),
    [
        ({"thesis:university": "Old"}, {"university": "Old"}),
        ({"thesis:university": "Old", "thesis:thesis": {"type": "PhD"}}, {"type": "PhD", "university": "Old"}),
        ({"thesis:university": "Old", "thesis:thesis": {"university": "New"}}, {"university": "New"}),
    ],
)
def test_the_university_of_older_clients_becomes_part_of_the_thesis(value: Any, thesis: dict[str, str]) -> None:
    kept, fields = read(value)
    assert dict(kept["thesis:thesis"]) == thesis
    assert fields == []


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("text", [" two\nlines "], [1, None, True, {}]),
        ("keyword", ["k"], [1]),
        ("integer", [0, -(2**63), 2**63 - 1], [1.0, "1", True, 2**63]),
        ("double", [1, 1.5, -0.1], ["1", True, float("nan"), float("inf"), 10**400]),
        ("boolean", [True, False], [0, "true"]),
        ("edtf_date", ["2020", "2020-01/2021"], ["2020~", "soon", 2020]),
        ("iso_date", ["2020-02-29"], ["2020", "2021-02-29", 20200229]),
    ],
)
def test_kinds_of_own_fields(kind: str, right: list[Any], wrong: list[Any]) -> None:
    fields = compile_fields([{"name": "own:one", "kind": kind}, {"name": "own:many", "kind": kind, "multiple": True}])
    for value in right:
        kept, named = read({"own:one": value, "own:many": [value]}, fields)
        assert named == []
        assert kept["own:one"] == kept["own:many"][0] == (" ".join(value.split()) if kind == "text" else value)
    for value in wrong:
        kept, named = read({"own:one": value, "own:many": [right[0], value]}, fields)
        assert "own:one" not in kept
        assert len(kept["own:many"]) == 1
        assert "custom_fields.own:many.1" in [name.removesuffix("._schema") for name in named]


def test_own_vocabulary_fields_are_looked_up_and_resolved() -> None:
    fields = compile_fields(
        [{"name": "own:language", "kind": "vocabulary", "vocabulary": "languages", "multiple": True}]
    )
    sent = {"own:language": [{"id": "ces"}, {"id": "xxx"}]}
    assert references({"custom_fields": sent}, fields) == {("languages", "ces"), ("languages", "xxx")}
    kept, named = read(sent, fields)
    assert named == ["custom_fields.own:language.1.id"]
    assert resolve({}, kept, KNOWN, fields)[1] == {"own:language": [{"id": "ces", "title": {"en": "Czech"}}]}


def test_labels_and_facets_are_kept() -> None:
    fields = compile_fields(
        [
            {"name": "own:a", "kind": "text", "label": "A", "facet": True},
            {"name": "own:b", "kind": "text", "label": {"en": "B", "cs": "Bé"}},
            {"name": "own:c", "kind": "text"},
        ]
    )
    assert [dict(fields[name].label) for name in ("own:a", "own:b", "own:c")] == [
        {"en": "A"},
        {"en": "B", "cs": "Bé"},
        {"en": "own:c"},
    ]
    assert fields["own:a"].facet
    assert not fields["own:b"].facet


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"name": "noprefix", "kind": "text"},
        {"name": "own:a.b", "kind": "text"},
        {"name": 3, "kind": "text"},
        {"name": "journal:journal", "kind": "text"},
        {"name": "thesis:university", "kind": "text"},
        {"name": "own:x", "kind": "nosuch"},
        {"name": "own:x"},
        {"name": "own:x", "kind": "text", "multiple": "yes"},
        {"name": "own:x", "kind": "text", "facet": 1},
        {"name": "own:x", "kind": "text", "vocabulary": "languages"},
        {"name": "own:x", "kind": "vocabulary"},
        {"name": "own:x", "kind": "vocabulary", "vocabulary": "nosuch"},
        {"name": "own:x", "kind": "text", "label": 3},
        {"name": "own:x", "kind": "text", "widget": "x"},
    ],
)
def test_a_wrong_definition_names_itself(table: dict[str, Any]) -> None:
    with pytest.raises(WrongSetting) as caught:
        compile_fields([{"name": "own:first", "kind": "text"}, table])
    assert (repr(table["name"]) if isinstance(table.get("name"), str) else "table 2") in caught.value.message


def test_two_fields_of_one_name_are_refused() -> None:
    with pytest.raises(WrongSetting, match="own:x"):
        compile_fields([{"name": "own:x", "kind": "text"}, {"name": "own:x", "kind": "integer"}])
