"""Writes items: what has changed is stamped anew and moves to the end of its lists, all else stays where it is.

A changed item is written into every generation at once, so that it is visible at the moment of its stamp even while a
new generation is being filled; an unchanged one only into the generation that is asked for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from repository.oai import clock
from repository.oai.clock import Moment, Now
from repository.oai.layers import Layer, key, layers
from repository.oai.rendering import GONE, NEVER, Rendered, dump_marks, header, marks
from repository.records.sets import is_known
from repository.storage import oai_sets
from repository.storage.changes import Change
from repository.storage.models import OaiCount, OaiItem, OaiList, OaiMember, OaiMove, OaiRendering

EVERYTHING = ""
"""Spec of the list in which all items stand."""

BLOCK_BITS = 12
"""Members are counted in blocks of 4,096 sequences."""


@dataclass(frozen=True, slots=True)
class Held:
    """An item as the database has it."""

    record_id: str
    stamp: int
    sequence: int
    deleted: bool
    sets: tuple[str, ...]
    digests: str
    position: int
    rules: str

    def is_as(self, wanted: Rendered) -> bool:
        """Whether harvesters would see no difference; a format that only one of them knows makes none."""
        if set(self.sets) != wanted.sets.keys() or self.deleted != wanted.deleted:
            return False
        return self.deleted or wanted.bodies is None or _agree(self.digests, wanted.digests)


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
    has once been in them stays there as deleted.
    """
    moment = clock.lock(connection)
    held = _held(connection, [item.record_id for item in wanted])
    wanted = [_with_marks(item, held.get(item.record_id), partial) for item in wanted]
    kept: list[tuple[Rendered, Held]] = []
    changed: list[tuple[Rendered, Held | None]] = []
    for item in _with_old_sets(connection, wanted, held):
        old = held.get(item.record_id)
        if old is None:
            if item.listed:
                changed.append((item, None))
        elif old.is_as(item):
            kept.append((item, old))
        elif item.position >= old.position:
            changed.append((item, old))
    all_layers = layers(connection)
    into = [layer for layer in all_layers if layer.generation == generation]
    kept = [(item, old) for item, old in kept if item.bodies is not None]
    changed = _with_old_bodies(connection, changed, into)
    changed += _render_kept(connection, kept, into, domain, partial, visible=generation == moment.generation)
    _note_kept(connection, kept)
    if changed:
        moved_on = replace(moment, stamp=max(moment.stamp, int(now())), sequence=moment.sequence + len(changed))
        _store(connection, _place(connection, changed, all_layers, domain, partial, moment.sequence, moved_on))
        clock.move(connection, clock.after(moved_on, now))


def unchanged(connection: Connection, changes: Sequence[Change], rules: str) -> frozenset[str]:
    """Ids of the records of which harvesters have every rendering, made by these rules of just these changes."""
    positions = {change.record_id: change.position for change in changes}
    alike = [
        old
        for old in _held(connection, list(positions)).values()
        if old.rules == rules and old.position == positions[old.record_id] and not old.deleted
    ]
    if not alike:
        return frozenset()
    visible = {layer.prefix: layer for layer in layers(connection, clock.read(connection).generation)}
    wanted = {old.record_id: _rendered_by(old, visible) for old in alike}
    there = _there(connection, [one for keys in wanted.values() for one in keys])
    return frozenset(record_id for record_id, keys in wanted.items() if keys and there.issuperset(keys))


def _rendered_by(old: Held, visible: Mapping[str, Layer]) -> list[int]:
    """Keys of an item's renderings in a generation; none if that lacks one of its formats."""
    prefixes = [prefix for prefix, mark in marks(old.digests).items() if mark != NEVER]
    return [key(visible[prefix].id, old.sequence) for prefix in prefixes] if visible.keys() >= set(prefixes) else []


def _with_marks(item: Rendered, old: Held | None, partial: frozenset[str]) -> Rendered:
    """The item with GONE instead of NEVER for a format in which it could be had before."""
    if item.bodies is None:
        return item
    before = marks(old.digests) if old else {}
    marked = marks(item.digests)
    for prefix in sorted(partial):
        if prefix not in item.bodies:
            marked[prefix] = NEVER if before.get(prefix, NEVER) == NEVER else GONE
    return replace(item, digests=dump_marks(item.digests, marked))


