"""A folder and a bucket, and who uploads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.app import create_app
from repository.records.snapshot import Json
from repository.services import transfers
from repository.services.accounts import create_account, create_token
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.api.parts.uploads import announce, commit, draft, send_all
from tests.instances import copy_instance
from tests.servers.ceph import CephServer


@pytest.fixture(params=["folder", pytest.param("s3", marks=[pytest.mark.service, pytest.mark.xdist_group("ceph")])])
def instance(request: pytest.FixtureRequest, tmp_path: Path, instance_template: Path) -> Iterator[Instance]:
    stores = {}
    if request.param == "s3":
        ceph: CephServer = request.getfixturevalue("ceph")
        stores["objects"] = f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}"
    opened = copy_instance(instance_template, tmp_path / "instance", **stores)
    yield opened
    opened.close()


@pytest.fixture
def owner(instance: Instance) -> Caller:
    identity = create_account(instance, "owner@example.org", "correct horse")
    client = create_app(instance).test_client()
    return Caller(client, str(identity.id), create_token(instance, identity.email))


@pytest.fixture
def waiting(owner: Caller, monkeypatch: pytest.MonkeyPatch) -> Json:
    """A file that is committed and waits to be hashed by the task."""
    monkeypatch.setattr(transfers, "AT_ONCE", 0)
    entry = announce(owner, draft(owner))
    send_all(owner, entry)
    assert commit(owner, entry).json["status"] == "pending"
    return entry
