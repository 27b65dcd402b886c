"""Sets are defined while a reader runs: it obeys at once, without a restart, and survives being killed on the way."""

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from repository.following import follow, request, run_until_current
from repository.following.requests import ask
from repository.oai.projection import OaiProjection
from repository.records.snapshot import Site, Snapshot
from repository.storage import oai_sets
from repository.storage.database import Database
from repository.storage.models import Checkpoint, OaiItem
from tests.following.contract import QUICK, SMALL_STEPS, titled, withdrawn
from tests.following.processes import eventually, reader_process
from tests.oai.harvest_world import World
from tests.records_in_store import MOMENT, append, publish, snapshot

pytestmark = pytest.mark.long

SITE = Site("https://repository.example.org", "Example Repository", "repository.example.org")
PATIENT = replace(QUICK, rules=3600)
"""By itself it would look after an hour."""


def make_oai(database: Database, _folder: Path) -> OaiProjection:
    return OaiProjection(database, SITE)


def of_kind(number: int) -> Snapshot:
    state = snapshot(number)
    kind = "dataset" if number % 2 else "software"
    return replace(state, metadata={**state.metadata, "resource_type": {"id": kind, "title": {"en": kind}}})


def items(database: Database) -> dict[str, tuple[int, int, bool, frozenset[str]]]:
    """Stamp, sequence, whether it is deleted, and the specs that were defined, by record id."""
    with database.read() as connection:
        rows = connection.execute(
            select(OaiItem.record_id, OaiItem.stamp, OaiItem.sequence, OaiItem.deleted, OaiItem.sets)
        )
        return {
            row[0]: (row[1], row[2], row[3], frozenset(spec for spec in row[4].split() if spec.startswith("s-")))
            for row in rows
        }


def members(database: Database, spec: str) -> set[str]:
    return {record_id for record_id, item in items(database).items() if spec in item[3]}


def world(database: Database, folder: Path) -> World:
    """Only to define sets with."""
    found = World.__new__(World)
    found.database = database
    return found


def test_running_reader_obeys_a_definition_at_once(any_database: Database, tmp_path: Path) -> None:
    database, admin = any_database, world(any_database, tmp_path)
    publish(database, [of_kind(number) for number in range(12)])
    stop = threading.Event()
    reader = threading.Thread(target=follow, args=(database, make_oai(database, tmp_path), stop, PATIENT))
    reader.start()
    try:
        eventually(lambda: len(items(database)) == 12)
        eventually(lambda: _generation(database))
        before = items(database)
        admin.define("s-data", "type:dataset")
        number = ask(database, "oai", "rules")
        eventually(lambda: request(database, number).status == "done")
        data = {of_kind(number).id for number in range(1, 12, 2)}
        assert members(database, "s-data") == data
        after = items(database)
        assert {one: item for one, item in after.items() if one not in data} == {
            one: item for one, item in before.items() if one not in data
        }
        assert all(after[one][1] > before[one][1] for one in data), "a new place in every list"
        append(database, ("revised", titled(of_kind(0), "Renamed")), ("published", of_kind(13)))
        eventually(lambda: of_kind(13).id in members(database, "s-data"))
        admin.undefine("s-data")
        number = ask(database, "oai", "rules")
        eventually(lambda: request(database, number).status == "done")
        assert members(database, "s-data") == set()
        assert request(database, ask(database, "oai", "rules")).status in ("asked", "done")
    finally:
        stop.set()
        reader.join()


def _generation(database: Database) -> str:
    with database.read() as connection:
        return connection.execute(select(Checkpoint.generation).where(Checkpoint.projection == "oai")).scalar() or ""


def test_reader_that_is_brought_up_to_date_has_obeyed(any_database: Database, tmp_path: Path) -> None:
    """The command `projections run --until-current`."""
    publish(any_database, [of_kind(number) for number in range(4)])
    run_until_current(any_database, [make_oai(any_database, tmp_path)], pace=PATIENT)
    world(any_database, tmp_path).define("s-data", "type:dataset")
    run_until_current(any_database, [make_oai(any_database, tmp_path)], pace=PATIENT)
    assert members(any_database, "s-data") == {of_kind(1).id, of_kind(3).id}


