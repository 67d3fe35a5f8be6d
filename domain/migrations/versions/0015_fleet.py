"""Agents, printers, fleet tasks and their jobs."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("is_built_in", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("library_version", sa.String(length=32), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("host", sa.JSON(), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("activated", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("deactivated", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("last_contact", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_agent_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("credential_hash", name=op.f("uq_agent_credential_hash")),
        sa.UniqueConstraint("organization_id", "kind", "name", name=op.f("uq_agent_organization_id_kind_name")),
    )
    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agent_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_tag",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_tag_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_tag")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_printer_tag_organization_id_name_key")),
    )
    with op.batch_alter_table("printer_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_tag_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "fleet_task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.String(length=32), nullable=True),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("schedule_id", sa.String(length=32), nullable=True),
        sa.Column("background_task_id", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("starts", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("window_end", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("finished", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["user_account.id"], name=op.f("fk_fleet_task_issuer_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_fleet_task_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_task")),
    )
    with op.batch_alter_table("fleet_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fleet_task_issuer_id"), ["issuer_id"], unique=False)
        batch_op.create_index("ix_fleet_task_listing", ["organization_id", "created", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fleet_task_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_fleet_task_parent", ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fleet_task_schedule_id"), ["schedule_id"], unique=False)

    op.create_table(
        "printer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("agent_kind", sa.String(length=16), nullable=False),
        sa.Column("serial_number", sa.String(length=64), nullable=False),
        sa.Column("manufacturer", sa.String(length=128), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("is_vendor", sa.Boolean(), nullable=False),
        sa.Column("is_color", sa.Boolean(), nullable=True),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("ports", sa.JSON(), nullable=False),
        sa.Column("snmp_profile_id", sa.String(length=32), nullable=True),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("host_name", sa.String(length=255), nullable=False),
        sa.Column("mac", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("asset_tag", sa.String(length=255), nullable=False),
        sa.Column("location", sa.String(length=255), nullable=False),
        sa.Column("contact", sa.String(length=255), nullable=False),
        sa.Column("firmware_level", sa.String(length=64), nullable=False),
        sa.Column("framework_version", sa.String(length=16), nullable=False),
        sa.Column("agent_version", sa.String(length=32), nullable=False),
        sa.Column("pages_per_minute", sa.Integer(), nullable=True),
        sa.Column("offered_firmware", sa.String(length=64), nullable=False),
        sa.Column("communication", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("alert_severity", sa.String(length=16), nullable=True),
        sa.Column("supply_severity", sa.String(length=16), nullable=True),
        sa.Column("life_pages", sa.Integer(), nullable=True),
        sa.Column("mono_copies", sa.Integer(), nullable=True),
        sa.Column("color_copies", sa.Integer(), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=True),
        sa.Column("scans", sa.Integer(), nullable=True),
        sa.Column("faxes", sa.Integer(), nullable=True),
        sa.Column("last_configuration", sa.String(length=300), nullable=False),
        sa.Column("assigned_configuration_id", sa.String(length=32), nullable=True),
        sa.Column("compliance", sa.String(length=32), nullable=True),
        sa.Column("compliance_at", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("msp", sa.String(length=16), nullable=True),
        sa.Column("delivery_contact_id", sa.String(length=32), nullable=True),
        sa.Column("search_key", sa.String(length=1500), nullable=False),
        sa.Column("enrolled", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("last_contact", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("last_refresh", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("last_restart", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_printer_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
        sa.UniqueConstraint("organization_id", "serial_number", name=op.f("uq_printer_organization_id_serial_number")),
    )
    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_printer_assigned_configuration_id"), ["assigned_configuration_id"], unique=False
        )
        batch_op.create_index("ix_printer_by_address", ["organization_id", "address", "id"], unique=False)
        batch_op.create_index("ix_printer_by_contact", ["organization_id", "last_contact", "id"], unique=False)
        batch_op.create_index("ix_printer_by_model", ["organization_id", "model", "id"], unique=False)
        batch_op.create_index("ix_printer_by_status", ["organization_id", "communication", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printer_delivery_contact_id"), ["delivery_contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printer_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_printer_serial", ["serial_number"], unique=False)

    op.create_table(
        "fleet_job",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("has_warnings", sa.Boolean(), nullable=False),
        sa.Column("has_remarks", sa.Boolean(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("delivered", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("finished", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_fleet_job_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_fleet_job_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_fleet_job_printer_id_printer"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["fleet_task.id"], name=op.f("fk_fleet_job_task_id_fleet_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_job")),
    )
    with op.batch_alter_table("fleet_job", schema=None) as batch_op:
        batch_op.create_index("ix_fleet_job_expiry", ["status", "expires"], unique=False)
        batch_op.create_index("ix_fleet_job_of_agent", ["agent_id", "status", "id"], unique=False)
        batch_op.create_index("ix_fleet_job_of_printer", ["printer_id", "status", "id"], unique=False)
        batch_op.create_index("ix_fleet_job_of_task", ["task_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fleet_job_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_app",
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("is_started", sa.Boolean(), nullable=False),
        sa.Column("is_built_in", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_app_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_printer_app_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("printer_id", "app_id", name=op.f("pk_printer_app")),
    )
    with op.batch_alter_table("printer_app", schema=None) as batch_op:
        batch_op.create_index("ix_printer_app_by_app", ["organization_id", "app_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printer_app_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_event_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_printer_event_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_event")),
    )
    with op.batch_alter_table("printer_event", schema=None) as batch_op:
        batch_op.create_index("ix_printer_event_listing", ["printer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printer_event_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_reading",
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_reading_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_printer_reading_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("printer_id", name=op.f("pk_printer_reading")),
    )
    with op.batch_alter_table("printer_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_reading_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_sample",
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counters", sa.JSON(), nullable=False),
        sa.Column("supplies", sa.JSON(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_sample_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_printer_sample_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("printer_id", "day", name=op.f("pk_printer_sample")),
    )
    with op.batch_alter_table("printer_sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_sample_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "tagged_printer",
        sa.Column("tag_id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_tagged_printer_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_tagged_printer_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["printer_tag.id"], name=op.f("fk_tagged_printer_tag_id_printer_tag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tag_id", "printer_id", name=op.f("pk_tagged_printer")),
    )
    with op.batch_alter_table("tagged_printer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tagged_printer_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tagged_printer_printer_id"), ["printer_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("tagged_printer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tagged_printer_printer_id"))
        batch_op.drop_index(batch_op.f("ix_tagged_printer_organization_id"))

    op.drop_table("tagged_printer")
    with op.batch_alter_table("printer_sample", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_sample_organization_id"))

    op.drop_table("printer_sample")
    with op.batch_alter_table("printer_reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_reading_organization_id"))

    op.drop_table("printer_reading")
    with op.batch_alter_table("printer_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_event_organization_id"))
        batch_op.drop_index("ix_printer_event_listing")

    op.drop_table("printer_event")
    with op.batch_alter_table("printer_app", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_app_organization_id"))
        batch_op.drop_index("ix_printer_app_by_app")

    op.drop_table("printer_app")
    with op.batch_alter_table("fleet_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fleet_job_organization_id"))
        batch_op.drop_index("ix_fleet_job_of_task")
        batch_op.drop_index("ix_fleet_job_of_printer")
        batch_op.drop_index("ix_fleet_job_of_agent")
        batch_op.drop_index("ix_fleet_job_expiry")

    op.drop_table("fleet_job")
    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.drop_index("ix_printer_serial")
        batch_op.drop_index(batch_op.f("ix_printer_organization_id"))
        batch_op.drop_index(batch_op.f("ix_printer_delivery_contact_id"))
        batch_op.drop_index("ix_printer_by_status")
        batch_op.drop_index("ix_printer_by_model")
        batch_op.drop_index("ix_printer_by_contact")
        batch_op.drop_index("ix_printer_by_address")
        batch_op.drop_index(batch_op.f("ix_printer_assigned_configuration_id"))
        batch_op.drop_index(batch_op.f("ix_printer_agent_id"))

    op.drop_table("printer")
    with op.batch_alter_table("fleet_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fleet_task_schedule_id"))
        batch_op.drop_index("ix_fleet_task_parent")
        batch_op.drop_index(batch_op.f("ix_fleet_task_organization_id"))
        batch_op.drop_index("ix_fleet_task_listing")
        batch_op.drop_index(batch_op.f("ix_fleet_task_issuer_id"))

    op.drop_table("fleet_task")
    with op.batch_alter_table("printer_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_tag_organization_id"))

    op.drop_table("printer_tag")
    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agent_organization_id"))

    op.drop_table("agent")