def _with_old_sets(connection: Connection, wanted: Sequence[Rendered], held: Mapping[str, Held]) -> list[Rendered]:
    """Deleted items with the sets that they have been in, but for those that are no longer defined."""
    gone = [item for item in wanted if item.deleted and item.record_id in held]
    defined = oai_sets.specs(connection) if gone else frozenset()
    return [
        replace(item, sets={spec: "" for spec in held[item.record_id].sets if is_known(spec, defined)})
        if item.deleted and item.record_id in held
        else item
        for item in wanted
    ]


_BODIES = select(OaiRendering.key, OaiRendering.body).where(OaiRendering.key.in_(bindparam("keys", expanding=True)))


def _with_old_bodies(
    connection: Connection, changed: Sequence[tuple[Rendered, Held | None]], into: Sequence[Layer]
) -> list[tuple[Rendered, Held | None]]:
    """What has only other sets, with the renderings that it has."""
    keys = [key(layer.id, old.sequence) for item, old in changed if old and item.bodies is None for layer in into]
    bodies = {row.key: row.body for row in connection.execute(_BODIES, {"keys": keys})} if keys else {}
    found: list[tuple[Rendered, Held | None]] = []
    for item, old in changed:
        if old and item.bodies is None:
            own = {layer.prefix: key(layer.id, old.sequence) for layer in into}
            rendered = {prefix: bodies[place] for prefix, place in own.items() if bodies.get(place)}
            found.append((replace(item, bodies=rendered, digests=old.digests), old))
        else:
            found.append((item, old))
    return found


_NOTE = (
    update(OaiItem)
    .where(OaiItem.record_id == bindparam("r"))
    .values(position=bindparam("p"), digests=bindparam("d"), rules=bindparam("by"))
)


def _note_kept(connection: Connection, kept: Sequence[tuple[Rendered, Held]]) -> None:
    """Remembers of what looks as it did by which change and rules it does, and formats that are new."""
    notes = [
        {"r": item.record_id, "p": item.position, "d": item.digests, "by": item.rules}
        for item, old in kept
        if item.position >= old.position
        and (item.position, item.digests, item.rules) != (old.position, old.digests, old.rules)
    ]
    if notes:
        connection.execute(_NOTE, notes)


def _agree(one: str, other: str) -> bool:
    if one == other:
        return True
    if one.partition(" ")[0] != other.partition(" ")[0]:
        return False
    ours, theirs = marks(one), marks(other)
    return all(ours[prefix] == theirs[prefix] for prefix in ours.keys() & theirs.keys())


_HELD = select(
    OaiItem.record_id, OaiItem.stamp, OaiItem.sequence, OaiItem.deleted, OaiItem.sets, OaiItem.digests,
    OaiItem.position, OaiItem.rules,
).where(OaiItem.record_id.in_(bindparam("ids", expanding=True)))  # fmt: skip


def _held(connection: Connection, record_ids: Sequence[str]) -> dict[str, Held]:
    rows = connection.execute(_HELD, {"ids": record_ids})
    return {row.record_id: Held(*row[:4], tuple(row.sets.split()), *row[5:]) for row in rows}


def _render_kept(
    connection: Connection, kept: Sequence[tuple[Rendered, Held]], into: Sequence[Layer], domain: str,
    partial: frozenset[str], visible: bool,
) -> list[tuple[Rendered, Held | None]]:  # fmt: skip
    """Writes what a generation lacks of unchanged items.

    Returns those that harvesters could not see although their stamps are old (they had been parked when the generation
    was filled): they must be stamped anew.
    """
    keys = {
        key(layer.id, old.sequence): index
        for index, (item, old) in enumerate(kept)
        for layer in into
        if _has(item, layer)
    }
    there = _there(connection, list(keys))
    lacking = sorted({index for rendering, index in keys.items() if rendering not in there})
    if visible:
        return [kept[index] for index in lacking]
    rows = _Rows()
    new = {
        index: set(_lists(old.sets, item.digests, partial)) - set(_lists(old.sets, old.digests, partial))
        for index, (item, old) in enumerate(kept)
    }
    list_ids = _list_ids(connection, dict.fromkeys((spec for specs in new.values() for spec in specs), ""))
    for index in lacking:
        item, old = kept[index]
        written = _renderings(item, domain, old.stamp, old.sets, old.sequence, into)
        rows.renderings += [row for row in written if row["key"] not in there]
        _enter(rows, old.sequence, [list_ids[spec] for spec in sorted(new[index])])
    _store(connection, rows)
    return []


_THERE = select(OaiRendering.key).where(OaiRendering.key.in_(bindparam("keys", expanding=True)))


