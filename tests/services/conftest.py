"""Instances beside the one of a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.services.instance import Instance
from tests.instances import copy_instance
from tests.servers.ceph import CephServer
from tests.servers.postgres import PostgresServer
from tests.servers.small_provider import SmallProvider, numbered
from tests.services.copies import Make


@pytest.fixture
def empty(tmp_path: Path, instance_template: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes empty instances beside the one of the test, on `sqlite` or `postgresql`, and with `+s3` in a bucket."""
    made: list[Instance] = []

    def make(kind: str) -> Instance:
        overrides = {}
        if "s3" in kind:
            ceph: CephServer = request.getfixturevalue("ceph")
            overrides["objects"] = f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}"
        if "postgresql" in kind:
            server: PostgresServer = request.getfixturevalue("postgres")
            template = request.getfixturevalue("postgres_instance_template")
            overrides["database"] = server.create_database(template=template)
        made.append(copy_instance(instance_template, tmp_path / f"other{len(made)}", **overrides))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    with SmallProvider([numbered(number) for number in range(1, 6)]) as started:
        yield started
