"""The whole application, empty and with a record in every state."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from repository.cli.serve import build_app
from repository.services.instance import Instance
from tests.instances import UNLIMITED, copy_instance
from tests.system.world import World, make_world


@pytest.fixture
def app(instance: Instance) -> Flask:
    return build_app(instance)


@pytest.fixture(scope="session")
def world(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For all that only look at it."""
    instance = copy_instance(instance_template, tmp_path_factory.mktemp("secured") / "instance", **UNLIMITED)
    yield make_world(instance)
    instance.close()
