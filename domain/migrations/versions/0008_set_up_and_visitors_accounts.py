"""Organizations know when their set-up ended; partners' people link accounts in each customer they work in."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OLD, NEW = "uq_linked_account_user_id_family", "uq_linked_account_organization_id_user_id_family"


def upgrade() -> None:
    with op.batch_alter_table("organization") as batch_op:
        batch_op.add_column(sa.Column("set_up_ended", connectors.database.Utc(timezone=True), nullable=True))
    with op.batch_alter_table("linked_account") as batch_op:
        batch_op.drop_constraint(op.f(OLD), type_="unique")
        batch_op.create_unique_constraint(op.f(NEW), ["organization_id", "user_id", "family"])


def downgrade() -> None:
    with op.batch_alter_table("linked_account") as batch_op:
        batch_op.drop_constraint(op.f(NEW), type_="unique")
        batch_op.create_unique_constraint(op.f(OLD), ["user_id", "family"])
    with op.batch_alter_table("organization") as batch_op:
        batch_op.drop_column("set_up_ended")
