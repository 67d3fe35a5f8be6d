"""When messages on panels of other makes have to be taken away."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("panel_message_ends", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_printer_panel_message_ends"), ["panel_message_ends"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_panel_message_ends"))
        batch_op.drop_column("panel_message_ends")
