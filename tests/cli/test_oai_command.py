"""`colophon oai sets`, as an operator types it."""

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def operator(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell.over(instance_template, tmp_path_factory.mktemp("operator"))


def shown(operator: Shell) -> list[dict[str, str]]:
    return [json.loads(line) for line in operator("oai", "sets", "list", "--json").splitlines()]


def test_set_is_added_changed_listed_and_deleted(operator: Shell) -> None:
    added = json.loads(operator.apart("oai", "sets", "add", "data", "type:dataset", "--json"))
    assert (added["set"], added["name"], added["query"], added["description"]) == ("data", "data", "type:dataset", "")
    operator("oai", "sets", "add", "a-b", "year:2024", "--name", "This year", "--description", "New")
    assert [one["set"] for one in shown(operator)] == ["a-b", "data"]
    changed = json.loads(operator("oai", "sets", "change", "a-b", "--query", "year:2025", "--json"))
    assert (changed["query"], changed["name"], changed["description"]) == ("year:2025", "This year", "New")
    assert "set data, name data, query type:dataset" in operator("oai", "sets", "list")
    assert json.loads(operator("oai", "sets", "delete", "data", "--json")) == {"deleted": "data"}
    assert [one["set"] for one in shown(operator)] == ["a-b"]


def test_what_is_wrong_is_said_with_code_2(operator: Shell, tmp_path: Path) -> None:
    assert "search_pattern: The field `title`" in operator("oai", "sets", "add", "x", "title:rain", code=2)
    assert "spec: The set type is one" in operator("oai", "sets", "add", "type", "type:dataset", code=2)
    assert "no set nosuch" in operator("oai", "sets", "change", "nosuch", "--name", "x", code=2)
    assert "no set nosuch" in operator("oai", "sets", "delete", "nosuch", code=2)
