"""Mailboxes that are signed in to by access tokens (OAuth 2.0)."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("print_mailbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sign_in", sa.String(length=24), server_default="password", nullable=False))
        batch_op.add_column(sa.Column("tenant", sa.String(length=255), server_default="", nullable=False))
        batch_op.add_column(sa.Column("token_address", sa.String(length=1024), server_default="", nullable=False))
        batch_op.add_column(sa.Column("client_id", sa.String(length=255), server_default="", nullable=False))
        batch_op.add_column(sa.Column("scope", sa.String(length=1024), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("print_mailbox", schema=None) as batch_op:
        batch_op.drop_column("scope")
        batch_op.drop_column("client_id")
        batch_op.drop_column("token_address")
        batch_op.drop_column("tenant")
        batch_op.drop_column("sign_in")
