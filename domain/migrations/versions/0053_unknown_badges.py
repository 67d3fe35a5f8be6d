"""Badges that were held to a reader and that nobody has."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unknown_badge",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("printer_id", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_seen", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("last_seen", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_unknown_badge_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_badge")),
        sa.UniqueConstraint(
            "organization_id", "fingerprint", name=op.f("uq_unknown_badge_organization_id_fingerprint")
        ),
    )
    with op.batch_alter_table("unknown_badge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unknown_badge_last_seen"), ["last_seen"], unique=False)
        batch_op.create_index(batch_op.f("ix_unknown_badge_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unknown_badge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unknown_badge_organization_id"))
        batch_op.drop_index(batch_op.f("ix_unknown_badge_last_seen"))

    op.drop_table("unknown_badge")
