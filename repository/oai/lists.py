"""Lists: what a harvester may ask a list of, which ones an item stands in, and how many items there are in one.

A set has one list for all formats that every record can be had in, and one for each other format. What has once been in
such a list stays in it as deleted. Specified by: OAI-PMH 2.0, 2.6 Set, 3.5 Flow Control.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from repository.oai.rendering import NEVER, marks
from repository.storage.database import in_parts
from repository.storage.models import OaiCount, OaiList, OaiMember

EVERYTHING = ""
"""Spec of the list in which all items stand."""

BLOCK_BITS = 12
"""Members are counted in blocks of 4,096 sequences."""


class ListKey(NamedTuple):
    """Of a list: a set, or EVERYTHING, and the prefix of a format that has lists of its own, or nothing."""

    spec: str
    prefix: str = ""


def of_all(specs: Iterable[str], prefixes: Iterable[str]) -> list[ListKey]:
    """The lists of sets, and of everything, in these formats."""
    every = (EVERYTHING, *specs)
    return [ListKey(spec, prefix) for prefix in prefixes for spec in every]


def of_item(specs: Iterable[str], digests: str, apart: Sequence[str]) -> list[ListKey]:
    """The lists in which an item with these sets and digests stands. `apart`: prefixes with lists of their own."""
    marked = marks(digests) if apart else {}
    return of_all(specs, ("", *(prefix for prefix in apart if marked.get(prefix, NEVER) != NEVER)))


_PREFIXES = select(OaiList.prefix).where(OaiList.prefix != "").distinct()


def prefixes(connection: Connection) -> frozenset[str]:
    """Of the formats that have lists of their own, offered or not."""
    return frozenset(connection.execute(_PREFIXES).scalars())


_BY_SPECS = select(OaiList.spec, OaiList.prefix, OaiList.id, OaiList.name).where(
    OaiList.spec.in_(bindparam("specs", expanding=True))
)


def known(connection: Connection, wanted: Iterable[ListKey]) -> dict[ListKey, int]:
    """Ids of those of these lists that there are."""
    keys = set(wanted)
    return {key: list_id for key, (list_id, _name) in _rows(connection, keys).items() if key in keys}


def _rows(connection: Connection, keys: Iterable[ListKey]) -> dict[ListKey, tuple[int, str]]:
    specs = sorted({key.spec for key in keys})
    return {
        ListKey(row.spec, row.prefix): (row.id, row.name)
        for part in in_parts(specs)
        for row in connection.execute(_BY_SPECS, {"specs": part})
    }


def ids(connection: Connection, names: Mapping[ListKey, str]) -> dict[ListKey, int]:
    """Ids of these lists; those that are new are made, those with a new name are renamed."""
    rows = _rows(connection, names)
    found = {key: rows[key][0] for key in names if key in rows}
    for key, list_id in found.items():
        if names[key] and names[key] != rows[key][1]:
            connection.execute(update(OaiList).where(OaiList.id == list_id).values(name=names[key]))
    for key in names.keys() - found.keys():
        values = {"spec": key.spec, "prefix": key.prefix, "name": names[key] or key.spec}
        found[key] = connection.execute(insert(OaiList).values(values).returning(OaiList.id)).scalar_one()
    return found


_MEMBERS = select(OaiMember.list_id, OaiMember.sequence).where(
    OaiMember.list_id.in_(bindparam("lists", expanding=True)),
    OaiMember.sequence.in_(bindparam("sequences", expanding=True)),
)


def members(connection: Connection, of_lists: Sequence[int], sequences: Sequence[int]) -> set[tuple[int, int]]:
    """Who of these sequences really stands in which of these lists: (list, sequence)."""
    return {
        (row.list_id, row.sequence)
        for some in (in_parts(of_lists) if sequences else ())
        for part in in_parts(sequences)
        for row in connection.execute(_MEMBERS, {"lists": some, "sequences": part})
    }


_LIST_ID = select(OaiList.id).where(OaiList.spec == bindparam("spec"), OaiList.prefix == bindparam("prefix"))


def list_id(connection: Connection, spec: str, prefix: str = "") -> int | None:
    """Id of the list of a set (or of EVERYTHING); None where nothing has ever been in it."""
    return connection.execute(_LIST_ID, {"spec": spec, "prefix": prefix}).scalar_one_or_none()


_COUNTED = select(func.coalesce(func.sum(OaiCount.number), 0)).where(
    OaiCount.list_id == bindparam("list"), OaiCount.block > bindparam("first"), OaiCount.block < bindparam("last")
)
_IN_RANGE = (
    select(func.count())
    .select_from(OaiMember)
    .where(
        OaiMember.list_id == bindparam("list"),
        OaiMember.sequence > bindparam("after"),
        OaiMember.sequence <= bindparam("last"),
    )
)


def count(connection: Connection, of_list: int, after: int, last: int) -> int:
    """Items of a list with after < sequence ≤ last: whole blocks are counted already, only the ends are looked at."""
    first_block, last_block = after >> BLOCK_BITS, last >> BLOCK_BITS
    if first_block == last_block:
        return _in_range(connection, of_list, after, last)
    whole = connection.execute(_COUNTED, {"list": of_list, "first": first_block, "last": last_block}).scalar_one()
    return (
        int(whole)
        + _in_range(connection, of_list, after, (first_block + 1 << BLOCK_BITS) - 1)
        + _in_range(connection, of_list, (last_block << BLOCK_BITS) - 1, last)
    )


def _in_range(connection: Connection, of_list: int, after: int, last: int) -> int:
    return connection.execute(_IN_RANGE, {"list": of_list, "after": after, "last": last}).scalar_one()
