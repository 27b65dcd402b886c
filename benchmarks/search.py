"""Searches, suggestions, rebuilds and exports of RECORDS real records (100,000 if not said), on both engines.

Two web workers over HTTP on loopback. KEPT names a folder that the filled instance is kept in, for later runs. Beside
them, on the same records and questions: SQLite FTS5 in this process, and `query_string` requests straight to
OpenSearch. Neither knows who may see what, or finds other forms of a word.

Arguments, all if there are none: `tantivy`, `fts5`, `opensearch`.
"""

import contextlib
import http.client
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from measuring import COLOPHON, ROOT, SHARED, command, fresh_home, percentile, resident, serving, table

sys.path.insert(0, str(ROOT))
import orjson
from memory import Watch
from search_peers import Asker, Fts5, OverHttp, QueryString, fill
from search_queries import Asked, Known, beginnings, searches

from repository import settings
from repository.records.snapshot import Json, Snapshot
from repository.search.documents import document
from repository.storage import changes
from repository.storage.database import Database
from tests.servers.opensearch import OpenSearchServer

RECORDS = int(os.environ.get("RECORDS", "100000"))
QUERIES = int(os.environ.get("QUERIES", "400"))
CLIENTS = (1, 8)
KEPT = os.environ.get("KEPT", "")
WARMING = 4_000
"""Questions before OpenSearch is measured, of either kind and to either asker: a Java machine is quick after some
thousands of a kind."""
BUDGETS = {1: "≤ 50", 8: "≤ 100"}
_TAKEN, _OF = 11_500, 13_405
"""Of so many documents of the corpus the import takes so many."""
_PAGE = 500
Makes = Callable[[], Asker]
Row = tuple[str, ...]


@dataclass
class Found:
    """Rows of the tables."""

    latencies: list[Row] = field(default_factory=list)
    rates: list[Row] = field(default_factory=list)
    memory: list[Row] = field(default_factory=list)


