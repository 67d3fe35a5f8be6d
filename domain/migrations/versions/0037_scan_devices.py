"""Printers that ask for scan orders by themselves."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scan_device",
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("asked", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_scan_device_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("printer_id", name=op.f("pk_scan_device")),
    )
    with op.batch_alter_table("scan_device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_device_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("scan_device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_device_organization_id"))

    op.drop_table("scan_device")
