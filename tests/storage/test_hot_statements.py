"""Statements that the driver runs find what the engine finds, in its transaction, and fail as it does."""

import pytest
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError

from repository.storage.database import Database
from repository.storage.hot import Hot
from repository.storage.models import OaiRendering

_SOME = (
    select(OaiRendering.key, OaiRendering.header, OaiRendering.body)
    .where(OaiRendering.key > bindparam("after"), OaiRendering.header != b"h3")
    .order_by(OaiRendering.key)
    .limit(bindparam("limit"))
)
BYTES = bytes(range(256))


@pytest.fixture
def filled(any_database: Database) -> Database:
    rows = [{"key": (1 << 40) + number, "header": b"h%d" % number, "body": BYTES * number} for number in range(8)]
    with any_database.write() as connection:
        connection.execute(insert(OaiRendering), rows)
    return any_database


@pytest.mark.parametrize(("after", "limit"), [(0, 3), ((1 << 40) + 1, 100), (1 << 60, 2)])
def test_driver_and_engine_find_the_same(filled: Database, after: int, limit: int) -> None:
    hot, parameters = Hot(_SOME), {"after": after, "limit": limit}
    with filled.read() as connection:
        expected = [tuple(row) for row in connection.execute(_SOME, parameters)]
        for _time in range(2):
            assert [tuple(row) for row in hot.rows(connection, parameters)] == expected
    assert len(expected) == {3: 3, 100: 5, 2: 0}[limit]


def test_what_the_driver_reads_is_of_the_moment_of_its_snapshot(filled: Database) -> None:
    hot, parameters = Hot(_SOME), {"after": 0, "limit": 100}
    with filled.snapshot() as connection:
        before = hot.rows(connection, parameters)
        with filled.write() as writer:
            writer.execute(text("DELETE FROM oai_renderings"))
        assert hot.rows(connection, parameters) == before
        assert len(connection.execute(_SOME, parameters).all()) == len(before) == 7
    with filled.snapshot() as connection:
        assert list(hot.rows(connection, parameters)) == []


def test_a_refusal_is_told_as_the_engine_tells_it(filled: Database) -> None:
    with filled.write() as connection:
        connection.execute(text("DROP TABLE oai_renderings"))
    with pytest.raises(DBAPIError, match="oai_renderings"), filled.read() as connection:
        Hot(_SOME).rows(connection, {"after": 0, "limit": 1})
