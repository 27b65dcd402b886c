"""The first schema"""

import sqlalchemy as sa
from alembic import op

from repository.storage.database import Document, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
    )
    op.create_table(
        "answers",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", Document(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_answers")),
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("dying_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "changes",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("ix_changes_record_id_position", ["record_id", "position"], unique=False)

    op.create_table(
        "checkpoints",
        sa.Column("projection", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.String(length=32), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("building", sa.String(length=32), nullable=False),
        sa.Column("building_done", sa.BigInteger(), nullable=False),
        sa.Column("building_total", sa.BigInteger(), nullable=False),
        sa.Column("updated", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("projection", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "file_lists",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_file_lists")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "oai_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("generation", sa.String(length=32), server_default="", nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_clock")),
    )
    op.create_table(
        "oai_counts",
        sa.Column("list_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "block", name=op.f("pk_oai_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "oai_items",
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("sets", sa.Text(), nullable=False),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_oai_items")),
    )
    with op.batch_alter_table("oai_items", schema=None) as batch_op:
        batch_op.create_index("ix_oai_items_stamp_sequence", ["stamp", "sequence"], unique=False)

    op.create_table(
        "oai_layers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.String(length=32), nullable=False),
        sa.Column("prefix", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_layers")),
        sa.UniqueConstraint("generation", "prefix", name=op.f("uq_oai_layers_generation_prefix")),
    )
    op.create_table(
        "oai_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_lists")),
        sa.UniqueConstraint("spec", name=op.f("uq_oai_lists_spec")),
    )
    op.create_table(
        "oai_members",
        sa.Column("list_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("list_id", "sequence", name=op.f("pk_oai_members")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "oai_moves",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_oai_moves")),
    )
    op.create_table(
        "oai_renderings",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_oai_renderings")),
    )
    op.create_table(
        "parked_changes",
        sa.Column("projection", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("next_try", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("projection", "record_id", name=op.f("pk_parked_changes")),
    )
    op.create_table(
        "pids",
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=11), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "value", name=op.f("pk_pids")),
    )
    with op.batch_alter_table("pids", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pids_holder"), ["holder"], unique=False)

    op.create_table(
        "projection_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("projection", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("finished", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection_requests")),
    )
    op.create_table(
        "revisions",
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.Column("revision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", Document(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "revision_id", name=op.f("pk_revisions")),
    )
    op.create_table(
        "snapshots",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "sources",
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("parent_key", sa.Text(), nullable=False),
        sa.Column("run", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_sources")),
    )
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sources_parent_key"), ["parent_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_sources_record_id"), ["record_id"], unique=False)

    op.create_table(
        "terms",
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("sort_title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("body", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("pk_terms")),
    )
    with op.batch_alter_table("terms", schema=None) as batch_op:
        batch_op.create_index("ix_terms_type_sort_title", ["type", "sort_title"], unique=False)

    op.create_table(
        "vocabulary_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_head")),
    )
    op.create_table(
        "files",
        sa.Column("record_id", sa.String(length=11), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("mimetype", sa.String(length=255), nullable=False),
        sa.Column("announced", Document(), nullable=False),
        sa.Column("file_metadata", Document(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("updated", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["blob"], ["blobs.sha256"], name=op.f("fk_files_blob")),
        sa.PrimaryKeyConstraint("record_id", "key", name=op.f("pk_files")),
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_blob"), ["blob"], unique=False)

    op.create_table(
        "parents",
        sa.Column("id", sa.String(length=11), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("access_settings", Document(), nullable=False),
        sa.Column("pids", Document(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_parents_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parents")),
    )
    with op.batch_alter_table("parents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parents_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_account_id"), ["account_id"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tokens_account_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tokens")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_account_id"), ["account_id"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("id", sa.String(length=11), nullable=False),
        sa.Column("parent_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("updated", Moment(), nullable=False),
        sa.Column("body", Document(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["parents.id"], name=op.f("fk_drafts_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index("ix_drafts_parent_id", ["parent_id"], unique=False)

    op.create_table(
        "records",
        sa.Column("id", sa.String(length=11), nullable=False),
        sa.Column("parent_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("updated", Moment(), nullable=False),
        sa.Column("body", Document(), nullable=False),
        sa.Column("tombstone", Document(), nullable=True),
        sa.Column("origin", Document(), nullable=True),
        sa.Column("embargo_until", sa.Date(), nullable=True),
        sa.Column("snapshot", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["parents.id"], name=op.f("fk_records_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("parent_id", "number", name=op.f("uq_records_parent_id_number")),
    )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_records_embargo_until"), ["embargo_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_records_parent_id"), ["parent_id"], unique=False)

    op.execute("INSERT INTO log_head (id, position) VALUES (1, 0)")
    op.execute("INSERT INTO vocabulary_head (id, revision) VALUES (1, 0)")
    op.execute("INSERT INTO oai_clock (id, stamp) VALUES (1, 0)")
