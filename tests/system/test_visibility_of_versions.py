"""Versions are counted for each viewer: one that may not be seen is not there, a withdrawn one is a tombstone.

Specified by: design, rule 4.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from repository.cli.serve import build_app
from repository.errors import Moved
from repository.following import run_until_current
from repository.projections import open_projections
from repository.records.snapshot import Json
from repository.records.visibility import ANONYMOUS, SYSTEM, Viewer
from repository.services import drafts, editions, embargoes, publishing, reading, withdrawal
from repository.services.instance import Instance
from tests.instances import body, copy_instance, person
from tests.system.world import Asker, World, text_of, tokens_of

pytestmark = pytest.mark.both

_EMBARGOED: Json = {
    "record": "restricted",
    "files": "restricted",
    "embargo": {"active": True, "until": (embargoes.today() + timedelta(days=9)).isoformat()},
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of one parent; the first is open, the second is what the test is about."""

    parent: str
    first: str
    second: str


def _withdraw(instance: Instance, record_id: str) -> None:
    withdrawal.withdraw(instance, SYSTEM, record_id, {"note": "n"})


def _hide(instance: Instance, record_id: str) -> None:
    withdrawal.withdraw(instance, SYSTEM, record_id, {"is_visible": False})


def _erase(instance: Instance, record_id: str) -> None:
    withdrawal.erase(instance, SYSTEM, record_id)


def _nothing(_instance: Instance, _record_id: str) -> None:
    pass


SECOND: Mapping[str, tuple[Json, Callable[[Instance, str], None]]] = {
    "open": ({"record": "public", "files": "public"}, _nothing),
    "restricted": ({"record": "restricted", "files": "restricted"}, _nothing),
    "embargoed": (_EMBARGOED, _nothing),
    "withdrawn": ({"record": "public", "files": "public"}, _withdraw),
    "hidden": ({"record": "public", "files": "public"}, _hide),
    "erased": ({"record": "public", "files": "public"}, _erase),
}
"""State of the second version → the access it was published with, and what then became of it."""
CLOSED = ("restricted", "embargoed")
VIEWERS = ("nobody", "other", "owner", "admin")

each_state = pytest.mark.parametrize("state", SECOND)
each_viewer = pytest.mark.parametrize("who", VIEWERS)


def _pair(instance: Instance, owner: Viewer, state: str) -> Pair:
    access, change = SECOND[state]
    draft = drafts.create(instance, owner, body(f"First {state}", publication_date="2023-01-01"))
    first = publishing.publish(instance, owner, draft.id)
    draft = editions.new_version(instance, owner, first.id)
    drafts.save(instance, owner, draft.id, {**body(f"Second {state}"), "access": access})
    second = publishing.publish(instance, owner, draft.id)
    change(instance, second.id)
    return Pair(first.parent_id, first.id, second.id)


@pytest.fixture(scope="module")
def pairs(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Mapping[str, Pair]]:
    instance = copy_instance(instance_template, tmp_path_factory.mktemp("versions") / "instance")
    owner = person(instance, "owner")
    person(instance, "other")
    person(instance, "admin", admin=True)
    made = {state: _pair(instance, owner, state) for state in SECOND}
    run_until_current(instance.database, open_projections(instance))
    return World(instance, build_app(instance), {}, tokens_of(instance)), made


def newest(state: str, pair: Pair, who: str) -> str:
    """The version that is the latest one for this viewer."""
    sees_second = state == "open" or (state in CLOSED and who in ("owner", "admin"))
    return pair.second if sees_second else pair.first


@each_viewer
@each_state
def test_latest(pairs: tuple[World, Mapping[str, Pair]], state: str, who: str) -> None:
    world, made = pairs
    ask, pair = Asker(world, who), made[state]
    expected = newest(state, pair, who)
    first = ask(f"/api/records/{pair.first}").get_json()
    assert first["versions"]["is_latest"] == (expected == pair.first)
    for path in (
        f"/api/records/{pair.first}/versions/latest", f"/records/{pair.first}/latest",
        f"/api/records/{pair.parent}", f"/records/{pair.parent}",
    ):  # fmt: skip
        answer = ask(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].endswith(f"/records/{expected}"), path


@each_viewer
@each_state
def test_list_of_versions(pairs: tuple[World, Mapping[str, Pair]], state: str, who: str) -> None:
    world, made = pairs
    ask, pair = Asker(world, who), made[state]
    hits = ask(f"/api/records/{pair.first}/versions").get_json()["hits"]
    expected = [pair.second, pair.first] if newest(state, pair, who) == pair.second else [pair.first]
    assert [hit["id"] for hit in hits["hits"]] == expected
    assert hits["total"] == len(expected)
    assert [hit["versions"]["is_latest"] for hit in hits["hits"]] == [True, False][: len(expected)]


