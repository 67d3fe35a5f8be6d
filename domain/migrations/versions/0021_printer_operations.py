"""Catalogues of firmware and apps, collected logs, used licences, rollouts in stages."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_minimum_version",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_app_minimum_version_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_minimum_version")),
        sa.UniqueConstraint("organization_id", "app_id", name=op.f("uq_app_minimum_version_organization_id_app_id")),
    )
    with op.batch_alter_table("app_minimum_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_app_minimum_version_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "firmware_recommendation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("model_key", sa.String(length=128), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_firmware_recommendation_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firmware_recommendation")),
        sa.UniqueConstraint(
            "organization_id", "model_key", name=op.f("uq_firmware_recommendation_organization_id_model_key")
        ),
    )
    with op.batch_alter_table("firmware_recommendation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_firmware_recommendation_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "app_package",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("min_framework", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("uploader_id", sa.String(length=32), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_app_package_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["uploader_id"],
            ["user_account.id"],
            name=op.f("fk_app_package_uploader_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_package")),
        sa.UniqueConstraint(
            "organization_id", "app_id", "version", name=op.f("uq_app_package_organization_id_app_id_version")
        ),
    )
    with op.batch_alter_table("app_package", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_app_package_is_shared"), ["is_shared"], unique=False)
        batch_op.create_index(batch_op.f("ix_app_package_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_app_package_uploader_id"), ["uploader_id"], unique=False)

    op.create_table(
        "firmware_image",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("uploader_id", sa.String(length=32), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_firmware_image_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["uploader_id"],
            ["user_account.id"],
            name=op.f("fk_firmware_image_uploader_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firmware_image")),
        sa.UniqueConstraint("organization_id", "sha256", name=op.f("uq_firmware_image_organization_id_sha256")),
    )
    with op.batch_alter_table("firmware_image", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_firmware_image_is_shared"), ["is_shared"], unique=False)
        batch_op.create_index(batch_op.f("ix_firmware_image_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_firmware_image_uploader_id"), ["uploader_id"], unique=False)

    op.create_table(
        "collected_log",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("requester_id", sa.String(length=32), nullable=True),
        sa.Column("requested", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("collected", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_collected_log_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_collected_log_printer_id_printer"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"],
            ["user_account.id"],
            name=op.f("fk_collected_log_requester_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collected_log")),
    )
    with op.batch_alter_table("collected_log", schema=None) as batch_op:
        batch_op.create_index("ix_collected_log_listing", ["organization_id", "collected", "id"], unique=False)
        batch_op.create_index("ix_collected_log_of_printer", ["printer_id", "collected"], unique=False)
        batch_op.create_index(batch_op.f("ix_collected_log_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collected_log_requester_id"), ["requester_id"], unique=False)

    op.create_table(
        "used_speed_licence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.Column("serial_number", sa.String(length=64), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=True),
        sa.Column("slower", sa.Integer(), nullable=False),
        sa.Column("faster", sa.Integer(), nullable=False),
        sa.Column("used", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_used_speed_licence_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_used_speed_licence_printer_id_printer"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_speed_licence")),
        sa.UniqueConstraint("organization_id", "code", name=op.f("uq_used_speed_licence_organization_id_code")),
    )
    with op.batch_alter_table("used_speed_licence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_speed_licence_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_used_speed_licence_printer_id"), ["printer_id"], unique=False)

    with op.batch_alter_table("fleet_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("fleet_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rollout", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("stage", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("fleet_task", schema=None) as batch_op:
        batch_op.drop_column("stage")
        batch_op.drop_column("rollout")

    with op.batch_alter_table("fleet_job", schema=None) as batch_op:
        batch_op.drop_column("stage")

    with op.batch_alter_table("used_speed_licence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_speed_licence_printer_id"))
        batch_op.drop_index(batch_op.f("ix_used_speed_licence_organization_id"))

    op.drop_table("used_speed_licence")
    with op.batch_alter_table("collected_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collected_log_requester_id"))
        batch_op.drop_index(batch_op.f("ix_collected_log_organization_id"))
        batch_op.drop_index("ix_collected_log_of_printer")
        batch_op.drop_index("ix_collected_log_listing")

    op.drop_table("collected_log")
    with op.batch_alter_table("firmware_image", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_firmware_image_uploader_id"))
        batch_op.drop_index(batch_op.f("ix_firmware_image_organization_id"))
        batch_op.drop_index(batch_op.f("ix_firmware_image_is_shared"))

    op.drop_table("firmware_image")
    with op.batch_alter_table("app_package", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_app_package_uploader_id"))
        batch_op.drop_index(batch_op.f("ix_app_package_organization_id"))
        batch_op.drop_index(batch_op.f("ix_app_package_is_shared"))

    op.drop_table("app_package")
    with op.batch_alter_table("firmware_recommendation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_firmware_recommendation_organization_id"))

    op.drop_table("firmware_recommendation")
    with op.batch_alter_table("app_minimum_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_app_minimum_version_organization_id"))

    op.drop_table("app_minimum_version")
