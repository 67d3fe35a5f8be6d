"""The horizon of the audit trail; its triggers and all row-level policies are made after the migrations (env.py)."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_horizon",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_since", connectors.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_horizon")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_person", ["organization_id", "user_id", "at"], unique=False)
        batch_op.create_index("ix_audit_event_age", ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_age")
        batch_op.drop_index("ix_audit_event_person")
    op.execute("DROP TRIGGER audit_event_not_deleted" + (" ON audit_event" if _is_postgresql() else ""))
    op.drop_table("audit_horizon")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
