"""Nodes in customers' networks, the hybrid jobs that they hold, and direct jobs."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_direct_report",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("received", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_direct_report_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_direct_report")),
        sa.UniqueConstraint(
            "organization_id", "printer_id", "mark", name=op.f("uq_print_direct_report_organization_id_printer_id_mark")
        ),
    )
    with op.batch_alter_table("print_direct_report", schema=None) as batch_op:
        batch_op.create_index("ix_direct_report", ["received"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_direct_report_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "print_node_authority",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_node_authority_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_print_node_authority")),
    )
    op.create_table(
        "print_node",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("device_key", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=True),
        sa.Column("certificate_hash", sa.String(length=64), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=255), nullable=False),
        sa.Column("free", sa.BigInteger(), nullable=False),
        sa.Column("reserve", sa.BigInteger(), nullable=False),
        sa.Column("is_low", sa.Boolean(), nullable=False),
        sa.Column("last_seen", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_node_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_node_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_node")),
        sa.UniqueConstraint("organization_id", "device_key", name=op.f("uq_print_node_organization_id_device_key")),
    )
    with op.batch_alter_table("print_node", schema=None) as batch_op:
        batch_op.create_index("ix_print_node_credential", ["credential_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_node_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_print_node_states", ["organization_id", "kind", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_node_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_direct_job",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.String(length=255), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["print_job.id"], name=op.f("fk_print_direct_job_job_id_print_job"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_direct_job_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_print_direct_job")),
        sa.UniqueConstraint("organization_id", "mark", name=op.f("uq_print_direct_job_organization_id_mark")),
    )
    with op.batch_alter_table("print_direct_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_direct_job_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "print_hybrid_copy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.String(length=32), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_ends", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"], ["print_node.id"], name=op.f("fk_print_hybrid_copy_node_id_print_node"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_hybrid_copy_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_hybrid_copy")),
        sa.UniqueConstraint("job_id", "node_id", name=op.f("uq_print_hybrid_copy_job_id_node_id")),
    )
    with op.batch_alter_table("print_hybrid_copy", schema=None) as batch_op:
        batch_op.create_index("ix_print_hybrid_copy_node", ["node_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_hybrid_copy_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "print_hybrid_job",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.String(length=32), nullable=False),
        sa.Column("local_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("is_short", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["print_job.id"], name=op.f("fk_print_hybrid_job_job_id_print_job"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_hybrid_job_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_print_hybrid_job")),
    )
    with op.batch_alter_table("print_hybrid_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_hybrid_job_node_id"), ["node_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_hybrid_job_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_print_hybrid_job_short", ["is_short", "next_try"], unique=False)

    op.create_table(
        "print_node_command",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("delivered", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("began", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("heard", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"], ["print_node.id"], name=op.f("fk_print_node_command_node_id_print_node"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_node_command_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_node_command")),
    )
    with op.batch_alter_table("print_node_command", schema=None) as batch_op:
        batch_op.create_index("ix_print_node_command_node", ["node_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_node_command_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_print_node_command_subject", ["subject", "kind"], unique=False)

    _set_scopes(["hybrid-storage"])


def downgrade() -> None:
    _set_scopes([])
    with op.batch_alter_table("print_node_command", schema=None) as batch_op:
        batch_op.drop_index("ix_print_node_command_subject")
        batch_op.drop_index(batch_op.f("ix_print_node_command_organization_id"))
        batch_op.drop_index("ix_print_node_command_node")

    op.drop_table("print_node_command")
    with op.batch_alter_table("print_hybrid_job", schema=None) as batch_op:
        batch_op.drop_index("ix_print_hybrid_job_short")
        batch_op.drop_index(batch_op.f("ix_print_hybrid_job_organization_id"))
        batch_op.drop_index(batch_op.f("ix_print_hybrid_job_node_id"))

    op.drop_table("print_hybrid_job")
    with op.batch_alter_table("print_hybrid_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_hybrid_copy_organization_id"))
        batch_op.drop_index("ix_print_hybrid_copy_node")

    op.drop_table("print_hybrid_copy")
    with op.batch_alter_table("print_direct_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_direct_job_organization_id"))

    op.drop_table("print_direct_job")
    with op.batch_alter_table("print_node", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_node_user_id"))
        batch_op.drop_index("ix_print_node_states")
        batch_op.drop_index(batch_op.f("ix_print_node_organization_id"))
        batch_op.drop_index("ix_print_node_credential")

    op.drop_table("print_node")
    op.drop_table("print_node_authority")
    with op.batch_alter_table("print_direct_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_direct_report_organization_id"))
        batch_op.drop_index("ix_direct_report")

    op.drop_table("print_direct_report")


def _set_scopes(scopes: list[str]) -> None:
    """The application that every organization has for storage nodes may be one."""
    application = sa.table("client_application", sa.column("kind"), sa.column("scopes", sa.JSON))
    op.execute(application.update().where(application.c.kind == "advanced_hybrid_storage").values(scopes=scopes))
