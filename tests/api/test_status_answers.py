"""What `/api/status` tells: which stores answer, how much there is, what is wrong with stored bytes."""

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from repository.api.stores import WORDS
from repository.app import create_app
from repository.records.visibility import Viewer
from repository.services import fixity
from repository.services.accounts import create_token
from repository.services.instance import Instance
from repository.services.measures import LONGEST_PAUSE, PAUSE, Figures
from repository.storage.database import Database
from repository.storage.objects import open_objects
from tests.api.conftest import Caller
from tests.api.document import DOCUMENT
from tests.instances import body, published

WITHOUT_POOL = {"database": "ok", "objects": "ok", "search": "ok", "graph": "ok", "sparql": "unreachable"}
"""What a lone application says: nobody runs the query service."""


def comes_to_say(client: Caller, name: str, expected: object) -> None:
    """Figures may be some moments old."""
    deadline = time.monotonic() + 30
    while (found := client("GET", "/api/status").json[name]) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def status_of(instance: Instance) -> tuple[int, Any]:
    """The answer of a new application to somebody unknown, which is as documented and tells no place."""
    answer = create_app(instance).test_client().get("/api/status")
    faults = DOCUMENT.faults("GET", "/api/status", answer.status_code, dict(answer.headers), answer.get_data())
    assert faults == []
    told = answer.get_data(as_text=True)
    assert str(instance.settings.home) not in told
    assert "127.0.0.1" not in told
    assert set(answer.json["stores"].values()) <= set(WORDS)
    return answer.status_code, answer.json


def test_admins_see_counts_and_what_is_faulty(instance: Instance, owner: Viewer, caller: Callable[..., Caller]) -> None:
    record_id = published(instance, owner, body(), {"a.txt": b"a", "b.txt": b"b"})
    anonymous, admin = caller(), caller("admin", admin=True)
    assert admin("GET", "/api/status").json["files"] == {"blobs": 2, "checked": 0, "due": 2, "faulty": 0}
    next(path for path in instance.settings.home.glob("objects/??/??/*") if path.read_bytes() == b"a").unlink()
    list(fixity.check(instance))
    comes_to_say(admin, "files", {"blobs": 2, "checked": 2, "due": 0, "faulty": 1})
    assert anonymous("GET", "/api/status/faults").status_code == 403
    assert caller("somebody")("GET", "/api/status/faults").status_code == 403
    (hit,) = admin("GET", "/api/status/faults").json["hits"]["hits"]
    assert (hit["fault"], hit["held_by"]) == ("missing", [f"{record_id}/a.txt"])


@pytest.mark.parametrize("public", [False, True], ids=["metrics closed", "metrics public"])
def test_only_admins_are_told_how_much_there_is(
    instance: Instance, owner: Viewer, caller: Callable[..., Caller], public: bool
) -> None:
    """A closed record counts, and so does one that was withdrawn without a page."""
    caller("somebody"), caller("admin", admin=True)
    closed = {**body(), "access": {"record": "restricted", "files": "restricted"}}
    published(instance, owner, closed, {"a.txt": b"a"})
    client = create_app(replace(instance, settings=replace(instance.settings, metrics_public=public))).test_client()
    told = {}
    for name in ("somebody", "admin"):
        token = create_token(instance, f"{name}@example.org")
        told[name] = client.get("/api/status", headers={"Authorization": f"Bearer {token}"}).json
    told["nobody"] = client.get("/api/status").json
    counted = {"records", "dois", "files"}
    assert counted <= {*told["admin"]}
    assert told["admin"]["records"] == {"published": 1}
    for name in ("nobody", "somebody"):
        assert {*told[name]} == {*told["admin"]} - counted, name
        assert told[name]["position"] == 1


def test_stores_that_answer_are_ok(instance: Instance) -> None:
    status, told = status_of(instance)
    assert (status, told["stores"]) == (200, WITHOUT_POOL)


def test_a_store_that_comes_back_is_told(instance: Instance, caller: Callable[..., Caller], tmp_path: Path) -> None:
    objects = instance.settings.home / "objects"
    objects.rename(tmp_path / "away")
    anonymous = caller()
    comes_to_say(anonymous, "stores", WITHOUT_POOL | {"objects": "unreachable"})
    (tmp_path / "away").rename(objects)
    comes_to_say(anonymous, "stores", WITHOUT_POOL)


