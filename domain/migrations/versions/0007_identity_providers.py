"""Identity providers of organizations, their domains, sign-ins on their way, and whom they vouched for."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authentication_provider",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("configuration", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("secret_expires", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("published", sa.JSON(), nullable=False),
        sa.Column("certificate_expires", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("activate_when_checked", sa.Boolean(), nullable=False),
        sa.Column("configured_by", sa.String(length=32), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("checked", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("tried", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("activated", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("warned", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_authentication_provider_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authentication_provider")),
        sa.UniqueConstraint("organization_id", "slot", name=op.f("uq_authentication_provider_organization_id_slot")),
    )
    with op.batch_alter_table("authentication_provider", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_authentication_provider_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "federated_domain",
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_federated_domain_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_federated_domain")),
    )
    with op.batch_alter_table("federated_domain", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_federated_domain_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "used_assertion",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("until", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_used_assertion_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_used_assertion")),
    )
    with op.batch_alter_table("used_assertion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_assertion_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_used_assertion_until"), ["until"], unique=False)

    op.create_table(
        "federated_identity",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=1024), nullable=False),
        sa.Column("subject_hash", sa.String(length=64), nullable=True),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("signed_in", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_federated_identity_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_federated_identity_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_federated_identity")),
        sa.UniqueConstraint(
            "organization_id", "subject_hash", name=op.f("uq_federated_identity_organization_id_subject_hash")
        ),
    )
    with op.batch_alter_table("federated_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_federated_identity_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "pending_sign_in",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=32), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("next_path", sa.String(length=2048), nullable=False),
        sa.Column("trial_of", sa.String(length=32), nullable=True),
        sa.Column("ticket_hash", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_pending_sign_in_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["authentication_provider.id"],
            name=op.f("fk_pending_sign_in_provider_id_authentication_provider"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_pending_sign_in")),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_pending_sign_in_ticket_hash")),
    )
    with op.batch_alter_table("pending_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pending_sign_in_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_pending_sign_in_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pending_sign_in_provider_id"), ["provider_id"], unique=False)


def downgrade() -> None:
    op.drop_table("pending_sign_in")
    op.drop_table("federated_identity")
    op.drop_table("used_assertion")
    op.drop_table("federated_domain")
    op.drop_table("authentication_provider")
