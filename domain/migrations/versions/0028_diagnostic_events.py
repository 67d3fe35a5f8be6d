"""Diagnostic events (F-38)."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "diagnostic_fleet",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("enabled", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("last_event", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_diagnostic_fleet_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnostic_fleet")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_diagnostic_fleet_organization_id")),
    )
    with op.batch_alter_table("diagnostic_fleet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_diagnostic_fleet_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "diagnostic_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("is_of_supply", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("made", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("cleared", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_diagnostic_event_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_diagnostic_event_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnostic_event")),
        sa.UniqueConstraint("source_id", name=op.f("uq_diagnostic_event_source_id")),
    )
    with op.batch_alter_table("diagnostic_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_diagnostic_event_expires"), ["expires"], unique=False)
        batch_op.create_index("ix_diagnostic_event_in_organization", ["organization_id", "source_id"], unique=False)
        batch_op.create_index("ix_diagnostic_event_of_printer", ["printer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_diagnostic_event_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("diagnostic_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_diagnostic_event_organization_id"))
        batch_op.drop_index("ix_diagnostic_event_of_printer")
        batch_op.drop_index("ix_diagnostic_event_in_organization")
        batch_op.drop_index(batch_op.f("ix_diagnostic_event_expires"))

    op.drop_table("diagnostic_event")
    with op.batch_alter_table("diagnostic_fleet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_diagnostic_fleet_organization_id"))

    op.drop_table("diagnostic_fleet")
