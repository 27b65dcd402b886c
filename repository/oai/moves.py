"""What a harvester is given when the whole rest of its list has been stamped anew, and stands behind its bound now.

The protocol knows no page without a record, and an error would look as if the list had failed.
"""

from sqlalchemy import Connection, bindparam, delete, select

from repository.oai.items import Records
from repository.oai.layers import key
from repository.oai.tokens import LIFETIME, Place
from repository.storage.models import OaiItem, OaiMember, OaiMove, OaiRendering

AT_ONCE = 2_000
"""Old moves that are forgotten by one transaction: it must be short."""
_KEPT = LIFETIME + 86_400
"""Seconds. Whoever asks has a token that is not older, and when it was written the record stood in its list still."""
_NEVER = 1 << 60

_RECORD = select(OaiRendering.key, OaiRendering.header, OaiRendering.body)


_MOVED = (
    _RECORD.select_from(OaiMove)
    .join(OaiItem, OaiItem.record_id == OaiMove.record_id)
    .join(OaiMember, OaiMember.sequence == OaiItem.sequence)
    .join(OaiRendering, OaiRendering.key == bindparam("layer") + OaiItem.sequence)
    .where(
        OaiMember.list_id == bindparam("list"),
        OaiMove.sequence > bindparam("after"),
        OaiMove.sequence <= bindparam("last"),
        OaiItem.stamp <= bindparam("until"),
    )
    .order_by(OaiMove.sequence)
    .limit(1)
)
_GIVEN = (
    _RECORD.select_from(OaiMember)
    .join(OaiRendering, OaiRendering.key == bindparam("layer") + OaiMember.sequence)
    .where(
        OaiMember.list_id == bindparam("list"),
        OaiMember.sequence > bindparam("first"),
        OaiMember.sequence <= bindparam("after"),
    )
    .order_by(OaiMember.sequence.desc())
    .limit(1)
)


def instead(connection: Connection, layer: int, of_list: int, place: Place) -> Records:
    """One record for the last page of a list; none if all of them have left the list.

    One of the rest, as it is now. Where the harvester has named an end and it is stamped behind that, one that was
    given before, if one still stands there: to hear twice of what has not changed does no harm.
    """
    of = {"layer": key(layer, 0), "list": of_list}
    rest = {**of, "after": place.after, "last": place.last}
    found: Records = connection.execute(_MOVED, {**rest, "until": place.until or _NEVER}).all()
    if place.until and not found:
        found = connection.execute(_GIVEN, {**of, "first": place.first, "after": place.after}).all()
        found = found or connection.execute(_MOVED, {**rest, "until": _NEVER}).all()
    return found


_OLD = select(OaiMove.sequence).where(OaiMove.stamp < bindparam("before")).order_by(OaiMove.stamp)


def forget(connection: Connection, stamp: int) -> None:
    """Removes some of the moves of which nobody can ask any more at the moment `stamp`."""
    some = _OLD.limit(AT_ONCE).scalar_subquery()
    connection.execute(delete(OaiMove).where(OaiMove.sequence.in_(some)), {"before": stamp - _KEPT})
