"""The repository of `world`, made once for all that only look at it, and a server with the samples for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import stores_on
from tests.instances import UNLIMITED, copy_instance
from tests.system.running import Running, running_samples
from tests.system.world import World, make_world


@pytest.fixture(scope="session")
def world(
    request: pytest.FixtureRequest, instance_template: Path, tmp_path_factory: pytest.TempPathFactory, on: str
) -> Iterator[World]:
    home = tmp_path_factory.mktemp("world") / "instance"
    with stores_on(request, on) as settings:
        instance = copy_instance(instance_template, home, **UNLIMITED, **settings)
        yield make_world(instance)
        instance.close()


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, instance_template: Path, tmp_path_factory: pytest.TempPathFactory, on: str
) -> Iterator[Running]:
    with (
        stores_on(request, on) as settings,
        running_samples(instance_template, tmp_path_factory.mktemp("served"), **settings) as served,
    ):
        yield served
