"""Drafts recorded from a real InvenioRDM: what it took, ours takes; what it named, ours names."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from repository.records import structure
from repository.records.draft import Rules, load, merge, missing, references
from repository.records.metadata_terms import resolve

RULES = Rules(today=date(2026, 11, 24), doi_prefix="10.5072")
NO_TERM = ("nosuch", "nope")


class Terms(dict[tuple[str, str], dict[str, Any]]):
    """All terms that are asked for, but those that are recorded as unknown."""

    def __contains__(self, reference: object) -> bool:
        return isinstance(reference, tuple) and reference[1] not in NO_TERM

    def __missing__(self, reference: tuple[str, str]) -> dict[str, Any]:
        return {"id": reference[1], "title": {"en": reference[1]}}


def exchanges(shared: Path) -> Iterator[dict[str, Any]]:
    """Exchanges that create or save a draft."""
    for path in sorted((shared / "reference" / "recordings" / "rest").rglob("*.json")):
        exchange = json.loads(path.read_text(encoding="utf-8"))
        request = exchange["request"]
        saves = request["method"] == "POST" and request["path"] == "/api/records"
        saves |= request["method"] == "PUT" and request["path"].partition("?")[0].endswith("/draft")
        if saves and isinstance(request.get("body"), dict):
            yield {"name": path.name, **exchange}


def recorded(shared: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(exchange for exchange in exchanges(shared) if exchange["name"].startswith(name))
    return found


def test_every_recorded_draft_is_read_and_has_the_right_structure(shared: Path) -> None:
    count = 0
    for exchange in exchanges(shared):
        body = exchange["request"]["body"]
        loaded = load(body, None, Terms(), RULES)
        structure.check_draft(loaded.body())
        assert all(isinstance(reference[1], str) for reference in references(body))
        count += 1
    assert count > 30


def test_whatever_inveniordm_takes_without_an_error_ours_takes(shared: Path) -> None:
    for exchange in exchanges(shared):
        response = exchange["response"]
        if response["status"] not in (200, 201) or response["body"].get("errors"):
            continue
        loaded = load(exchange["request"]["body"], None, Terms(), RULES)
        assert loaded.errors == (), exchange["name"]


def test_the_errors_of_a_draft_that_is_wrong_all_over_are_those_of_inveniordm(shared: Path) -> None:
    exchange = recorded(shared, "008-")
    loaded = load(exchange["request"]["body"], None, Terms(), RULES)
    ours = {error.field: list(error.messages) for error in merge(loaded.errors, missing(loaded, RULES))}
    theirs = {error["field"]: error["messages"] for error in exchange["response"]["body"]["errors"]}
    # the recording leaves out the fourth creator; what files there are only the services know
    trimmed = {"metadata.creators.3.person_or_org", "metadata.creators.3.affiliations.0.affiliations", "files.enabled"}
    places = "metadata.locations.features.0.locations"
    assert {field: messages for field, messages in theirs.items() if field not in trimmed | {places}} == {
        field: messages for field, messages in ours.items() if field in theirs and field != places
    }
    assert set(ours) - set(theirs) == {"metadata.creators.2.person_or_org.name", "metadata.publisher"}
    assert places in ours


def test_the_full_draft_is_stored_as_inveniordm_stores_it(shared: Path) -> None:
    exchange = recorded(shared, "004-")
    sent, answer = exchange["request"]["body"], exchange["response"]["body"]
    loaded = load(sent, None, Terms(), RULES)
    assert merge(loaded.errors, missing(loaded, RULES)) == ()
    metadata, custom = resolve(loaded.metadata, loaded.custom_fields, Terms())
    assert _without_terms(metadata) == _without_terms(
        {**answer["metadata"], "description": "<p>A <strong>description</strong> &amp; more </p>"}
    )
    assert _without_terms(custom) == _without_terms(answer["custom_fields"])
    assert {**loaded.access, "status": "metadata-only"} == answer["access"]
    assert list(metadata) == list(answer["metadata"])


def _without_terms(value: Any) -> Any:
    """A JSON value with all that a vocabulary adds to an id taken out."""
    if isinstance(value, dict):
        return {"id": value["id"]} if "id" in value else {key: _without_terms(part) for key, part in value.items()}
    return [_without_terms(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["004-", "041-", "042-", "044-"])
def test_an_answer_of_inveniordm_put_back_gives_no_errors(shared: Path, name: str) -> None:
    paths = (shared / "reference" / "recordings" / "rest").glob(f"{name}*.json")
    answer = json.loads(next(iter(paths)).read_text(encoding="utf-8"))["response"]["body"]
    stored = {"pids": answer["pids"], "access": answer["access"]}
    loaded = load(answer, stored, Terms(), RULES)
    assert loaded.errors == ()
    assert missing(loaded, RULES) == ()
    assert loaded.pids == answer["pids"]
