"""When the printer's own report of what a release printed is due."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("print_release_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("usage_due", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.create_index("ix_print_release_attempt_usage", ["usage_due"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_release_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_print_release_attempt_usage")
        batch_op.drop_column("usage_due")
