"""Why a workstation is not in the version that it is to have."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("print_client", schema=None) as batch_op:
        batch_op.add_column(sa.Column("update_problem", sa.String(length=255), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("print_client", schema=None) as batch_op:
        batch_op.drop_column("update_problem")
