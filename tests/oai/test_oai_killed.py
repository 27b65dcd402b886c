"""kill -9 of the reader at any moment, then resumption: the same bytes as an undisturbed run, stamps apart."""

import random
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from repository.following import ask, run_until_current, status
from repository.oai.bodies import unpacked
from repository.oai.layers import key, layers
from repository.oai.projection import OaiProjection
from repository.records.snapshot import Site, Snapshot
from repository.storage.database import Database
from repository.storage.schema import upgrade
from tests.following.contract import QUICK, SMALL_STEPS, closed, titled, withdrawn
from tests.following.processes import eventually, reader_process
from tests.records_in_store import append, publish, snapshot

pytestmark = pytest.mark.long

SITE = Site("https://repository.example.org", "Example Repository", "repository.example.org")
KILLED = replace(SMALL_STEPS, lease=0.5)
RECORDS = 60
KILLS = 3
"""In each phase."""
_STAMP = re.compile(rb"<datestamp>[^<]*</datestamp>")
_IDENTIFIER = re.compile(rb"<identifier>oai:[^:]*:([^<]*)</identifier>")
Rows = dict[tuple[str, str], tuple[bytes, bytes]]


def make_oai(database: Database, _folder: Path) -> OaiProjection:
    return OaiProjection(database, SITE)


def state(number: int, suits: bool) -> Snapshot:
    found = snapshot(number)
    more = {"rights": [{"title": {"en": "A licence"}}], "subjects": [{"subject": "rain"}]} if suits else {}
    return replace(found, metadata={**found.metadata, **more})


FIRST = [state(number, number % 3 != 0) for number in range(RECORDS)]


def begin(database: Database) -> None:
    publish(database, FIRST)


def go_on(database: Database) -> None:
    """Every kind of change, one of each record: what becomes of several depends on when they are read."""
    append(database, *(("revised", titled(FIRST[number], f"Revised {number}")) for number in range(20)))
    append(database, *(("withdrawn", withdrawn(FIRST[number])) for number in range(20, 30)))
    append(database, *(("revised", closed(FIRST[number])) for number in range(30, 40)))
    append(database, *(("revised", state(number, number % 3 == 0)) for number in range(40, 50)))
    append(database, *(("published", state(number, number % 3 == 0)) for number in range(100, 120)))
    append(database, ("withdrawn", withdrawn(state(130, True))))


def rebuild(database: Database) -> None:
    ask(database, "oai", "rebuild")


PHASES: tuple[Callable[[Database], None], ...] = (begin, go_on, rebuild)


def rows_of(database: Database) -> tuple[Rows, dict[str, list[str]]]:
    """(prefix, record id) → header without its stamp, and body; list → its members, of which the counts must tell."""
    with database.read() as connection:
        named = {layer.id: layer.prefix for layer in layers(connection)}
        assert len(named) == len(set(named.values())), "one generation is left"
        found: Rows = {}
        ids = {}
        for row in connection.execute(text("SELECT key, header, body FROM oai_renderings")):
            layer = max(one for one in named if key(one, 0) <= row.key)
            record = _IDENTIFIER.search(row.header)
            assert record is not None
            name = (named[layer], record[1].decode())
            assert name not in found
            found[name] = _STAMP.sub(b"", row.header), unpacked(row.body)
            ids[row.key - key(layer, 0)] = name[1]
        query = """SELECT l.prefix, l.spec, m.sequence FROM oai_members m JOIN oai_lists l ON l.id = m.list_id"""
        lists: dict[str, list[str]] = {}
        for prefix, spec, sequence in connection.execute(text(query)):
            lists.setdefault(f"{prefix} {spec}", []).append(ids[sequence])
        query = """SELECT l.prefix, l.spec, sum(c.number) FROM oai_counts c JOIN oai_lists l ON l.id = c.list_id
            GROUP BY l.prefix, l.spec"""
        for prefix, spec, number in connection.execute(text(query)):
            assert number == len(lists.get(f"{prefix} {spec}", []))
    return found, {name: sorted(members) for name, members in lists.items()}


def work_done(database: Database) -> tuple[int, int, int]:
    """Grows while the reader works, whatever it does."""
    query = """SELECT (SELECT sequence FROM oai_clock), (SELECT count(*) FROM oai_renderings),
        (SELECT count(*) FROM oai_layers)"""
    with database.read() as connection:
        found = connection.execute(text(query)).one()
    return found[0], found[1], found[2]


def is_current(database: Database) -> bool:
    """Whether it is done with everything, and was faster than the kills."""
    query = "SELECT count(*) FROM projection_requests WHERE status <> 'done'"
    with database.read() as connection:
        asked = connection.execute(text(query)).scalar()
    readers = [reader for reader in status(database) if reader.name == "oai"]
    return not asked and any(reader.position >= reader.head > 0 for reader in readers)


def test_a_killed_reader_leaves_the_same_bytes_as_one_that_was_not(any_database: Database, tmp_path: Path) -> None:
    undisturbed = Database(f"sqlite:///{tmp_path / 'undisturbed.sqlite'}")
    upgrade(undisturbed)
    dice = random.Random(11)
    seen: set[tuple[int, int, int]] = set()
    for phase in PHASES:
        phase(undisturbed)
        run_until_current(undisturbed, [make_oai(undisturbed, tmp_path)], pace=QUICK)
        phase(any_database)
        for _ in range(KILLS):
            before = work_done(any_database)
            with reader_process(make_oai, any_database, tmp_path, KILLED) as process:
                eventually(lambda before=before: work_done(any_database) != before or is_current(any_database))
                time.sleep(dice.random() * 0.1)
                process.kill()
                process.join()
            seen.add(work_done(any_database))
        run_until_current(any_database, [make_oai(any_database, tmp_path)], pace=QUICK)
        assert rows_of(any_database) == rows_of(undisturbed)
    assert len(seen) > len(PHASES), "killed in the midst of it"
    found, lists = rows_of(any_database)
    assert len(found) > 5 * RECORDS
    assert {name.partition(" ")[0] for name in lists} == {"", "ccmm-xml"}
    undisturbed.close()
