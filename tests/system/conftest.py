"""The repository of `world`, made once for all that only look at it, and a server with the samples for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instances import UNLIMITED, copy_instance
from tests.system.running import Running, running_samples
from tests.system.world import World, make_world


@pytest.fixture(scope="session")
def world(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    instance = copy_instance(instance_template, tmp_path_factory.mktemp("world") / "instance", **UNLIMITED)
    yield make_world(instance)
    instance.close()


@pytest.fixture(scope="module")
def running(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_samples(instance_template, tmp_path_factory.mktemp("served")) as served:
        yield served
