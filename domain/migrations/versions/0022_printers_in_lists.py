"""Printers in lists: views, filter groups, bulk tasks, and what is sorted by."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "printer_filter_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_filter_group_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_filter_group")),
        sa.UniqueConstraint(
            "organization_id", "name_key", name=op.f("uq_printer_filter_group_organization_id_name_key")
        ),
    )
    with op.batch_alter_table("printer_filter_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_filter_group_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_view",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_view_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_view")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_printer_view_organization_id_name_key")),
    )
    with op.batch_alter_table("printer_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_view_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_view_choice",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("view", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_view_choice_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_printer_view_choice_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_printer_view_choice")),
    )
    with op.batch_alter_table("printer_view_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_view_choice_organization_id"), ["organization_id"], unique=False)

    with op.batch_alter_table("fleet_job", schema=None) as batch_op:
        batch_op.create_index("ix_fleet_job_newest", ["organization_id", "printer_id", "id"], unique=False)

    with op.batch_alter_table("fleet_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_bulk", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_key", sa.String(length=255), nullable=False, server_default=""))
        batch_op.drop_index(batch_op.f("ix_printer_by_address"))
        batch_op.drop_index(batch_op.f("ix_printer_by_status"))
        batch_op.drop_index(batch_op.f("ix_printer_by_contact"))
        batch_op.create_index("ix_printer_by_contact", ["organization_id", "contact", "id"], unique=False)
        batch_op.create_index("ix_printer_by_address_key", ["organization_id", "address_key", "id"], unique=False)
        batch_op.create_index("ix_printer_by_agent_kind", ["organization_id", "agent_kind", "id"], unique=False)
        batch_op.create_index("ix_printer_by_agent_version", ["organization_id", "agent_version", "id"], unique=False)
        batch_op.create_index("ix_printer_by_alert_severity", ["organization_id", "alert_severity", "id"], unique=False)
        batch_op.create_index("ix_printer_by_asset_tag", ["organization_id", "asset_tag", "id"], unique=False)
        batch_op.create_index("ix_printer_by_color_copies", ["organization_id", "color_copies", "id"], unique=False)
        batch_op.create_index("ix_printer_by_communication", ["organization_id", "communication", "id"], unique=False)
        batch_op.create_index("ix_printer_by_compliance", ["organization_id", "compliance", "id"], unique=False)
        batch_op.create_index("ix_printer_by_copies", ["organization_id", "copies", "id"], unique=False)
        batch_op.create_index("ix_printer_by_description", ["organization_id", "description", "id"], unique=False)
        batch_op.create_index("ix_printer_by_faxes", ["organization_id", "faxes", "id"], unique=False)
        batch_op.create_index("ix_printer_by_firmware_level", ["organization_id", "firmware_level", "id"], unique=False)
        batch_op.create_index("ix_printer_by_host_name", ["organization_id", "host_name", "id"], unique=False)
        batch_op.create_index(
            "ix_printer_by_last_configuration", ["organization_id", "last_configuration", "id"], unique=False
        )
        batch_op.create_index("ix_printer_by_last_contact", ["organization_id", "last_contact", "id"], unique=False)
        batch_op.create_index("ix_printer_by_last_refresh", ["organization_id", "last_refresh", "id"], unique=False)
        batch_op.create_index("ix_printer_by_life_pages", ["organization_id", "life_pages", "id"], unique=False)
        batch_op.create_index("ix_printer_by_location", ["organization_id", "location", "id"], unique=False)
        batch_op.create_index("ix_printer_by_manufacturer", ["organization_id", "manufacturer", "id"], unique=False)
        batch_op.create_index("ix_printer_by_mono_copies", ["organization_id", "mono_copies", "id"], unique=False)
        batch_op.create_index("ix_printer_by_msp", ["organization_id", "msp", "id"], unique=False)
        batch_op.create_index("ix_printer_by_name", ["organization_id", "name", "id"], unique=False)
        batch_op.create_index(
            "ix_printer_by_offered_firmware", ["organization_id", "offered_firmware", "id"], unique=False
        )
        batch_op.create_index("ix_printer_by_scans", ["organization_id", "scans", "id"], unique=False)
        batch_op.create_index(
            "ix_printer_by_supply_severity", ["organization_id", "supply_severity", "id"], unique=False
        )
        batch_op.create_index(
            "ix_printer_filters",
            [
                "organization_id",
                "agent_kind",
                "communication",
                "alert_severity",
                "supply_severity",
                "compliance",
                "msp",
                "offered_firmware",
                "model",
                "manufacturer",
                "assigned_configuration_id",
                "id",
            ],
            unique=False,
        )
        batch_op.create_index("ix_printer_in_organization", ["organization_id", "id"], unique=False)
        batch_op.create_index("ix_printer_search", ["organization_id", "search_key", "id"], unique=False)

    with op.batch_alter_table("printer_reading", schema=None) as batch_op:
        batch_op.create_index("ix_printer_reading_in_organization", ["organization_id", "printer_id"], unique=False)

    with op.batch_alter_table("tagged_printer", schema=None) as batch_op:
        batch_op.create_index("ix_tagged_printer_by_printer", ["organization_id", "printer_id", "tag_id"], unique=False)
        batch_op.create_index("ix_tagged_printer_by_tag", ["organization_id", "tag_id", "printer_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("tagged_printer", schema=None) as batch_op:
        batch_op.drop_index("ix_tagged_printer_by_tag")
        batch_op.drop_index("ix_tagged_printer_by_printer")

    with op.batch_alter_table("printer_reading", schema=None) as batch_op:
        batch_op.drop_index("ix_printer_reading_in_organization")

    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.drop_index("ix_printer_search")
        batch_op.drop_index("ix_printer_in_organization")
        batch_op.drop_index("ix_printer_filters")
        batch_op.drop_index("ix_printer_by_supply_severity")
        batch_op.drop_index("ix_printer_by_scans")
        batch_op.drop_index("ix_printer_by_offered_firmware")
        batch_op.drop_index("ix_printer_by_name")
        batch_op.drop_index("ix_printer_by_msp")
        batch_op.drop_index("ix_printer_by_mono_copies")
        batch_op.drop_index("ix_printer_by_manufacturer")
        batch_op.drop_index("ix_printer_by_location")
        batch_op.drop_index("ix_printer_by_life_pages")
        batch_op.drop_index("ix_printer_by_last_refresh")
        batch_op.drop_index("ix_printer_by_last_contact")
        batch_op.drop_index("ix_printer_by_last_configuration")
        batch_op.drop_index("ix_printer_by_host_name")
        batch_op.drop_index("ix_printer_by_firmware_level")
        batch_op.drop_index("ix_printer_by_faxes")
        batch_op.drop_index("ix_printer_by_description")
        batch_op.drop_index("ix_printer_by_copies")
        batch_op.drop_index("ix_printer_by_compliance")
        batch_op.drop_index("ix_printer_by_communication")
        batch_op.drop_index("ix_printer_by_color_copies")
        batch_op.drop_index("ix_printer_by_asset_tag")
        batch_op.drop_index("ix_printer_by_alert_severity")
        batch_op.drop_index("ix_printer_by_agent_version")
        batch_op.drop_index("ix_printer_by_agent_kind")
        batch_op.drop_index("ix_printer_by_address_key")
        batch_op.drop_index("ix_printer_by_contact")
        batch_op.create_index(
            batch_op.f("ix_printer_by_contact"), ["organization_id", "last_contact", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_printer_by_status"), ["organization_id", "communication", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_printer_by_address"), ["organization_id", "address", "id"], unique=False)
        batch_op.drop_column("address_key")

    with op.batch_alter_table("fleet_task", schema=None) as batch_op:
        batch_op.drop_column("is_bulk")

    with op.batch_alter_table("fleet_job", schema=None) as batch_op:
        batch_op.drop_index("ix_fleet_job_newest")

    with op.batch_alter_table("printer_view_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_view_choice_organization_id"))

    op.drop_table("printer_view_choice")
    with op.batch_alter_table("printer_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_view_organization_id"))

    op.drop_table("printer_view")
    with op.batch_alter_table("printer_filter_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_filter_group_organization_id"))

    op.drop_table("printer_filter_group")
