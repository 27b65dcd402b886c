"""Publishing, finding, reading and harvesting at once, embedded and on the scaled set, and what a killed leader costs.

Two web workers, two processes of readers, RECORDS real records (10,000 if not said) there before. CLIENTS publish
without a pause; one more asks the search for what it has published until it is found. The scaled set is PostgreSQL,
Ceph, OpenSearch and Fuseki, all on this machine too: they share its processors with the service.
"""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
from load import Client
from measuring import COLOPHON, ROOT, command, fresh_home, percentile, serving, table
from memory import documents
from rest import METADATA

sys.path.insert(0, str(ROOT))
from repository import settings
from repository.following import status
from repository.storage.database import Database
from tests.servers.ceph import CREDENTIALS, CephServer
from tests.servers.fuseki import FusekiServer
from tests.servers.opensearch import OpenSearchServer
from tests.servers.postgres import PostgresServer

RECORDS = int(os.environ.get("RECORDS", "10000"))
SECONDS = float(os.environ.get("SECONDS", "30"))
CLIENTS = 4
KILLS = 3
PATIENCE = 60.0
"""Seconds after which what was published counts as never found."""
Settings = dict[str, str]
Row = tuple[str, ...]


@contextlib.contextmanager
def scaled() -> Iterator[Settings]:
    with (
        PostgresServer(durable=True) as postgres,
        CephServer() as ceph,
        OpenSearchServer(memory="1g", tuned=True) as opensearch,
        FusekiServer() as fuseki,
    ):
        yield {
            "COLOPHON_DATABASE": postgres.create_database(),
            "COLOPHON_OBJECTS": f"s3://{ceph.create_bucket()}?endpoint_url={ceph.endpoint}",
            "COLOPHON_SEARCH": opensearch.setting("bench"),
            "COLOPHON_GRAPH": fuseki.setting,
            **CREDENTIALS,
        }


class Beside:
    """Another process of readers: it leads whatever nobody leads."""

    def __init__(self, home: Path, chosen: Settings) -> None:
        self._environment = {**os.environ, "COLOPHON_HOME": str(home), **chosen}
        self.start()

    def start(self) -> None:
        running = [*COLOPHON, "projections", "run"]
        self.process = subprocess.Popen(
            running, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)


