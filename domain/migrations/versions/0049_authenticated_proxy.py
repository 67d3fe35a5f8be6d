"""Organizations whose printers use a proxy that asks for credentials (FL-289)."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authenticated_proxy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("since", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_authenticated_proxy_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticated_proxy")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_authenticated_proxy_organization_id")),
    )
    with op.batch_alter_table("authenticated_proxy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authenticated_proxy_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("authenticated_proxy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authenticated_proxy_organization_id"))

    op.drop_table("authenticated_proxy")
