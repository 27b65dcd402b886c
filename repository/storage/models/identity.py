"""What this instance is called in the stores that it uses."""

from sqlalchemy import CheckConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from repository.storage.database import Base


class InstanceRow(Base):
    """One row, made with the schema. It stays when a back-up is put in place: back-ups of others are restored too."""

    __tablename__ = "instance"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32))
    """Random; see `storage/objects/ownership.py`."""
