"""Packages of agents, and links to installation packages."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_package",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=200), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_package")),
        sa.UniqueConstraint("kind", "version", "target", name=op.f("uq_agent_package_kind_version_target")),
    )
    op.create_table(
        "installation_link",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("issuer_id", sa.String(length=32), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_installation_link_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"],
            ["user_account.id"],
            name=op.f("fk_installation_link_issuer_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_installation_link_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_installation_link_token_hash")),
    )
    with op.batch_alter_table("installation_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_installation_link_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_installation_link_issuer_id"), ["issuer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_installation_link_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("installation_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_installation_link_organization_id"))
        batch_op.drop_index(batch_op.f("ix_installation_link_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_installation_link_agent_id"))

    op.drop_table("installation_link")
    op.drop_table("agent_package")
