"""The model of harvests during changes once more, with real threads and real clocks.

Writers commit when they please, harvesters come when they please; in the end each has exactly the provider's state.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from repository.oai.projection import OaiProjection
from repository.oai.provider import Provider
from repository.storage.database import Database
from tests.oai.harvest_world import World
from tests.oai.harvester import ACTIONS, PREFIXES, Harvester, Truth, by_tokens

pytestmark = pytest.mark.long

WRITERS, HARVESTERS = 2, 4
RECORDS = 8
"""Of each writer."""
SECONDS = 8


@dataclass
class Present(World):
    """A world of our time."""

    def use_settings(self, **overrides: object) -> None:
        super().use_settings(**overrides)
        self.provider = Provider(self.database, self.settings, self.formats, time.time, self.sets)

    def new_projection(self) -> OaiProjection:
        return OaiProjection(self.database, self.settings.site, self.formats, time.time)


@pytest.fixture
def present(any_database: Database, tmp_path: Path) -> World:
    return Present(any_database, tmp_path, page_size=3)


def write(world: Present, number: int, stop: threading.Event, truth: Truth) -> None:
    """Changes records of its own, in transactions of any length."""
    dice, projection = random.Random(number), world.new_projection()
    step = 0
    while not stop.is_set():
        step += 1
        states = [
            truth.state(dice.choice(ACTIONS), RECORDS * number + record, step)
            for record in dice.sample(range(RECORDS), dice.randint(1, 3))
        ]
        changes = [world.change(state, position=step) for state in states]
        prepared = projection.prepare(changes)
        with world.database.write() as connection:
            projection.write(prepared, world.generation, connection)
            time.sleep(dice.random() * 0.3)
        time.sleep(dice.random() * 0.2)


def harvest(harvester: Harvester, number: int, stop: threading.Event) -> None:
    dice = random.Random(number)
    while not stop.is_set():
        harvester.page()
        time.sleep(dice.random() * 0.1)


def test_who_harvests_while_others_write_has_everything_in_the_end(present: Present) -> None:
    truths = [Truth() for _ in range(WRITERS)]
    harvesters = [Harvester(present, by_tokens(PREFIXES[number % 2])) for number in range(HARVESTERS)]
    written, harvested = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def thread(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                errors.append(error)
                raise

        started = threading.Thread(target=run)
        started.start()
        return started

    writers = [thread(lambda n=n: write(present, n, written, truths[n])) for n in range(WRITERS)]  # type: ignore[misc]
    readers = [
        thread(lambda n=n: harvest(harvesters[n], n, harvested))  # type: ignore[misc]
        for n in range(HARVESTERS)
    ]
    time.sleep(SECONDS)
    written.set()
    for each in writers:
        each.join()
    harvested.set()
    for each in readers:
        each.join()
    assert errors == []
    assert all(harvester.since for harvester in harvesters), "each of them has ended a list while records changed"
    _second_ends(present)
    for number, harvester in enumerate(harvesters):
        if harvester.token:
            harvester.finish()
        harvester.finish()
        prefix = PREFIXES[number % 2]
        assert harvester.copy == truths[0].titles[prefix] | truths[1].titles[prefix]
        assert not harvester.repeated
    assert len(harvesters[1].copy) > RECORDS


def _second_ends(world: World) -> None:
    """What was stamped last stands in lists when its second is over."""
    with world.database.read() as connection:
        last = connection.execute(text("SELECT max(stamp) FROM oai_items")).scalar_one()
    while time.time() < last + 2:
        time.sleep(0.1)
