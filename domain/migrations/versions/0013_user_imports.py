"""Files of user imports wait encrypted until their rows are done."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_import",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_user_import_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["background_task.id"],
            name=op.f("fk_user_import_task_id_background_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_user_import")),
    )
    with op.batch_alter_table("user_import") as batch_op:
        batch_op.create_index(batch_op.f("ix_user_import_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    op.drop_table("user_import")
