"""More harvests at once than a worker takes: the others are told when to come again, and who obeys gets everything."""

import contextlib
import socket
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask, Response
from werkzeug.serving import make_server

from repository import settings
from repository.oai.resource import EXTENSION, create_blueprint
from repository.oai.statistics import Harvests
from tests.oai.harvest_world import World, make_settings, numbered
from tests.oai.test_oai_statistics import counted

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from sickle import Sickle

WAIT = 60.0


@dataclass
class Gate:
    """A clock whose first reader is held up until it is opened: a request that takes long."""

    world: World
    first: threading.Lock = field(default_factory=threading.Lock)
    held: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> float:
        if self.first.acquire(blocking=False):
            self.held.set()
            assert self.open.wait(WAIT)
        return self.world.clock()


@dataclass
class Busy:
    url: str
    gate: Gate
    harvests: Harvests
    refused: list[Response] = field(default_factory=list)


@pytest.fixture
def busy(world: World) -> Iterator[Busy]:
    """A real server that takes one harvest at once."""
    world.put(*[numbered(number) for number in range(7)])
    world.clock.pass_(10)
    world.use_settings(oai_concurrency=1)
    gate = Gate(world)
    app = Flask("oai")
    app.register_blueprint(create_blueprint(world.database, world.settings, world.formats, gate))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    found = Busy(f"http://127.0.0.1:{server.server_port}/oai", gate, app.extensions[EXTENSION])

    @app.after_request
    def note(response: Response) -> Response:
        if response.status_code == 503:
            found.refused.append(response)
            if len(found.refused) == 2:
                gate.open.set()
        return response

    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    gate.open.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_is_told_to_come_again_and_obeys_gets_everything(busy: Busy, world: World) -> None:
    answers: list[requests.Response] = []
    slow = threading.Thread(target=lambda: answers.append(requests.get(busy.url, {"verb": "Identify"}, timeout=WAIT)))
    slow.start()
    assert busy.gate.held.wait(WAIT)
    refused = requests.post(busy.url, {"verb": "Identify"}, timeout=WAIT)
    assert refused.status_code == 503
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert "text/plain" in refused.headers["Content-Type"]
    harvested = list(Sickle(busy.url, max_retries=3).ListRecords(metadataPrefix="oai_dc"))
    assert len(busy.refused) == 2, "the harvester was refused once, and obeyed"
    assert len(harvested) == 7
    slow.join(WAIT)
    assert answers[0].status_code == 200, "who was there first is served"
    busy.harvests.flush()
    refusals = {kind: count for kind, count in counted(world.database).items() if kind[4] == "overloaded"}
    assert sum(count[0] for count in refusals.values()) == 2
    assert {kind[1:4] for kind in refusals} == {("", "", "")}


def test_a_request_that_fails_gives_its_place_back(world: World) -> None:
    world.use_settings(oai_concurrency=1)

    def broken() -> float:
        raise ValueError("no clock")

    app = Flask("oai")
    app.register_blueprint(create_blueprint(world.database, world.settings, world.formats, broken))
    for _ in range(3):
        assert app.test_client().get("/oai?verb=Identify").status_code == 500


@pytest.mark.parametrize(("threads", "taken"), [(1, 2), (4, 2), (16, 8)])
def test_half_of_the_threads_are_left_to_others(tmp_path, threads: int, taken: int) -> None:  # type: ignore[no-untyped-def]
    assert settings.load(tmp_path, {}, {"serve.threads": threads}).oai_concurrency == taken
    assert make_settings(tmp_path, oai_concurrency=3).oai_concurrency == 3


def test_bodies_that_never_end_keep_nobody_from_harvesting(busy: Busy) -> None:
    address = urlsplit(busy.url)
    head = f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 1000\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\nverb="
    busy.gate.open.set()
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            sender = stack.enter_context(socket.create_connection((address.hostname, address.port), WAIT))
            sender.sendall(head.encode())
        late = [requests.post(busy.url, {"verb": "Identify"}, timeout=WAIT).status_code for _ in range(2)]
        assert requests.get(busy.url, {"verb": "Identify"}, timeout=WAIT).status_code == 200
    assert late == [503, 503], "of those who send bodies there are only so many at once"
