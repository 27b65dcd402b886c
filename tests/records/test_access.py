"""Access and embargo."""

from datetime import date
from typing import Any

import pytest

from repository.records.access import load
from repository.records.metadata_values import flatten
from repository.records.visibility import access_status

TODAY = date(2026, 11, 24)
OPEN = {"record": "public", "files": "public", "embargo": {"active": False, "reason": None}}
CLOSED = {"record": "restricted", "files": "restricted", "embargo": {"active": False, "reason": None}}
LATER = {"active": True, "until": "2026-11-25", "reason": None}


def read(value: Any, previous: dict[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
    access, messages = load(value, previous, TODAY)
    return access, [error.field for error in flatten(messages, "access")]


@pytest.mark.parametrize(
    ("value", "previous", "stored"),
    [
        (None, None, OPEN),
        (None, CLOSED, CLOSED),
        (None, {**OPEN, "status": "open"}, OPEN),
        ({"record": "public", "files": "public"}, CLOSED, OPEN),
        ({**OPEN, "status": "open"}, None, OPEN),
        ({"record": "restricted", "files": "public"}, None, {**OPEN, "record": "restricted"}),
        (
            {"record": "public", "files": "restricted", "embargo": LATER},
            None,
            {**OPEN, "files": "restricted", "embargo": LATER},
        ),
        (
            {"record": "public", "files": "restricted", "embargo": {"until": "2026-11-25"}},
            None,
            {**OPEN, "files": "restricted", "embargo": LATER},
        ),
        ({**OPEN, "embargo": None}, None, OPEN),
        ({**OPEN, "embargo": {"active": False, "until": None, "reason": ""}}, None, OPEN),
        (
            {**OPEN, "embargo": {"active": False, "until": "2026-11-24", "reason": " patent "}},
            None,
            {**OPEN, "embargo": {"active": False, "until": "2026-11-24", "reason": "patent"}},
        ),
    ],
)
def test_access_is_read(value: Any, previous: dict[str, Any] | None, stored: dict[str, Any]) -> None:
    assert read(value, previous) == (stored, [])


@pytest.mark.parametrize(
    ("value", "protections", "fields"),
    [
        ({"record": "public", "files": "secret"}, ("public", "restricted"), ["access.files"]),
        ({"record": "Restricted", "files": "public"}, ("restricted", "public"), ["access.record"]),
        ({"record": None, "files": ["public"]}, ("restricted", "restricted"), ["access.record", "access.files"]),
        ("restricted", ("restricted", "restricted"), ["access._schema"]),
        ({"record": "restricted"}, ("restricted", "public"), ["access.files"]),
        ({**OPEN, "surplus": 1}, ("public", "public"), ["access.surplus"]),
        ({**OPEN, "embargo": {"active": "yes"}}, ("public", "public"), ["access.embargo.active"]),
        ({**OPEN, "embargo": {"until": "soon"}}, ("public", "public"), ["access.embargo.until"]),
        ({**OPEN, "embargo": []}, ("public", "public"), ["access.embargo._schema"]),
    ],
)
def test_what_is_wrong_is_named_and_never_opens_anything(
    value: Any, protections: tuple[str, str], fields: list[str]
) -> None:
    access, named = read(value)
    assert (access["record"], access["files"]) == protections
    assert named == fields
    assert access["embargo"]["active"] is False


@pytest.mark.parametrize(
    ("embargo", "field"),
    [
        ({"active": True}, "until"),
        ({"active": True, "until": "2001-01-01"}, "until"),
        ({"active": True, "until": "2026-11-24"}, "until"),
        ({"active": True, "until": "soon"}, "until"),
        ({"active": False, "until": "2026-11-25"}, "until"),
    ],
)
def test_an_embargo_that_contradicts_the_clock_is_stored_and_named_again(embargo: dict[str, Any], field: str) -> None:
    access, fields = read({"record": "public", "files": "restricted", "embargo": embargo})
    assert access["embargo"]["active"] is embargo["active"]
    assert fields == [f"access.embargo.{field}"]
    assert read(None, access) == (access, fields)
    assert read(access, access) == (access, fields)


def test_an_embargo_needs_something_to_close() -> None:
    assert read({**OPEN, "embargo": LATER})[1] == ["access.embargo.active"]
    assert read({**OPEN, "record": "restricted", "embargo": LATER})[1] == []


@pytest.mark.parametrize(
    ("record", "files", "active", "enabled", "status"),
    [
        ("public", "public", False, True, "open"),
        ("public", "public", False, False, "metadata-only"),
        ("public", "restricted", False, False, "metadata-only"),
        ("public", "restricted", False, True, "restricted"),
        ("restricted", "public", False, True, "restricted"),
        ("restricted", "restricted", False, False, "restricted"),
        ("public", "restricted", True, True, "embargoed"),
        ("restricted", "restricted", True, False, "embargoed"),
    ],
)
def test_status(record: str, files: str, active: bool, enabled: bool, status: str) -> None:
    assert access_status({"record": record, "files": files, "embargo": {"active": active}}, enabled) == status
