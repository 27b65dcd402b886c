"""Records (published versions), the parents that tie them together, drafts, and the identifiers of all."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base, Document, Moment


class ParentRow(Base):
    __tablename__ = "parents"

    id: Mapped[str] = mapped_column(String(11), primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    access_settings: Mapped[dict[str, Any]] = mapped_column(Document)
    pids: Mapped[dict[str, Any]] = mapped_column(Document)
    created: Mapped[datetime] = mapped_column(Moment)


class RecordRow(Base):
    """One published version; `body` is `{metadata, custom_fields, access, pids, files}` with terms as ids."""

    __tablename__ = "records"
    __table_args__ = (UniqueConstraint("parent_id", "number"),)

    id: Mapped[str] = mapped_column(String(11), primary_key=True)
    parent_id: Mapped[str] = mapped_column(ForeignKey("parents.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    revision_id: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    tombstone: Mapped[dict[str, Any] | None] = mapped_column(Document)
    origin: Mapped[dict[str, Any] | None] = mapped_column(Document)
    embargo_until: Mapped[date | None] = mapped_column(Date, index=True)
    snapshot: Mapped[str] = mapped_column(String(64))
    """Digest of the state that the last change carries."""


class DraftRow(Base):
    """A working copy: of a record to be (`new`, `version`), or the edit of a published one, under its id (`edit`)."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_parent_id", "parent_id"),)

    id: Mapped[str] = mapped_column(String(11), primary_key=True)
    parent_id: Mapped[str] = mapped_column(ForeignKey("parents.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))
    revision_id: Mapped[int] = mapped_column(Integer)
    created: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    complete: Mapped[bool] = mapped_column(Boolean)
    """The last save found nothing wrong or missing (files aside): publishing need not validate it all again."""


class Revision(Base):
    """What a record was at each of its revisions; admins may read it."""

    __tablename__ = "revisions"

    record_id: Mapped[str] = mapped_column(String(11), primary_key=True)
    revision_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    account_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)


class Pid(Base):
    """Who holds a DOI: unique over the instance. `value` is its lower-case form."""

    __tablename__ = "pids"

    scheme: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(String(11), index=True)
    """Id of the record, draft or parent."""
    provider: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    """`reserved` (a draft holds it), `unregistered` (published, not yet at the agency), `registered`, `external`."""


class Source(Base):
    """What an import has taken: the same identity comes back as a revision, or is left alone if nothing changed."""

    __tablename__ = "sources"

    identity: Mapped[str] = mapped_column(Text, primary_key=True)
    record_id: Mapped[str] = mapped_column(String(11), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    parent_key: Mapped[str] = mapped_column(Text, index=True)
    """What ties versions together at the source; empty where nothing does."""
    run: Mapped[str] = mapped_column(String(16))
    """The import that took it last: the same identity twice in one run is a duplicate."""
