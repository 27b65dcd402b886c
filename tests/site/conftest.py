"""Sites and applications that several modules look at; each of them builds its own."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.cli.serve import build_app
from repository.services.instance import Instance
from repository.storage.database import Database
from site_builder import shards
from tests.site.discovered import CLOSED, GONE, PUBLIC
from tests.site.site_output import changes, rebuilt


@pytest.fixture(scope="module")
def small_lists() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "LIMIT", 3)
        yield


@pytest.fixture(scope="module")
def served(
    small_lists: None, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[dict[str, bytes]]:
    """All files of a site whose lists are cut after three entries, in which some records changed on one day."""
    folder = tmp_path_factory.mktemp("discovery")
    batch = changes([*PUBLIC, *GONE, *CLOSED])
    same_day = [replace(change, at=batch[0].at) for change in batch[:8]]
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, folder)}")
    yield rebuilt(database, folder, [*same_day, *batch[8:]])
    database.close()


@pytest.fixture
def app(instance: Instance) -> Flask:
    return build_app(instance)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
