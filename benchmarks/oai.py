"""Harvests of 100,000 real records beside two other providers and the stored bytes; pages deep in 1,000,000 items.

One web worker over HTTP on loopback; the client splits what it gets as little as it can.
"""

import gzip
import http.client
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

from measuring import ROOT, SHARED, command, descendants, free_port, fresh_home, resident, serving, table, wait_for

sys.path.insert(0, str(ROOT))
from sqlalchemy import func, select

from repository import settings
from repository.formats import FORMATS, Format
from repository.oai import clock
from repository.oai.layers import key, layers
from repository.oai.projection import OaiProjection
from repository.oai.rendering import Rendered
from repository.oai.tokens import Place, Tokens
from repository.oai.writing import write
from repository.storage import changes
from repository.storage.database import Database
from repository.storage.models import OaiRendering
from tests.servers.postgres import PostgresServer

MIB = 1 << 20
COPIES = int(os.environ.get("COPIES", "9"))
ITEMS = int(os.environ.get("ITEMS", "1000000"))
EVERYTHING = "verb=ListRecords&metadataPrefix=oai_dc"
_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")


class Harvester:
    """One connection that stays open."""

    def __init__(self, url: str, path: str, compressed: bool = False) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._path = path
        self._headers = {"Accept-Encoding": "gzip"} if compressed else {}
        self.bytes = 0

    def page(self, query: str) -> bytes:
        self._connection.request("GET", f"{self._path}?{query}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(body.decode())
        self.bytes += len(body)
        return gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body

    def everything(self, query: str) -> int:
        """Records of a whole list."""
        verb, found = query.split("&", maxsplit=1)[0], 0
        while True:
            body = self.page(query)
            found += body.count(b"<record>")
            token = _TOKEN.search(body)
            if not token:
                return found
            query = f"{verb}&resumptionToken={quote(token[1].decode().replace('&amp;', '&'), safe='')}"


def cpu(pids: Sequence[int]) -> float:
    """Seconds of processor that these processes have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def peer(name: str, records: Path) -> Iterator[tuple[str, int]]:
    port = free_port()
    environment = {**os.environ, "COLOPHON_BENCH_RECORDS": str(records)}
    folder = Path(__file__).parent
    server = subprocess.Popen([sys.executable, "oai_peers.py", name, str(port)], env=environment, cwd=folder)
    try:
        wait_for(f"http://127.0.0.1:{port}/?verb=Identify")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(30)


def stored(home: Path, records: Path) -> int:
    """Copies the finished `oai_dc` records into a table of the simplest kind, for the peers and the raw limit."""
    with open_instance_database(home) as database, database.read() as connection:
        generation = clock.read(connection).generation
        layer = next(layer.id for layer in layers(connection, generation) if layer.prefix == "oai_dc")
        bodies = connection.execute(
            select(OaiRendering.key, OaiRendering.body).where(
                OaiRendering.key.between(key(layer, 0), key(layer + 1, 0)), OaiRendering.body != b""
            )
        ).all()
    target = sqlite3.connect(records)
    target.execute("CREATE TABLE records (id TEXT PRIMARY KEY, stamp INTEGER, body BLOB)")
    prefix, suffix = b"<metadata>", b"</metadata>"
    target.executemany(
        "INSERT INTO records VALUES (?, ?, ?)",
        (
            (f"oai:peer:{number}", 1_700_000_000, body.split(prefix, 1)[1].split(suffix, 1)[0])
            for number, body in bodies
        ),
    )
    target.commit()
    target.close()
    return len(bodies)


def raw_limit(records: Path) -> float:
    """Records a second: stored bytes joined page by page, straight from SQLite."""
    database = sqlite3.connect(records)
    start, given, last = time.perf_counter(), 0, -1
    statement = "SELECT rowid, body FROM records WHERE rowid > ? ORDER BY rowid LIMIT 250"
    while rows := database.execute(statement, (last,)).fetchall():
        b"".join(b"<record>" + row[1] + b"</record>" for row in rows)
        given, last = given + len(rows), rows[-1][0]
    return given / (time.perf_counter() - start)


@contextmanager
def open_instance_database(home: Path, **overrides: str) -> Iterator[Database]:
    database = Database(settings.load(home, overrides).database)
    try:
        yield database
    finally:
        database.engine.dispose()


def own_harvests(home: Path, page_size: int) -> tuple[list[tuple[str, ...]], int]:
    """Rows of whole harvests, plain and gzipped, and the most memory that one of our processes has then."""
    rows = []
    with serving(home, "--workers", "1", "--no-readers", COLOPHON_OAI_PAGE_SIZE=str(page_size)) as (url, server):
        for compressed, budget in ((False, "≥ 50,000"), (True, "≥ 25,000")):
            harvester = Harvester(url, "/oai", compressed)
            processes = descendants(server.pid)
            before, start = cpu(processes), time.perf_counter()
            found = harvester.everything(EVERYTHING)
            seconds, used = time.perf_counter() - start, cpu(processes) - before
            rows.append(
                (f"this, {page_size} a page" + (", gzip" if compressed else ""), f"{found}", f"{found / seconds:,.0f}",
                 budget, f"{used / found * 1e6:.1f}", f"{harvester.bytes / found:.0f}")
            )  # fmt: skip
        return rows, max(resident(pid) for pid in descendants(server.pid))


def harvests(home: Path, records: Path) -> list[tuple[str, ...]]:
    rows, most = own_harvests(home, 250)
    rows += own_harvests(home, 100)[0]
    for name in ("pyoai", "oai_repo"):
        for compressed in (False, True):
            with peer(name, records) as (url, _pid):
                harvester = Harvester(url, "/", compressed)
                start = time.perf_counter()
                found = harvester.everything(EVERYTHING)
                rate = f"{found / (time.perf_counter() - start):,.0f}"
            title = {"pyoai": "`oaipmh`, BatchingServer", "oai_repo": "`oai-repo`"}[name]
            rows.append((title + (", gzip" if compressed else ""), f"{found}", rate, "–", "–",
                         f"{harvester.bytes / found:.0f}"))  # fmt: skip
    rows.append(("stored bytes joined from SQLite, no HTTP", "–", f"{raw_limit(records):,.0f}", "–", "–", "–"))
    print(f"Most memory of one process of ours (RssAnon): {most / MIB:.0f} MiB")
    return rows


def projecting(home: Path, formats: tuple[Format, ...], number: int) -> tuple[float, float]:
    """Changes a second that become items of a new database, and bytes a record of its file."""
    site = settings.load(home, {}).site
    with fresh_home() as other:
        command(other, "init")
        with open_instance_database(home) as source, open_instance_database(other) as target:
            projection = OaiProjection(target, site, formats)
            projection.create("bench")
            start, after, given = time.perf_counter(), 0, 0
            while given < number:
                with source.read() as connection:
                    batch = changes.after(connection, after, 500)
                if not batch:
                    break
                prepared = projection.prepare(batch)
                with target.write() as connection:
                    projection.write(prepared, "bench", connection)
                after, given = batch[-1].position, given + len(batch)
            seconds = time.perf_counter() - start
            with target.write() as connection:
                size = connection.execute(
                    select(func.sum(func.length(OaiRendering.header) + func.length(OaiRendering.body)))
                ).scalar_one()
    return given / seconds, size / given


def fill(database: Database, source: Path) -> None:
    """ITEMS items with the bodies of real records, through the projection's own writing."""
    bodies = [row[0] for row in sqlite3.connect(source).execute("SELECT body FROM records")]
    site = settings.load(Path("none"), {}).site
    OaiProjection(database, site, tuple(form for form in FORMATS if form.oai and form.oai.prefix == "oai_dc")).create(
        "bench"
    )
    stamp, size = 1_600_000_000, 5_000
    for first in range(0, ITEMS, size):
        items = [
            Rendered(f"{number // 100000:05}-{number % 100000:05}", number + 1, False, True,
                     {"type": "Resource types", **({"type:dataset": "Dataset"} if number % 3 == 0 else {})},
                     {"oai_dc": b"<metadata>" + bodies[number % len(bodies)] + b"</metadata>"}, f": oai_dc:{number}")
            for number in range(first, first + size)
        ]  # fmt: skip
        with database.write() as connection:
            write(connection, items, "bench", "bench.example", lambda moment=stamp + first // 50: moment)


def median_page(harvester: Harvester, queries: Sequence[str], times: int = 60) -> list[float]:
    """Milliseconds of each query; they take turns, so that a slow second of the machine hits all."""
    seconds: list[list[float]] = [[] for _ in queries]
    for _ in range(times):
        for query, found in zip(queries, seconds, strict=True):
            start = time.perf_counter()
            harvester.page(query)
            found.append(time.perf_counter() - start)
    return [statistics.median(found) * 1000 for found in seconds]


def deep(title: str, home: Path, records: Path, **overrides: str) -> list[tuple[str, ...]]:
    command(home, "init", **overrides)
    with open_instance_database(home, **overrides) as database:
        start = time.perf_counter()
        fill(database, records)
        filling = time.perf_counter() - start
        if not database.is_sqlite:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
    tokens = Tokens(settings.load(home, overrides).secret)

    def at(verb: str, page: int, of_set: str = "", total: int = ITEMS) -> str:
        place = Place(verb, "oai_dc", of_set, (page - 1) * 100 * (3 if of_set else 1), ITEMS, (page - 1) * 100, total)  # type: ignore[arg-type]
        return f"verb={verb}&resumptionToken={tokens.write(place, int(time.time()) + 3600)}"

    identifiers = "verb=ListIdentifiers&metadataPrefix=oai_dc&set=type:dataset"
    middle = "from=2020-09-13T12:26:40Z&until=2020-09-13T15:00:00Z"
    queries = {
        "ListRecords page 1": "verb=ListRecords&metadataPrefix=oai_dc",
        "ListRecords page 2": at("ListRecords", 2),
        "ListRecords page 10,000": at("ListRecords", 9_999),
        "ListIdentifiers page 1, set": identifiers,
        "ListIdentifiers page 2, set": at("ListIdentifiers", 2, "type:dataset", ITEMS // 3),
        "ListIdentifiers page 3,333, set": at("ListIdentifiers", 3_332, "type:dataset", ITEMS // 3),
        "ListIdentifiers page 1, set and dates": f"{identifiers}&{middle}",
    }
    pages = {"COLOPHON_OAI_PAGE_SIZE": "100", **overrides}  # of 1,000,000 items, 10,000 pages
    with serving(home, "--workers", "1", "--no-readers", **pages) as (url, _server):
        found = median_page(Harvester(url, "/oai"), list(queries.values()))
    print(f"{title}: {ITEMS:,} items written in {filling:.0f} s ({ITEMS / filling:,.0f} a second)")
    times = dict(zip(queries, found, strict=True))
    rows = []
    for name, milliseconds in times.items():
        beside = name.split(" page ")[0] + " page 2" + (", set" if "set" in name else "")
        rows.append((f"{title}: {name}", f"{milliseconds:.2f}", f"{milliseconds / times[beside]:.2f}"))
    return rows


def main() -> None:
    with fresh_home() as home:
        home.mkdir()
        documents, records = home.parent / "documents.jsonl", home.parent / "records.sqlite"
        with documents.open("wb") as file:
            script = [sys.executable, str(SHARED / "corpus/bulk_to_datacite.py"), str(SHARED / "corpus/bulk.jsonl")]
            subprocess.run([*script, "--copies", str(COPIES)], stdout=file, check=True)
        command(home, "init")
        done = json.loads(command(home, "records", "import", str(documents), "--json").splitlines()[0])
        start = time.perf_counter()
        command(home, "projections", "run", "oai", "--until-current")
        print(f"{done['added']} records become items in {time.perf_counter() - start:.0f} s, all formats")
        stored(home, records)
        table(
            "Harvest of real records in oai_dc, one worker, HTTP on loopback; the others with 250 a page",
            ("provider", "records", "records/s", "budget", "µs of processor a record", "bytes a record"),
            harvests(home, records),
        )
        only = tuple(form for form in FORMATS if form.oai and form.oai.prefix == "oai_dc")
        every = tuple(form for form in FORMATS if form.oai)
        rows = []
        for title, formats, budget in (("`oai_dc`", only, "≥ 1,000"), (f"all {len(every)}", every, "≥ 300")):
            rate, size = projecting(home, formats, 10_000)
            rows.append((title, f"{rate:,.0f}", budget, f"{size:,.0f}"))
        table("Changes into items", ("formats", "records/s", "budget", "bytes stored a record"), rows)
        rows = []
        with fresh_home() as large:
            rows += deep("SQLite", large, records)
        with PostgresServer(durable=True) as postgres, fresh_home() as large:
            rows += deep("PostgreSQL", large, records, COLOPHON_DATABASE=postgres.create_database())
        table(f"Pages of {ITEMS:,} items, milliseconds (median of 60)", ("page", "ms", "of page 2"), rows)


if __name__ == "__main__":
    main()
