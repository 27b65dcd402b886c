"""Sets of OAI-PMH that admins define, lists of formats that not every record can be had in, and by which rules each
item was rendered"""

import sqlalchemy as sa
from alembic import op

from repository.storage.database import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oai_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_pattern", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("updated", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_sets")),
        sa.UniqueConstraint("spec", name=op.f("uq_oai_sets_spec")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "oai_sets_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_sets_head")),
    )
    op.execute("INSERT INTO oai_sets_head (id, version) VALUES (1, 0)")
    op.add_column("oai_items", sa.Column("rules", sa.String(16), nullable=False, server_default=""))
    op.add_column("oai_layers", sa.Column("partial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("oai_moves", sa.Column("stamp", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_oai_moves_stamp", "oai_moves", ["stamp"])
    with op.batch_alter_table("oai_lists") as batch_op:
        batch_op.add_column(sa.Column("prefix", sa.String(32), nullable=False, server_default=""))
        batch_op.drop_constraint("uq_oai_lists_spec", type_="unique")
        batch_op.create_unique_constraint("uq_oai_lists_prefix_spec", ["prefix", "spec"])
