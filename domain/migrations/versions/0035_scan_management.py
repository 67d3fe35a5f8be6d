"""Scan Management: settings, destinations, and accounts that are chosen by signing in."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scan_settings",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_scan_settings_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_scan_settings")),
    )
    op.create_table(
        "pending_account_sign_in",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("next_path", sa.String(length=2048), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_pending_account_sign_in_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_pending_account_sign_in_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_pending_account_sign_in")),
    )
    with op.batch_alter_table("pending_account_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pending_account_sign_in_expires"), ["expires"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_pending_account_sign_in_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_pending_account_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "scan_destination",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=True),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_scan_destination_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
            name=op.f("fk_scan_destination_owner_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_destination")),
        sa.UniqueConstraint(
            "organization_id", "scope", "name_key", name=op.f("uq_scan_destination_organization_id_scope_name_key")
        ),
    )
    with op.batch_alter_table("scan_destination", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_destination_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_destination_owner_id"), ["owner_id"], unique=False)

    with op.batch_alter_table("linked_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by_sign_in", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("renewing_until", connectors.database.Utc(timezone=True), nullable=True))
    with op.batch_alter_table("linked_account", schema=None) as batch_op:
        batch_op.alter_column("by_sign_in", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("linked_account", schema=None) as batch_op:
        batch_op.drop_column("renewing_until")
        batch_op.drop_column("by_sign_in")

    with op.batch_alter_table("scan_destination", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_destination_owner_id"))
        batch_op.drop_index(batch_op.f("ix_scan_destination_organization_id"))

    op.drop_table("scan_destination")
    with op.batch_alter_table("pending_account_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pending_account_sign_in_user_id"))
        batch_op.drop_index(batch_op.f("ix_pending_account_sign_in_organization_id"))
        batch_op.drop_index(batch_op.f("ix_pending_account_sign_in_expires"))

    op.drop_table("pending_account_sign_in")
    op.drop_table("scan_settings")
