"""What every projection must do, as functions: each reader's own tests call all of RULES.

READER = Reader(make=make_notebook, contents=lambda notebook: notebook.contents(), poisoned=poisoned)

@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_notebook_keeps(rule, any_database, tmp_path):
    rule(READER, any_database, tmp_path)
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from repository.following import Pace, Projection, ask, parked, request, run_until_current, status
from repository.records.snapshot import Snapshot
from repository.storage import changes
from repository.storage.changes import Change
from repository.storage.database import Database
from repository.storage.models import Checkpoint
from tests.following.processes import eventually, reader_process
from tests.records_in_store import append, publish, snapshot

QUICK = Pace(lease=1.5, poll=0.02, first_retry=600, first_pause=0.02, last_pause=0.1, rules=0.1)
"""Parked changes wait for a request to be tried again."""
SMALL_STEPS = replace(QUICK, batch=5, page=5)
DOOMED = replace(SMALL_STEPS, lease=0.5)
"""Of a process that is killed: the next one need not wait long for the lease."""

_POISON = "poison"


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of projection, and how to look at it."""

    make: Callable[[Database, Path], Projection]
    """Makes it anew on the same store, as another process would; a function of a module, found by its name there."""
    contents: Callable[[Projection], Mapping[str, Any]]
    """What the public gets of each record from the active generation, by record id, without stamps and positions.
    Records that are hidden, deleted or left as tombstones are not in it."""
    poisoned: Callable[[Snapshot], Snapshot] | None = None
    """The same record such that writing it fails; without it a failure is put in front of `prepare`."""


class Failing:
    """A projection that can't prepare records of one title, as by an error of its own that can be mended."""

    def __init__(self, projection: Projection, title: str = _POISON) -> None:
        self._projection, self._title = projection, title

    def __getattr__(self, name: str) -> Any:
        return getattr(self._projection, name)

    def prepare(self, batch: Sequence[Change]) -> Any:
        if any(change.snapshot.title == self._title for change in batch):
            raise ValueError("poison")
        return self._projection.prepare(batch)


def titled(state: Snapshot, title: str) -> Snapshot:
    return replace(state, metadata={**state.metadata, "title": title})


def withdrawn(state: Snapshot) -> Snapshot:
    tombstone = {
        "removal_reason": {"id": "retracted"}, "note": "", "citation_text": "A citation", "is_visible": True,
        "removed_by": {"user": "1"}, "removal_date": "2024-06-01T00:00:00+00:00",
    }  # fmt: skip
    return replace(state, state="withdrawn", tombstone=tombstone)


def closed(state: Snapshot) -> Snapshot:
    return replace(
        state, access={**state.access, "record": "restricted", "files": "restricted", "status": "restricted"}
    )


def files_closed(state: Snapshot) -> Snapshot:
    return replace(state, access={**state.access, "files": "restricted", "status": "restricted"})


def current(reader: Reader, database: Database, folder: Path, failing: bool = False, pace: Pace = QUICK) -> Projection:
    """The projection, brought to the log's head by a new process as it were."""
    projection = reader.make(database, folder)
    driven: Any = Failing(projection) if failing else projection
    (outcome,) = run_until_current(database, [driven], pace=pace)
    assert outcome.error == ""
    return reader.make(database, folder)


def generation(database: Database, projection: Projection) -> str:
    with database.read() as connection:
        query = select(Checkpoint.generation).where(Checkpoint.projection == projection.name)
        return connection.execute(query).scalar_one()


def log_of(database: Database, *positions: int) -> list[Change]:
    """Changes by their positions, also those that a later change of the record has made obsolete."""
    with database.read() as connection:
        return [changes.after(connection, position - 1, 1)[0] for position in positions]


def write(database: Database, projection: Projection, batch: Sequence[Change], name: str) -> None:
    """Writes a batch as a leader does."""
    prepared = projection.prepare(batch)
    if projection.in_database:
        with database.write() as connection:
            projection.write(prepared, name, connection)
    else:
        projection.write(prepared, name, None)


def public_records_and_no_others_are_in_it(reader: Reader, database: Database, folder: Path) -> None:
    states = [snapshot(number) for number in range(6)]
    publish(database, states)
    append(database, ("withdrawn", withdrawn(states[1])), ("revised", closed(states[2])))
    append(database, ("revised", files_closed(states[3])))
    projection = current(reader, database, folder)
    assert set(reader.contents(projection)) == {states[number].id for number in (0, 3, 4, 5)}
    before = reader.contents(projection)
    append(database, ("restored", states[1]), ("revised", states[2]), ("withdrawn", withdrawn(states[5])))
    projection = current(reader, database, folder)
    assert set(reader.contents(projection)) == {states[number].id for number in range(5)}
    assert reader.contents(projection)[states[0].id] == before[states[0].id]


def a_revision_changes_what_is_seen(reader: Reader, database: Database, folder: Path) -> None:
    state = snapshot(1)
    publish(database, [state])
    before = reader.contents(current(reader, database, folder))[state.id]
    append(database, ("revised", titled(state, "Quite another title")))
    assert reader.contents(current(reader, database, folder))[state.id] != before


