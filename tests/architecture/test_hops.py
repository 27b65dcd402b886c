"""Few hops: how many functions, files, statements stand between a request and its answer. `-s` shows the path."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from repository.app import create_app
from repository.services.accounts import create_account, create_token
from repository.services.instance import Instance
from tests.instances import body

OURS = Path(__file__).resolve().parents[2] / "repository"


@dataclass
class Passed:
    """What was passed through: distinct functions of ours, their files, and statements."""

    functions: dict[CodeType, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    @property
    def files(self) -> set[str]:
        return {name.split(":")[0] for name in self.functions.values()}

    def show(self, title: str) -> None:
        print(f"\n{title}: {len(self.functions)} functions, {len(self.files)} files, {len(self.statements)} statements")
        for name in self.functions.values():
            print("  ", name)
        for statement in self.statements:
            print("   SQL", " ".join(statement.split())[:150])


@contextmanager
def followed(instance: Instance) -> Iterator[Passed]:
    path = Passed()

    def call(frame: FrameType, what: str, _argument: Any) -> None:
        code = frame.f_code
        ours = code.co_filename.startswith(str(OURS)) and not code.co_name.startswith("<")  # no comprehensions
        if what == "call" and ours and code not in path.functions:
            path.functions[code] = f"{Path(code.co_filename).relative_to(OURS)}:{code.co_qualname}"

    def statement(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        if not text.startswith("BEGIN"):
            path.statements.append(text)

    event.listen(instance.database.engine, "before_cursor_execute", statement)
    sys.setprofile(call)
    try:
        yield path
    finally:
        sys.setprofile(None)
        event.remove(instance.database.engine, "before_cursor_execute", statement)


@pytest.fixture
def app(instance: Instance) -> Flask:
    return create_app(instance)


def warmed(act: Callable[[], Any]) -> None:
    """Once before it counts: imports are done, caches are filled."""
    act()


def test_reading_a_record_takes_few_hops(app: Flask, instance: Instance) -> None:
    owner = create_account(instance, "owner@example.org", "correct horse").viewer
    from tests.instances import published

    record_id = published(instance, owner, body(), {"a.csv": b"a"})
    client = app.test_client()
    warmed(lambda: client.get(f"/api/records/{record_id}"))
    with followed(instance) as path:
        answer = client.get(f"/api/records/{record_id}")
    path.show("GET of a record, by nobody")
    assert answer.status_code == 200
    assert len(path.functions) <= 40
    assert len(path.files) <= 12
    assert len(path.statements) <= 3


def test_publishing_takes_few_hops(app: Flask, instance: Instance) -> None:
    identity = create_account(instance, "owner@example.org", "correct horse")
    headers = {"Authorization": f"Bearer {create_token(instance, identity.email)}"}
    client = app.test_client()
    urls = []
    for _ in range(2):
        draft = client.post("/api/records", json=body(), headers=headers).json
        assert draft is not None
        urls.append(draft["links"]["publish"].removeprefix("http://repository.test"))
    warmed(lambda: client.post(urls[0], headers=headers))
    with followed(instance) as path:
        answer = client.post(urls[1], headers=headers)
    path.show("publishing a draft without files, with a token")
    assert answer.status_code == 202
    assert len(path.functions) <= 80
    assert len(path.files) <= 20
    assert len(path.statements) <= 12
