"""Delegations, and print jobs in lists, at their end and in the store."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_delegation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("delegate_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pair", sa.String(length=65), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["user_account.id"],
            name=op.f("fk_print_delegation_delegate_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_delegation_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
            name=op.f("fk_print_delegation_owner_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_delegation")),
        sa.UniqueConstraint("pair", name=op.f("uq_print_delegation_pair")),
    )
    with op.batch_alter_table("print_delegation", schema=None) as batch_op:
        batch_op.create_index("ix_print_delegation_delegate", ["delegate_id", "state"], unique=False)
        batch_op.create_index("ix_print_delegation_expiry", ["state", "expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_delegation_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_print_delegation_owner", ["owner_id", "state"], unique=False)

    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expires_latest", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.create_index("ix_print_job_content", ["content_deleted", "state"], unique=False)
        batch_op.create_index(
            "ix_print_job_listing", ["organization_id", "user_id", "submitted", "number"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.drop_index("ix_print_job_listing")
        batch_op.drop_index("ix_print_job_content")
        batch_op.drop_column("expires_latest")

    with op.batch_alter_table("print_delegation", schema=None) as batch_op:
        batch_op.drop_index("ix_print_delegation_owner")
        batch_op.drop_index(batch_op.f("ix_print_delegation_organization_id"))
        batch_op.drop_index("ix_print_delegation_expiry")
        batch_op.drop_index("ix_print_delegation_delegate")

    op.drop_table("print_delegation")
