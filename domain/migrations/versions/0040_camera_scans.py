"""Scans with a phone's camera."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "camera_scan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_camera_scan_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_camera_scan_user_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_scan")),
    )
    with op.batch_alter_table("camera_scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_camera_scan_changed"), ["changed"], unique=False)
        batch_op.create_index(batch_op.f("ix_camera_scan_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_camera_scan_user_id"), ["user_id"], unique=False)

    op.create_table(
        "camera_page",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scan_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("photo", sa.JSON(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.Column("corners", sa.JSON(), nullable=False),
        sa.Column("is_found", sa.Boolean(), nullable=False),
        sa.Column("look", sa.String(length=16), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_camera_page_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["camera_scan.id"], name=op.f("fk_camera_page_scan_id_camera_scan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_page")),
    )
    with op.batch_alter_table("camera_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_camera_page_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_camera_page_scan_id"), ["scan_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("camera_page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_camera_page_scan_id"))
        batch_op.drop_index(batch_op.f("ix_camera_page_organization_id"))

    op.drop_table("camera_page")
    with op.batch_alter_table("camera_scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_camera_scan_user_id"))
        batch_op.drop_index(batch_op.f("ix_camera_scan_organization_id"))
        batch_op.drop_index(batch_op.f("ix_camera_scan_changed"))

    op.drop_table("camera_scan")
