"""Whose fault an exception is."""

import errno

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from repository.errors import InvalidInput, StoreFull, Unreachable
from repository.following.failures import describe, is_of_the_store
from repository.following.lease import LeaseLost


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("the index does not answer"),
        StoreFull("no space"),
        ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
        TimeoutError("too slow"),
        OSError(errno.ENOSPC, "no space"),
        FileNotFoundError(errno.ENOENT, "the volume is away"),
        OperationalError("SELECT 1", {}, Exception("database is locked")),
        LeaseLost("oai"),
    ],
    ids=repr,
)
def test_a_store_that_does_not_work_is_no_fault_of_a_change(error: Exception) -> None:
    assert is_of_the_store(error)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("title"),
        InvalidInput("no"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        RecursionError(),
        MemoryError(),
        OSError(errno.ENAMETOOLONG, "File name too long"),
        IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed")),
    ],
    ids=repr,
)
def test_what_a_record_causes_is_its_own_fault(error: Exception) -> None:
    assert not is_of_the_store(error)


def test_an_error_is_described_so_that_any_database_takes_it() -> None:
    text = describe(ValueError("a\0b\ud800" + "x" * 10_000))
    assert text.startswith("ValueError: ab?xxx")
    assert len(text) <= 2000
    text.encode()
