"""Sessions of printers' panels."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "panel_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("ticket_hash", sa.String(length=64), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frame_origin", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("person_hash", sa.String(length=64), nullable=True),
        sa.Column("pending", sa.Text(), nullable=False),
        sa.Column("pending_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("contrast", sa.Boolean(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_panel_session_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_session")),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_panel_session_ticket_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_panel_session_token_hash")),
    )
    with op.batch_alter_table("panel_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_session_changed"), ["changed"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_session_created"), ["created"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_session_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_panel_session_printer", ["organization_id", "printer_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("panel_session", schema=None) as batch_op:
        batch_op.drop_index("ix_panel_session_printer")
        batch_op.drop_index(batch_op.f("ix_panel_session_organization_id"))
        batch_op.drop_index(batch_op.f("ix_panel_session_created"))
        batch_op.drop_index(batch_op.f("ix_panel_session_changed"))

    op.drop_table("panel_session")
