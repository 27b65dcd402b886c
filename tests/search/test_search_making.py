"""Documents of many records are made by processes beside the one that fills an index."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import active_children
from pathlib import Path

import pytest

from repository.records.snapshot import Json, dump
from repository.search.making import Making, making
from repository.search.tantivy_schema import Row, row
from repository.storage.changes import Change
from tests.search.kit import record

MANY = [
    Change(number + 1, state.id, "published", datetime.now(UTC), dump(state))
    for number, state in enumerate(record(number, {"title": f"Rain {number}"}) for number in range(230))
]
_STARTS = """
import sys, time
from tests.search.test_search_making import MANY, making, row
if __name__ == "__main__":
    made = making(row)
    made.begin()
    list(made.lots(MANY))
    print("made", flush=True)
    time.sleep(60)
"""


def fails(entry: Json) -> Row:
    """Of one record."""
    if entry["position"] == 77:
        raise ValueError("poison")
    return row(entry)


@pytest.fixture
def filling() -> Iterator[Making]:
    made = making(row)
    made.begin()
    yield made
    made.end()
    assert not active_children()


def made_of(made: Making) -> list[Row]:
    return [row for rows in made.lots(MANY) for row in rows]


def test_documents_made_beside_are_those_made_here_in_their_order(filling: Making) -> None:
    assert made_of(filling) == made_of(making(row))
    assert [one.position for one in made_of(filling)] == [change.position for change in MANY]


def test_a_filling_goes_on_where_its_processes_are_killed(filling: Making) -> None:
    wanted = made_of(filling)
    for child in active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
    assert made_of(filling) == wanted
    assert made_of(filling) == wanted


def test_a_record_that_cannot_be_indexed_is_told_and_the_others_can_be_made() -> None:
    made = making(fails)
    made.begin()
    try:
        with pytest.raises(ValueError, match="poison"):
            made_of(made)
        assert len([row for rows in made.lots(MANY[:76] + MANY[77:]) for row in rows]) == len(MANY) - 1
    finally:
        made.end()


def test_processes_end_with_the_one_that_fills(tmp_path: Path) -> None:
    """However it ends: they would wait for ever."""
    program = tmp_path / "fill.py"
    program.write_text(_STARTS)
    root = Path(__file__).parent.parent.parent
    filling = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": f"{root}:{root}/tests"}
    )
    assert filling.stdout is not None
    assert filling.stdout.readline() == b"made\n"
    children = Path(f"/proc/{filling.pid}/task/{filling.pid}/children").read_text().split()
    filling.kill()
    filling.wait()
    filling.stdout.close()
    until = time.monotonic() + 10
    while time.monotonic() < until and any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.05)
    assert children
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
