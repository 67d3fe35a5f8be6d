"""Mailboxes from which mail for printing is fetched."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_mailbox",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("tls", sa.String(length=8), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("credentials", sa.Text(), nullable=False),
        sa.Column("folder", sa.String(length=255), nullable=False),
        sa.Column("afterwards", sa.String(length=8), nullable=False),
        sa.Column("done_folder", sa.String(length=255), nullable=False),
        sa.Column("aside_folder", sa.String(length=255), nullable=False),
        sa.Column("authentication_server", sa.String(length=255), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("due", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("troubled", sa.JSON(), nullable=False),
        sa.Column("last_success", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("put_aside", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_mailbox_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_print_mailbox")),
    )
    with op.batch_alter_table("print_mailbox", schema=None) as batch_op:
        batch_op.create_index("ix_print_mailbox_work", ["enabled", "due"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_mailbox", schema=None) as batch_op:
        batch_op.drop_index("ix_print_mailbox_work")

    op.drop_table("print_mailbox")
