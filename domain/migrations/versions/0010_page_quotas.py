"""Page quotas: distributions, quotas of people, ledger and counters; existing organizations are billed by use."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SERVICES = ("TRANSLATION", "REDACTION", "OCR")


def upgrade() -> None:
    op.create_table(
        "quota_billing_cycle",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_quota_billing_cycle_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_billing_cycle")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_quota_billing_cycle_organization_id")),
    )
    with op.batch_alter_table("quota_billing_cycle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quota_billing_cycle_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "quota_distribution",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("current_of", sa.String(length=32), nullable=True),
        sa.Column("drawn_from", sa.String(length=32), nullable=True),
        sa.Column("duration", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("notify", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["drawn_from"],
            ["quota_distribution.id"],
            name=op.f("fk_quota_distribution_drawn_from_quota_distribution"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_quota_distribution_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_distribution")),
        sa.UniqueConstraint("current_of", name=op.f("uq_quota_distribution_current_of")),
    )
    with op.batch_alter_table("quota_distribution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quota_distribution_drawn_from"), ["drawn_from"], unique=False)
        batch_op.create_index(batch_op.f("ix_quota_distribution_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "user_quota",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("pooled", sa.Boolean(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_user_quota_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_quota")),
        sa.UniqueConstraint(
            "organization_id", "kind", "holder", name=op.f("uq_user_quota_organization_id_kind_holder")
        ),
    )
    with op.batch_alter_table("user_quota", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_quota_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "quota_distributed_pages",
        sa.Column("distribution_id", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=16), nullable=False),
        sa.Column("page_limit", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("handed_out", sa.Integer(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("notified", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["quota_distribution.id"],
            name=op.f("fk_quota_distributed_pages_distribution_id_quota_distribution"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_quota_distributed_pages_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("distribution_id", "service", name=op.f("pk_quota_distributed_pages")),
    )
    with op.batch_alter_table("quota_distributed_pages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quota_distributed_pages_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "quota_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("branch", sa.String(length=128), nullable=False),
        sa.Column("target", sa.String(length=35), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=16), nullable=True),
        sa.Column("distribution_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("physical_pages", sa.Integer(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=255), nullable=False),
        sa.Column("cost_center", sa.String(length=255), nullable=False),
        sa.Column("client_type", sa.String(length=16), nullable=False),
        sa.Column("printer_id", sa.String(length=512), nullable=False),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("closed", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["quota_distribution.id"],
            name=op.f("fk_quota_entry_distribution_id_quota_distribution"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_quota_entry_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_entry")),
        sa.UniqueConstraint(
            "run_id", "position", "branch", "target", name=op.f("uq_quota_entry_run_id_position_branch_target")
        ),
    )
    with op.batch_alter_table("quota_entry", schema=None) as batch_op:
        batch_op.create_index("ix_quota_entry_closed", ["organization_id", "state", "closed"], unique=False)
        batch_op.create_index(batch_op.f("ix_quota_entry_distribution_id"), ["distribution_id"], unique=False)
        batch_op.create_index("ix_quota_entry_open", ["state", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_quota_entry_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quota_entry_user_id"), ["user_id"], unique=False)

    op.create_table(
        "quota_use",
        sa.Column("distribution_id", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["quota_distribution.id"],
            name=op.f("fk_quota_use_distribution_id_quota_distribution"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_quota_use_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("distribution_id", "service", "kind", "holder", name=op.f("pk_quota_use")),
    )
    with op.batch_alter_table("quota_use", schema=None) as batch_op:
        batch_op.create_index("ix_quota_use_holder", ["organization_id", "kind", "holder"], unique=False)
        batch_op.create_index(batch_op.f("ix_quota_use_organization_id"), ["organization_id"], unique=False)

    _bill_by_use()


def downgrade() -> None:
    with op.batch_alter_table("quota_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quota_use_organization_id"))
        batch_op.drop_index("ix_quota_use_holder")

    op.drop_table("quota_use")
    with op.batch_alter_table("quota_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quota_entry_user_id"))
        batch_op.drop_index(batch_op.f("ix_quota_entry_organization_id"))
        batch_op.drop_index("ix_quota_entry_open")
        batch_op.drop_index(batch_op.f("ix_quota_entry_distribution_id"))
        batch_op.drop_index("ix_quota_entry_closed")

    op.drop_table("quota_entry")
    with op.batch_alter_table("quota_distributed_pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quota_distributed_pages_organization_id"))

    op.drop_table("quota_distributed_pages")
    with op.batch_alter_table("user_quota", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_quota_organization_id"))

    op.drop_table("user_quota")
    with op.batch_alter_table("quota_distribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quota_distribution_organization_id"))
        batch_op.drop_index(batch_op.f("ix_quota_distribution_drawn_from"))

    op.drop_table("quota_distribution")
    with op.batch_alter_table("quota_billing_cycle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quota_billing_cycle_organization_id"))

    op.drop_table("quota_billing_cycle")


def _bill_by_use() -> None:
    """What was free of limits stays so: every organization of the first level gets the record that says it."""
    connection = op.get_bind()
    organization = sa.table("organization", sa.column("id", sa.String), sa.column("parent_id", sa.String))
    distribution = sa.table(
        "quota_distribution",
        *(
            sa.column(name, sa.String)
            for name in ("id", "organization_id", "current_of", "duration", "state", "locale")
        ),
        sa.column("notify", sa.JSON),
        sa.column("created", connectors.database.Utc(timezone=True)),
        sa.column("changed", connectors.database.Utc(timezone=True)),
    )
    pages = sa.table(
        "quota_distributed_pages",
        *(sa.column(name, sa.String) for name in ("organization_id", "distribution_id", "service")),
        *(sa.column(name, sa.Integer) for name in ("used", "reserved", "handed_out")),
        sa.column("suspended", sa.Boolean),
    )
    moment = datetime.now(UTC)
    for organization_id in connection.scalars(sa.select(organization.c.id).where(organization.c.parent_id.is_(None))):
        row = {"id": uuid4().hex, "organization_id": organization_id, "current_of": organization_id}
        words = {"duration": "USAGE", "state": "ACTIVE", "locale": "en", "notify": []}
        connection.execute(sa.insert(distribution).values(**row, **words, created=moment, changed=moment))
        counters = {"used": 0, "reserved": 0, "handed_out": 0, "suspended": False}
        of_this = {"organization_id": organization_id, "distribution_id": row["id"], **counters}
        connection.execute(sa.insert(pages), [{**of_this, "service": service} for service in SERVICES])
