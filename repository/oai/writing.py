"""Writes items: what has changed is stamped anew and moves to the end of its lists, all else stays where it is.

A changed item is written into every generation at once, so that it is visible at the moment of its stamp even while a
new generation is being filled; an unchanged one only into the generation that is asked for.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from repository.oai import clock, lists, moves
from repository.oai.bodies import packed
from repository.oai.clock import Moment, Now
from repository.oai.held import (
    Held,
    forgotten,
    held_items,
    note_kept,
    there,
    with_marks,
    with_old_bodies,
    with_old_sets,
)
from repository.oai.layers import Layer, key, layers
from repository.oai.lists import ListKey
from repository.oai.rendering import GONE, Rendered, header, marks
from repository.storage.models import OaiCount, OaiItem, OaiMember, OaiMove, OaiRendering


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a batch is written."""

    connection: Connection
    domain: str
    layers: Sequence[Layer]
    """Of all generations."""
    into: Sequence[Layer]
    """Of the generation that is asked for."""
    apart: Sequence[str]
    """Prefixes of the formats that have lists of their own, in their order."""


@dataclass(slots=True)
class _Rows:
    """What a batch writes, gathered so that each table is written by one statement."""

    items: list[dict[str, Any]] = field(default_factory=list)
    renderings: list[dict[str, Any]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    """Keys of renderings that are dropped."""
    moves: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    members_left: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[tuple[int, int]] = field(default_factory=Counter)
    """(list, block) → difference."""


def write(
    connection: Connection,
    wanted: Sequence[Rendered],
    generation: str,
    domain: str,
    now: Now,
    partial: frozenset[str] = frozenset(),
) -> None:
    """Writes items, stamped max(clock, now); locks the clock until the transaction ends.

    `partial`: prefixes of the formats in which not every record can be had. They have lists of their own, and what
    has once been in them stays there as deleted. Lists of formats that are no longer offered are kept up as well.
    """
    moment = clock.lock(connection)
    every = layers(connection)
    into = [layer for layer in every if layer.generation == generation]
    apart = sorted(partial | lists.prefixes(connection))
    target = _Target(connection, domain, every, into, apart)
    whole = frozenset(each.prefix for each in every if each.generation == moment.generation and not each.partial)
    held = held_items(connection, [item.record_id for item in wanted])
    marked = [with_marks(item, held.get(item.record_id), apart, whole) for item in wanted]
    kept, changed = _sorted(with_old_sets(connection, marked, held), held)
    changed = with_old_bodies(connection, changed, into)
    changed += _render_kept(target, kept, visible=generation == moment.generation)
    note_kept(connection, kept)
    if changed:
        moved_on = replace(moment, stamp=max(moment.stamp, int(now())), sequence=moment.sequence + len(changed))
        if apart:
            changed = [(forgotten(item), old) for item, old in changed]
        _store(connection, _place(target, changed, moment.sequence, moved_on))
        moves.forget(connection, moved_on.stamp)
        clock.move(connection, clock.after(moved_on, now))


_Kept = list[tuple[Rendered, Held]]
_Changed = list[tuple[Rendered, Held | None]]


def _sorted(wanted: Sequence[Rendered], held: dict[str, Held]) -> tuple[_Kept, _Changed]:
    """What stays as it is although it was rendered, and what harvesters would see a difference of."""
    kept: _Kept = []
    changed: _Changed = []
    for item in wanted:
        old = held.get(item.record_id)
        if old is None:
            if item.listed:
                changed.append((item, None))
        elif old.is_as(item):
            if item.bodies is not None:
                kept.append((item, old))
        elif item.position >= old.position:
            changed.append((item, old))
    return kept, changed


def _render_kept(target: _Target, kept: _Kept, visible: bool) -> _Changed:
    """Writes what a generation lacks of unchanged items.

    Returns those that harvesters could not see although their stamps are old (they had been parked when the generation
    was filled): they must be stamped anew.
    """
    keys = {
        key(layer.id, old.sequence): index
        for index, (item, old) in enumerate(kept)
        for layer in target.into
        if _has(item, layer)
    }
    found = there(target.connection, list(keys))
    lacking = [kept[index] for index in sorted({index for one, index in keys.items() if one not in found})]
    if visible:
        return list(lacking)
    rows = _Rows()
    for item, old in lacking:
        written = _renderings(item, target.domain, old.stamp, old.sets, old.sequence, target.into)
        rows.renderings += [row for row in written if row["key"] not in found]
    _enter_lists_apart(target, rows, lacking)
    _store(target.connection, rows)
    return []


def _enter_lists_apart(target: _Target, rows: _Rows, kept: Sequence[tuple[Rendered, Held]]) -> None:
    """Unchanged items enter what they really lack of the lists of formats that have had none before."""
    wanted = {
        old.sequence: [each for each in lists.of_item(old.sets, item.digests, target.apart) if each.prefix]
        for item, old in kept
    }
    names = dict.fromkeys((each for keys in wanted.values() for each in keys), "")
    ids = lists.ids(target.connection, names) if names else {}
    already = lists.members(target.connection, list(ids.values()), list(wanted))
    for sequence, keys in wanted.items():
        _enter(rows, sequence, [ids[each] for each in keys if (ids[each], sequence) not in already])


def _renderings(
    item: Rendered, domain: str, stamp: int, specs: Sequence[str], sequence: int, into: Sequence[Layer]
) -> list[dict[str, Any]]:
    whole = header(domain, item.record_id, stamp, specs, item.deleted)
    gone = whole if item.deleted else header(domain, item.record_id, stamp, specs, is_deleted=True)
    bodies = item.bodies or {}
    return [
        {
            "key": key(layer.id, sequence),
            "header": whole if layer.prefix in bodies else gone,
            "body": packed(layer.prefix, bodies.get(layer.prefix, b"")),
        }
        for layer in into
        if _has(item, layer)
    ]


def _has(item: Rendered, layer: Layer) -> bool:
    """Whether an item is in a format, be it as deleted."""
    if layer.prefix in (item.bodies or {}) or (item.deleted and not layer.partial):
        return True
    return marks(item.digests).get(layer.prefix) == GONE


def _place(target: _Target, changed: _Changed, last_sequence: int, moment: Moment) -> _Rows:
    """The rows that give each changed item the next sequence and take it away from its old one."""
    entering = [lists.of_item(item.sets, item.digests, target.apart) for item, _old in changed]
    names = dict.fromkeys((each for keys in entering for each in keys), "")
    for item, _old in changed:
        names |= {ListKey(spec): name for spec, name in item.sets.items() if name}
    ids = lists.ids(target.connection, names)
    leaving = _leaving(target, [old for _item, old in changed if old])
    rows = _Rows()
    for index, (item, old) in enumerate(changed):
        sequence, specs = last_sequence + 1 + index, tuple(item.sets)
        if old:
            _leave(rows, old, leaving[old.sequence], target.layers, moment.stamp)
        rows.renderings += _renderings(item, target.domain, moment.stamp, specs, sequence, target.layers)
        _enter(rows, sequence, [ids[each] for each in entering[index]])
        rows.items.append({
            "record_id": item.record_id, "stamp": moment.stamp, "sequence": sequence, "deleted": item.deleted,
            "sets": " ".join(specs), "digests": item.digests, "position": item.position,
            "rules": item.rules,
        })  # fmt: skip
    return rows


def _leaving(target: _Target, olds: Sequence[Held]) -> dict[int, list[int]]:
    """Sequence → the lists in which these items stand: their sets say so, but for the lists of single formats, which
    may not have been filled yet."""
    keys = {old.sequence: lists.of_all(old.sets, ("", *target.apart)) for old in olds}
    ids = lists.known(target.connection, {each for own in keys.values() for each in own})
    apart = [list_id for each, list_id in ids.items() if each.prefix]
    really = lists.members(target.connection, apart, list(keys))
    return {
        sequence: [
            ids[each] for each in own if each in ids and (not each.prefix or (ids[each], sequence) in really)
        ]
        for sequence, own in keys.items()
    }  # fmt: skip


def _enter(rows: _Rows, sequence: int, of_lists: Sequence[int]) -> None:
    for list_id in of_lists:
        rows.members.append({"list_id": list_id, "sequence": sequence})
        rows.counts[list_id, sequence >> lists.BLOCK_BITS] += 1


def _leave(rows: _Rows, old: Held, of_lists: Sequence[int], of_layers: Sequence[Layer], stamp: int) -> None:
    rows.left += [key(layer.id, old.sequence) for layer in of_layers]
    rows.moves.append({"sequence": old.sequence, "record_id": old.record_id, "stamp": stamp})
    for list_id in of_lists:
        rows.members_left.append({"l": list_id, "s": old.sequence})
        rows.counts[list_id, old.sequence >> lists.BLOCK_BITS] -= 1


_LEAVE_MEMBER = delete(OaiMember).where(OaiMember.list_id == bindparam("l"), OaiMember.sequence == bindparam("s"))
_LEAVE_RENDERING = delete(OaiRendering).where(OaiRendering.key == bindparam("k"))


def _store(connection: Connection, rows: _Rows) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    items = dialect.insert(OaiItem)
    counts = dialect.insert(OaiCount)
    changes = [
        {"list_id": list_id, "block": block, "number": number}
        for (list_id, block), number in sorted(rows.counts.items())
        if number
    ]
    columns = ("stamp", "sequence", "deleted", "sets", "digests", "position", "rules")
    for statement, parameters in (
        (_LEAVE_RENDERING, [{"k": rendering} for rendering in rows.left]),
        (_LEAVE_MEMBER, rows.members_left),
        (items.on_conflict_do_update(index_elements=["record_id"], set_={c: items.excluded[c] for c in columns}),
         rows.items),
        (insert(OaiMember), rows.members),
        (insert(OaiRendering), rows.renderings),
        (insert(OaiMove), rows.moves),
        (counts.on_conflict_do_update(index_elements=["list_id", "block"],
                                      set_={"number": OaiCount.number + counts.excluded.number}), changes),
    ):  # fmt: skip
        if parameters:
            connection.execute(statement, parameters)
