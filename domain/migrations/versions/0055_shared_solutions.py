"""Solutions shared with customers: who sees one at home, and whose copy one is (SC-32)."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("solution", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_all", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("shared_from", sa.String(length=32), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_solution_shared_from"), ["shared_from"], unique=False)
    op.execute("UPDATE solution SET for_all = true WHERE type <> 'personal'")


def downgrade() -> None:
    with op.batch_alter_table("solution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_solution_shared_from"))
        batch_op.drop_column("shared_from")
        batch_op.drop_column("for_all")
