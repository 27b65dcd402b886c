"""What the database has of items when they are written anew, and what it still says of formats that they are not in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, select, update

from repository.oai import clock
from repository.oai.bodies import unpacked
from repository.oai.layers import Layer, key, layers
from repository.oai.rendering import GONE, NEVER, Rendered, dump_marks, marks
from repository.records.sets import is_known
from repository.storage import oai_sets
from repository.storage.changes import Change
from repository.storage.database import in_parts
from repository.storage.models import OaiItem, OaiRendering


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


def held_items(connection: Connection, record_ids: Sequence[str]) -> dict[str, Held]:
    rows = [row for part in in_parts(record_ids) for row in connection.execute(_HELD, {"ids": part})]
    return {row.record_id: Held(*row[:4], tuple(row.sets.split()), *row[5:]) for row in rows}


_THERE = select(OaiRendering.key).where(OaiRendering.key.in_(bindparam("keys", expanding=True)))
_BODIES = _THERE.add_columns(OaiRendering.body)


def there(connection: Connection, keys: Sequence[int]) -> set[int]:
    """Those keys that have a rendering."""
    return {one for part in in_parts(keys) for one in connection.execute(_THERE, {"keys": part}).scalars()}


def unchanged(
    connection: Connection, changes: Sequence[Change], rules: str, prefixes: frozenset[str]
) -> frozenset[str]:
    """Ids of the records of which harvesters have every rendering, made by these rules of just these changes.

    `prefixes`: of the formats that are offered.
    """
    positions = {change.record_id: change.position for change in changes}
    alike = [
        old
        for old in held_items(connection, list(positions)).values()
        if old.rules == rules and old.position == positions[old.record_id] and not old.deleted
    ]
    if not alike:
        return frozenset()
    visible = {layer.prefix: layer for layer in layers(connection, clock.read(connection).generation)}
    wanted = {old.record_id: _rendered_by(old, visible, prefixes) for old in alike}
    found = there(connection, [one for keys in wanted.values() for one in keys])
    return frozenset(record_id for record_id, keys in wanted.items() if keys and found.issuperset(keys))


def _rendered_by(old: Held, visible: Mapping[str, Layer], prefixes: frozenset[str]) -> list[int]:
    """Keys of an item's renderings in a generation; none if that lacks one of its formats."""
    own = [prefix for prefix, mark in marks(old.digests).items() if mark != NEVER and prefix in prefixes]
    return [key(visible[prefix].id, old.sequence) for prefix in own] if visible.keys() >= set(own) else []


def with_marks(item: Rendered, old: Held | None, apart: Sequence[str], whole: frozenset[str]) -> Rendered:
    """The item with what is known of the formats that it is not in: GONE where it could be had in it before.

    `apart`: the formats that have lists of their own, be they offered or not. `whole`: those that harvesters read with
    every item in them; what is deleted is deleted in these, whatever its digests say.
    """
    if item.bodies is None or not apart:
        return item
    before = marks(old.digests) if old else {}
    marked = marks(item.digests)
    for prefix in apart:
        if prefix in item.bodies:
            continue
        mark = before.get(prefix, GONE if old and old.deleted and prefix in whole else NEVER)
        if mark == NEVER or (prefix not in marked and not item.deleted):
            marked[prefix] = mark  # a format that is not offered now: nothing has happened to the item in it
        else:
            marked[prefix] = GONE
    return replace(item, digests=dump_marks(item.digests, marked))


def forgotten(item: Rendered) -> Rendered:
    """A changed item with GONE for the formats that it is no longer rendered in: when one of them is offered again,
    harvesters have to be given the item anew."""
    marked = marks(item.digests)
    bodies = item.bodies or {}
    gone = {prefix: GONE for prefix, mark in marked.items() if mark != NEVER and prefix not in bodies}
    return replace(item, digests=dump_marks(item.digests, marked | gone)) if gone else item


def with_old_sets(connection: Connection, wanted: Sequence[Rendered], held: Mapping[str, Held]) -> list[Rendered]:
    """Deleted items with the sets that they have been in, but for those that are no longer defined."""
    gone = [item for item in wanted if item.deleted and item.record_id in held]
    defined = oai_sets.specs(connection) if gone else frozenset()
    return [
        replace(item, sets={spec: "" for spec in held[item.record_id].sets if is_known(spec, defined)})
        if item.deleted and item.record_id in held
        else item
        for item in wanted
    ]


def with_old_bodies(
    connection: Connection, changed: Sequence[tuple[Rendered, Held | None]], into: Sequence[Layer]
) -> list[tuple[Rendered, Held | None]]:
    """What has only other sets, with the renderings that it has."""
    keys = [key(layer.id, old.sequence) for item, old in changed if old and item.bodies is None for layer in into]
    bodies = {row.key: row.body for part in in_parts(keys) for row in connection.execute(_BODIES, {"keys": part})}
    found: list[tuple[Rendered, Held | None]] = []
    for item, old in changed:
        if old and item.bodies is None:
            own = {layer.prefix: key(layer.id, old.sequence) for layer in into}
            rendered = {prefix: unpacked(bodies[place]) for prefix, place in own.items() if bodies.get(place)}
            found.append((replace(item, bodies=rendered, digests=old.digests), old))
        else:
            found.append((item, old))
    return found


_NOTE = (
    update(OaiItem)
    .where(OaiItem.record_id == bindparam("r"))
    .values(position=bindparam("p"), digests=bindparam("d"), rules=bindparam("by"))
)


def note_kept(connection: Connection, kept: Sequence[tuple[Rendered, Held]]) -> None:
    """Remembers of what looks as it did by which change and rules it does, and formats that are new."""
    notes = [
        {"r": item.record_id, "p": item.position, "d": item.digests, "by": item.rules}
        for item, old in kept
        if item.position >= old.position
        and (item.position, item.digests, item.rules) != (old.position, old.digests, old.rules)
    ]
    if notes:
        connection.execute(_NOTE, notes)
