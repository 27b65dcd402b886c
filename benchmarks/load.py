"""Eight clients publish at once through REST, on SQLite and on PostgreSQL, with all readers beside.

Beside it: the same clients asking the same server for `/api/ping`, which is what any answer costs at least.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
from measuring import ROOT, command, fresh_home, serving, table
from rest import METADATA

sys.path.insert(0, str(ROOT))
from tests.servers.postgres import PostgresServer

CLIENTS = 8
RECORDS = 1600


class Client:
    """One connection that stays open; as little of the processor as a client can take."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def together(url: str, token: str, tasks: Sequence[Any], act: Callable[[Client, Any], bool]) -> tuple[float, int]:
    """All tasks by CLIENTS at once: seconds, and how many failed."""
    waiting, failed, lock = list(tasks), [0], threading.Lock()

    def run() -> None:
        client = Client(url, token)
        while True:
            with lock:
                if not waiting:
                    return
                task = waiting.pop()
            if not act(client, task):
                with lock:
                    failed[0] += 1

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start, failed[0]


def measure(database: str, budget: int, **settings: str) -> list[tuple[str, ...]]:
    body = json.dumps({"metadata": METADATA, "files": {"enabled": False}}).encode()
    with fresh_home() as home:
        command(home, "init", **settings)
        command(home, "accounts", "create", "bench@example.org", **settings)
        token = command(home, "accounts", "token", "bench@example.org", **settings).split()[-1]
        with serving(home, "--workers", "2", **settings) as (url, _server):
            drafts: list[str] = []

            def create(client: Client, _number: int) -> bool:
                status, answer = client.ask("POST", "/api/records", body)
                if status == 201:
                    drafts.append(json.loads(answer)["id"])
                return status == 201

            together(url, token, range(RECORDS), create)
            before = httpx.get(f"{url}/api/status").json()["position"]
            publish = "/api/records/{}/draft/actions/publish"
            seconds, failed = together(
                url, token, drafts, lambda client, draft: client.ask("POST", publish.format(draft))[0] == 202
            )
            changes = httpx.get(f"{url}/api/status").json()["position"] - before
            start = time.perf_counter()
            while any(reader["lag"] for reader in httpx.get(f"{url}/api/status").json()["projections"]):
                time.sleep(0.1)
            behind = time.perf_counter() - start
            found = httpx.get(f"{url}/api/records?size=1").json()["hits"]["total"]
            pinging, _none = together(
                url, token, range(RECORDS), lambda client, _number: client.ask("GET", "/api/ping")[0] == 200
            )
    rate, floor = len(drafts) / seconds, RECORDS / pinging
    lost = len(drafts) - min(changes, found)
    return [(database, f"{rate:.0f}", f"≥ {budget}", f"{failed}", f"{lost}", f"{behind:.1f}", f"{floor:.0f}")]


def main() -> None:
    rows = measure("SQLite", 120)
    with PostgresServer(durable=True) as postgres:
        rows += measure("PostgreSQL", 150, COLOPHON_DATABASE=postgres.create_database())
    table(
        f"{CLIENTS} clients publish {RECORDS} drafts at once, 2 web workers",
        (
            "database",
            "publishes/s",
            "budget",
            "failed",
            "lost",
            "readers at the head after, s",
            "pings/s",
        ),
        rows,
    )


if __name__ == "__main__":
    main()
