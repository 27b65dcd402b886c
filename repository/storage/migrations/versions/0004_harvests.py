"""Harvests from other providers"""

import sqlalchemy as sa
from alembic import op

from repository.storage.database import Document

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "harvests",
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("set_spec", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("underway", Document(), nullable=True),
        sa.PrimaryKeyConstraint("base_url", "set_spec", "prefix", name=op.f("pk_harvests")),
    )
    op.create_table(
        "harvested_items",
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.Column("datestamp", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("base_url", "identifier", name=op.f("pk_harvested_items")),
    )
    op.create_index(op.f("ix_harvested_items_record_id"), "harvested_items", ["record_id"])
