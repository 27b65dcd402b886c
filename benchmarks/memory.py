"""Memory of each process of `colophon serve` of a repository of RECORDS (100,000 if not said) that is used and rebuilt.

The records are imported and read by commands first. Then clients ask the server for everything all the time; some
hundreds of records are published; in the end all readers are asked to rebuild, and fill their stores anew beside those
that are served. Most: the largest that one process of the kind ever had. Steady: the median of STEADY seconds, readers
at the head, clients going on. The limits are the budgets.
"""

import contextlib
import http.client
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from measuring import COLOPHON, SHARED, command, descendants, fresh_home, resident, serving, table
from rest import METADATA

NAMES = ("search", "oai", "ld", "site")
CLIENTS = 4
PUBLISHED = 300
STEADY = 60.0
REBUILDING = 180.0
"""Seconds of the rebuilds that are looked at: a reader takes page after page, all alike."""
WORKERS = "web worker"
READERS = "reader process"
WEB = "web server (parent of the workers)"
BESIDE = "process beside the readers (pages, search documents)"
BUDGETS = {WORKERS: "≤ 200", READERS: "≤ 300"}
KINDS = (
    ("repository.ld.sparql_worker", "SPARQL query process"),
    ("processes readers", READERS),
    ("processes sparql", "SPARQL pool"),
    ("processes web", WEB),
)
SEARCHES = ("data", "model", "climate", "language", "water", "title:analysis", "creators:smith", "analysis of a method")
QUERY = "SELECT ?s ?t WHERE { ?s <http://purl.org/dc/terms/title> ?t } LIMIT 50"


class Watch:
    """Looks at all processes below the supervisor, five times a second."""

    def __init__(self, supervisor: int) -> None:
        self._supervisor = supervisor
        self._kinds: dict[int, str] = {}
        self._stop = threading.Event()
        self.most: dict[str, int] = defaultdict(int)
        self.recent: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            now, found = time.monotonic(), defaultdict[str, int](int)
            for pid in descendants(self._supervisor):
                with contextlib.suppress(OSError):  # it has just ended
                    kind = self._kinds.get(pid) or self._kind(pid)
                    found[kind] = max(found[kind], resident(pid))
            for kind, size in found.items():
                self.most[kind] = max(self.most[kind], size)
                self.recent[kind].append((now, size))

    def _kind(self, pid: int) -> str:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        above = int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
        parent = self._kinds.get(above, "")
        if "resource_tracker" in line or "forkserver" in line:
            return ""
        kind = {READERS: BESIDE, WEB: WORKERS}.get(parent)
        kind = kind or next((kind for sign, kind in KINDS if sign in line), "")
        if kind:
            self._kinds[pid] = kind
        return kind

    def steady(self, kind: str, since: float) -> int:
        sizes = [size for moment, size in self.recent[kind] if moment >= since]
        return int(statistics.median(sizes)) if sizes else 0

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


