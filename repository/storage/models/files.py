"""Files by the names their depositors gave them, and blobs: bytes, stored once under their SHA-256."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base, Document, Moment


class Blob(Base):
    """Bytes that are stored. The row is written after they are durable, so a row never lacks its bytes."""

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    md5: Mapped[str] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(BigInteger)
    location: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Moment)
    dying_since: Mapped[datetime | None] = mapped_column(Moment)
    """Marked as held by nobody, by the sweep or by an erasure (then 1970: it is not kept a day). An upload of the same
    bytes clears the mark."""
    checked: Mapped[datetime | None] = mapped_column(Moment, index=True)
    """When the stored bytes were last read back and hashed."""
    fault: Mapped[str] = mapped_column(Text, server_default="")
    """What was then found wrong; empty while nothing is."""


class File(Base):
    """A file of a record or draft; the edit draft of a published record has the record's own."""

    __tablename__ = "files"

    record_id: Mapped[str] = mapped_column(String(11), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    id: Mapped[str] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(16))
    """`pending` until committed, then `completed`."""
    blob: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"), index=True)
    mimetype: Mapped[str] = mapped_column(String(255))
    announced: Mapped[dict[str, Any]] = mapped_column(Document)
    """What the client said before it sent the bytes, compared at commit: `{size?, checksum?}`."""
    transfer: Mapped[dict[str, Any] | None] = mapped_column(Document)
    """How the bytes come, where not in one request: what an upload in parts needs to go on."""
    file_metadata: Mapped[dict[str, Any]] = mapped_column(Document)
    hidden: Mapped[bool]
    created: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)