def replay_is_harmless(reader: Reader, database: Database, folder: Path) -> None:
    states = [snapshot(number) for number in range(4)]
    publish(database, states)
    append(database, ("withdrawn", withdrawn(states[0])), ("revised", titled(states[1], "Renamed")))
    projection = current(reader, database, folder)
    before = dict(reader.contents(projection))
    with projection.leading():
        for _time in range(2):
            write(database, projection, log_of(database, 3, 4, 5, 6), generation(database, projection))
    assert reader.contents(reader.make(database, folder)) == before
    append(database, ("revised", titled(states[2], "Renamed too")))
    projection = current(reader, database, folder)
    assert reader.contents(projection)[states[2].id] != before[states[2].id]


def an_older_position_never_overwrites_a_newer_one(reader: Reader, database: Database, folder: Path) -> None:
    """After a crash a batch may come again, cut at another place. In the database it can't: rows and checkpoint commit
    together."""
    states = [snapshot(number) for number in range(4)]
    publish(database, states)
    append(database, ("withdrawn", withdrawn(states[0])), ("revised", titled(states[1], "Renamed")))
    append(database, ("revised", closed(states[2])))
    projection = current(reader, database, folder)
    if projection.in_database:  # no batch comes again: rows and checkpoint commit together
        (reader_status,) = (found for found in status(database) if found.name == projection.name)
        assert reader_status.position == reader_status.head
        return
    before = dict(reader.contents(projection))
    with projection.leading():
        write(database, projection, log_of(database, 1, 2, 3, 4), generation(database, projection))
    assert reader.contents(reader.make(database, folder)) == before


def a_poisoned_change_is_parked_and_the_others_go_on(reader: Reader, database: Database, folder: Path) -> None:
    good = [snapshot(number) for number in range(1, 8)]
    bad = snapshot(0, metadata={**snapshot(0).metadata, "title": _POISON})
    bad_data = reader.poisoned(bad) if reader.poisoned else bad
    current(reader, database, folder)
    append(database, *(("published", state) for state in (*good[:3], bad_data, *good[3:])))
    projection = current(reader, database, folder, failing=reader.poisoned is None)
    (entry,) = parked(database, projection.name)
    assert (entry.record_id, entry.position, entry.attempts) == (bad.id, 4, 1)
    assert entry.error
    found = reader.contents(projection)
    assert {state.id for state in good} <= set(found)
    assert bad.id not in found
    append(database, ("revised", titled(bad, "Mended")))
    projection = current(reader, database, folder)
    assert parked(database, projection.name) == ()
    assert set(reader.contents(projection)) == {state.id for state in (*good, bad)}


def a_poisoned_record_is_left_out_of_the_first_fill(reader: Reader, database: Database, folder: Path) -> None:
    good = [snapshot(number) for number in range(1, 8)]
    bad = titled(snapshot(0), _POISON)
    publish(database, [reader.poisoned(bad) if reader.poisoned else bad, *good])
    projection = current(reader, database, folder, failing=reader.poisoned is None)
    assert [entry.record_id for entry in parked(database, projection.name)] == [bad.id]
    assert set(reader.contents(projection)) == {state.id for state in good}


def a_change_that_hides_a_record_is_never_only_parked(reader: Reader, database: Database, folder: Path) -> None:
    states = [titled(snapshot(number), _POISON) for number in range(3)]
    publish(database, [titled(state, "Innocent") for state in states] + [snapshot(3)])
    projection = current(reader, database, folder)
    assert len(reader.contents(projection)) == 4
    hiding = [withdrawn(states[0]), closed(states[1]), files_closed(states[2])]
    poisoned = [reader.poisoned(state) if reader.poisoned else state for state in hiding]
    append(database, ("withdrawn", poisoned[0]), ("revised", poisoned[1]), ("revised", poisoned[2]))
    projection = current(reader, database, folder, failing=reader.poisoned is None)
    failed = {entry.record_id for entry in parked(database, projection.name)}
    # Some readers need no rendering to take a record out; then nothing is parked, and it is out all the same.
    assert failed <= {state.id for state in states}
    assert states[2].id in failed
    assert set(reader.contents(projection)) == {snapshot(3).id}


def a_hidden_record_comes_back_once_its_change_can_be_taken(reader: Reader, database: Database, folder: Path) -> None:
    state = titled(snapshot(1), _POISON)
    publish(database, [titled(state, "Innocent")])
    current(reader, database, folder)
    append(database, ("revised", files_closed(state)))
    projection = current(reader, database, folder, failing=True)
    assert set(reader.contents(projection)) == set()
    number = ask(database, projection.name, "retry")
    projection = current(reader, database, folder)
    assert request(database, number).message == "1 of 1 taken"
    assert parked(database, projection.name) == ()
    assert set(reader.contents(projection)) == {state.id}


