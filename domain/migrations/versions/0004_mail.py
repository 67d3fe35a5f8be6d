"""Mail that waits to be sent, and the record of what was sent."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=True),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("due", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_outgoing_mail_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_outgoing_mail_organization_id_key")),
    )
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_mail_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_outgoing_mail_state", ["state", "due"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_outgoing_mail_state")
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_organization_id"))

    op.drop_table("outgoing_mail")
