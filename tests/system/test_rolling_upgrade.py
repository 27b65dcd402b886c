"""A new version takes the place of the old one process by process: both work on one database meanwhile.

With the newest migration it is the code before it, taken from the history of the checkout, that goes on while
`colophon init` of this code migrates under it. With a migration to come it is this code.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.storage import schema
from repository.storage.database import Database
from tests.faults.load import Load, lost
from tests.instances import UNLIMITED
from tests.servers.colophon import ColophonServer, running
from tests.servers.postgres import PostgresServer
from tests.servers.processes import below, kill, process_of
from tests.wholeness import assert_whole

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
COLOPHON = Path(sys.executable).parent / "colophon"


def git(*words: str) -> bytes:
    """Nothing where there is no history."""
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""


def commit_before(migration: str) -> str:
    """The last commit whose code did not have it; empty where the history does not go back so far."""
    search = f'-SHEAD = "{migration}"'
    brought = git("log", "-m", "--first-parent", "--format=%H", search, "--", "repository/storage/schema.py").split()
    return git("rev-parse", "--verify", "--quiet", f"{brought[-1].decode()}^1").decode().strip() if brought else ""


BEFORE = commit_before(schema.HEAD)


def add_to_it(database: Database, revision: str) -> None:
    """What a migration of a version to come might add."""
    with database.write() as connection:
        for statement in (
            "ALTER TABLE records ADD COLUMN colour VARCHAR(10) NOT NULL DEFAULT ''",
            "ALTER TABLE drafts ADD COLUMN colour VARCHAR(10)",
            "CREATE TABLE colours (name VARCHAR(10) PRIMARY KEY)",
            f"UPDATE alembic_version SET version_num = '{revision}'",
        ):
            connection.exec_driver_sql(statement)


@pytest.fixture
def server(
    instance_template: Path, tmp_path: Path, postgres: PostgresServer, postgres_instance_template: str
) -> Iterator[ColophonServer]:
    url = postgres.create_database(template=postgres_instance_template)
    made = ColophonServer.over(instance_template, tmp_path / "instance", serve__workers=2, database=url)
    with running(made):
        yield made


def test_a_migration_that_only_adds_is_lived_with_and_started_with(server: ColophonServer) -> None:
    database = Database(server.overrides["database"])
    with Load(server, clients=2) as load:
        load.goes_on(3)
        add_to_it(database, f"9999-from-{schema.HEAD[:4]}")
        load.goes_on(3)
        assert server.status("/readyz") == 200
        assert server.get("/api/status").json()["stores"]["database"] == "ok"
        killed = below(server, process_of(server, "web"))
        for worker in killed:
            kill(worker)
        server.wait_for(lambda: not {*killed} & {*below(server, process_of(server, "web"))})
        kill(process_of(server, "readers"))
        load.goes_on(3)
    server.wait_for(lambda: all(not reader["lag"] for reader in server.get("/api/status").json()["projections"]))
    assert lost(server, load) == []
    assert load.errors == []
    backup = command(server, "backup", str(server.home.parent / "backup"))
    assert (backup.returncode, f"9999-from-{schema.HEAD[:4]}" in backup.stderr) == (2, True)
    database.close()


@pytest.mark.parametrize("revision", ["9999", "9999-from-9998"])
def test_any_other_migration_is_refused(server: ColophonServer, revision: str) -> None:
    database = Database(server.overrides["database"])
    add_to_it(database, revision)
    assert server.status("/readyz") == 503
    assert command(server, "status").returncode == 2
    database.close()


def command(server: ColophonServer, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    settings = {"home": str(server.home), **server.overrides}
    own = {f"COLOPHON_{name.replace('.', '_').upper()}": str(value) for name, value in settings.items()}
    environment = {**os.environ, **own, **variables}
    return subprocess.run([COLOPHON, *words], env=environment, capture_output=True, text=True, check=False)


if BEFORE:  # a checkout without its history has only the tests above

    @pytest.fixture(scope="module")
    def code_before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
        """Variables with which Python runs the code before the newest migration, whatever the folder it is run in."""
        folder = tmp_path_factory.mktemp("before")
        archive = git("archive", BEFORE, "repository", "site-builder", "schemas")
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        path = os.pathsep.join((str(folder), str(folder / "site-builder")))
        return {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}

    @pytest.fixture
    def old(code_before: dict[str, str], tmp_path: Path, postgres: PostgresServer) -> Iterator[ColophonServer]:
        """A server of that code, over an instance that it has made itself."""
        overrides = {name.replace("__", "."): value for name, value in UNLIMITED.items()}
        overrides |= {"database": postgres.create_database(), "serve.workers": 2}
        made = ColophonServer(tmp_path / "instance", overrides, environment=code_before)
        for words in (("init",), ("accounts", "create", "owner@example.org")):
            done = command(made, *words, **code_before)
            assert done.returncode == 0, done.stderr
        token = command(made, "accounts", "token", "owner@example.org", **code_before)
        made.tokens["owner"] = token.stdout.split()[-1]
        with running(made):
            yield made

    def test_the_code_before_the_newest_migration_works_beside_this_one(old: ColophonServer) -> None:
        database = Database(str(old.overrides["database"]))
        assert schema.revision(database) not in (None, schema.HEAD)
        new = ColophonServer(old.home, {**old.overrides, "serve.workers": 2}, tokens=old.tokens)
        new.log_folder = old.home
        with Load(old, clients=2) as load_of_old, contextlib.ExitStack() as stack:
            load_of_old.goes_on(3)
            done = command(new, "init")
            assert done.returncode == 0, done.stderr
            assert schema.revision(database) == schema.HEAD
            load_of_old.goes_on(3)
            stack.enter_context(running(new))
            with Load(new, clients=2) as load_of_new:
                load_of_new.goes_on(4)
                load_of_old.goes_on(4)
            load_of_old.stop()
            old.stop()
            new.wait_for(lambda: all(not reader["lag"] for reader in new.get("/api/status").json()["projections"]), 60)
            for load in (load_of_old, load_of_new):
                assert lost(new, load) == []
                assert load.errors == []
        assert_whole(new.home, {**new.overrides, "site.url": new.base})
        database.close()
