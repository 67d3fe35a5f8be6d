"""Managed supplies: the partner's programme, delivery contacts, requests to join, orders."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_contact",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("country_code", sa.String(length=4), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("street_2", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("region", sa.String(length=100), nullable=False),
        sa.Column("postal_code", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("same_key", sa.String(length=64), nullable=False),
        sa.Column("search_key", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=250), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_delivery_contact_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_contact")),
        sa.UniqueConstraint("organization_id", "same_key", name=op.f("uq_delivery_contact_organization_id_same_key")),
    )
    with op.batch_alter_table("delivery_contact", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_contact_listing", ["organization_id", "name_key", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_contact_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "supplies_programme",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_supplies_programme_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_supplies_programme")),
    )
    op.create_table(
        "delivery_contact_import",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_delivery_contact_import_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["background_task.id"],
            name=op.f("fk_delivery_contact_import_task_id_background_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_delivery_contact_import")),
    )
    with op.batch_alter_table("delivery_contact_import", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delivery_contact_import_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "supplies_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("requester_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.String(length=16), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("said", sa.JSON(), nullable=True),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("handed_over", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("answered", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_supplies_request_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_supplies_request_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"],
            ["user_account.id"],
            name=op.f("fk_supplies_request_requester_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplies_request")),
    )
    with op.batch_alter_table("supplies_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supplies_request_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supplies_request_printer_id"), ["printer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supplies_request_requester_id"), ["requester_id"], unique=False)
        batch_op.create_index("ix_supplies_request_state", ["state", "organization_id"], unique=False)

    op.create_table(
        "supply_order",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=True),
        sa.Column("open_key", sa.String(length=100), nullable=True),
        sa.Column("cartridge", sa.String(length=128), nullable=False),
        sa.Column("printer", sa.JSON(), nullable=False),
        sa.Column("supply", sa.JSON(), nullable=False),
        sa.Column("recipient", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("tracking", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("said", sa.JSON(), nullable=True),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("handed_over", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_supply_order_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_supply_order_printer_id_printer"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_order")),
        sa.UniqueConstraint("open_key", name=op.f("uq_supply_order_open_key")),
    )
    with op.batch_alter_table("supply_order", schema=None) as batch_op:
        batch_op.create_index("ix_supply_order_listing", ["organization_id", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supply_order_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supply_order_printer_id"), ["printer_id"], unique=False)
        batch_op.create_index("ix_supply_order_state", ["state", "organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("supply_order", schema=None) as batch_op:
        batch_op.drop_index("ix_supply_order_state")
        batch_op.drop_index(batch_op.f("ix_supply_order_printer_id"))
        batch_op.drop_index(batch_op.f("ix_supply_order_organization_id"))
        batch_op.drop_index("ix_supply_order_listing")

    op.drop_table("supply_order")
    with op.batch_alter_table("supplies_request", schema=None) as batch_op:
        batch_op.drop_index("ix_supplies_request_state")
        batch_op.drop_index(batch_op.f("ix_supplies_request_requester_id"))
        batch_op.drop_index(batch_op.f("ix_supplies_request_printer_id"))
        batch_op.drop_index(batch_op.f("ix_supplies_request_organization_id"))

    op.drop_table("supplies_request")
    with op.batch_alter_table("delivery_contact_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_contact_import_organization_id"))

    op.drop_table("delivery_contact_import")
    op.drop_table("supplies_programme")
    with op.batch_alter_table("delivery_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_contact_organization_id"))
        batch_op.drop_index("ix_delivery_contact_listing")

    op.drop_table("delivery_contact")
