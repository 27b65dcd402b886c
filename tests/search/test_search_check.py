"""`colophon search check`, as an operator sees it, on each engine: what the index lacks, has of before, or too much."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository.following import run_until_current
from repository.records.visibility import Viewer
from repository.search import checking, opensearch_index, tantivy_listing
from repository.search.documents import document, removed
from repository.search.engines import open_index, open_projection
from repository.services import withdrawal
from repository.services.instance import Instance, open_instance
from repository.settings import load
from repository.storage import changes
from tests.cli.shell import Shell
from tests.instances import body, person, published
from tests.search.kit import record

pytestmark = pytest.mark.both

SERVER = (pytest.mark.service, pytest.mark.xdist_group("opensearch"))


@dataclass(slots=True)
class Place:
    """An instance of five records, of which the last was withdrawn; the reader has passed them all."""

    shell: Shell
    instance: Instance
    admin: Viewer
    ids: list[str]

    def follow(self) -> None:
        run_until_current(self.instance.database, [open_projection(self.instance.settings.search)])

    def check(self, code: int = 0) -> str:
        return self.shell("search", "check", code=code, COLOPHON_SEARCH=self.instance.settings.search)


@pytest.fixture(params=["embedded", pytest.param("scaled", marks=SERVER)])
def place(request: pytest.FixtureRequest, tmp_path: Path, instance_template: Path) -> Iterator[Place]:
    home = tmp_path / "instance"
    setting = f"tantivy://{home / 'search'}"
    if request.param == "scaled":
        setting = request.getfixturevalue("opensearch").setting(f"t{secrets.token_hex(6)}")
    shell = Shell.over(instance_template, tmp_path)
    instance = open_instance(load(home, environment={}, overrides={"search": setting}))
    admin = person(instance, "admin", admin=True)
    ids = sorted(published(instance, admin, body(f"number {number}")) for number in range(5))
    withdrawal.withdraw(instance, admin, ids[4], {"removal_reason": {"id": "spam"}})
    place = Place(shell, instance, admin, ids)
    place.follow()
    yield place
    instance.close()


def test_an_index_that_is_in_step_has_no_differences(place: Place) -> None:
    assert "records 5, waiting 0, differences 0" in place.check()
    published(place.instance, place.admin, body("not read yet"))
    withdrawal.withdraw(place.instance, place.admin, place.ids[0], {"removal_reason": {"id": "spam"}})
    assert "records 4, waiting 2, differences 0" in place.check()
    place.follow()
    assert "records 6, waiting 0, differences 0" in place.check()


def test_differences_are_printed_and_end_the_command_with_1(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (checking, opensearch_index, tantivy_listing):
        monkeypatch.setattr(module, "_PAGE", 2)
    with place.instance.database.read() as connection:
        last = {record_id: changes.state(connection, record_id) for record_id in place.ids}
    right, old, new, lost, withdrawn = [found for found in last.values() if found]
    stranger = record(1)
    index = open_index(place.instance.settings.search)
    with index.leading():
        index.create("g0")
        index.write(
            [document(right.snapshot, right.position), document(old.snapshot, old.position - 1),
             document(new.snapshot, new.position + 1), removed(lost.record_id, lost.position),
             document(right.snapshot, withdrawn.position) | {"id": withdrawn.record_id},
             document(stranger, 4), removed("00000-00001", 4)],
            "g0",
        )  # fmt: skip
        index.activate("g0")
    told = place.check(code=1).splitlines()
    assert told == [
        f"too many {stranger.id}: position 0, in the index 4",
        f"too old {old.record_id}: position {old.position}, in the index {old.position - 1}",
        f"too new {new.record_id}: position {new.position}, in the index {new.position + 1}",
        f"missing {lost.record_id}: position {lost.position}, in the index {lost.position}",
        f"too many {withdrawn.record_id}: position {withdrawn.position}, in the index {withdrawn.position}",
        "records 5, waiting 0, differences 5",
        *told[6:],
    ]
    setting = place.instance.settings.search
    asked = json.loads(place.shell("search", "check", "--json", code=1, COLOPHON_SEARCH=setting))
    assert asked["faults"] == {"missing": 1, "too many": 2, "too new": 1, "too old": 1}


def test_without_an_index_all_records_are_missing(place: Place) -> None:
    index = open_index(place.instance.settings.search)
    with index.leading():
        for generation in list(index.generations()):
            index.drop(generation)
    if place.instance.settings.search.startswith("tantivy"):
        (place.instance.settings.home / "search" / "current").unlink()
    assert place.check(code=1).count("missing") == 5  # four records and the sum
