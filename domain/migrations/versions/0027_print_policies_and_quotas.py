"""Print policies and quotas, charges to them, and what settings for printing bring about."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_definition",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=150), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_definition_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_definition")),
        sa.UniqueConstraint(
            "organization_id", "kind", "name_key", name=op.f("uq_print_definition_organization_id_kind_name_key")
        ),
    )
    with op.batch_alter_table("print_definition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_definition_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "print_mail_address",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("local_part", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_mail_address_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_print_mail_address")),
        sa.UniqueConstraint("local_part", name=op.f("uq_print_mail_address_local_part")),
    )
    op.create_table(
        "print_settings_effect",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_settings_effect_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "name", name=op.f("pk_print_settings_effect")),
    )
    op.create_table(
        "print_charge",
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("attempt_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=False),
        sa.Column("color_impressions", sa.Integer(), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_charge_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_charge_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "attempt_id", name=op.f("pk_print_charge")),
    )
    with op.batch_alter_table("print_charge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_charge_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_print_charge_person", ["organization_id", "user_id", "month"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_charge_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_definition_assignment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target_kind", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("definition_id", sa.String(length=32), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["print_definition.id"],
            name=op.f("fk_print_definition_assignment_definition_id_print_definition"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_definition_assignment_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_print_definition_assignment_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_definition_assignment")),
        sa.UniqueConstraint(
            "organization_id", "kind", "target_kind", "holder", name="uq_print_definition_assignment_holder"
        ),
    )
    with op.batch_alter_table("print_definition_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_print_definition_assignment_definition", ["definition_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_print_definition_assignment_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_print_definition_assignment_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_quota_month",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=False),
        sa.Column("color_impressions", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("month_limit", sa.JSON(), nullable=False),
        sa.Column("definition_id", sa.String(length=32), nullable=False),
        sa.Column("definition", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("seen", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_quota_month_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_quota_month_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "month", name=op.f("pk_print_quota_month")),
    )
    with op.batch_alter_table("print_quota_month", schema=None) as batch_op:
        batch_op.create_index("ix_print_quota_month_listing", ["organization_id", "month", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_quota_month_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_quota_month", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_quota_month_organization_id"))
        batch_op.drop_index("ix_print_quota_month_listing")

    op.drop_table("print_quota_month")
    with op.batch_alter_table("print_definition_assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_definition_assignment_user_id"))
        batch_op.drop_index(batch_op.f("ix_print_definition_assignment_organization_id"))
        batch_op.drop_index("ix_print_definition_assignment_definition")

    op.drop_table("print_definition_assignment")
    with op.batch_alter_table("print_charge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_charge_user_id"))
        batch_op.drop_index("ix_print_charge_person")
        batch_op.drop_index(batch_op.f("ix_print_charge_organization_id"))

    op.drop_table("print_charge")
    op.drop_table("print_settings_effect")
    op.drop_table("print_mail_address")
    with op.batch_alter_table("print_definition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_definition_organization_id"))

    op.drop_table("print_definition")
