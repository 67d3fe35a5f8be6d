"""Activation codes, SNMP profiles, enrolment codes, pre-registered and announced printers."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "printer_announcement",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("serial_number", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("printer", sa.JSON(), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("claimer_id", sa.String(length=32), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_announcement")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_printer_announcement_fingerprint")),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_printer_announcement_ticket_hash")),
    )
    with op.batch_alter_table("printer_announcement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_announcement_serial_number"), ["serial_number"], unique=False)

    op.create_table(
        "enrolment_code",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_enrolment_code_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_code")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_enrolment_code_fingerprint")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_enrolment_code_organization_id")),
    )
    with op.batch_alter_table("enrolment_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_code_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_pre_registration",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("serial_number", sa.String(length=64), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_pre_registration_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_pre_registration")),
        sa.UniqueConstraint(
            "organization_id", "serial_number", name=op.f("uq_printer_pre_registration_organization_id_serial_number")
        ),
    )
    with op.batch_alter_table("printer_pre_registration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_printer_pre_registration_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "snmp_profile",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=4), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("auth_protocol", sa.String(length=16), nullable=False),
        sa.Column("privacy_protocol", sa.String(length=16), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("timeout", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_snmp_profile_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snmp_profile")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_snmp_profile_organization_id_name_key")),
    )
    with op.batch_alter_table("snmp_profile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_snmp_profile_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "agent_activation_code",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.String(length=32), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_agent_activation_code_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"],
            ["user_account.id"],
            name=op.f("fk_agent_activation_code_issuer_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_agent_activation_code_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_activation_code")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_agent_activation_code_fingerprint")),
    )
    with op.batch_alter_table("agent_activation_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agent_activation_code_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agent_activation_code_issuer_id"), ["issuer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agent_activation_code_organization_id"), ["organization_id"], unique=False)

    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("next_credential_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("credential_made", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("last_discovery", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("last_refresh", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_agent_next_credential_hash"), ["next_credential_hash"])


def downgrade() -> None:
    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_agent_next_credential_hash"), type_="unique")
        batch_op.drop_column("last_refresh")
        batch_op.drop_column("last_discovery")
        batch_op.drop_column("credential_made")
        batch_op.drop_column("next_credential_hash")

    with op.batch_alter_table("agent_activation_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agent_activation_code_organization_id"))
        batch_op.drop_index(batch_op.f("ix_agent_activation_code_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_agent_activation_code_agent_id"))

    op.drop_table("agent_activation_code")
    with op.batch_alter_table("snmp_profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_snmp_profile_organization_id"))

    op.drop_table("snmp_profile")
    with op.batch_alter_table("printer_pre_registration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_pre_registration_organization_id"))

    op.drop_table("printer_pre_registration")
    with op.batch_alter_table("enrolment_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_code_organization_id"))

    op.drop_table("enrolment_code")
    with op.batch_alter_table("printer_announcement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_announcement_serial_number"))

    op.drop_table("printer_announcement")
