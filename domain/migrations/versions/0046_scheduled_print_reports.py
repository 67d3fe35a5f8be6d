"""Scheduled print reports."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_report_schedule",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("issuer_id", sa.String(length=32), nullable=True),
        sa.Column("last_report_id", sa.String(length=32), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recurrence", sa.String(length=16), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("month_day", sa.Integer(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("next_run", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("last_run", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("last_note", sa.JSON(), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_id"],
            ["user_account.id"],
            name=op.f("fk_print_report_schedule_issuer_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_report_schedule_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_report_schedule")),
    )
    with op.batch_alter_table("print_report_schedule", schema=None) as batch_op:
        batch_op.create_index("ix_print_report_schedule_due", ["next_run"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_report_schedule_issuer_id"), ["issuer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_report_schedule_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_report_schedule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_report_schedule_organization_id"))
        batch_op.drop_index(batch_op.f("ix_print_report_schedule_issuer_id"))
        batch_op.drop_index("ix_print_report_schedule_due")

    op.drop_table("print_report_schedule")