def documents(path: Path) -> None:
    """As many as give RECORDS records."""
    wanted = RECORDS * _OF // _TAKEN
    script = [sys.executable, str(SHARED / "corpus/bulk_to_datacite.py"), str(SHARED / "corpus/bulk.jsonl")]
    with (
        path.open("wb") as file,
        subprocess.Popen([*script, "--copies", str(-(-wanted // _OF))], stdout=subprocess.PIPE) as writing,
    ):
        assert writing.stdout is not None
        for number, line in enumerate(writing.stdout):
            if number < wanted:
                file.write(line)


def states(home: Path) -> Iterator[tuple[Snapshot, Json]]:
    """Each record and its search document, read as a rebuild reads them."""
    database = Database(settings.load(home, {}).database)
    after = ""
    while True:
        with database.read() as connection:
            page = changes.states(connection, after, _PAGE)
        if not page:
            break
        for change in page:
            yield change.snapshot, document(change.snapshot, change.position)
        after = page[-1].record_id
    database.close()


def timed(ask: Callable[[Asked], object], questions: Sequence[Asked]) -> list[float]:
    """Milliseconds of each."""
    found = []
    for asked in questions:
        start = time.perf_counter()
        ask(asked)
        found.append(1000 * (time.perf_counter() - start))
    return found


def at_once(makes: Makes, questions: Sequence[Asked], clients: int, *, suggest: bool = False) -> list[float]:
    """By so many clients, who share the questions out."""
    found: list[list[float]] = [[] for _ in range(clients)]

    def run(number: int) -> None:
        asker = makes()
        found[number] = timed(asker.suggest if suggest else asker.search, questions[number::clients])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not all(found):
        raise SystemExit("A client has failed.")
    return [one for of_client in found for one in of_client]


def latencies(name: str, makes: Makes, known: Sequence[Known], *, ours: bool, warming: bool = False) -> list[Row]:
    """Rows of searches and suggestions; other questions of the same kinds warm it up, and none is asked twice."""
    asker = makes()
    if warming:
        at_once(makes, searches(known, WARMING, 0), max(CLIENTS))
        at_once(makes, beginnings(known, WARMING, 19), max(CLIENTS), suggest=True)
    totals = [asker.total(asker.search(asked)) for asked in searches(known, QUERIES // 2, 1)]
    hits = f"{sum(totals) / len(totals):,.0f}"
    rows = []
    for clients in CLIENTS:
        questions = searches(known, QUERIES * min(clients, 2), 2 + clients)
        times = timed(asker.search, questions) if clients == 1 else at_once(makes, questions, clients)
        title = f"search with all facets, {clients} client{'s' if clients > 1 else ''}"
        rows.append((title, name, *_figures(times), BUDGETS[clients] if ours else "–", hits))
    totals = [asker.total(asker.suggest(asked)) for asked in beginnings(known, QUERIES // 4, 20)]
    times = timed(asker.suggest, beginnings(known, QUERIES, 21))
    hits = f"{sum(totals) / len(totals):,.0f}"
    rows.append(("suggestions, 1 client", name, *_figures(times), "≤ 15" if ours else "–", hits))
    for row in rows:
        print(*row, sep="  ", file=sys.stderr, flush=True)
    return rows


def _figures(times: Sequence[float]) -> tuple[str, str, str]:
    return f"{percentile(times, 0.5):.1f}", f"{percentile(times, 0.95):.1f}", f"{max(times):.0f}"


def exported(url: str) -> float:
    """Records a second of the whole list, streamed."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
    start = time.perf_counter()
    connection.request("GET", "/api/records", headers={"Accept": "application/x-ndjson"})
    answer = connection.getresponse()
    lines = 0
    while block := answer.read(1 << 16):
        lines += block.count(b"\n")
    seconds = time.perf_counter() - start
    if answer.status != 200 or lines != int(answer.headers["X-Total-Count"]):
        raise SystemExit(f"{answer.status}: {lines} of {answer.headers['X-Total-Count']} records")
    return lines / seconds


def rebuilt(home: Path, url: str) -> tuple[float, int]:
    """Records a second from beginning to end of a first fill or a rebuild, and the most memory of its leader."""
    environment = {**os.environ, "COLOPHON_HOME": str(home), "COLOPHON_SEARCH": url}
    told, most = told_by(["projections", "run", "search", "--until-current"], environment)
    if "rebuild ends" not in told:  # it was filled before
        told, most = told_by(["projections", "rebuild", "search", "--json"], environment)
    begin, end = (told[f"rebuild {event}"] for event in ("begins", "ends"))
    moments = [datetime.fromisoformat(one["timestamp"]) for one in (begin, end)]
    return end["records"] / (moments[1] - moments[0]).total_seconds(), most


def told_by(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[dict[str, Json], int]:
    """The last event of each name in a command's log, and the most memory of its process."""
    most = 0
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen([*COLOPHON, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=log)
        while running.poll() is None:
            most = max(most, resident(running.pid))
            time.sleep(0.05)
        log.seek(0)
        lines = [json.loads(line) for line in log if line.startswith(b"{")]
    return {line["event"]: line for line in lines}, most


def engine(home: Path, name: str, url: str, known: Sequence[Known], found: Found) -> None:
    """One of the two engines, filled, rebuilt, asked."""
    budget = {"Tantivy": "≥ 2,000", "OpenSearch": "≥ 1,000"}[name]
    rate, most = rebuilt(home, url)
    found.rates.append((f"rebuild, {name}", f"{rate:,.0f}", budget))
    found.memory.append((f"rebuild, {name}", f"{most >> 20}", "≤ 300"))
    with serving(home, "--workers", "2", "--no-readers", COLOPHON_SEARCH=url) as (address, server):
        watch = Watch(server.pid)
        warming = name == "OpenSearch"
        found.latencies += latencies(f"this, {name}", lambda: OverHttp(address), known, ours=True, warming=warming)
        found.rates.append((f"export as `application/x-ndjson`, {name}", f"{exported(address):,.0f}", "≥ 5,000"))
        watch.close()
    found.memory.append((f"web worker, {name}", f"{watch.most['web worker'] >> 20}", "≤ 200"))


def beside_fts5(home: Path, known: Sequence[Known], found: Found) -> None:
    start, number = time.perf_counter(), 0
    for _one in states(home):
        number += 1
    reading = time.perf_counter() - start
    found.rates.append(("read and made into search documents, no index (the floor)", f"{number / reading:,.0f}", "–"))
    path = home / "fts5.sqlite"
    path.unlink(missing_ok=True)
    start = time.perf_counter()
    fill(path, ((made, orjson.dumps(snapshot.metadata)) for snapshot, made in states(home)))
    found.rates.append(("the same into FTS5 and tables", f"{number / (time.perf_counter() - start):,.0f}", "–"))
    found.latencies += latencies("SQLite FTS5, group-bys", lambda: Fts5(path), known, ours=False)


def filled(home: Path) -> int:
    """Records of an instance, which are imported unless it was kept."""
    if not (home / "colophon.sqlite").exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "documents.jsonl"
            documents(source)
            command(home, "init")
            command(home, "records", "import", str(source), "--json")
    database = Database(settings.load(home, {}).database)
    with database.read() as connection:
        number = changes.count(connection)
    database.close()
    return number


def beside_query_string(home: Path, known: Sequence[Known], found: Found) -> None:
    """OpenSearch, and the same server asked without us."""
    with OpenSearchServer(memory="1g", tuned=True) as server:
        engine(home, "OpenSearch", server.setting("bench"), known, found)
        found.latencies += latencies(
            "OpenSearch, `query_string`", lambda: QueryString(server.root, "bench"), known, ours=False, warming=True
        )


def main() -> None:
    found = Found()
    with contextlib.nullcontext(Path(KEPT)) if KEPT else fresh_home() as home:
        records = filled(home)
        known = [Known.of(snapshot, made) for snapshot, made in itertools.islice(states(home), 10_000)]
        chosen = sys.argv[1:] or ("tantivy", "fts5", "opensearch")
        if "tantivy" in chosen:
            engine(home, "Tantivy", settings.load(home, {}).search, known, found)
        if "fts5" in chosen:
            beside_fts5(home, known, found)
        if "opensearch" in chosen:
            beside_query_string(home, known, found)
    head = ("what", "who", "p50", "p95", "most", "budget", "hits on average")
    table(f"Searches of {records:,} records (milliseconds)", head, sorted(found.latencies, key=lambda row: row[0]))
    table(f"Search indexes and lists of {records:,} records", ("what", "records/s", "budget"), found.rates)
    table("Most memory of one process meanwhile (RssAnon)", ("process", "MiB", "budget"), found.memory)


if __name__ == "__main__":
    main()
