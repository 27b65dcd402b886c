"""A webhook is told what has changed: after the files are in place, until it takes it, and nothing is left out."""

import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from snapshots import minimal, with_metadata

from repository.errors import WrongSetting
from repository.services.instance import Instance
from site_builder import publishing
from site_builder.changed import Journal
from site_builder.projection import open_projection
from tests.following.contract import withdrawn
from tests.instances import SITE, copy_instance
from tests.site.site_output import build, changes, increment, settings_in

pytestmark = pytest.mark.long
SECRET = "s" * 40


@dataclass
class Webhook:
    """Refuses the first requests, takes all others, and keeps what it was sent."""

    refused: int = 2
    bodies: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[bool] = field(default_factory=list)
    attempts: int = 0
    url: str = ""

    @property
    def urls(self) -> list[str]:
        return [url for body in self.bodies for url in body["urls"]]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.attempts += 1
            if hook.attempts > hook.refused:
                signature = f"sha256={hmac.new(SECRET.encode(), body, 'sha256').hexdigest()}"
                hook.signatures.append(self.headers["X-Colophon-Signature"] == signature)
                hook.bodies.append(json.loads(body))
            self.send_response(200 if hook.attempts > hook.refused else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        hook.url = f"http://127.0.0.1:{server.server_port}/purge"
        yield hook
        server.shutdown()
        thread.join()


@pytest.fixture
def told(webhook: Webhook, instance_template: Path, tmp_path: Path) -> Iterator[Instance]:
    """An instance with a site, whose changes are told."""
    opened = copy_instance(
        instance_template,
        tmp_path / "instance",
        site__purge_webhook=webhook.url,
        site__purge_secret=SECRET,
        site__deploy=(tmp_path / "there").as_uri(),
    )
    build(open_projection(opened), changes([minimal(1), minimal(2)]))
    yield opened
    opened.close()


def watched(instance: Instance, until: Any) -> None:
    """The task beside the readers, without its pauses, until something has come to pass."""
    stop = threading.Event()
    thread = threading.Thread(target=publishing.watch, args=(instance, stop, lambda _seconds: stop.wait(0.01)))
    thread.start()
    try:
        for _look in range(1000):
            if until():
                return
            stop.wait(0.02)
        raise AssertionError("it did not come to pass")
    finally:
        stop.set()
        thread.join()


def test_a_webhook_that_fails_first_is_told_all_in_the_end(
    told: Instance, webhook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "MOST", 10)
    watched(told, lambda: webhook.bodies)
    assert webhook.attempts == 3
    assert (webhook.bodies[0]["everything"], webhook.urls) == (True, [f"{SITE}/*"])
    increment(open_projection(told), changes([withdrawn(minimal(1)), with_metadata(minimal(2), title="Hail")], 50))
    with Journal.open(told.settings.site_output / ".builder") as journal:
        expected = {f"{SITE}{change.address}" for change in journal.since(webhook.bodies[0]["number"])}
        last = journal.last()
    watched(told, lambda: webhook.bodies[-1]["number"] == last)
    assert {*webhook.urls[1:]} == expected
    assert {f"{SITE}/records/{minimal(1).id}", f"{SITE}/records/{minimal(1).id}/record.ttl", f"{SITE}/"} <= expected
    assert all(len(body["urls"]) <= 10 for body in webhook.bodies)
    assert len(webhook.bodies) > 3
    assert {*webhook.signatures} == {True}
    # what was told had been deployed before
    page = tmp_path / "there" / "records" / minimal(1).id
    assert [path.name for path in page.iterdir()] == ["tombstone.html"]
    assert all(len({*body["urls"]}) == len(body["urls"]) for body in webhook.bodies)
    told_before = len(webhook.bodies)
    watched(told, lambda: True)
    assert len(webhook.bodies) == told_before


def test_what_was_told_while_a_process_ended_is_told_again(told: Instance, webhook: Webhook) -> None:
    webhook.refused = 0
    watched(told, lambda: webhook.bodies)
    with Journal.open(told.settings.site_output / ".builder") as journal:
        journal.note_fact("purged", "0")  # as if it had been killed before it could note it
    watched(told, lambda: len(webhook.bodies) == 2)
    assert webhook.bodies[0] == webhook.bodies[1]


def test_addresses_are_told_after_the_deployment_only(told: Instance, webhook: Webhook, tmp_path: Path) -> None:
    webhook.refused = 0
    (tmp_path / "there").write_text("a file where the folder should be")
    stop = threading.Event()
    failures: list[float] = []

    def wait(seconds: float) -> bool:
        failures.append(seconds)
        if len(failures) == 4:
            stop.set()
        return True

    publishing.watch(told, stop, wait)
    assert webhook.attempts == 0
    assert failures == [4.0, 8.0, 16.0, 32.0]
    (tmp_path / "there").unlink()
    watched(told, lambda: webhook.bodies)


@pytest.mark.parametrize(
    "url", ["http://cdn.example.org/purge", "ftp://example.org/", "https://", "http://localhost.example.org/"]
)
def test_a_webhook_is_told_nothing_in_the_open(url: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"site\.purge_webhook"):
        settings_in(tmp_path, **{"site.purge_webhook": url})
    assert settings_in(tmp_path, **{"site.purge_webhook": "https://cdn.example.org/purge?key=1"})
