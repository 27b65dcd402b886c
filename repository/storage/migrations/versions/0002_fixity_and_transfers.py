"""When bytes were last read back, and uploads in parts"""

import sqlalchemy as sa
from alembic import op

from repository.storage.database import Document, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("blobs", sa.Column("checked", Moment(), nullable=True))
    op.add_column("blobs", sa.Column("fault", sa.Text(), nullable=False, server_default=""))
    op.create_index(op.f("ix_blobs_checked"), "blobs", ["checked"])
    op.add_column("files", sa.Column("transfer", Document(), nullable=True))