class Visitors:
    """CLIENTS that ask for everything by turns, until they are told to stop."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self.stop = threading.Event()
        self.answers: dict[str, int] = defaultdict(int)
        self.ids: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=120)
        token = ""
        for turn in itertools.count(number):
            if self.stop.is_set():
                return
            ids = self.ids or ["aaaaa-aaaaa"]
            record = f"/records/{ids[turn * 7919 % len(ids)]}"
            text = SEARCHES[turn % len(SEARCHES)].replace(" ", "+")
            oai = f"resumptionToken={token}" if token else "metadataPrefix=oai_dc"
            for path, accept in (
                (f"/api{record}", "application/json"),
                (f"/api/records?q={text}&size=25", "application/json"),
                (f"/api{record}", "text/turtle"),
                (record, "text/html"),
                (record, "application/ld+json"),
                (f"{record}/record.rdf", "*/*"),
                (f"/search/results?q={text}", "text/html"),
                (f"/oai?verb=ListRecords&{oai}", "*/*"),
                ("/sparql?query=" + httpx.QueryParams({"q": QUERY})["q"].replace(" ", "+"), "*/*"),
                ("/api/status", "application/json"),
            ):
                try:
                    connection.request("GET", path.replace("<", "%3C").replace(">", "%3E"), headers={"Accept": accept})
                    answer = connection.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    connection.close()
                    self.answers["none"] += 1
                    continue
                self.answers[str(answer.status)] += 1
                if path.startswith("/oai"):
                    found = re.search(rb"<resumptionToken[^>]*>([^<]+)<", content)
                    token = found[1].decode() if found else ""
                if path.startswith("/api/records?") and answer.status == 200 and len(self.ids) < 20_000:
                    self.ids += [hit["id"] for hit in json.loads(content)["hits"]["hits"]]

    def close(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()


def documents(path: Path, count: int) -> None:
    """Real records, repeated under other identifiers until there are enough: one in twenty is refused."""
    copies = str(-(-count * 21 // 20 // 13_000))
    script = [sys.executable, str(SHARED / "corpus/bulk_to_datacite.py"), str(SHARED / "corpus/bulk.jsonl")]
    with path.open("wb") as file, subprocess.Popen([*script, "--copies", copies], stdout=subprocess.PIPE) as writing:
        assert writing.stdout is not None
        for number, line in enumerate(writing.stdout):
            if number < count * 21 // 20:
                file.write(line)


def publish(url: str, token: str) -> None:
    with httpx.Client(base_url=f"{url}/api", headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
        for number in range(PUBLISHED):
            metadata = METADATA | {"title": f"Published beside {number}"}
            draft = client.post("/records", json={"metadata": metadata, "files": {"enabled": False}}).json()
            assert client.post(f"/records/{draft['id']}/draft/actions/publish").status_code == 202


def await_readers(url: str) -> None:
    """Until all are at the head."""
    while True:
        found = httpx.get(f"{url}/api/status", timeout=120).json()
        if min(reader["position"] for reader in found["projections"]) == found["position"]:
            return
        time.sleep(1)


def told(url: str, token: str) -> int:
    """Records, which only admins are told: the account of this program is one."""
    found = httpx.get(f"{url}/api/status", headers={"Authorization": f"Bearer {token}"}, timeout=120).json()
    return sum(found["records"].values())


@contextlib.contextmanager
def rebuilding(home: Path) -> Iterator[None]:
    """All readers are asked to; whoever asked does not wait longer than for this block."""
    environment = {**os.environ, "COLOPHON_HOME": str(home)}
    asking = [
        subprocess.Popen([*COLOPHON, "projections", "rebuild", name], env=environment, stderr=subprocess.DEVNULL)
        for name in NAMES
    ]
    try:
        yield
    finally:
        for one in asking:
            one.kill()
            one.wait()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, fresh_home() as home:
        file = Path(folder) / "records.jsonl"
        documents(file, count)
        command(home, "init")
        command(home, "accounts", "create", "bench@example.org", "--admin")
        token = command(home, "accounts", "token", "bench@example.org").split()[-1]
        command(home, "records", "import", str(file), "--json")
        command(home, "projections", "run", "--until-current")
        with serving(home, "--workers", "2") as (url, server):
            watch, visitors = Watch(server.pid), Visitors(url)
            publish(url, token)
            await_readers(url)
            since = time.monotonic()
            time.sleep(STEADY)
            steady = {kind: watch.steady(kind, since) for kind in watch.most}
            print(
                "Most before the rebuilds:", {kind: size >> 20 for kind, size in watch.most.items() if kind}, flush=True
            )
            with rebuilding(home):
                time.sleep(REBUILDING)
            records = told(url, token)
            visitors.close()
            watch.close()
    rows = [
        (kind, f"{size >> 20}", f"{steady.get(kind, 0) >> 20}", BUDGETS.get(kind, "–"))
        for kind, size in sorted(watch.most.items(), key=lambda entry: -entry[1])
        if kind
    ]
    table(
        f"Memory of `colophon serve`, {records} records, embedded, 2 web workers",
        ("process", "most, MiB", "steady, MiB", "budget, MiB"),
        rows,
    )
    answers = ", ".join(f"{number} × {status_}" for status_, number in sorted(visitors.answers.items()))
    print(f"\nWhat the {CLIENTS} clients got meanwhile: {answers}.")


if __name__ == "__main__":
    main()