def _there(connection: Connection, keys: Sequence[int]) -> set[int]:
    """Those keys that have a rendering."""
    return set(connection.execute(_THERE, {"keys": keys}).scalars()) if keys else set()


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
            "body": bodies.get(layer.prefix, b""),
        }
        for layer in into
        if _has(item, layer)
    ]


def _has(item: Rendered, layer: Layer) -> bool:
    """Whether an item is in a format, be it as deleted."""
    if layer.prefix in (item.bodies or {}):
        return True
    mark = marks(item.digests).get(layer.prefix)
    return mark == GONE or (item.deleted and mark != NEVER)


def _place(
    connection: Connection, changed: Sequence[tuple[Rendered, Held | None]], into: Sequence[Layer], domain: str,
    partial: frozenset[str], last_sequence: int, moment: Moment,
) -> _Rows:  # fmt: skip
    """The rows that give each changed item the next sequence and take it away from its old one."""
    names = {EVERYTHING: ""}
    for item, _old in changed:
        names |= {spec: name or names.get(spec, "") for spec, name in item.sets.items()}
    leaving = [_lists(old.sets, old.digests, partial) if old else () for _item, old in changed]
    entering = [_lists(tuple(item.sets), item.digests, partial) for item, _old in changed]
    names |= {spec: "" for specs in (*leaving, *entering) for spec in specs if spec not in names}
    list_ids = _list_ids(connection, names)
    rows = _Rows()
    for index, (item, old) in enumerate(changed):
        sequence, specs = last_sequence + 1 + index, tuple(item.sets)
        if old:
            _leave(rows, old, [list_ids[spec] for spec in leaving[index]], into)
        rows.renderings += _renderings(item, domain, moment.stamp, specs, sequence, into)
        _enter(rows, sequence, [list_ids[spec] for spec in entering[index]])
        rows.items.append({
            "record_id": item.record_id, "stamp": moment.stamp, "sequence": sequence, "deleted": item.deleted,
            "sets": " ".join(specs), "digests": item.digests, "position": item.position,
            "rules": item.rules,
        })  # fmt: skip
    return rows


def _lists(specs: Sequence[str], digests: str, partial: frozenset[str]) -> tuple[str, ...]:
    """Specs of the lists in which an item stands: of its sets, and those of the partial formats that it is in."""
    marked = marks(digests)
    of_all = (EVERYTHING, *specs)
    had = [prefix for prefix in sorted(partial) if marked.get(prefix, NEVER) != NEVER]
    return (*of_all, *(list_spec(spec, prefix) for prefix in had for spec in of_all))


def list_spec(of_set: str, partial_prefix: str = "") -> str:
    """Spec of the list of a set, or of what of it is in a format that not every record can be had in. No setSpec has a
    blank."""
    return f"{partial_prefix} {of_set}" if partial_prefix else of_set


def _enter(rows: _Rows, sequence: int, lists: Sequence[int]) -> None:
    for list_id in lists:
        rows.members.append({"list_id": list_id, "sequence": sequence})
        rows.counts[list_id, sequence >> BLOCK_BITS] += 1


def _leave(rows: _Rows, old: Held, lists: Sequence[int], into: Sequence[Layer]) -> None:
    rows.left += [key(layer.id, old.sequence) for layer in into]
    rows.moves.append({"sequence": old.sequence, "record_id": old.record_id})
    for list_id in lists:
        rows.members_left.append({"l": list_id, "s": old.sequence})
        rows.counts[list_id, old.sequence >> BLOCK_BITS] -= 1


_KNOWN_LISTS = select(OaiList.spec, OaiList.id, OaiList.name).where(
    OaiList.spec.in_(bindparam("specs", expanding=True))
)


def _list_ids(connection: Connection, names: Mapping[str, str]) -> dict[str, int]:
    """Ids of the lists with these specs; those that are new are made, those with a new name are renamed."""
    rows = connection.execute(_KNOWN_LISTS, {"specs": list(names)}).all()
    known = {row.spec: row.id for row in rows}
    for row in rows:
        if names[row.spec] and names[row.spec] != row.name:
            connection.execute(update(OaiList).where(OaiList.id == row.id).values(name=names[row.spec]))
    for spec in names.keys() - known.keys():
        made = insert(OaiList).values(spec=spec, name=names[spec] or spec).returning(OaiList.id)
        known[spec] = connection.execute(made).scalar_one()
    return known


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