def _lose_objects(home: Path) -> None:
    shutil.rmtree(home / "objects")


def _lose_index(home: Path) -> None:
    (home / "search").mkdir(exist_ok=True)
    (home / "search" / "current").symlink_to("g1")


def _lose_copy(home: Path) -> None:
    (home / "graph").mkdir(exist_ok=True)
    (home / "graph" / "current").symlink_to("snapshots/g1.1")


@pytest.mark.parametrize(
    ("store", "lose"), [("objects", _lose_objects), ("search", _lose_index), ("graph", _lose_copy)]
)
def test_a_store_that_is_lost_is_told_and_the_rest_goes_on(
    instance: Instance, store: str, lose: Callable[[Path], None]
) -> None:
    lose(instance.settings.home)
    status, told = status_of(instance)
    assert (status, told["stores"]) == (200, WITHOUT_POOL | {store: "unreachable"})


def test_without_the_database_the_stores_are_told_with_503(instance: Instance) -> None:
    away = replace(instance, database=Database("postgresql+psycopg://somebody@127.0.0.1:1/nothing"))
    status, told = status_of(away)
    assert (status, told["stores"]) == (503, WITHOUT_POOL | {"database": "unreachable"})
    away.close()


def test_a_database_of_another_version_is_told(instance: Instance) -> None:
    with instance.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    status, told = status_of(instance)
    assert (status, told["stores"]["database"]) == (503, "outdated")


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of somebody who takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_store_that_says_nothing_holds_nobody_up(
    instance: Instance, mute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x" * 20)
    silent = replace(instance, objects=open_objects(f"s3://bucket?endpoint_url={mute}"))
    assert status_of(silent)[1]["stores"] == WITHOUT_POOL | {"objects": "silent"}


def test_a_question_that_hangs_is_not_asked_again(
    instance: Instance, mute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x" * 20)
    monkeypatch.setattr("repository.api.stores.KEPT", 0.0)
    silent = replace(instance, objects=open_objects(f"s3://bucket?endpoint_url={mute}"))
    asked: list[str] = []
    silent.objects.control.meta.events.register("before-call.s3.*", lambda **_more: asked.append("asked"))  # type: ignore[attr-defined]
    client = create_app(silent).test_client()
    assert [client.get("/api/status").json["stores"]["objects"] for _ in range(2)] == ["silent"] * 2
    assert len(asked) == 1


class Clock:
    """Stands still but for what reading takes."""

    def __init__(self, reading: float) -> None:
        self.now = 1000.0
        self._reading = reading

    def __call__(self) -> float:
        self.now += self._reading
        return self.now


@pytest.mark.parametrize(("reading", "pause"), [(0.1, 0.1 * PAUSE), (30.0, LONGEST_PAUSE)])
def test_tables_are_counted_again_only_after_a_pause(
    instance: Instance, owner: Viewer, reading: float, pause: float
) -> None:
    clock = Clock(reading)
    figures, statements = Figures(instance, clock), list[str]()
    event.listen(instance.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert figures.now().records == {}
    published(instance, owner, body())
    clock._reading = 0.0
    statements.clear()
    until = clock.now + pause
    for _ in range(100):
        assert figures.now().records == {}
    clock.now = until - 0.01
    assert figures.now().records == {}
    assert statements == []
    clock.now = until + 0.01
    assert figures.now().records == {"published": 1}


def test_status_and_metrics_count_no_table_twice_in_a_moment(
    instance: Instance, caller: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repository.services.measures.PAUSE", 1e9)
    admin = caller("admin", admin=True)
    assert admin("GET", "/api/status").status_code == 200
    statements: list[str] = []
    event.listen(instance.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    for _ in range(5):
        assert admin("GET", "/api/status").status_code == 200
        assert admin("GET", "/metrics").status_code == 200
    assert statements
    tables = ("FROM records", "FROM blobs", "FROM pids")
    assert not [statement for statement in statements if any(table in statement for table in tables)]
