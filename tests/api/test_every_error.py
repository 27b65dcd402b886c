"""Every error of the tree has an answer, also one that no service of a running server should raise."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from repository.api.errors import STATUS
from repository.errors import ColophonError, WrongSetting

ARGUMENTS: dict[str, Any] = {
    "Gone": ({"note": "x"},),
    "NotAcceptable": (["text/html"],),
    "ProtocolError": ("badVerb", "secret words"),
}


def kinds(root: type[ColophonError] = ColophonError) -> Iterator[type[ColophonError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("kind", [ColophonError, *kinds()], ids=lambda kind: kind.__name__)
def test_every_error_is_answered(app: Flask, kind: type[ColophonError]) -> None:
    with app.test_request_context("/api/records"):
        error = kind(*ARGUMENTS.get(kind.__name__, ("secret words",)))
        answer = app.make_response(app.handle_user_exception(error))
    assert answer.status_code == STATUS.get(kind, 503)
    if kind not in STATUS:
        assert answer.headers["Retry-After"]
        assert "secret words" not in answer.get_data(as_text=True)


def test_a_wrong_setting_tells_callers_nothing_of_it(app: Flask) -> None:
    with app.test_request_context("/api/records"):
        answer = app.make_response(app.handle_user_exception(WrongSetting("The bucket b belongs to another")))
    assert (answer.status_code, answer.get_json()["message"]) == (503, "The server can't do this now. It was logged.")
