"""A model of harvests during concurrent changes: nothing may be missed, nothing repeated within one list.

A harvester takes everything, then what has changed `from` the responseDate of its last visit, page by page, while
records are published, revised and withdrawn between its requests, in transactions that it sees half done. In the end it
must have exactly the provider's state. The same model finds the faults of the two obvious ways to page.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from repository.oai import clock, items
from repository.oai.arguments import utc
from repository.oai.layers import layers
from repository.storage.database import Database
from tests.oai.harvest_world import START, World
from tests.oai.harvester import PREFIXES, Harvester, Page, Pager, Truth, by_tokens

pytestmark = pytest.mark.long

PAGE = 2

Step = tuple[str, int]
"""put a record that suits every format, or one that does not (bare), or withdraw it, let seconds pass,
harvest a page, or begin a transaction that ends with the step after."""
STEPS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 4)),
    st.tuples(st.just("bare"), st.integers(0, 4)),
    st.tuples(st.just("withdraw"), st.integers(0, 4)),
    st.tuples(st.just("slowly"), st.integers(0, 4)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
    st.tuples(st.just("page"), st.just(0)),
    st.tuples(st.just("page"), st.just(0)),
)
SCRIPTS = st.lists(STEPS, min_size=15, max_size=40)
FAULTY: list[Step] = [*(("put", number) for number in range(5)), ("wait", 2), ("page", 0), ("put", 0), ("wait", 2)]
"""What was given on the first page changes before the second one."""


def by_offset(world: World, since: str, token: str) -> Page:
    """Tokens that count what was given, with a bound."""
    given_, bound = (int(part) for part in token.split()) if token else (0, 0)
    with clock.reading(world.database, world.clock) as (connection, moment):
        bound = bound or moment.stamp - 1
        found = _select(world, connection, moment, "stamp <= :bound", since, bound=bound, offset=given_)
    more = f"{given_ + PAGE} {bound}" if len(found) > PAGE else ""
    return Page(utc(moment.stamp), tuple(row[1:] for row in found[:PAGE]), more)


def by_unbounded_keyset(world: World, since: str, token: str) -> Page:
    """Tokens that name the last record, but let a list run on into what is stamped while it runs."""
    with clock.reading(world.database, world.clock) as (connection, moment):
        found = _select(world, connection, moment, "sequence > :after", since, after=int(token or 0), offset=0)
    more = str(found[PAGE - 1][0]) if len(found) > PAGE else ""
    return Page(utc(moment.stamp), tuple(row[1:] for row in found[:PAGE]), more)


def _select(world: World, connection, moment, condition: str, since: str, **values: int):  # type: ignore[no-untyped-def]
    (layer,) = [layer.id for layer in layers(connection, moment.generation) if layer.prefix == "oai_dc"]
    rows = connection.execute(
        text(f"SELECT record_id, sequence, deleted FROM oai_items WHERE {condition} AND stamp >= :since"
             f" ORDER BY stamp, sequence LIMIT {PAGE + 1} OFFSET :offset"),
        values | {"since": int(datetime.fromisoformat(since).timestamp()) if since else 0},
    ).all()  # fmt: skip
    found = []
    for record_id, sequence, _deleted in rows:
        ((_key, _header, body),) = items.record(connection, layer, sequence)
        title = body.partition(b"<dc:title>")[2].partition(b"</dc:title>")[0].decode()
        found.append((sequence, record_id, title))
    return found


@dataclass
class Outcome:
    missed: bool
    repeated: bool


def play(world: World, script: list[Step], pager: Pager, prefix: str = "oai_dc") -> Outcome:
    """Runs a script from an empty repository and compares the harvester's copy with the provider's state."""
    _reset(world)
    truth, harvester = Truth(), Harvester(world, pager)
    with contextlib.ExitStack() as writing:
        for number, (action, value) in enumerate(script):
            if action == "wait":
                world.clock.pass_(value)
            elif action == "page":
                harvester.page()
            else:
                writing.close()
                state = truth.state("put" if action == "slowly" else action, value, number)
                writing.enter_context(_written(world, state))
                if action != "slowly":
                    writing.close()
    for _visit in range(2):
        world.clock.pass_(3)
        harvester.finish()
    return Outcome(missed=harvester.copy != truth.titles[prefix], repeated=harvester.repeated)


@contextlib.contextmanager
def _written(world: World, state) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """A transaction that has written an item, and commits at the end of the block."""
    prepared = world.projection.prepare([world.change(state)])
    with world.database.write() as connection:
        world.projection.write(prepared, world.generation, connection)
        yield


def _reset(world: World) -> None:
    world.clock.seconds = START
    with world.database.write() as connection:
        for table in ("items", "members", "counts", "moves", "renderings"):
            connection.execute(text(f"DELETE FROM oai_{table}"))
        connection.execute(text("UPDATE oai_clock SET stamp = 0, sequence = 0"))


@pytest.fixture
def small_pages(any_database: Database, tmp_path) -> World:  # type: ignore[no-untyped-def]
    return World(any_database, tmp_path, page_size=PAGE)


QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@settings(max_examples=60 if os.environ.get("CI") else 20, deadline=None, suppress_health_check=QUIET)
@given(SCRIPTS, st.sampled_from(PREFIXES))
def test_harvests_end_with_exactly_the_providers_state(small_pages: World, script: list[Step], prefix: str) -> None:
    assert play(small_pages, script, by_tokens(prefix), prefix) == Outcome(missed=False, repeated=False)


@pytest.mark.parametrize(
    ("pager", "fault"), [(by_offset, "missed"), (by_unbounded_keyset, "repeated")], ids=["offset", "unbounded keyset"]
)
def test_model_finds_the_faults_of_other_ways_to_page(
    database: Database,
    tmp_path,
    pager: Pager,
    fault: str,  # type: ignore[no-untyped-def]
) -> None:
    world = World(database, tmp_path, page_size=PAGE)
    assert getattr(play(world, FAULTY, pager), fault)
    assert play(world, FAULTY, by_tokens("oai_dc")) == Outcome(missed=False, repeated=False)