def a_rebuild_equals_the_increments(reader: Reader, database: Database, folder: Path) -> None:
    states = [snapshot(number) for number in range(12)]
    current(reader, database, folder)
    for number, state in enumerate(states):
        publish(database, [state])
        if number % 3 == 0:
            append(database, ("revised", titled(state, f"Revised {number}")))
        if number % 4 == 0:
            current(reader, database, folder)
    append(database, ("withdrawn", withdrawn(states[1])), ("revised", closed(states[2])))
    append(database, ("withdrawn", withdrawn(states[3])), ("revised", files_closed(states[4])))
    append(database, ("restored", states[1]))
    projection = current(reader, database, folder)
    old, before = generation(database, projection), dict(reader.contents(projection))
    number = ask(database, projection.name, "rebuild")
    projection = current(reader, database, folder, pace=SMALL_STEPS)
    assert (request(database, number).status, request(database, number).message) == ("done", "12 records, 0 parked")
    assert generation(database, projection) != old
    assert set(projection.generations()) <= {generation(database, projection)}
    assert reader.contents(projection) == before


def a_half_made_generation_is_dropped(reader: Reader, database: Database, folder: Path) -> None:
    publish(database, [snapshot(number) for number in range(3)])
    projection = current(reader, database, folder)
    before, mine = dict(reader.contents(projection)), generation(database, projection)
    projection = reader.make(database, folder)
    with projection.leading():
        projection.create("g20010101000000dead")
        write(database, projection, log_of(database, 1, 2), "g20010101000000dead")
    projection = current(reader, database, folder)
    assert set(projection.generations()) <= {mine}
    assert reader.contents(projection) == before
    with projection.leading():
        projection.drop("g20010101000000dead")


def a_generation_that_was_activated_too_early_does_no_harm(reader: Reader, database: Database, folder: Path) -> None:
    """Killed between `activate` and the checkpoint."""
    publish(database, [snapshot(number) for number in range(3)])
    projection = current(reader, database, folder)
    before = dict(reader.contents(projection))
    projection = reader.make(database, folder)
    with projection.leading():
        projection.create("g20010101000000beef")
        write(database, projection, log_of(database, 1, 2, 3), "g20010101000000beef")
        projection.activate("g20010101000000beef")
    projection = current(reader, database, folder)
    assert reader.contents(projection) == before
    append(database, ("withdrawn", withdrawn(snapshot(0))))
    projection = current(reader, database, folder)
    assert set(reader.contents(projection)) == {snapshot(1).id, snapshot(2).id}


def batches_and_fills_resume_after_kill_9(reader: Reader, database: Database, folder: Path) -> None:
    """A process is killed in the first fill, then in the increments; the output is that of an undisturbed run."""
    dice = random.Random(3)
    states = [snapshot(number) for number in range(60)]
    publish(database, states[:40])
    name = reader.make(database, folder).name
    _kill_while(reader, database, folder, name, dice, Checkpoint.building_done, 10)
    _kill_while(reader, database, folder, name, dice, Checkpoint.building_done, 10)
    current(reader, database, folder)
    append(database, *(("revised", titled(state, f"Revised {state.id}")) for state in states[:20]))
    publish(database, states[40:])
    append(database, ("withdrawn", withdrawn(states[50])), ("revised", closed(states[5])))
    _kill_while(reader, database, folder, name, dice, Checkpoint.position, 45)
    _kill_while(reader, database, folder, name, dice, Checkpoint.position, 60)
    projection = current(reader, database, folder)
    resumed = dict(reader.contents(projection))
    assert set(resumed) == {state.id for state in states} - {states[50].id, states[5].id}
    assert parked(database, name) == ()
    ask(database, name, "rebuild")
    assert reader.contents(current(reader, database, folder)) == resumed


def _kill_while(
    reader: Reader, database: Database, folder: Path, name: str, dice: random.Random, column: Any, least: int
) -> None:
    """Runs a process until the checkpoint has come so far, and kills it some milliseconds later."""
    query = select(column, Checkpoint.position).where(Checkpoint.projection == name)

    def far_enough() -> bool:
        with database.read() as connection:
            row = connection.execute(query).one_or_none()
            return row is not None and (row[0] >= least or row[1] >= changes.head(connection))

    with reader_process(reader.make, database, folder, DOOMED) as process:
        eventually(far_enough)
        time.sleep(dice.random() * 0.02)
        process.kill()


RULES: tuple[Callable[[Reader, Database, Path], None], ...] = (
    public_records_and_no_others_are_in_it,
    a_revision_changes_what_is_seen,
    replay_is_harmless,
    an_older_position_never_overwrites_a_newer_one,
    a_poisoned_change_is_parked_and_the_others_go_on,
    a_poisoned_record_is_left_out_of_the_first_fill,
    a_change_that_hides_a_record_is_never_only_parked,
    a_hidden_record_comes_back_once_its_change_can_be_taken,
    a_rebuild_equals_the_increments,
    a_half_made_generation_is_dropped,
    a_generation_that_was_activated_too_early_does_no_harm,
    batches_and_fills_resume_after_kill_9,
)
