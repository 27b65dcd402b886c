"""Terms of vocabularies, and the counter that each change of a term bumps."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base, Document


class VocabularyHead(Base):
    """One row; caches of terms are good as long as `revision` stays."""

    __tablename__ = "vocabulary_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer)


class TermRow(Base):
    __tablename__ = "terms"
    __table_args__ = (Index("ix_terms_type_sort_title", "type", "sort_title"),)

    type: Mapped[str] = mapped_column(String(32), primary_key=True)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    sort_title: Mapped[str] = mapped_column(Text)
    """English title or name, folded (case, diacritics): sorted by, and searched in."""
    words: Mapped[str] = mapped_column(Text)
    """All that a search looks in (id, titles, aliases, acronym), folded, each word with a space before it."""
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    digest: Mapped[str] = mapped_column(String(64))
    """Of the shipped term: `colophon init` renews what has changed since."""
