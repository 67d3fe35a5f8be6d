"""Printer login: the organization's configuration, badges, PINs, login codes, sessions at printers, imports."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_guard",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("locked_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_login_guard_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "kind", "subject", name=op.f("pk_login_guard")),
    )
    with op.batch_alter_table("login_guard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_guard_began"), ["began"], unique=False)

    op.create_table(
        "printer_login",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_login_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_printer_login")),
    )
    op.create_table(
        "badge",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("shown_number", sa.Text(), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("expiry_noted", sa.Boolean(), nullable=False),
        sa.Column("last_used", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_badge_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_badge_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("organization_id", "fingerprint", name=op.f("uq_badge_organization_id_fingerprint")),
    )
    with op.batch_alter_table("badge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_badge_expires"), ["expires"], unique=False)
        batch_op.create_index("ix_badge_listing", ["organization_id", "created", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_badge_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_badge_user_id"), ["user_id"], unique=False)

    op.create_table(
        "login_code",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_login_code_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_login_code_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_login_code")),
        sa.UniqueConstraint("organization_id", "fingerprint", name=op.f("uq_login_code_organization_id_fingerprint")),
    )
    with op.batch_alter_table("login_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_code_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_code_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "pin",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("guest_id", sa.String(length=32), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("since", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("expiry_noted", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (guest_id IS NULL)", name="one_holder"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_pin_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_pin_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin")),
        sa.UniqueConstraint("organization_id", "fingerprint", name=op.f("uq_pin_organization_id_fingerprint")),
        sa.UniqueConstraint("organization_id", "guest_id", name=op.f("uq_pin_organization_id_guest_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_pin_user_id")),
    )
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pin_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_pin_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "printer_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("last_seen", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_printer_session_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_printer_session_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_printer_session")),
    )
    with op.batch_alter_table("printer_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printer_session_last_seen"), ["last_seen"], unique=False)
        batch_op.create_index(batch_op.f("ix_printer_session_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_printer_session_printer", ["organization_id", "printer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printer_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "badge_import",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_badge_import_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["background_task.id"],
            name=op.f("fk_badge_import_task_id_background_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_badge_import")),
    )
    with op.batch_alter_table("badge_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_badge_import_organization_id"), ["organization_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("badge_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_badge_import_organization_id"))

    op.drop_table("badge_import")
    with op.batch_alter_table("printer_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printer_session_user_id"))
        batch_op.drop_index("ix_printer_session_printer")
        batch_op.drop_index(batch_op.f("ix_printer_session_organization_id"))
        batch_op.drop_index(batch_op.f("ix_printer_session_last_seen"))

    op.drop_table("printer_session")
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pin_organization_id"))
        batch_op.drop_index(batch_op.f("ix_pin_expires"))

    op.drop_table("pin")
    with op.batch_alter_table("login_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_code_organization_id"))
        batch_op.drop_index(batch_op.f("ix_login_code_expires"))

    op.drop_table("login_code")
    with op.batch_alter_table("badge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_badge_user_id"))
        batch_op.drop_index(batch_op.f("ix_badge_organization_id"))
        batch_op.drop_index("ix_badge_listing")
        batch_op.drop_index(batch_op.f("ix_badge_expires"))

    op.drop_table("badge")
    op.drop_table("printer_login")
    with op.batch_alter_table("login_guard", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_guard_began"))

    op.drop_table("login_guard")
