"""PostgreSQL is restarted at once, in the middle of transactions: clients go on, nothing is lost or done twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.services.instance import initialise
from tests.faults.load import Load, lost, published_twice
from tests.servers.colophon import ColophonServer, running
from tests.servers.postgres import PostgresServer
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service

ROUNDS = 4


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """Another one than the suite's, which other tests are using."""
    with PostgresServer() as server:
        yield server


def test_a_database_that_restarts_in_mid_transaction_loses_nothing(
    instance_template: Path, tmp_path: Path, own_postgres: PostgresServer
) -> None:
    database = {"database": own_postgres.create_database()}
    objects = f"file://{tmp_path / 'objects of nobody'}"  # else the template's would be this database's for ever
    initialise(instance_template, {**database, "objects": objects}).close()
    server = ColophonServer.over(instance_template, tmp_path / "instance", serve__workers=2, **database)
    with running(server), Load(server, clients=6) as load:
        for _round in range(ROUNDS):
            load.goes_on(5)
            own_postgres.restart_immediately()
            load.goes_on(5)
        load.stop()
        server.wait_for(lambda: all(reader["lag"] == 0 for reader in server.get("/api/status").json()["projections"]))
        assert lost(server, load) == []
        assert load.errors == []
    assert published_twice(server.home, database) == []
    assert_whole(server.home, database)
