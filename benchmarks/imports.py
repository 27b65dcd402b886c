"""Bulk import of real records, then the first fill of all readers.

Beside it: the least that any import of these lines must do (parse, write one row each, in equal batches), measured in
the same run, and the cited cost of an item in DSpace's import, which can't be run here.
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson
from measuring import COLOPHON, SHARED, command, descendants, fresh_home, resident, table

DSPACE = "DSpace import, cited: 66–75 ms an item"


def floor(documents: Path) -> float:
    """Seconds to parse every line and store it as one row, durably, in batches of 500."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(f"{folder}/floor.sqlite")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, body TEXT)")
        start = time.perf_counter()
        batch: list[tuple[str]] = []
        with documents.open("rb") as lines:
            for line in lines:
                batch.append((orjson.dumps(orjson.loads(line)).decode(),))
                if len(batch) == 500:
                    with database:
                        database.executemany("INSERT INTO documents (body) VALUES (?)", batch)
                    batch.clear()
        with database:
            database.executemany("INSERT INTO documents (body) VALUES (?)", batch)
        seconds = time.perf_counter() - start
        database.close()
    return seconds


def most_memory(home: Path, *arguments: str) -> int:
    """Runs a command; the most memory that one of its processes had, in bytes (RssAnon)."""
    most = 0
    environment = {**os.environ, "COLOPHON_HOME": str(home)}
    with tempfile.TemporaryFile("w+") as log:
        running = subprocess.Popen([*COLOPHON, *arguments], env=environment, stdout=log, stderr=log)
        while running.poll() is None:
            for pid in descendants(running.pid):
                with contextlib.suppress(OSError):  # it has just ended
                    most = max(most, resident(pid))
            time.sleep(0.5)
        if running.returncode:
            log.seek(0)
            raise SystemExit(log.read())
    return most


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, fresh_home() as home:
        documents = Path(folder) / "bulk.jsonl"
        with documents.open("wb") as file:
            script = [sys.executable, str(SHARED / "corpus/bulk_to_datacite.py"), str(SHARED / "corpus/bulk.jsonl")]
            subprocess.run(script, stdout=file, check=True)
        least = floor(documents)
        command(home, "init")
        start = time.perf_counter()
        done = json.loads(command(home, "records", "import", str(documents), "--json").splitlines()[0])
        importing = time.perf_counter() - start
        start = time.perf_counter()
        memory = most_memory(home, "projections", "run", "--until-current")
        reading = time.perf_counter() - start
    count, records = done["documents"], done["added"]
    table(
        "Import of real records, embedded",
        ("what", "documents or records", "seconds", "a second", "budget", "beside"),
        (
            (
                "`colophon records import`, validated and logged, start of the command included",
                f"{count} read, {records} taken",
                f"{importing:.1f}",
                f"{count / importing:.0f}",
                "≥ 1,000",
                DSPACE,
            ),
            ("parse and store one row each (the floor)", f"{count}", f"{least:.1f}", f"{count / least:.0f}", "–", "–"),
            (
                "all four readers from nothing to the head",
                f"{records}",
                f"{reading:.1f}",
                f"{records / reading:.0f}",
                "≥ 400",
                "–",
            ),
        ),
    )
    print(f"\nThe most memory that one reader's process had (RssAnon): {memory / 2**20:.0f} MiB.")


if __name__ == "__main__":
    main()