@each_viewer
@each_state
def test_search_finds_the_latest(pairs: tuple[World, Mapping[str, Pair]], state: str, who: str) -> None:
    world, made = pairs
    ask, pair = Asker(world, who), made[state]
    expected = newest(state, pair, who)
    query = {"q": f"parent.id:{pair.parent}"}
    hits = ask("/api/records", query_string=query).get_json()["hits"]
    assert ([hit["id"] for hit in hits["hits"]], hits["total"]) == ([expected], 1)
    every = ask("/api/records", query_string={**query, "allversions": "true"}).get_json()["hits"]
    assert every["total"] == len(every["hits"]) == (2 if expected == pair.second else 1)


@each_viewer
@each_state
def test_page_names_other_versions(pairs: tuple[World, Mapping[str, Pair]], state: str, who: str) -> None:
    """Live for each viewer; the frozen one is nobody's."""
    world, made = pairs
    pair = made[state]
    frozen = world.instance.settings.site_output / "current" / "records" / pair.first / "index.html"
    pages = [(who, text_of(Asker(world, who)(f"/records/{pair.first}", "text/html")))]
    pages.append(("nobody", frozen.read_text(encoding="utf-8")))
    for reader, page in pages:
        is_listed = state in ("withdrawn", "erased") or newest(state, pair, reader) == pair.second
        assert (pair.second in page) == is_listed


@each_viewer
@each_state
def test_a_version_that_may_not_be_seen_leads_nowhere(
    pairs: tuple[World, Mapping[str, Pair]], state: str, who: str
) -> None:
    """Not even to the versions that may be seen: they would tell that it is one of theirs."""
    world, made = pairs
    ask, pair = Asker(world, who), made[state]
    if state == "hidden" or (state in CLOSED and newest(state, pair, who) == pair.first):
        for path in ("/api/records/{}/versions", "/api/records/{}/versions/latest", "/records/{}/latest"):
            answer = ask(path.format(pair.second))
            assert answer.status_code in (403, 404), path
            assert pair.first not in text_of(answer)
            assert pair.first not in answer.headers.get("Location", "")


@each_state
def test_formats_name_no_version_that_may_not_be_seen(pairs: tuple[World, Mapping[str, Pair]], state: str) -> None:
    world, made = pairs
    ask, pair = Asker(world, "nobody"), made[state]
    for name in ("schema.jsonld", "record.ttl", "datacite.json", "datacite.xml"):
        text = text_of(ask(f"/records/{pair.first}/{name}"))
        assert pair.first in text
        if state in (*CLOSED, "hidden"):
            assert pair.second not in text, name


@pytest.mark.parametrize("state", ["withdrawn", "erased"])
def test_a_tombstone_keeps_up_with_the_other_versions(instance: Instance, state: str) -> None:
    """A version that came later, or was closed later, is known to it."""
    owner = person(instance, "owner")
    pair = _pair(instance, owner, "open")
    SECOND[state][1](instance, pair.first)
    draft = editions.new_version(instance, owner, pair.second)
    drafts.save(instance, owner, draft.id, body("Third"))
    third = publishing.publish(instance, owner, draft.id).id
    assert newest_by_tombstone(instance, pair) == {third}
    editions.edit(instance, owner, third)
    drafts.save(instance, owner, third, {**body("Third"), "access": {"record": "restricted", "files": "restricted"}})
    publishing.publish(instance, owner, third)
    assert newest_by_tombstone(instance, pair) == {pair.second}
    run_until_current(instance.database, open_projections(instance))
    frozen = instance.settings.site_output / "current" / "records" / pair.first
    tombstone = "".join(path.read_text(encoding="utf-8") for path in frozen.iterdir())
    assert pair.second in tombstone
    assert third not in tombstone


def newest_by_tombstone(instance: Instance, pair: Pair) -> set[str]:
    """To where the first version and the parent lead everybody."""
    return {
        reading.newest(instance, ANONYMOUS, pair.first),
        reading.newest(instance, ANONYMOUS, pair.second),
        moved(instance, pair.parent),
    }


def moved(instance: Instance, parent: str) -> str:
    with pytest.raises(Moved) as leads:
        reading.read(instance, ANONYMOUS, parent)
    return leads.value.record_id
