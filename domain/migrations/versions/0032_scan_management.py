"""Scan Management: settings of organizations and scan destinations."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0032"
down_revision = "0031"
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


def downgrade() -> None:
    with op.batch_alter_table("scan_destination", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_destination_owner_id"))
        batch_op.drop_index(batch_op.f("ix_scan_destination_organization_id"))

    op.drop_table("scan_destination")
    op.drop_table("scan_settings")