class Work:
    """What clients do all the time, each in a thread, until the end; how long each request took."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.milliseconds: dict[str, list[float]] = {"publish": [], "found": [], "read": [], "harvest": []}
        self.failed: list[str] = []
        self.ids: list[str] = []
        self._numbers = itertools.count()

    def start(self) -> None:
        for act in [*[self.publish] * CLIENTS, self.publish_and_find, self.read, self.harvest]:
            self._threads.append(threading.Thread(target=self._repeat, args=(act,)))
            self._threads[-1].start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def publish(self, client: Client) -> str:
        metadata = METADATA | {"title": f"Rainfall at harbour q{next(self._numbers)}z"}
        body = json.dumps({"metadata": metadata, "files": {"enabled": False}}).encode()
        draft = json.loads(self._ask(client, "POST", "/api/records", 201, body))["id"]
        start = time.perf_counter()
        self._ask(client, "POST", f"/api/records/{draft}/draft/actions/publish", 202)
        self._note("publish", start)
        self.ids.append(draft)
        return draft

    def publish_and_find(self, client: Client) -> float:
        """Seconds from the answer to the publication until the search has it."""
        query = urlencode({"q": f"id:{self.publish(client)}", "size": 1})
        start = time.perf_counter()
        while time.perf_counter() < start + PATIENCE:
            if json.loads(self._ask(client, "GET", f"/api/records?{query}", 200))["hits"]["total"]:
                self._note("found", start)
                return time.perf_counter() - start
            time.sleep(0.01)
        self.failed.append("not found")
        return PATIENCE

    def read(self, client: Client) -> None:
        if not self.ids:
            time.sleep(0.1)
            return
        start = time.perf_counter()
        self._ask(client, "GET", f"/api/records/{self.ids[len(self.milliseconds['read']) % len(self.ids)]}", 200)
        self._note("read", start)
        time.sleep(0.01)

    def harvest(self, client: Client) -> None:
        """Page after page of a whole list."""
        arguments = "metadataPrefix=oai_dc"
        while arguments and not self._stop.is_set():
            start = time.perf_counter()
            page = self._ask(client, "GET", f"/oai?verb=ListRecords&{arguments}", 200)
            self._note("harvest", start)
            token = page.rpartition(b"<resumptionToken")[2].partition(b">")[2].partition(b"<")[0].decode()
            arguments = urlencode({"resumptionToken": token}) if token else ""
            time.sleep(0.05)

    def _repeat(self, act: Callable[[Client], object]) -> None:
        client = Client(self._url, self._token)
        while not self._stop.is_set():
            try:
                act(client)
            except (OSError, ValueError, KeyError) as error:
                self.failed.append(f"{act.__name__}: {error}")
                client = Client(self._url, self._token)

    def _ask(self, client: Client, method: str, path: str, wanted: int, body: bytes | None = None) -> bytes:
        found, answer = client.ask(method, path, body)
        if found != wanted:
            raise ValueError(f"{found} {answer[:200]!r}")
        return answer

    def _note(self, what: str, start: float) -> None:
        self.milliseconds[what].append(1000 * (time.perf_counter() - start))


def leader(home: Path, chosen: Settings) -> int:
    """Of the search."""
    database = Database(settings.load(home, chosen).database)
    (found,) = (reader for reader in status(database, ["search"]) if reader.name == "search")
    database.close()
    return int((found.leader or ":0").rpartition(":")[2])


def killed(home: Path, chosen: Settings, beside: Beside, work: Work, url: str, token: str) -> list[float]:
    """Seconds from the end of the search's leader until what is published then is found; the supervisor starts another
    process in its place, and so do we."""
    found = []
    for _ in range(KILLS):
        while not (process := leader(home, chosen)):
            time.sleep(0.2)
        start = time.perf_counter()
        os.kill(process, signal.SIGKILL)
        if process == beside.process.pid:
            beside.process.wait()
            beside.start()
        work.publish_and_find(Client(url, token))
        found.append(time.perf_counter() - start)
        time.sleep(5)  # until the new process waits for its turn
    return found


def measured(name: str, chosen: Settings) -> tuple[list[Row], Row]:
    with fresh_home() as home, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.jsonl"
        documents(file, RECORDS)
        command(home, "init", **chosen)
        command(home, "accounts", "create", "bench@example.org", **chosen)
        token = command(home, "accounts", "token", "bench@example.org", **chosen).split()[-1]
        command(home, "records", "import", str(file), "--json", **chosen)
        command(home, "projections", "run", "--until-current", **chosen)
        with serving(home, "--workers", "2", **chosen) as (url, _server):
            beside, work = Beside(home, chosen), Work(url, token)
            work.start()
            time.sleep(SECONDS)
            calm = {what: list(values) for what, values in work.milliseconds.items()}
            failed = len(work.failed)
            takeovers = killed(home, chosen, beside, work, url, token)
            work.stop()
            records = httpx.get(f"{url}/api/records?size=1", timeout=60).json()["hits"]["total"]
            beside.close()
    for reason in work.failed[:5]:
        print(f"{name}: {reason}", flush=True)
    rows = [
        (title, name, str(len(calm[what])), f"{percentile(calm[what], 0.5):.0f}", f"{percentile(calm[what], 0.95):.0f}",
         f"{max(calm[what]):.0f}", budget)
        for what, title, budget in (
            ("publish", f"publish, {CLIENTS} clients without a pause and one that looks for it", "–"),
            ("found", "published → found", "≤ 1,000"),
            ("read", "GET of a record", "–"),
            ("harvest", "page of ListRecords", "–"),
        )
    ]  # fmt: skip
    seconds = ", ".join(f"{one:.1f}" for one in takeovers)
    return rows, (name, seconds, "≤ 10", str(failed), str(len(work.failed) - failed), f"{records:,}")


def main() -> None:
    latencies, takeovers = [], []
    kinds: dict[str, Callable[[], contextlib.AbstractContextManager[Settings]]] = {
        "embedded": lambda: contextlib.nullcontext({}),
        "scaled": scaled,
    }
    for name in sys.argv[1:] or kinds:
        with kinds[name]() as chosen:
            rows, takeover = measured(name, chosen)
        latencies += rows
        takeovers.append(takeover)
    table(
        f"All at once for {SECONDS:.0f} s (milliseconds)",
        ("what", "stores", "number", "p50", "p95", "most", "budget for p95"),
        sorted(latencies, key=lambda row: row[0]),
    )
    table(
        "kill -9 of the search's leader",
        ("stores", "seconds until what is published then is found", "budget", "failed before", "failed meanwhile",
         "records in the end"),
        takeovers,
    )  # fmt: skip


if __name__ == "__main__":
    main()
