"""Print passwords and queue addresses (PR-324)."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_credential",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("last_used", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_credential_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_credential_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_credential")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_print_credential_fingerprint")),
    )
    with op.batch_alter_table("print_credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_credential_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_credential_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_credential_user_id"))
        batch_op.drop_index(batch_op.f("ix_print_credential_organization_id"))

    op.drop_table("print_credential")
