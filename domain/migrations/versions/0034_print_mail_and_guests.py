"""Printing by e-mail: the mails that came, guests, and how an address is tried out."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
LONG_AGO = "2026-01-01 00:00:00.000000"


def upgrade() -> None:
    op.create_table(
        "print_guest",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pin", sa.Text(), nullable=False),
        sa.Column("pin_sent", sa.Boolean(), nullable=False),
        sa.Column("pin_expires", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("first_seen", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_guest_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_guest_user_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_guest")),
        sa.UniqueConstraint(
            "organization_id", "address_hash", name=op.f("uq_print_guest_organization_id_address_hash")
        ),
        sa.UniqueConstraint("user_id", name=op.f("uq_print_guest_user_id")),
    )
    with op.batch_alter_table("print_guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_guest_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_guest_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_guest_pin_expires"), ["pin_expires"], unique=False)

    op.create_table(
        "print_message",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("sender_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("is_guest", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.String(length=32), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("received", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("due", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_message_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_message_user_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_message")),
        sa.UniqueConstraint(
            "organization_id", "message_key", name=op.f("uq_print_message_organization_id_message_key")
        ),
    )
    with op.batch_alter_table("print_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_message_ended"), ["ended"], unique=False)
        batch_op.create_index("ix_print_message_listing", ["organization_id", "received"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_message_mail_id"), ["mail_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_message_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_print_message_sender", ["organization_id", "sender_key", "received"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_message_user_id"), ["user_id"], unique=False)
        batch_op.create_index("ix_print_message_work", ["state", "due"], unique=False)

    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgets", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("print_mail_address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_by", sa.String(length=32), nullable=True))
        batch_op.add_column(
            sa.Column("began", connectors.database.Utc(timezone=True), nullable=False, server_default=LONG_AGO)
        )
        batch_op.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("error", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_print_mail_address_asked_by"), ["asked_by"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_print_mail_address_asked_by_user_account"),
            "user_account",
            ["asked_by"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("print_mail_address", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_print_mail_address_asked_by_user_account"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_print_mail_address_asked_by"))
        batch_op.drop_column("error")
        batch_op.drop_column("attempt")
        batch_op.drop_column("began")
        batch_op.drop_column("asked_by")

    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_column("forgets")

    with op.batch_alter_table("print_message", schema=None) as batch_op:
        batch_op.drop_index("ix_print_message_work")
        batch_op.drop_index(batch_op.f("ix_print_message_user_id"))
        batch_op.drop_index("ix_print_message_sender")
        batch_op.drop_index(batch_op.f("ix_print_message_organization_id"))
        batch_op.drop_index(batch_op.f("ix_print_message_mail_id"))
        batch_op.drop_index("ix_print_message_listing")
        batch_op.drop_index(batch_op.f("ix_print_message_ended"))

    op.drop_table("print_message")
    with op.batch_alter_table("print_guest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_guest_pin_expires"))
        batch_op.drop_index(batch_op.f("ix_print_guest_organization_id"))
        batch_op.drop_index(batch_op.f("ix_print_guest_expires"))

    op.drop_table("print_guest")
