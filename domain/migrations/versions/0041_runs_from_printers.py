"""Runs that are put together at printers, and the printer of a run."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=64), nullable=False),
        sa.Column("printer_name", sa.String(length=255), nullable=False),
        sa.Column("solution_id", sa.String(length=32), nullable=False),
        sa.Column("solution_name", sa.String(length=255), nullable=False),
        sa.Column("solution_version", sa.Integer(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("file", sa.JSON(), nullable=False),
        sa.Column("scan_id", sa.String(length=32), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.JSON(), nullable=True),
        sa.Column("sending", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("sent", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_run_draft_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_run_draft_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_draft")),
    )
    with op.batch_alter_table("run_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_draft_changed"), ["changed"], unique=False)
        batch_op.create_index(batch_op.f("ix_run_draft_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_run_draft_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("printer_id", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("printer_name", sa.String(length=255), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_column("printer_name")
        batch_op.drop_column("printer_id")

    with op.batch_alter_table("run_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_draft_user_id"))
        batch_op.drop_index(batch_op.f("ix_run_draft_organization_id"))
        batch_op.drop_index(batch_op.f("ix_run_draft_changed"))

    op.drop_table("run_draft")
