"""Reads items: single ones, sets, and pages of lists. No statement grows with the repository's size.

Specified by: OAI-PMH 2.0, 2.5 Record, 3.5 Flow Control.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from repository.oai.layers import key
from repository.oai.lists import EVERYTHING
from repository.storage.hot import Hot
from repository.storage.models import OaiItem, OaiList, OaiMember, OaiRendering

Records = Sequence[Sequence[Any]]
"""Lines of a page: the key, the `<header>`, and, where whole records are wanted, the body (empty where it is deleted).
They stay as the driver gives them: an object for each would cost a tenth of a harvest."""


@dataclass(frozen=True, slots=True)
class SetRow:
    spec: str
    name: str


def sets(connection: Connection) -> list[SetRow]:
    """The sets that have items, by spec: a parent comes before its children."""
    has_members = select(OaiMember.sequence).where(OaiMember.list_id == OaiList.id).exists()
    statement = select(OaiList.spec, OaiList.name).where(OaiList.spec != EVERYTHING, OaiList.prefix == "", has_members)
    return sorted((SetRow(*row) for row in connection.execute(statement)), key=lambda row: row.spec)


_EARLIEST = select(OaiItem.stamp).order_by(OaiItem.stamp, OaiItem.sequence).limit(1)
_FIRST_FROM = (
    select(OaiItem.sequence)
    .where(OaiItem.stamp >= bindparam("stamp"))
    .order_by(OaiItem.stamp, OaiItem.sequence)
    .limit(1)
)
_LAST_UNTIL = (
    select(OaiItem.sequence)
    .where(OaiItem.stamp <= bindparam("stamp"))
    .order_by(OaiItem.stamp.desc(), OaiItem.sequence.desc())
    .limit(1)
)


def earliest_stamp(connection: Connection) -> int | None:
    return connection.execute(_EARLIEST).scalar_one_or_none()


def interval(connection: Connection, earliest: int | None, latest: int) -> tuple[int, int]:
    """The sequences of the items stamped from `earliest` to `latest`, as (after, last); none: after ≥ last."""
    last = connection.execute(_LAST_UNTIL, {"stamp": latest}).scalar_one_or_none() or 0
    if earliest is None or not last:
        return 0, last
    first = connection.execute(_FIRST_FROM, {"stamp": earliest}).scalar_one_or_none()
    return (last if first is None else first - 1), last


_RANGE = (OaiRendering.key > bindparam("after"), OaiRendering.key <= bindparam("last"))
_ALL_HEADERS = select(OaiRendering.key, OaiRendering.header).where(*_RANGE).order_by(OaiRendering.key)
_ALL_RECORDS = _ALL_HEADERS.add_columns(OaiRendering.body)
_SET_HEADERS = (
    select(OaiRendering.key, OaiRendering.header)
    .join(OaiMember, OaiRendering.key == bindparam("layer") + OaiMember.sequence)
    .where(
        OaiMember.list_id == bindparam("list"),
        OaiMember.sequence > bindparam("after"),
        OaiMember.sequence <= bindparam("last"),
    )
    .order_by(OaiMember.sequence)
)
_SET_RECORDS = _SET_HEADERS.add_columns(OaiRendering.body)
_PAGES = {
    (of_set, whole): Hot(statement.limit(bindparam("limit")))
    for of_set, whole, statement in (
        (False, False, _ALL_HEADERS),
        (False, True, _ALL_RECORDS),
        (True, False, _SET_HEADERS),
        (True, True, _SET_RECORDS),
    )
}


def page(
    connection: Connection, layer: int, of_list: int | None, after: int, last: int, limit: int, whole: bool
) -> Records:
    """The next records with after < sequence ≤ last of a set's list, or (None) of everything; `whole`: with bodies."""
    parameters = {"limit": limit}
    if of_list is None:
        parameters |= {"after": key(layer, after), "last": key(layer, last)}
    else:
        parameters |= {"layer": key(layer, 0), "list": of_list, "after": after, "last": last}
    return _PAGES[of_list is not None, whole].rows(connection, parameters)


_ITEM = select(OaiItem.sequence, OaiItem.deleted).where(OaiItem.record_id == bindparam("record"))
_RENDERING = select(OaiRendering.key, OaiRendering.header, OaiRendering.body).where(
    OaiRendering.key == bindparam("key")
)


def item(connection: Connection, record_id: str) -> tuple[int, bool] | None:
    """Sequence of an item, and whether it is deleted."""
    row = connection.execute(_ITEM, {"record": record_id}).one_or_none()
    return None if row is None else (row.sequence, row.deleted)


def record(connection: Connection, layer: int, sequence: int) -> Records:
    """An item in one format; empty where it can't be had in it."""
    return connection.execute(_RENDERING, {"key": key(layer, sequence)}).all()
