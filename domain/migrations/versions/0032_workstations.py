"""Workstations that have called in, and programs that wait to be let in by a code."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "program_sign_in",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("device_code", sa.String(length=64), nullable=False),
        sa.Column("user_code", sa.String(length=64), nullable=False),
        sa.Column("program", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("polled", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_sign_in")),
        sa.UniqueConstraint("device_code", name=op.f("uq_program_sign_in_device_code")),
        sa.UniqueConstraint("user_code", name=op.f("uq_program_sign_in_user_code")),
    )
    with op.batch_alter_table("program_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_program_sign_in_expires"), ["expires"], unique=False)

    op.create_table(
        "print_client",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("policy_id", sa.String(length=32), nullable=True),
        sa.Column("first_contact", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("last_contact", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_client_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["print_definition.id"], name=op.f("fk_print_client_policy_id_print_definition")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_client_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_client")),
        sa.UniqueConstraint("organization_id", "fingerprint", name=op.f("uq_print_client_organization_id_fingerprint")),
    )
    with op.batch_alter_table("print_client", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_client_last_contact"), ["last_contact"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_client_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_client_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_client_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_client_user_id"))
        batch_op.drop_index(batch_op.f("ix_print_client_policy_id"))
        batch_op.drop_index(batch_op.f("ix_print_client_organization_id"))
        batch_op.drop_index(batch_op.f("ix_print_client_last_contact"))

    op.drop_table("print_client")
    with op.batch_alter_table("program_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_program_sign_in_expires"))

    op.drop_table("program_sign_in")
