"""The history of what readers have built: asked for, under way, over."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base, Document, Moment


class BuildRow(Base):
    """One build. Written by who asks for it, and by the reader's leader."""

    __tablename__ = "builds"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    projection: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    """`full`, `changed`, `rules`, see `following.builds`."""
    state: Mapped[str] = mapped_column(String(16))
    """`waiting`, `running`, `done`, `failed`, `cancelled`."""
    asked_by: Mapped[str] = mapped_column(Text)
    """Account id; empty where the command line or the reader itself has asked."""
    request: Mapped[int | None] = mapped_column(Integer)
    """Id of the row of `projection_requests` that it carries out."""
    is_given_up: Mapped[bool] = mapped_column(Boolean)
    """Somebody wants it cancelled."""
    position: Mapped[int] = mapped_column(BigInteger)
    """Of the log, up to which everything is in it."""
    done: Mapped[int] = mapped_column(BigInteger)
    """Records passed, of `total`."""
    total: Mapped[int] = mapped_column(BigInteger)
    files: Mapped[int] = mapped_column(BigInteger)
    """Written, and their bytes."""
    octets: Mapped[int] = mapped_column(BigInteger)
    log: Mapped[list[Any]] = mapped_column(Document)
    """Its last lines: time and text of each."""
    created: Mapped[datetime] = mapped_column(Moment)
    started: Mapped[datetime | None] = mapped_column(Moment)
    ended: Mapped[datetime | None] = mapped_column(Moment)
