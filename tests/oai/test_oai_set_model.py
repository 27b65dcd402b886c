"""A model of harvests of one set while records change and the set is defined, redefined and deleted, on both databases.

Specified by: OAI-PMH 2.0, 2.6 Set and 2.7.1 Selective harvesting and datestamps. A harvester of a set is given whatever
is in it and has a stamp since its last visit, deleted items included. Of an item that has left the set it is told
nothing: the protocol has no word for it. It is seen by whoever harvests all headers, since the item is stamped anew and
its header lacks the setSpec, and by whoever harvests the set from the beginning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from repository.records.snapshot import Snapshot
from repository.storage.database import Database
from tests.oai.harvest_world import OAI, START, World, code, mark, numbered, of_type, withdrawn

pytestmark = pytest.mark.long

PAGE = 2
SPEC = "chosen"
TYPES = ("dataset", "software", "image-photo")
QUERIES = {
    "type:dataset": {"dataset"},
    "type:software OR type:image": {"software", "image-photo"},
    "NOT type:dataset": {"software", "image-photo"},
    "type:[a TO e]": {"dataset"},
    "*": set(TYPES),
    "type:nosuch": set(),
}
"""Which types each finds."""

Step = tuple[str, int]
RECORDS = st.integers(0, 14)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["put", "put", "withdraw", "late"]), RECORDS),
    st.tuples(st.just("define"), st.integers(0, len(QUERIES) - 1)),
    st.tuples(st.sampled_from(["delete", "pass", "page", "page", "headers"]), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
)


@dataclass
class Visitor:
    """Harvests one list again and again, a page at a time."""

    world: World
    verb: str
    arguments: dict[str, str]
    take: Callable[[str, object], None]
    """Called with the id and the element of each header or record."""
    since: str = ""
    next_since: str = ""
    token: str = ""
    seen: set[str] = field(default_factory=set)

    def page(self) -> None:
        asked = {"resumptionToken": self.token} if self.token else {"metadataPrefix": "oai_dc", **self.arguments}
        if self.since and not self.token:
            asked["from"] = self.since
        answer = self.world.ask(self.verb, **asked)
        assert code(answer) in (None, "noRecordsMatch")
        if not self.token:
            self.next_since = answer.findtext(f"{OAI}responseDate", "")
            self.seen.clear()
        for element in answer.iter(f"{OAI}record" if self.verb == "ListRecords" else f"{OAI}header"):
            record_id = mark(element if self.verb == "ListIdentifiers" else element[0]).lstrip("!")
            assert record_id not in self.seen, "nothing is repeated within one list"
            self.seen.add(record_id)
            self.take(record_id, element)
        self.token = answer.findtext(f".//{OAI}resumptionToken") or ""
        if not self.token:
            self.since = self.next_since

    def finish(self) -> None:
        self.page()
        while self.token:
            self.page()


def titles_into(copy: dict[str, str]) -> Callable[[str, object], None]:
    def take(record_id: str, record) -> None:  # type: ignore[no-untyped-def]
        copy[record_id] = record.findtext(".//{http://purl.org/dc/elements/1.1/}title", "")

    return take


def specs_into(copy: dict[str, set[str]]) -> Callable[[str, object], None]:
    def take(record_id: str, header) -> None:  # type: ignore[no-untyped-def]
        copy[record_id] = {element.text for element in header.iter(f"{OAI}setSpec")}

    return take


@dataclass
class Play:
    """What the leader, the admin and the harvesters do, one after the other."""

    world: World
    states: dict[str, Snapshot] = field(default_factory=dict)
    query: str = ""
    passed: int = 0
    late: Callable[[], None] | None = None
    """Writes what was prepared a step ago, by definitions that may be others now."""

    def step(self, number: int, action: str, value: int) -> None:
        late, self.late = self.late, None
        match action:
            case "put" | "withdraw" | "late":
                self._change(number, action, value)
            case "define":
                self.query = list(QUERIES)[value]
                self.world.define(SPEC, self.query)
            case "delete":
                self.query = ""
                self.world.undefine(SPEC)
            case "pass":
                self._pass()
            case "wait":
                self.world.clock.pass_(value)
        if late is not None:
            late()

    def _change(self, number: int, action: str, value: int) -> None:
        kind = TYPES[value // 5]
        state = of_type(numbered(value % 5, description=f"step {number}"), kind, kind)
        state.metadata["title"] = f"Step {number}"
        state = withdrawn(state) if action == "withdraw" and state.id in self.states else state
        self.states[state.id] = state
        change = self.world.change(state)
        self.world.last[state.id] = change
        prepared = self.world.projection.prepare([change])

        def write() -> None:
            with self.world.database.write() as connection:
                self.world.projection.write(prepared, self.world.generation, connection)

        if action == "late":
            self.late = write
        else:
            write()

    def _pass(self) -> None:
        """One page of a pass over all records, as it goes on between other things."""
        ids = sorted(self.world.last)
        page = ids[self.passed : self.passed + PAGE]
        self.passed = self.passed + PAGE if page else 0
        self.world.project(*(self.world.last[record_id] for record_id in page))


@settings(
    max_examples=80, deadline=None, suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
)
@given(st.lists(STEPS, min_size=15, max_size=45))
def test_harvests_of_a_set_end_with_what_is_in_it(small_pages: World, script: list[Step]) -> None:
    world = small_pages
    _reset(world)
    play = Play(world)
    copy: dict[str, str] = {}
    headers: dict[str, set[str]] = {}
    of_set = Visitor(world, "ListRecords", {"set": SPEC}, titles_into(copy))
    of_all = Visitor(world, "ListIdentifiers", {}, specs_into(headers))
    for number, (action, value) in enumerate(script):
        if action == "page":
            of_set.page()
        elif action == "headers":
            of_all.page()
        else:
            play.step(number, action, value)
    play.step(len(script), "wait", 1)
    world.pass_over()
    for _visit in range(2):
        world.clock.pass_(3)
        of_set.finish()
        of_all.finish()

    state: dict[str, str] = {}
    Visitor(world, "ListRecords", {"set": SPEC}, titles_into(state)).finish()
    wanted = QUERIES.get(play.query, set())
    living = {
        one.id: one.metadata["title"]
        for one in play.states.values()
        if one.state == "published" and one.metadata["resource_type"]["id"] in wanted
    }
    assert {record_id: title for record_id, title in state.items() if title} == living
    assert {record_id: copy.get(record_id) for record_id in state} == state, "nothing in the set is missed or stale"
    left = copy.keys() - state.keys()
    assert not any(SPEC in headers[record_id] for record_id in left), "who has left says so in its header"
    assert {record_id: title for record_id, title in copy.items() if SPEC in headers[record_id]} == state
    assert headers.keys() == play.states.keys()
    if not play.query:
        assert SPEC not in [element.text for element in world.ask("ListSets").iter(f"{OAI}setSpec")]


def _reset(world: World) -> None:
    world.clock.seconds = START
    world.last.clear()
    world.undefine(SPEC)
    with world.database.write() as connection:
        for table in ("items", "members", "counts", "moves", "renderings"):
            connection.execute(text(f"DELETE FROM oai_{table}"))
        connection.execute(text("UPDATE oai_clock SET stamp = 0, sequence = 0"))


@pytest.fixture
def small_pages(any_database: Database, tmp_path: Path) -> World:
    world = World(any_database, tmp_path, page_size=PAGE)
    world.projection.activate(world.generation)  # it is filled no more: where only sets change, nothing is rendered
    return world
