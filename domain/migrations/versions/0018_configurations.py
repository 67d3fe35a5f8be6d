"""Resources, configurations with their versions and variable settings, and the history of drift."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "configuration",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("editor_id", sa.String(length=32), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["editor_id"],
            ["user_account.id"],
            name=op.f("fk_configuration_editor_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_configuration_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_configuration_organization_id_name_key")),
    )
    with op.batch_alter_table("configuration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_configuration_editor_id"), ["editor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_configuration_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "fleet_resource",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=2000), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("creator_id", sa.String(length=32), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"],
            ["user_account.id"],
            name=op.f("fk_fleet_resource_creator_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_fleet_resource_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_resource")),
    )
    with op.batch_alter_table("fleet_resource", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fleet_resource_creator_id"), ["creator_id"], unique=False)
        batch_op.create_index("ix_fleet_resource_listing", ["organization_id", "is_listed", "name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fleet_resource_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "configuration_drift",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("configuration_id", sa.String(length=32), nullable=False),
        sa.Column("configuration", sa.String(length=300), nullable=False),
        sa.Column("component", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=255), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("seen", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_configuration_drift_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_configuration_drift_printer_id_printer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_drift")),
    )
    with op.batch_alter_table("configuration_drift", schema=None) as batch_op:
        batch_op.create_index("ix_configuration_drift_listing", ["organization_id", "id"], unique=False)
        batch_op.create_index("ix_configuration_drift_open", ["printer_id", "ended", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_configuration_drift_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "variable_file",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("configuration_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("asset_kind", sa.String(length=16), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["configuration.id"],
            name=op.f("fk_variable_file_configuration_id_configuration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_variable_file_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variable_file")),
    )
    with op.batch_alter_table("variable_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_variable_file_configuration_id"), ["configuration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_variable_file_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "configuration_version",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("configuration_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("variable_file_id", sa.String(length=32), nullable=True),
        sa.Column("comments", sa.String(length=1000), nullable=False),
        sa.Column("published", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("publisher_id", sa.String(length=32), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["configuration.id"],
            name=op.f("fk_configuration_version_configuration_id_configuration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_configuration_version_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"],
            ["user_account.id"],
            name=op.f("fk_configuration_version_publisher_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["variable_file_id"],
            ["variable_file.id"],
            name=op.f("fk_configuration_version_variable_file_id_variable_file"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_version")),
        sa.UniqueConstraint(
            "configuration_id", "number", name=op.f("uq_configuration_version_configuration_id_number")
        ),
    )
    with op.batch_alter_table("configuration_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_configuration_version_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_configuration_version_publisher_id"), ["publisher_id"], unique=False)

    op.create_table(
        "variable_row",
        sa.Column("file_id", sa.String(length=32), nullable=False),
        sa.Column("asset_key", sa.String(length=255), nullable=False),
        sa.Column("asset_id", sa.String(length=255), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["variable_file.id"], name=op.f("fk_variable_row_file_id_variable_file"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_variable_row_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", "asset_key", name=op.f("pk_variable_row")),
    )
    with op.batch_alter_table("variable_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_variable_row_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "configuration_resource",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("resource_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_configuration_resource_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["fleet_resource.id"], name=op.f("fk_configuration_resource_resource_id_fleet_resource")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["configuration_version.id"],
            name=op.f("fk_configuration_resource_version_id_configuration_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "resource_id", name=op.f("pk_configuration_resource")),
    )
    with op.batch_alter_table("configuration_resource", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_configuration_resource_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_configuration_resource_resource_id"), ["resource_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("configuration_resource", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_configuration_resource_resource_id"))
        batch_op.drop_index(batch_op.f("ix_configuration_resource_organization_id"))

    op.drop_table("configuration_resource")
    with op.batch_alter_table("variable_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_variable_row_organization_id"))

    op.drop_table("variable_row")
    with op.batch_alter_table("configuration_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_configuration_version_publisher_id"))
        batch_op.drop_index(batch_op.f("ix_configuration_version_organization_id"))

    op.drop_table("configuration_version")
    with op.batch_alter_table("variable_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_variable_file_organization_id"))
        batch_op.drop_index(batch_op.f("ix_variable_file_configuration_id"))

    op.drop_table("variable_file")
    with op.batch_alter_table("configuration_drift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_configuration_drift_organization_id"))
        batch_op.drop_index("ix_configuration_drift_open")
        batch_op.drop_index("ix_configuration_drift_listing")

    op.drop_table("configuration_drift")
    with op.batch_alter_table("fleet_resource", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fleet_resource_organization_id"))
        batch_op.drop_index("ix_fleet_resource_listing")
        batch_op.drop_index(batch_op.f("ix_fleet_resource_creator_id"))

    op.drop_table("fleet_resource")
    with op.batch_alter_table("configuration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_configuration_organization_id"))
        batch_op.drop_index(batch_op.f("ix_configuration_editor_id"))

    op.drop_table("configuration")
