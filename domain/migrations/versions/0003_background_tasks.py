"""Background tasks with their logs."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "background_task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("deployment", sa.String(length=128), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("started_by", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lost_workers", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("started", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("finished", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_background_task_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["started_by"],
            ["user_account.id"],
            name=op.f("fk_background_task_started_by_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_background_task")),
    )
    with op.batch_alter_table("background_task", schema=None) as batch_op:
        batch_op.create_index("ix_background_task_lease", ["state", "lease_until"], unique=False)
        batch_op.create_index("ix_background_task_listing", ["organization_id", "created"], unique=False)
        batch_op.create_index(batch_op.f("ix_background_task_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_background_task_started_by"), ["started_by"], unique=False)

    op.create_table(
        "task_line",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_task_line_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["background_task.id"], name=op.f("fk_task_line_task_id_background_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_line")),
    )
    with op.batch_alter_table("task_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_line_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_task_line_subject", ["organization_id", "subject"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_line_task_id"), ["task_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("task_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_line_task_id"))
        batch_op.drop_index("ix_task_line_subject")
        batch_op.drop_index(batch_op.f("ix_task_line_organization_id"))

    op.drop_table("task_line")
    with op.batch_alter_table("background_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_background_task_started_by"))
        batch_op.drop_index(batch_op.f("ix_background_task_organization_id"))
        batch_op.drop_index("ix_background_task_listing")
        batch_op.drop_index("ix_background_task_lease")

    op.drop_table("background_task")
