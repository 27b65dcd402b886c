"""Clients that deposit without a pause, send again what was not answered, and remember what was acknowledged."""

import contextlib
import hashlib
import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from sqlalchemy import select

from repository.services.instance import open_instance
from repository.settings import load
from repository.storage.models import RecordRow
from tests.instances import METADATA
from tests.servers.colophon import ColophonServer
from tests.servers.plain import PLAIN

PATIENCE = 90.0
"""Seconds after which a client gives a request up."""


class _Stopped(Exception):
    """A request was not answered before the end."""


@dataclass(slots=True)
class Load:
    """Runs between entry and exit. Every record has one file, and a title that no other has."""

    server: ColophonServer
    clients: int = 4
    size: int = 5000
    """Bytes of a file, about."""
    parts: int = 0
    """Every other file comes in so many parts, sent to where their links lead."""
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Id of a published record → SHA-256 of its file."""
    titles: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    """Answers that no client should get."""
    _number: Iterator[int] = field(default_factory=itertools.count)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Requests that have no answer yet are not sent again."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def goes_on(self, records: int = 5, seconds: float = 60.0) -> None:
        """Waits until so many more have been published."""
        wanted, deadline = len(self.acknowledged) + records, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            running = self.server.process is not None and self.server.process.poll() is None
            assert running, f"the server ended:\n{self.server.end_of_log()}"
            assert time.monotonic() < deadline, f"only {len(self.acknowledged)} published; {self.errors[-3:]}"
            time.sleep(0.05)

    def _run(self, client: int) -> None:
        token = {"Authorization": f"Bearer {self.server.tokens['owner']}"}
        with httpx.Client(timeout=20, verify=PLAIN, headers=token) as http:
            for number in itertools.count():
                if self._stop.is_set():
                    return
                with contextlib.suppress(_Stopped):
                    self._deposit(http, f"Client {client}, deposit {number} at {time.time()}")

    def _deposit(self, http: httpx.Client, title: str) -> None:
        content = f"{title} {uuid.uuid4()}".encode()
        content *= self.size // len(content) + 1
        body = {"metadata": {**METADATA, "title": title}, "files": {"enabled": True}}
        draft = self._answered(http, "POST", f"{self.server.base}/api/records", json=body)
        files = draft["links"]["files"]
        in_parts = self.parts > 0 and next(self._number) % 2 == 0
        self._send(http, files, content, self.parts if in_parts else 0)
        self._answered(http, "POST", f"{files}/data.txt/commit")
        # … and a draft is a record already
        record = self._answered(http, "POST", draft["links"]["publish"], done=(draft["links"]["record"], 404))
        self.titles[record["id"]] = title
        self.acknowledged[record["id"]] = hashlib.sha256(content).hexdigest()

    def _send(self, http: httpx.Client, files: str, content: bytes, parts: int) -> None:
        """Sent again after it was carried out, a name is taken already."""
        octets = {"Content-Type": "application/octet-stream"}
        if not parts:
            self._answered(http, "POST", files, json=[{"key": "data.txt"}], done=(files, 400))
            self._answered(http, "PUT", f"{files}/data.txt/content", content=content, headers=octets)
            return
        size = -(-len(content) // parts)
        transfer = {"type": "M", "parts": parts, "part_size": size}
        wish = {"key": "data.txt", "size": len(content), "transfer": transfer}
        self._answered(http, "POST", files, json=[wish], done=(files, 400))
        links = self._answered(http, "GET", f"{files}/data.txt")["links"]["parts"]
        for number, link in enumerate(links):
            with httpx.Client(timeout=20, verify=PLAIN) as store:  # without our token
                answer = store.put(link["url"], content=content[number * size : (number + 1) * size])
                assert answer.status_code == 200, answer.text

    def _answered(
        self, http: httpx.Client, method: str, url: str, *, done: tuple[str, int] = ("", 0), **options: Any
    ) -> Any:
        """Sends until there is an answer. `done`: where to look whether a first time was carried out, if a further one
        gets this status."""
        deadline, again = time.monotonic() + PATIENCE, False
        while time.monotonic() < deadline:
            try:
                answer = http.request(method, url, **options)
                if again and answer.status_code == done[1]:
                    answer = http.get(done[0])
            except httpx.TransportError:
                again = True
            else:
                if answer.status_code < 300:
                    return answer.json()
                again = True
                if answer.status_code not in (503, 507):
                    self.errors.append(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
            if self._stop.wait(0.1):
                raise _Stopped
        self.errors.append(f"{method} {url}: not answered")
        self._stop.set()
        raise AssertionError(self.errors[-1])


def lost(server: ColophonServer, load_: Load) -> list[str]:
    """What was acknowledged and is not there as it was."""
    found = []
    for record_id, digest in load_.acknowledged.items():
        record = server.get(f"/api/records/{record_id}")
        bytes_ = server.get(f"/api/records/{record_id}/files/data.txt/content")
        if record.status_code != 200 or record.json()["metadata"]["title"] != load_.titles[record_id]:
            found.append(f"{record_id}: {record.status_code}")
        elif bytes_.status_code != 200 or hashlib.sha256(bytes_.content).hexdigest() != digest:
            found.append(f"{record_id}: its bytes answer {bytes_.status_code}")
    return found


def published_twice(home: Path, overrides: dict[str, Any] | None = None) -> list[str]:
    """Titles that more than one record has: a request was carried out twice."""
    instance = open_instance(load(home, environment={}, overrides=overrides or {}))
    with instance.database.read() as connection:
        bodies = connection.execute(select(RecordRow.body)).scalars().all()
    instance.close()
    titles = Counter(body["metadata"]["title"] for body in bodies)
    return [title for title, count in titles.items() if count > 1]
