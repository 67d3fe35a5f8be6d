"""Notification policies, what they fired for, their mail; forecasts."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("policy_name", sa.String(length=255), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("facets", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.String(length=32), nullable=True),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_notification_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index("ix_notification_listing", ["organization_id", "kind", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "notification_policy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("essence", sa.String(length=64), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("tag_ids", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("extra_text", sa.Text(), nullable=False),
        sa.Column("attaches", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_notification_policy_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_policy")),
        sa.UniqueConstraint("organization_id", "essence", name=op.f("uq_notification_policy_organization_id_essence")),
        sa.UniqueConstraint(
            "organization_id", "name_key", name=op.f("uq_notification_policy_organization_id_name_key")
        ),
    )
    with op.batch_alter_table("notification_policy", schema=None) as batch_op:
        batch_op.create_index("ix_notification_policy_kind", ["kind", "organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_policy_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "notification_crossing",
        sa.Column("policy_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("mailed", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_notification_crossing_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["notification_policy.id"],
            name=op.f("fk_notification_crossing_policy_id_notification_policy"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("policy_id", "subject_id", "part", name=op.f("pk_notification_crossing")),
    )
    with op.batch_alter_table("notification_crossing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_crossing_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_notification_crossing_waiting", ["organization_id", "mailed"], unique=False)

    op.create_table(
        "printer_forecast",
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("least_days", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_forecast_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_printer_forecast_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("printer_id", name=op.f("pk_printer_forecast")),
    )
    with op.batch_alter_table("printer_forecast", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_forecast_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("printer_forecast", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_forecast_organization_id"))

    op.drop_table("printer_forecast")
    with op.batch_alter_table("notification_crossing", schema=None) as batch_op:
        batch_op.drop_index("ix_notification_crossing_waiting")
        batch_op.drop_index(batch_op.f("ix_notification_crossing_organization_id"))

    op.drop_table("notification_crossing")
    with op.batch_alter_table("notification_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_policy_organization_id"))
        batch_op.drop_index("ix_notification_policy_kind")

    op.drop_table("notification_policy")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_organization_id"))
        batch_op.drop_index("ix_notification_listing")

    op.drop_table("notification")
