"""Items of OAI-PMH: stamp and sequence are primary data, the renderings are a generation that can be made again.

Sequences are given out under the lock of `oai_clock` and grow with the stamps: order by sequence is order by (stamp,
sequence), so that one number is both the place of an item in every list and the key of its renderings.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base, Moment, Octets

_ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""On SQLite, only a primary key of the type INTEGER is the table's own order."""


class OaiClock(Base):
    """One row: the last moment, in whole seconds since 1970 (UTC), up to which every item is visible."""

    __tablename__ = "oai_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    stamp: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The last sequence that was given out."""
    generation: Mapped[str] = mapped_column(String(32), server_default="")
    """The generation of renderings that harvesters read."""


class OaiItem(Base):
    """One record as harvesters know it."""

    __tablename__ = "oai_items"
    __table_args__ = (Index("ix_oai_items_stamp_sequence", "stamp", "sequence"),)

    record_id: Mapped[str] = mapped_column(String(11), primary_key=True)
    stamp: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)
    deleted: Mapped[bool] = mapped_column(Boolean)
    sets: Mapped[str] = mapped_column(Text)
    """The setSpecs, separated by spaces."""
    digests: Mapped[str] = mapped_column(Text)
    """`:<digest of the header's parts> <prefix>:<digest of the rendering> …`; where they are unchanged, stamp and
    sequence stay."""
    position: Mapped[int] = mapped_column(BigInteger)
    """Of the change in the log that the item shows; an older one never overwrites it."""
    rules: Mapped[str] = mapped_column(String(16), server_default="")
    """Digest of the writers and settings that made the renderings: while it and the position are the same, so are
    they, and only the sets are to be looked at."""


class OaiSet(Base):
    """A set that an admin has defined. Its spec never changes, its id is never given again."""

    __tablename__ = "oai_sets"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    spec: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    search_pattern: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    revision_id: Mapped[int] = mapped_column(Integer)
    created: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)


class OaiSetsHead(Base):
    """One row: a number that grows whenever the records of some defined set may be others. The reader compares it."""

    __tablename__ = "oai_sets_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


class OaiList(Base):
    """What a harvester may ask a list of: a set, or everything, whose spec is empty."""

    __tablename__ = "oai_lists"
    __table_args__ = (UniqueConstraint("prefix", "spec", name="uq_oai_lists_prefix_spec"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    prefix: Mapped[str] = mapped_column(String(32), server_default="")
    """Of a format in which not every record can be had: it has lists of its own. Empty: the list of all others."""
    spec: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)


class OaiMember(Base):
    """An item stands in a list, under its present sequence."""

    __tablename__ = "oai_members"
    __table_args__ = ({"sqlite_with_rowid": False},)

    list_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class OaiCount(Base):
    """How many members of a list have a sequence in a block of 4,096: `completeListSize` without counting the table."""

    __tablename__ = "oai_counts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    list_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


class OaiMove(Base):
    """A sequence that an item has left: a harvest whose whole rest has moved on can still be given one record."""

    __tablename__ = "oai_moves"
    __table_args__ = (Index("ix_oai_moves_stamp", "stamp"),)

    sequence: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(String(11))
    stamp: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """When the item left it. Once no token is older, nobody asks any more."""


class OaiLayer(Base):
    """The renderings of one format in one generation; all layers of a generation are made when it is created."""

    __tablename__ = "oai_layers"
    __table_args__ = (UniqueConstraint("generation", "prefix"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    generation: Mapped[str] = mapped_column(String(32))
    prefix: Mapped[str] = mapped_column(String(32))
    partial: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Whether not every item is in it, so that its lists are those of its prefix."""


class OaiRendering(Base):
    """One finished record: `header` is its `<header>`, `body` the rest (`<metadata>`) as `oai.bodies` packs it, empty
    where it is deleted.

    `key` is layer × 2^40 + sequence: a page of a list is one scan of the table in its own order.
    """

    __tablename__ = "oai_renderings"

    key: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True, autoincrement=False)
    header: Mapped[bytes] = mapped_column(Octets)
    body: Mapped[bytes] = mapped_column(Octets)


class OaiRequestCount(Base):
    """How many requests of one kind harvesters made on one day; see `oai.statistics`."""

    __tablename__ = "oai_request_counts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    agent: Mapped[str] = mapped_column(Text, primary_key=True)
    verb: Mapped[str] = mapped_column(Text, primary_key=True)
    prefix: Mapped[str] = mapped_column(Text, primary_key=True)
    set: Mapped[str] = mapped_column(Text, primary_key=True)
    error: Mapped[str] = mapped_column(Text, primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger)
    records: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    """Of the last request, in seconds since 1970 (UTC)."""
