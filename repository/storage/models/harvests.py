"""Harvests from other OAI-PMH providers: how far each is, and which record an item of a provider became."""

from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base, Document


class Harvest(Base):
    """One list of a provider that is harvested again and again; `set_spec` is empty for all records."""

    __tablename__ = "harvests"

    base_url: Mapped[str] = mapped_column(Text, primary_key=True)
    set_spec: Mapped[str] = mapped_column(Text, primary_key=True)
    prefix: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[str] = mapped_column(Text)
    """Everything up to this moment of the provider's clock is here (ISO 8601, UTC); empty before the first end."""
    underway: Mapped[dict[str, Any] | None] = mapped_column(Document)
    """Where the list is that has not been read to its end, see `services/harvest_states.py`."""


class HarvestedItem(Base):
    """An item that a harvest has made a record of, under the datestamp that it had then."""

    __tablename__ = "harvested_items"

    base_url: Mapped[str] = mapped_column(Text, primary_key=True)
    identifier: Mapped[str] = mapped_column(Text, primary_key=True)
    record_id: Mapped[str] = mapped_column(String(11), index=True)
    datestamp: Mapped[str] = mapped_column(Text)
