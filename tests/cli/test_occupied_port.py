"""A port on which somebody else listens: said in one sentence, before anything is started or changed."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.cli.demo import ROLES
from repository.cli.serve import require_free
from repository.errors import WrongSetting
from repository.services.accounts import create_account, create_token
from repository.services.instance import open_instance
from repository.settings import load
from tests.cli.shell import Shell
from tests.conftest import row_count


@pytest.fixture
def occupied() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def shell(instance_template: Path, tmp_path: Path) -> Shell:
    return Shell.over(instance_template, tmp_path)


def processes_of(home: Path) -> list[str]:
    """Those that have the instance as their home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"COLOPHON_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_an_occupied_port_is_named_and_nothing_is_started(shell: Shell, occupied: int, command: str) -> None:
    home = shell.folder / "instance"
    instance = open_instance(load(home, environment={}))
    (email, name, admin) = ROLES[0]
    create_account(instance, email, "correct horse", name=name, admin=admin)
    create_token(instance, email, "demo")
    with instance.database.read() as connection:
        before = connection.exec_driver_sql("SELECT password FROM accounts").all()
        tokens = connection.exec_driver_sql("SELECT hash FROM tokens").all()
    said = shell.apart(command, "--port", str(occupied), code=2)
    assert f"127.0.0.1:{occupied}" in said
    assert "serve.port" in said
    assert "Traceback" not in said
    assert processes_of(home) == []
    with instance.database.read() as connection:
        assert connection.exec_driver_sql("SELECT password FROM accounts").all() == before
        assert connection.exec_driver_sql("SELECT hash FROM tokens").all() == tokens
    assert row_count(instance.database, "records") == 0
    instance.close()


def test_an_address_that_is_not_ours_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"192\.0\.2\.1"):
        require_free(load(tmp_path, environment={}, overrides={"serve.host": "192.0.2.1"}))
