"""`colophon demo` up to the moment at which it serves: that part is `colophon serve`'s."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repository.cli import demo
from repository.errors import WrongSetting
from repository.services import sampling
from repository.services.instance import open_instance
from repository.settings import load
from tests.conftest import row_count
from tests.instances import body, person, published
from tests.servers.postgres import free_port
from tests.services.test_sampling import Killed, few, kill_at

Start = Callable[[], None]


@pytest.fixture
def home(instance_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(instance_template, tmp_path / "instance")
    monkeypatch.setenv("COLOPHON_HOME", str(tmp_path / "instance"))
    return tmp_path / "instance"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Start:
    """Runs the command with few samples; it returns where it would begin to serve."""

    def nothing(*_arguments: Any, **_named: Any) -> None:
        return

    monkeypatch.setattr(sampling, "load", few)
    monkeypatch.setattr(demo, "catch_up", nothing)
    monkeypatch.setattr(demo, "supervise", nothing)
    monkeypatch.setattr(demo, "_announce", nothing)
    return lambda: demo.demo.callback(free_port())  # type: ignore[misc]


def records(home: Path) -> int:
    instance = open_instance(load(home, environment={}))
    try:
        assert row_count(instance.database, "drafts") == 0
        return row_count(instance.database, "records")
    finally:
        instance.close()


def test_a_demo_that_was_interrupted_loads_the_rest(home: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as life:
        kill_at(life, 16)
        with pytest.raises(Killed):
            start()
    assert not (home / "samples-loaded").exists()
    start()
    assert records(home) == sum(len(sample.versions) for sample in few())
    assert (home / "samples-loaded").exists()


def test_a_repository_of_others_is_no_place_for_the_demo(home: Path, start: Start) -> None:
    instance = open_instance(load(home, environment={}))
    published(instance, person(instance, "owner"), body())
    instance.close()
    with pytest.raises(WrongSetting, match="COLOPHON_HOME"):
        start()
    assert records(home) == 1
