"""The change log, its counter, and the states that its changes carry."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import func

from repository.storage.database import Base, Moment, Octets


class LogHead(Base):
    """One row: the position of the last change. Only `changes.append` moves it, in the transaction that appends."""

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)


class ChangeRow(Base):
    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_record_id_position", "record_id", "position"),)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(String(11))
    kind: Mapped[str] = mapped_column(String(16))
    snapshot: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class SnapshotRow(Base):
    __tablename__ = "snapshots"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(Octets)


class FileListRow(Base):
    """The whole list of a version's files, one JSON list; a snapshot names it by its digest."""

    __tablename__ = "file_lists"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(Octets)
