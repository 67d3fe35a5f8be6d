"""Runs that take a scan to its destination, and are tried again."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scan_destination_id", sa.String(length=32), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("retry_until", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("next_attempt", connectors.database.Utc(timezone=True), nullable=True))
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.alter_column("scan_destination_id", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_column("next_attempt")
        batch_op.drop_column("retry_until")
        batch_op.drop_column("scan_destination_id")
