"""The organization's printer at a universal print service."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cloud_printer",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("printer_name", sa.String(length=127), nullable=False),
        sa.Column("share_name", sa.String(length=127), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_name", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("sign_in", sa.Text(), nullable=False),
        sa.Column("sign_in_expires", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("busy_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_cloud_printer_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_cloud_printer")),
    )


def downgrade() -> None:
    op.drop_table("cloud_printer")
