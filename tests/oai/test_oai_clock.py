"""The clock: no response can be produced between an item's stamp and its commit and then miss the item for ever."""

import pytest
from lxml import etree

from repository.formats import FORMATS
from repository.oai import clock
from repository.storage.database import SQLITE_WAIT
from tests.oai.harvest_world import OAI, START, World, mark, numbered


def response_date(world: World) -> str:
    return world.ask("Identify").findtext(f"{OAI}responseDate", "")


def test_request_advances_a_clock_that_is_older_than_a_second(any_world: World) -> None:
    world = any_world
    assert response_date(world) == "2023-11-14T22:13:20Z"
    world.clock.pass_(1)
    assert response_date(world) == "2023-11-14T22:13:20Z"
    world.clock.pass_(0.5)
    assert response_date(world) == "2023-11-14T22:13:21Z"


@pytest.mark.timeout(20)  # a request that waited for the lock would wait for thirty seconds
def test_request_passes_by_a_clock_that_a_writer_holds(any_world: World) -> None:
    world = any_world
    response_date(world)
    with world.database.write() as connection:
        clock.lock(connection)
        clock.advance(world.database, START + 50)
        assert response_date(world) == "2023-11-14T22:13:20Z"
    clock.advance(world.database, START + 50)
    assert response_date(world) == "2023-11-14T22:14:10Z"


def test_connection_that_has_advanced_the_clock_waits_for_locks_again(world: World) -> None:
    clock.advance(world.database, START)
    with world.database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == SQLITE_WAIT * 1000


def test_clock_never_goes_back_and_hides_nothing_until_the_time_has_caught_up(any_world: World) -> None:
    world = any_world
    assert response_date(world) == "2023-11-14T22:13:20Z"
    world.clock.pass_(-1000)
    world.put(numbered(1))
    assert response_date(world) == "2023-11-14T22:13:21Z"
    assert world.identifiers() == [numbered(1).id]
    assert world.ask("Identify").findtext(f".//{OAI}earliestDatestamp") == "2023-11-14T22:13:20Z"
    clock.advance(world.database, START - 5)
    assert response_date(world) == "2023-11-14T22:13:21Z"


def test_harvest_neither_waits_for_a_writer_nor_misses_what_it_writes(any_world: World) -> None:
    world = any_world
    world.put(numbered(1))
    world.clock.pass_(10)
    assert world.identifiers() == [numbered(1).id]
    prepared = world.projection.prepare([world.change(numbered(2))])
    with world.database.write() as connection:
        world.projection.write(prepared, "g1", connection)  # stamped, not committed
        world.clock.pass_(50)
        answer = world.ask("ListIdentifiers", metadataPrefix="oai_dc")
        assert answer.findtext(f"{OAI}responseDate") == "2023-11-14T22:13:30Z"
        assert [mark(header) for header in answer.iter(f"{OAI}header")] == [numbered(1).id]
    world.clock.pass_(2)
    (header,) = world.headers(from_="2023-11-14T22:13:30Z")
    assert mark(header) == numbered(2).id
    assert header.findtext(f"{OAI}datestamp") == "2023-11-14T22:13:30Z"


def test_harvest_does_not_hold_a_writer_up(any_world: World) -> None:
    world = any_world
    world.put(numbered(1))
    world.clock.pass_(10)
    with clock.reading(world.database, world.clock) as (_connection, moment):
        assert moment.stamp == START + 10
        world.put(numbered(2))
    assert world.identifiers() == [numbered(1).id]
    world.clock.pass_(5)
    assert world.identifiers() == [numbered(1).id, numbered(2).id]


def test_view_of_one_request_stays_whole_while_a_generation_is_dropped(any_world: World) -> None:
    world = any_world
    world.put(numbered(1), numbered(2))
    world.clock.pass_(10)
    world.projection.create("g2")
    world.project(world.change(numbered(1)), world.change(numbered(2)), generation="g2")
    with clock.reading(world.database, world.clock) as (connection, moment):
        assert moment.generation == "g1"
        world.projection.activate("g2")
        world.projection.drop("g1")
        rows = connection.exec_driver_sql("SELECT count(*) FROM oai_renderings").scalar_one()
        assert rows == 4 * sum(form.suits(numbered(1)) for form in FORMATS if form.oai)
    assert world.identifiers() == [numbered(1).id, numbered(2).id]


def test_item_is_never_stamped_before_the_clock(any_world: World) -> None:
    """A worker whose clock is ahead has moved the row; the writer's own clock is behind."""
    world = any_world
    clock.advance(world.database, START + 500)
    world.put(numbered(1))
    world.clock.pass_(1000)
    (header,) = world.headers()
    assert header.findtext(f"{OAI}datestamp") == "2023-11-14T22:21:40Z"


def test_full_disk_or_read_only_database_does_not_stop_harvests(world: World) -> None:
    world.put(numbered(1))
    world.clock.pass_(10)
    assert world.identifiers() == [numbered(1).id]
    with world.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # the pool gives the same connection again
    world.clock.pass_(100)
    answer = etree.fromstring(world.raw(b"verb=ListIdentifiers&metadataPrefix=oai_dc"))
    assert answer.findtext(f"{OAI}responseDate") == "2023-11-14T22:13:30Z"