def test_redefinitions_survive_kill_9_and_changes_that_come_meanwhile(any_database: Database, tmp_path: Path) -> None:
    database, admin, dice = any_database, world(any_database, tmp_path), random.Random(7)
    states = [of_kind(number) for number in range(80)]
    publish(database, states)
    run_until_current(database, [make_oai(database, tmp_path)], pace=QUICK)
    untouched = {state.id for state in states[60:] if state.metadata["resource_type"]["id"] == "software"}
    before = {one: item for one, item in items(database).items() if one in untouched}
    passing: list[int] = []
    queries = ("type:dataset", "type:dataset AND year:[2000 TO 2012]", "type:dataset AND year:2024")
    for turn, query in enumerate(queries):
        admin.define("s-data", query)
        ask(database, "oai", "rules")  # as the service does it: else nobody waits for one whose leader was killed
        epoch = _epoch(database)
        with reader_process(make_oai, database, tmp_path, SMALL_STEPS) as process:
            passing.append(eventually(lambda since=epoch: _passing(database, since)))
            append(
                database,
                ("revised", titled(states[turn], f"Turn {turn}")),
                ("withdrawn", withdrawn(states[20 + turn])),
                ("published", of_kind(100 + turn)),
            )
            time.sleep(dice.random() * 0.05)
            process.kill()
    run_until_current(database, [make_oai(database, tmp_path)], pace=QUICK)
    assert any(0 < done < 80 for done in passing), "killed in the midst of a pass"
    living = [state for state in states if state.id not in {states[20 + turn].id for turn in range(3)}]
    living += [of_kind(100 + turn) for turn in range(3)]
    wanted = {
        state.id
        for state in living
        if state.metadata["resource_type"]["id"] == "dataset" and state.metadata["publication_date"].startswith("2024")
    }
    found = items(database)
    assert {one for one in members(database, "s-data") if not found[one][2]} == wanted
    assert {one: item for one, item in found.items() if one in untouched} == before, "nobody else's stamps change"
    assert _agree(database, found)


def _passing(database: Database, epoch: int) -> int:
    """How many records a leader that came after this epoch has passed over; 0 where none is passing."""
    with database.read() as connection:
        query = select(Checkpoint.building_done).where(Checkpoint.projection == "oai", Checkpoint.epoch > epoch)
        return connection.execute(query).scalar() or 0


def _epoch(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(Checkpoint.epoch).where(Checkpoint.projection == "oai")).scalar_one()


_MEMBERS = """SELECT l.spec, m.sequence FROM oai_members m JOIN oai_lists l ON l.id = m.list_id
WHERE l.prefix = '' AND l.spec LIKE 's-%'"""
_COUNTS = """SELECT l.spec, sum(c.number) FROM oai_counts c JOIN oai_lists l ON l.id = c.list_id
WHERE l.prefix = '' AND (l.spec LIKE 's-%' OR l.spec = '') GROUP BY l.spec"""


def _agree(database: Database, found: Mapping[str, tuple[int, int, bool, frozenset[str]]]) -> bool:
    """Lists, counts and renderings say the same as the items."""
    with database.read() as connection:
        rows = connection.execute(text(_MEMBERS)).all()
        counted: dict[str, int] = {row[0]: row[1] for row in connection.execute(text(_COUNTS))}
        renderings, layers = connection.execute(
            text("SELECT (SELECT count(*) FROM oai_renderings), (SELECT count(*) FROM oai_layers)")
        ).one()
    places = {(spec, item[1]) for item in found.values() for spec in item[3]}
    assert {(row[0], row[1]) for row in rows} == places
    assert counted[""] == len(found)
    assert counted["s-data"] == len(places)
    assert renderings == len(found) * (layers - 1), "of all formats, records of this kind lack one"
    return True


def test_two_admins_at_once_leave_one_set_and_every_version(any_database: Database) -> None:
    """Definitions wait for each other; the number grows by one each."""

    def define(number: int) -> None:
        with any_database.write() as connection:
            oai_sets.lock(connection)
            known = oai_sets.by_spec(connection, "s-one")
            time.sleep(0.02)
            if known is None:
                connection.execute(
                    insert(oai_sets.OaiSet).values(
                        spec="s-one",
                        name=f"{number}",
                        search_pattern="*",
                        description="",
                        revision_id=1,
                        created=MOMENT,
                        updated=MOMENT,
                    )
                )
            oai_sets.grow(connection)

    threads = [threading.Thread(target=define, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with any_database.read() as connection:
        assert len(oai_sets.every(connection)) == 1
        assert oai_sets.version(connection) == 6
