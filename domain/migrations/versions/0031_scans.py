"""Scans and their pages."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("size_limit", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("ignored", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("file_format", sa.String(length=8), nullable=False),
        sa.Column("due", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires_at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("content_deleted", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_scan_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_scan_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index("ix_scan_at_printer", ["organization_id", "printer_id", "state"], unique=False)
        batch_op.create_index("ix_scan_content", ["content_deleted", "state"], unique=False)
        batch_op.create_index("ix_scan_due", ["state", "due"], unique=False)
        batch_op.create_index("ix_scan_expiry", ["state", "expires_at"], unique=False)
        batch_op.create_index("ix_scan_of_person", ["organization_id", "user_id", "state", "created"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_user_id"), ["user_id"], unique=False)

    op.create_table(
        "scan_page",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scan_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.Column("preview", sa.JSON(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_scan_page_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_scan_page_scan_id_scan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_page")),
        sa.UniqueConstraint("scan_id", "number", name=op.f("uq_scan_page_scan_id_number")),
    )
    with op.batch_alter_table("scan_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_page_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_page_scan_id"), ["scan_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("scan_page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_page_scan_id"))
        batch_op.drop_index(batch_op.f("ix_scan_page_organization_id"))

    op.drop_table("scan_page")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_user_id"))
        batch_op.drop_index(batch_op.f("ix_scan_organization_id"))
        batch_op.drop_index("ix_scan_of_person")
        batch_op.drop_index("ix_scan_expiry")
        batch_op.drop_index("ix_scan_due")
        batch_op.drop_index("ix_scan_content")
        batch_op.drop_index("ix_scan_at_printer")

    op.drop_table("scan")
