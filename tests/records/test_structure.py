"""The JSON Schema: what may be stored as a draft, and as a record."""

from copy import deepcopy
from typing import Any

import jsonschema
import pytest

from repository.errors import InvalidInput
from repository.records import metadata, structure
from repository.records.draft import load
from tests.drafts_sent import MINIMAL, RULES, TERMS

RECORD: dict[str, Any] = load({"metadata": MINIMAL, "files": {"enabled": False}}, None, TERMS, RULES).body()


def changed(path: str, value: Any) -> dict[str, Any]:
    """The minimal record with another value (None: without it) at a dotted path."""
    body = deepcopy(RECORD)
    *steps, last = path.split(".")
    place: Any = body
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return body


def test_the_schema_is_itself_valid_and_names_all_fields() -> None:
    schema = structure.record_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert tuple(schema["$defs"]["metadata"]["properties"]) == metadata.FIELDS


def test_schemas_lie_in_the_folder_that_is_found() -> None:
    assert (structure.schemas_folder() / "record-v1.json").is_file()


def test_a_minimal_record_conforms_and_nothing_is_a_draft() -> None:
    structure.check_record(RECORD)
    structure.check_draft(RECORD)
    structure.check_draft({})


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("metadata.surplus", 1, "metadata"),
        ("metadata.title", "ab", "metadata.title"),
        ("metadata.title", "a\x00bc", "metadata.title"),
        ("metadata.title", 3, "metadata.title"),
        ("metadata.resource_type", {"id": "dataset", "title": {}}, "metadata.resource_type"),
        ("metadata.publication_date", "May 2020", "metadata.publication_date"),
        ("metadata.creators", [], "metadata.creators"),
        ("metadata.creators.0.person_or_org.type", "robot", "metadata.creators.0.person_or_org.type"),
        ("metadata.creators.0.person_or_org", {"type": "personal"}, "metadata.creators.0.person_or_org"),
        ("metadata.identifiers", [{"identifier": "1"}], "metadata.identifiers.0.scheme"),
        ("metadata.version", "v" * 192, "metadata.version"),
        ("metadata.locations", {"features": [{}]}, "metadata.locations.features.0"),
        ("metadata.rights", [{"id": "x", "title": {"en": "y"}}], "metadata.rights.0"),
        ("custom_fields", {"noprefix": 1}, "custom_fields"),
        ("access.record", "secret", "access.record"),
        ("access.embargo.until", "soon", "access.embargo.until"),
        ("pids.doi", {"identifier": "x"}, "pids.doi.provider"),
        ("pids.nosuch", {}, "pids"),
        ("files.enabled", "yes", "files.enabled"),
    ],
)
def test_a_wrong_structure_is_refused_and_its_field_named(path: str, value: Any, field: str) -> None:
    for check in (structure.check_draft, structure.check_record):
        with pytest.raises(InvalidInput) as caught:
            check(changed(path, value))
        assert field in [error.field for error in caught.value.errors]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("metadata.title", None, "metadata.title"),
        ("metadata.resource_type", None, "metadata.resource_type"),
        ("metadata.publication_date", None, "metadata.publication_date"),
        ("metadata.creators", None, "metadata.creators"),
        ("metadata.creators.0.person_or_org.type", None, "metadata.creators.0.person_or_org.type"),
        ("metadata.creators.0.person_or_org.family_name", None, "metadata.creators.0.person_or_org.family_name"),
        ("metadata.contributors", RECORD["metadata"]["creators"], "metadata.contributors.0.role"),
        ("metadata.additional_titles", [{"title": "Subtitle"}], "metadata.additional_titles.0.type"),
        ("metadata.dates", [{"date": "2020"}], "metadata.dates.0.type"),
        ("metadata.funding", [{"award": {"number": "1"}}], "metadata.funding.0.funder"),
        (
            "metadata.related_identifiers",
            [{"identifier": "10.1/x", "scheme": "doi"}],
            "metadata.related_identifiers.0.relation_type",
        ),
        ("access.embargo.active", True, "access.embargo.until"),
    ],
)
def test_what_a_draft_may_lack_a_record_must_have(path: str, value: Any, field: str) -> None:
    body = changed(path, value)
    structure.check_draft(body)
    with pytest.raises(InvalidInput) as caught:
        structure.check_record(body)
    assert [error.field for error in caught.value.errors] == [field]
