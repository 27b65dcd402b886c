"""What an index takes of many records: made by processes beside this one while a generation is filled."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from repository.following.beside import Beside, Works
from repository.records.snapshot import Json, load
from repository.search.documents import document
from repository.storage.changes import Change

PROCESSES = min(4, len(os.sched_getaffinity(0)))
"""At most: what one writer takes, four can make."""
_WORTH_IT = 100
"""Fewer records are made here."""
_LOT = 100
"""Records that are handed over at once, if each process gets so many; a cluster gets as many in one request."""

Row = Any
"""What an engine's index takes of one record."""
MakesRow = Callable[[Json], Row]
Making = Beside[Change, Row]


def making(row: MakesRow) -> Making:
    """`row`: a function of a module, which other processes find by its name."""
    return Beside(partial(_here, row), _packed, partial(_there, row), processes=PROCESSES, worth_it=_WORTH_IT, lot=_LOT)


def _here(row: MakesRow, changes: Sequence[Change]) -> list[Row]:
    return [row(document(change.snapshot, change.position)) for change in changes]


def _packed(change: Change) -> tuple[bytes, int]:
    return change.body, change.position


def _there(row: MakesRow) -> Works[Row]:
    return lambda lot: [row(document(load(body), position)) for body, position in lot]
