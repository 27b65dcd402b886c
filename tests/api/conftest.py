"""The REST API as its clients see it: the real app, a client for each role."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.app import create_app
from repository.records.visibility import Viewer
from repository.services.accounts import create_account, create_token
from repository.services.instance import Instance
from tests.api.document import DOCUMENT


@pytest.fixture
def app(instance: Instance) -> Iterator[Flask]:
    """The app; every answer that a test gets from it is as the OpenAPI document says."""
    faults: list[str] = []

    def check(response: Response) -> Response:
        body = b"" if response.is_streamed else response.get_data()
        faults.extend(DOCUMENT.faults(request.method, request.path, response.status_code, dict(response.headers), body))
        return response

    yield create_app(instance, after=(check,))
    assert faults == []


class Caller:
    """One account (or nobody) using the API with a bearer token."""

    def __init__(self, client: FlaskClient, account: str, token: str) -> None:
        self.client = client
        self.viewer = Viewer(account)
        self.token = token

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        path = path.removeprefix("http://repository.test")
        path = path if path.startswith("/") else f"/api/{path}"
        return self.client.open(path, method=method, headers=headers, buffered=True, **options)


@pytest.fixture
def caller(app: Flask, instance: Instance) -> Callable[..., Caller]:
    def make(name: str = "", *, admin: bool = False) -> Caller:
        if not name:
            return Caller(app.test_client(), "", "")
        identity = create_account(instance, f"{name}@example.org", "correct horse", admin=admin)
        return Caller(app.test_client(), str(identity.id), create_token(instance, identity.email))

    return make


@pytest.fixture
def owner_calls(caller: Callable[..., Caller]) -> Caller:
    return caller("owner")


@pytest.fixture
def anyone_calls(caller: Callable[..., Caller]) -> Caller:
    return caller()
