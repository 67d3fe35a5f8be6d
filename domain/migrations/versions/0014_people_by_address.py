"""Lists of people are sorted by address along an index."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.create_index("ix_user_account_by_email", ["organization_id", "email", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.drop_index("ix_user_account_by_email")
