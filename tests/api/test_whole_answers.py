"""A body that is there already goes to the server at once; one that is made while it is sent stays so."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.test import EnvironBuilder

from repository.app import create_app
from repository.services.instance import Instance

pytestmark = pytest.mark.both


@pytest.fixture
def app(instance: Instance) -> Flask:
    app = create_app(instance)
    app.add_url_rule("/finished", "finished", view_func=lambda: Response(b"finished"))
    app.add_url_rule("/streamed", "streamed", view_func=lambda: Response(parts()))
    return app


made: list[str] = []


def parts() -> Iterator[bytes]:
    made.append("first")
    yield b"str"
    made.append("second")
    yield b"eamed"


def answered(app: Flask, path: str, method: str = "GET") -> tuple[Any, dict[str, str]]:
    environ = EnvironBuilder(path=path, method=method, base_url="http://repository.test").get_environ()
    headers: dict[str, str] = {}
    body = app.wsgi_app(environ, lambda _status, given, _error=None: headers.update(given))  # type: ignore[misc, return-value]
    return body, headers


def test_a_finished_body_is_a_list(app: Flask) -> None:
    body, headers = answered(app, "/finished")
    assert body == [b"finished"]
    assert headers["Content-Length"] == "8"


def test_head_tells_the_length_and_gives_nothing(app: Flask) -> None:
    body, headers = answered(app, "/finished", "HEAD")
    assert b"".join(body) == b""
    assert headers["Content-Length"] == "8"


def test_a_body_that_is_made_while_it_is_sent_is_not_made_before(app: Flask) -> None:
    made.clear()
    body, _headers = answered(app, "/streamed")
    assert made == []
    assert b"".join(body) == b"streamed"
    body.close()
