"""How far each reader has come, who leads it, what it could not take, and what it is asked to do."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base, Moment


class Checkpoint(Base):
    """One reader. Writes say `WHERE epoch = :mine`: a leader that has lost its lease changes nothing."""

    __tablename__ = "checkpoints"

    projection: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    generation: Mapped[str] = mapped_column(String(32))
    rules: Mapped[str] = mapped_column(String(64))
    """Digest of the rules (formats, templates, sets) by which the generation was made."""
    holder: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[datetime] = mapped_column(Moment)
    building: Mapped[str] = mapped_column(String(32))
    """The generation that a rebuild makes beside the current one; empty when there is none."""
    building_done: Mapped[int] = mapped_column(BigInteger)
    building_total: Mapped[int] = mapped_column(BigInteger)
    updated: Mapped[datetime] = mapped_column(Moment)


class ParkedChange(Base):
    """A change that a reader could not take; only the last one of a record counts."""

    __tablename__ = "parked_changes"

    projection: Mapped[str] = mapped_column(String(32), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(11), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    error: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(Moment)
    next_try: Mapped[datetime] = mapped_column(Moment)


class ProjectionRequest(Base):
    """What somebody asks of a reader's leader: `rebuild`, `retry` or `rules`."""

    __tablename__ = "projection_requests"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    projection: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    """`asked`, `running`, `done`, `failed`."""
    message: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Moment)
    finished: Mapped[datetime | None] = mapped_column(Moment)
