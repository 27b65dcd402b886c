"""Makes a projection again from the last change of each record: a generation beside the current one, or in place.

The new generation is filled page by page by record id, catches up with the log, is activated, and the checkpoint names
it; the old one serves until then, takes all changes that come, and is dropped in the end. A rebuild that is killed
leaves a half-made generation, which the next leader drops before it begins again.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import structlog

from repository.following import parking, reading
from repository.following.batches import Destination, increment, take
from repository.following.builds import Kind
from repository.following.failures import is_of_the_store
from repository.following.leading import Leading
from repository.following.parking import Refusal
from repository.following.reading import Page
from repository.following.underway import Underway, underway
from repository.storage import changes as change_log

log = structlog.get_logger("following")

_TOLERATED = 20
"""Refusals after which a rebuild is given up, if they are more than half of all records passed."""


class GivenUp(Exception):
    """The new generation would lack most records: the old one is kept."""


def rebuild(leading: Leading, rules: str, kind: Kind, asked: Sequence[int] = ()) -> int:
    """Makes a new generation by the rules of this digest and switches to it; returns the number of records passed.
    `asked`: ids of the requests that it carries out.

    Raises GivenUp, Cancelled, and whatever concerns the store. Without a current generation it is the first fill.
    """
    while leading.generation and leading.writable and increment(leading):
        leading.go_on()
    refused: dict[str, Refusal] = {}
    with underway(leading) as build:
        with leading.database.write() as connection:
            name = _new_name()
            total = change_log.count(connection)
            start = leading.position if leading.generation else change_log.head(connection)
            build.begin(connection, kind, asked, total)
            leading.lease.hold(connection, building=name, building_done=0, building_total=total)
        log.info("rebuild begins", projection=leading.name, generation=name, records=total)
        leading.projection.create(name)
        done = _fill(leading, name, start, refused, build)
        _switch(leading, name, _catch_up(leading, name, start, refused), rules, refused)
    log.info("rebuild ends", projection=leading.name, generation=name, records=done, refused=len(refused))
    return done


def pass_over(leading: Leading, rules: str) -> int:
    """Writes all records into the current generation again, by new rules; returns their number."""
    done = 0
    with underway(leading) as build:
        with leading.database.write() as connection:
            total = change_log.count(connection)
            build.begin(connection, "rules", (), total)
            leading.lease.hold(connection, building_done=0, building_total=total)
        for page in _pages(leading):
            done += page.records
            _take_page(leading, page, leading.generation, leading.position, done, None)
            build.passed(done, {})
            increment(leading)
        _note_rules(leading, rules)
    log.info("passed over all records", projection=leading.name, records=done)
    return done


def _note_rules(leading: Leading, rules: str) -> None:
    with leading.database.write() as connection:
        leading.lease.hold(connection, rules=rules, building_done=0, building_total=0)
    leading.rules = rules
    leading.progressed()


def drop_left_over(leading: Leading) -> None:
    """Drops every generation but the current one."""
    with leading.database.write() as connection:
        leading.lease.hold(connection, building="", building_done=0, building_total=0)
    for generation in list(leading.projection.generations()):
        if generation != leading.generation:
            log.info("left-over generation dropped", projection=leading.name, generation=generation)
            leading.projection.drop(generation)


def _new_name() -> str:
    """Never used before, not even by a database that was restored from a back-up beside its stores."""
    return f"g{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(2)}"


def _pages(leading: Leading) -> Iterator[Page]:
    last = ""
    while True:
        leading.go_on()
        with leading.database.read() as connection:
            page = reading.next_page(connection, last, leading.pace)
        if page is None:
            return
        yield page
        last = page.last_id


def _take_page(
    leading: Leading, page: Page, generation: str, position: int, done: int, refused: dict[str, Refusal] | None
) -> None:
    """Writes what a page holds up to a position; what is later comes with the increments, after what is before it."""
    states = [change for change in page.changes if change.position <= position]
    take(leading, states, Destination(generation, lambda _taken: {"building_done": done}, refused))


def _fill(leading: Leading, name: str, start: int, refused: dict[str, Refusal], build: Underway) -> int:
    done = 0
    for page in _pages(leading):
        done += page.records
        _take_page(leading, page, name, start, done, refused)
        build.passed(done, refused)
        if leading.generation:
            _give_up_if_hopeless(refused, done)
            increment(leading)
    return done


def _give_up_if_hopeless(refused: dict[str, Refusal], done: int) -> None:
    if len(refused) > max(_TOLERATED, done // 2):
        first = next(iter(refused.values()))
        raise GivenUp(f"{len(refused)} of {done} records can't be written; {first.change.record_id}: {first.error}")


def _catch_up(leading: Leading, name: str, position: int, refused: dict[str, Refusal]) -> int:
    """Brings the new generation to where the current one is, each change first into that one; returns the position."""
    destination = Destination(name, lambda _taken: {}, refused)
    while True:
        leading.go_on()
        with leading.database.read() as connection:
            batch, _more = reading.next_changes(connection, position, leading.pace)
        if not batch:
            return position
        while leading.generation and leading.position < batch[-1].position:
            leading.go_on()
            increment(leading)
        take(leading, batch, destination)
        position = batch[-1].position


def _switch(leading: Leading, name: str, position: int, rules: str, refused: dict[str, Refusal]) -> None:
    """Both generations are at the same position, so being killed between activation and checkpoint harms nobody."""
    leading.go_on()
    leading.projection.activate(name)
    with leading.database.write() as connection:
        parking.replace(connection, leading.name, refused, leading.parked, leading.pace)
        leading.lease.hold(
            connection, position=position, generation=name, rules=rules, building="", building_done=0, building_total=0
        )
    old, leading.generation, leading.position, leading.rules = leading.generation, name, position, rules
    leading.parked, leading.writable = set(refused), True
    leading.progressed()
    if old:
        _drop(leading, old)


def _drop(leading: Leading, generation: str) -> None:
    try:
        leading.projection.drop(generation)
    except Exception as error:
        if is_of_the_store(error):
            raise
        log.exception("generation not dropped", projection=leading.name, generation=generation)
