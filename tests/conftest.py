"""Fixtures that every part of the suite uses."""

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher
from sqlalchemy import text

from repository.auth import identity
from repository.records.visibility import Viewer
from repository.services.instance import Instance, initialise
from repository.storage import schema
from repository.storage.database import Database
from tests.grouping import note_groups, pytest_configure_node, pytest_xdist_make_scheduler
from tests.instances import copy_instance, make_template, person
from tests.servers import installed
from tests.servers.ceph import CREDENTIALS, CephServer
from tests.servers.fuseki import FusekiServer
from tests.servers.opensearch import OpenSearchServer
from tests.servers.postgres import PostgresServer
from tests.servers.proxy import FaultyProxy
from tests.servers.scaled import Kind, ScaledSet

structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
)

identity._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Most tests make an account, and what makes guessing slow makes them slow. What is shipped is held to its cost by
tests/security/test_password_hashes.py; servers that tests start have it."""

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("embedded", pytest.param("scaled", marks=[pytest.mark.service, pytest.mark.xdist_group("ceph")]))


__all__ = ["pytest_configure_node", "pytest_xdist_make_scheduler"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What waits for processes that are killed, and for the leases that they leave, takes long, whatever it tests."""
    for item in items:
        if "kill_9" in item.name:
            item.add_marker(pytest.mark.long)
    note_groups(config, items)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What bears the mark `both` runs on the embedded stores, and again on the scaled set."""
    if metafunc.definition.get_closest_marker("both") and "on" in metafunc.fixturenames:
        metafunc.parametrize("on", KINDS, indirect=True, scope="session")
    elif any(mark.name == "both" for mark in getattr(metafunc.function, "pytestmark", ())):
        raise pytest.UsageError(f"{metafunc.definition.nodeid} bears the mark `both` and has no stores to choose")


@pytest.fixture(scope="session")
def on(request: pytest.FixtureRequest) -> str:
    """Where the instance of a test has its stores: `embedded` or `scaled`."""
    return str(getattr(request, "param", "embedded"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of other people's records and XML schemas beside the checkout; it is not part of the project."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        message = f"{folder} is absent: it holds the real records and schemas that this test reads"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its schema, to be copied: migrating once is enough."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path, on: str) -> Iterator[Database]:
    """An empty SQLite database; a PostgreSQL one too where a test bears the mark `both`."""
    if on == "scaled":
        yield request.getfixturevalue("postgres_database")
        return
    path = tmp_path / "colophon.sqlite"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the suite's own, stopped at its end."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def ceph() -> Iterator[CephServer]:
    """S3 by Ceph, for tests of mark `service`; its keys are in the environment."""
    installed.require(installed.CEPH)
    with CephServer() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture(scope="session")
def fuseki() -> Iterator[FusekiServer]:
    """A SPARQL store, for tests of mark `service`; whoever uses it empties it first."""
    installed.require(installed.FUSEKI)
    with FusekiServer(timeout=10.0) as server:  # queries that we gave up go on in it until then
        yield server


@pytest.fixture(scope="session")
def opensearch() -> Iterator[OpenSearchServer]:
    """A search engine, for tests of mark `service`; whoever uses it gives their indexes a prefix of their own."""
    installed.require(installed.OPENSEARCH)
    with OpenSearchServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    url = postgres.create_database("template_colophon")
    database = Database(url)
    schema.upgrade(database)
    database.close()
    return "template_colophon"


@pytest.fixture
def postgres_database(postgres: PostgresServer, postgres_template: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    url = postgres.create_database(template=postgres_template)
    database = Database(url)
    yield database
    database.close()
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """Runs the test on both databases."""
    name = "database" if request.param == "sqlite" else "postgres_database"
    database: Database = request.getfixturevalue(name)
    return database


def row_count(database: Database, table: str) -> int:
    with database.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.fixture(scope="session")
def instance_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("instance"))


@pytest.fixture
def settings_of_stores(request: pytest.FixtureRequest, on: str) -> Iterator[Mapping[str, Any]]:
    """Of an instance of this test."""
    with stores_on(request, on) as settings:
        yield settings


@contextlib.contextmanager
def stores_on(request: pytest.FixtureRequest, on: str) -> Iterator[Mapping[str, Any]]:
    """Settings of new, empty stores; what is on servers is dropped at the end."""
    if on == "embedded":
        yield {}
        return
    servers: ScaledSet = request.getfixturevalue("scaled")
    settings = servers.stores()
    yield settings
    servers.drop(settings)


@pytest.fixture
def instance(tmp_path: Path, instance_template: Path, settings_of_stores: Mapping[str, Any]) -> Iterator[Instance]:
    """An empty instance on SQLite, a folder and Tantivy; on the scaled set too where a test bears the mark `both`."""
    opened = copy_instance(instance_template, tmp_path / "instance", **settings_of_stores)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_instance_template(postgres: PostgresServer, instance_template: Path) -> str:
    url = postgres.create_database("template_instance")
    objects = f"file://{instance_template / 'objects of another database'}"
    initialise(instance_template, {"database": url, "objects": objects}).close()
    return "template_instance"


@pytest.fixture
def postgres_instance(
    tmp_path: Path, instance_template: Path, postgres: PostgresServer, postgres_instance_template: str
) -> Iterator[Instance]:
    url = postgres.create_database(template=postgres_instance_template)
    opened = copy_instance(instance_template, tmp_path / "instance", database=url)
    yield opened
    opened.close()
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_instance(request: pytest.FixtureRequest) -> Instance:
    """Runs the test on an instance of each database."""
    name = "instance" if request.param == "sqlite" else "postgres_instance"
    opened: Instance = request.getfixturevalue(name)
    return opened


@pytest.fixture
def s3_instance(tmp_path: Path, instance_template: Path, ceph: CephServer) -> Iterator[Instance]:
    """An empty instance on SQLite and a bucket of its own."""
    url = f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}"
    opened = copy_instance(instance_template, tmp_path / "instance", objects=url)
    yield opened
    opened.close()


@pytest.fixture
def proxy(ceph: CephServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(ceph.port) as started:
        yield started


@pytest.fixture
def behind(proxy: FaultyProxy, ceph: CephServer, tmp_path: Path, instance_template: Path) -> Iterator[Instance]:
    """An instance that reaches its bucket through the proxy."""
    url = f"s3://{ceph.create_bucket()}?endpoint_url={proxy.endpoint}"
    opened = copy_instance(instance_template, tmp_path / "instance", objects=url)
    yield opened
    opened.close()


@pytest.fixture
def owner(instance: Instance) -> Viewer:
    return person(instance, "owner")


@pytest.fixture(scope="session")
def scaled(
    postgres: PostgresServer, ceph: CephServer, opensearch: OpenSearchServer, fuseki: FusekiServer,
    postgres_instance_template: str,
) -> ScaledSet:  # fmt: skip
    """All servers of the scaled deployment at once, for tests of mark `service`."""
    return ScaledSet(postgres, ceph, opensearch, fuseki, postgres_instance_template)


@pytest.fixture(scope="module", params=KINDS)
def stores(request: pytest.FixtureRequest) -> Kind:
    """Runs what uses it on the embedded stores, and again on the scaled set."""
    if request.param == "embedded":
        return Kind("embedded")
    servers: ScaledSet = request.getfixturevalue("scaled")
    return Kind("scaled", servers.stores())
