"""Builds of the static site of real records, beside Hugo, Eleventy and stock Frozen-Flask, and small changes in it.

`pages`: landing pages alone, HTML only, nothing compressed, for each of SIZES (10,000 and 50,000 if not said): ours by
two processes, the others as they do it; taken by turns, the quickest of TIMES. `whole`: a full build by the command,
with all frozen files, lists and `.gz` and `.br`. `changes`: TEN records changed at once in a site of each of CHANGED
(10,000 and 100,000), in a reader that runs: from the change being read to the last file being in its place. KEPT names
a folder that the filled instances are kept in, for later runs.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from measuring import ROOT, command, fresh_home, percentile, resident, table

sys.path.insert(0, str(ROOT))
import structlog
from memory import documents
from static_sites import HUGO, Makes, eleventy, frozen_flask, hugo, ours

from repository import settings
from repository.following import builds
from repository.storage import changes
from repository.storage.database import Database

SIZES = [int(size) for size in os.environ.get("SIZES", "10000,50000").split(",")]
CHANGED = [int(size) for size in os.environ.get("CHANGED", "10000,100000").split(",")]
TIMES = int(os.environ.get("TIMES", "2"))
KEPT = os.environ.get("KEPT", "")
PEERS = os.environ.get("PEERS", "hugo,eleventy,frozen_flask").split(",")
PROCESSES = 2
TEN = 10
ROUNDS = 30
BUDGETS = {10_000: 100, 100_000: 120}
"""Milliseconds of ten changes."""


@contextlib.contextmanager
def filled(size: int) -> Iterator[Path]:
    """An instance with so many real records, or a few less."""
    with contextlib.nullcontext(Path(KEPT) / str(size)) if KEPT else fresh_home() as home:
        if not (home / "colophon.sqlite").exists():
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory() as folder:
                source = Path(folder) / "documents.jsonl"
                documents(source, size)
                command(home, "init")
                command(home, "records", "import", str(source), "--json")
        yield home


def database_of(home: Path) -> Database:
    return Database(settings.load(home, {}).database)


def count(home: Path) -> int:
    database = database_of(home)
    with database.read() as connection:
        number = changes.count(connection)
    database.close()
    return number


def made(output: Path) -> tuple[int, int]:
    """Pages, and their bytes; of each hundredth page."""
    pages = sorted(output.rglob("records/*/index.html")) or sorted(output.rglob("records/*"))
    some = [page.stat().st_size for page in pages[::100]]
    return len(pages), sum(some) // max(len(some), 1)


def pages(size: int) -> None:
    with filled(size) as home, tempfile.TemporaryDirectory(dir=KEPT or None) as place:
        folder = Path(place)
        makers: dict[str, Makes] = {f"this, {PROCESSES} processes": partial(ours, home, PROCESSES)}
        prepared: dict[str, Callable[[], Makes]] = {
            "hugo": lambda: hugo(home, folder / "hugo"),
            "eleventy": lambda: eleventy(home, folder / "eleventy"),
            "frozen_flask": lambda: frozen_flask(home),
        }
        makers |= {name: prepared[name]() for name in PEERS if name}
        seconds = dict.fromkeys(makers, float("inf"))
        told = {}
        for turn in range(TIMES):
            for name, make in makers.items():
                if turn and seconds[name] > 120:
                    continue
                output = folder / f"out-{turn}-{name.partition(',')[0]}"
                os.sync()
                start = time.perf_counter()
                make(output)
                seconds[name] = min(seconds[name], time.perf_counter() - start)
                told[name] = made(output)
                print(name, told[name], f"{seconds[name]:.1f}", file=sys.stderr, flush=True)
        beside = seconds.get("hugo", 0.0)
        records = count(home)
        rows = [
            (
                _named(name),
                f"{told[name][0]:,}",
                f"{told[name][1] / 1000:.1f}",
                f"{seconds[name]:.1f}",
                f"{told[name][0] / seconds[name]:,.0f}",
                f"{beside / seconds[name]:.2f}" if beside else "–",
                "≥ 1.0" if name.startswith("this") else "–",
            )
            for name in makers
        ]
        head = ("made by", "pages", "kB a page", "seconds", "pages/s", "× Hugo", "budget")
        table(f"Landing pages of {records:,} records, HTML only, nothing compressed", head, rows)


def _named(name: str) -> str:
    if name == "hugo":
        said = subprocess.run([HUGO, "version"], capture_output=True, text=True, check=True)
        return f"Hugo {said.stdout.split()[1].partition('-')[0].removeprefix('v')}"
    return {"eleventy": "Eleventy", "frozen_flask": "stock Frozen-Flask, the same views"}.get(name, name)


def whole(size: int) -> None:
    """Everything that a full build makes."""
    with filled(size) as home:
        first_fill(home)
        start = time.perf_counter()
        command(home, "site", "build", "--full", "--json")
        seconds = time.perf_counter() - start
        database = database_of(home)
        build = builds.history(database, "site")[1][0]
        database.close()
        assert build.seconds is not None
        current = settings.load(home, {}).site_output / "current"
        compressed = [path.stat().st_size for path in current.resolve().rglob("*.gz")]
        rows = [
            ("until the switch", f"{build.seconds:.1f}", f"{build.done / build.seconds:,.0f}", f"{build.files:,}",
             f"{build.octets / 1e6:,.0f}"),
            ("and `.gz` and `.br` of it, start of the command included", f"{seconds:.1f}",
             f"{build.done / seconds:,.0f}", f"{build.files + 2 * len(compressed):,}", "–"),
        ]  # fmt: skip
        table(
            f"A full build of {build.done:,} records with all frozen files",
            ("what", "seconds", "records/s", "files", "MB"),
            rows,
        )


def first_fill(home: Path) -> None:
    """Also obeys rules that have changed since an instance was kept, and compresses: nothing is left to do."""
    command(home, "site", "build", "--json")


class Reader:
    """A process that follows with the reader `site`, and tells how long each batch took."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "follow"],
            env={**os.environ, "COLOPHON_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.told()

    def told(self) -> tuple[int, float]:
        """Of the next batch: changes, and milliseconds."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the reader has ended")
        number, milliseconds = json.loads(line)
        return number, milliseconds

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def follow() -> None:
    """The process of `Reader`."""
    import threading

    from repository.cli.processes import stop_on_signal
    from repository.following import follow as follow_log
    from repository.services.instance import open_instance
    from site_builder.projection import SiteProjection

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    instance = open_instance(settings.load())
    projection = SiteProjection(instance.settings, instance.database)
    prepare, write, activate = projection.prepare, projection.write, projection.activate
    begun = [0.0, 0.0]

    def timed_prepare(batch):  # type: ignore[no-untyped-def]
        begun[:] = [len(batch), time.perf_counter()]
        return prepare(batch)

    def timed_write(*arguments):  # type: ignore[no-untyped-def]
        write(*arguments)
        print(json.dumps([begun[0], 1000 * (time.perf_counter() - begun[1])]), flush=True)

    def timed_activate(generation):  # type: ignore[no-untyped-def]
        activate(generation)
        print(json.dumps([0, 0.0]), flush=True)

    projection.prepare, projection.write, projection.activate = timed_prepare, timed_write, timed_activate  # type: ignore[method-assign]
    stop: threading.Event = stop_on_signal(signal.SIGTERM, signal.SIGINT)
    follow_log(instance.database, projection, stop)
    instance.close()


def few(size: int) -> tuple[str, ...]:
    """Ten of all records changed at once, again and again."""
    with filled(size) as home:
        first_fill(home)
        database, reader = database_of(home), Reader(home)
        ids = [record_id for page in _ids(database) for record_id in page]
        chance, found = random.Random(1), []
        for number in range(ROUNDS):
            _change(database, chance.sample(ids, TEN), number)
            taken, milliseconds = reader.told()
            assert taken == TEN
            found.append(milliseconds)
            time.sleep(0.5)
        most = resident(reader.process.pid)
        reader.close()
        database.close()
        return (
            f"{len(ids):,}", f"{percentile(found, 0.5):.0f}", f"{percentile(found, 0.95):.0f}", f"{max(found):.0f}",
            f"≤ {BUDGETS.get(size, '–')}", f"{most >> 20}", "≤ 300",
        )  # fmt: skip


def _ids(database: Database) -> Iterator[list[str]]:
    after = ""
    while True:
        with database.read() as connection:
            page = changes.states(connection, after, 1000)
        if not page:
            return
        yield [change.record_id for change in page if change.kind != "erased"]
        after = page[-1].record_id


def _change(database: Database, ids: list[str], number: int) -> None:
    """Other titles, all in one transaction, as an import revises records."""
    from dataclasses import replace

    now = datetime.now(UTC).isoformat()
    with database.write() as connection:
        states = [changes.state(connection, record_id) for record_id in ids]
        snapshots = [
            replace(
                state.snapshot,
                updated=now,
                revision_id=state.snapshot.revision_id + 1,
                metadata={**state.snapshot.metadata, "title": f"{state.snapshot.title} {number}"},
            )
            for state in states
            if state is not None
        ]
        changes.point(connection, snapshots)
        changes.append(connection, [("revised", snapshot) for snapshot in snapshots])


def ten() -> None:
    head = ("records", "p50, ms", "p95, ms", "most, ms", "budget", "memory of the reader, MiB", "budget")
    table(f"{TEN} records changed at once, {ROUNDS} times, all frozen files", head, [few(size) for size in CHANGED])


SECTIONS: dict[str, Callable[[], None]] = {
    "pages": lambda: [pages(size) for size in SIZES] and None,
    "whole": lambda: [whole(size) for size in SIZES] and None,
    "changes": ten,
    "follow": follow,
}


def main() -> None:
    for name in sys.argv[1:] or ("pages", "whole", "changes"):
        SECTIONS[name]()


if __name__ == "__main__":
    main()
