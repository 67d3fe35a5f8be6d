"""How many scheduled reports in a row could not be made."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("print_report_schedule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_report_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_print_report_schedule_last_report_id"), ["last_report_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_report_schedule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_report_schedule_last_report_id"))
        batch_op.drop_column("failures")
        batch_op.drop_column("settled_report_id")
