"""Print jobs, their releases, settings of printing, and the facts for reports."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TAKEN_OVER = (
    *("id", "organization_id", "user_id", "submission_key", "name", "description", "source", "kind", "state"),
    *("original", "media_type", "size", "sides", "ticket", "client", "attempts", "submitted", "changed"),
)


def upgrade() -> None:
    op.create_table(
        "print_settings",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_settings_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_print_settings")),
    )
    op.create_table(
        "print_defaults",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.JSON(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_defaults_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_defaults_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_print_defaults")),
    )
    with op.batch_alter_table("print_defaults", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_defaults_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "print_job",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("submission_key", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("printable", sa.JSON(), nullable=True),
        sa.Column("preview", sa.JSON(), nullable=True),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("is_color", sa.Boolean(), nullable=True),
        sa.Column("sides", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.JSON(), nullable=False),
        sa.Column("client", sa.JSON(), nullable=False),
        sa.Column("page_limit", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("submitted", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("held", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires_at", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("content_deleted", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_job_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_job_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_print_job")),
        sa.UniqueConstraint("id", name=op.f("uq_print_job_id")),
        sa.UniqueConstraint("submission_key", name=op.f("uq_print_job_submission_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.create_index("ix_print_job_expiry", ["state", "expires_at"], unique=False)
        batch_op.create_index("ix_print_job_lease", ["state", "lease_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_job_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_print_job_queue", ["organization_id", "user_id", "state", "submitted"], unique=False)
        batch_op.create_index("ix_print_job_states", ["organization_id", "state", "submitted"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_job_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_release",
        sa.Column("attempt_id", sa.String(length=32), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("released_by", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=255), nullable=False),
        sa.Column("cost_center", sa.String(length=255), nullable=False),
        sa.Column("released", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("printer_name", sa.String(length=255), nullable=False),
        sa.Column("printer_address", sa.String(length=255), nullable=False),
        sa.Column("serial_number", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=False),
        sa.Column("color_impressions", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("sides", sa.String(length=32), nullable=False),
        sa.Column("paper", sa.String(length=255), nullable=False),
        sa.Column("paper_type", sa.String(length=255), nullable=False),
        sa.Column("result", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_release_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["released_by"],
            ["user_account.id"],
            name=op.f("fk_print_release_released_by_user_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_release_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_print_release")),
    )
    with op.batch_alter_table("print_release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_release_job_id"), ["job_id"], unique=False)
        batch_op.create_index("ix_print_release_listing", ["organization_id", "released"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_release_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_release_released_by"), ["released_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_release_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_release_batch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("printer_id", sa.String(length=32), nullable=False),
        sa.Column("printer", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("origin", sa.String(length=24), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("grace_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_release_batch_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_print_release_batch_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_release_batch")),
    )
    with op.batch_alter_table("print_release_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_release_batch_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(
            "ix_print_release_batch_printer", ["organization_id", "printer_id", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_print_release_batch_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_removal",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("removed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_removal_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_removal_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_print_removal")),
    )
    with op.batch_alter_table("print_removal", schema=None) as batch_op:
        batch_op.create_index("ix_print_removal_listing", ["organization_id", "removed"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_removal_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_removal_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_submission",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=255), nullable=False),
        sa.Column("cost_center", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client_type", sa.String(length=64), nullable=False),
        sa.Column("client_version", sa.String(length=64), nullable=False),
        sa.Column("submitted", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("is_color", sa.Boolean(), nullable=False),
        sa.Column("sides", sa.String(length=32), nullable=False),
        sa.Column("paper", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_submission_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_print_submission_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_print_submission")),
    )
    with op.batch_alter_table("print_submission", schema=None) as batch_op:
        batch_op.create_index("ix_print_submission_listing", ["organization_id", "submitted"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_submission_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_submission_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_release_attempt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("came_from", sa.String(length=16), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("keep", sa.Boolean(), nullable=False),
        sa.Column("ticket", sa.JSON(), nullable=True),
        sa.Column("forced", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("printer_job", sa.Integer(), nullable=True),
        sa.Column("printer_state", sa.JSON(), nullable=True),
        sa.Column("measures", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("claimed", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("sent", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["print_release_batch.id"],
            name=op.f("fk_print_release_attempt_batch_id_print_release_batch"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["print_job.id"], name=op.f("fk_print_release_attempt_job_id_print_job"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_release_attempt_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_release_attempt")),
    )
    with op.batch_alter_table("print_release_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_print_release_attempt_batch", ["batch_id", "position"], unique=False)
        batch_op.create_index("ix_print_release_attempt_job", ["job_id", "position"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_release_attempt_organization_id"), ["organization_id"], unique=False)

    _take_over_held_jobs()
    with op.batch_alter_table("held_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_job_organization_id"))
        batch_op.drop_index(batch_op.f("ix_held_job_user_id"))

    op.drop_table("held_job")


def _take_over_held_jobs() -> None:
    """What waits in the former queue is prepared like new jobs, in the order in which it came."""
    names = ("id", "user_id", "handover_key", "document", "state", "created", "organization_id")
    held = sa.table("held_job", *(sa.column(name) for name in names))
    held.c.document.type, held.c.created.type = sa.JSON(), connectors.database.Utc(timezone=True)
    jobs = sa.table("print_job", *(sa.column(name) for name in TAKEN_OVER))
    for name in ("original", "ticket", "client"):
        jobs.c[name].type = sa.JSON()
    for name in ("submitted", "changed"):
        jobs.c[name].type = connectors.database.Utc(timezone=True)
    for row in op.get_bind().execute(sa.select(held).where(held.c.state == "held").order_by(held.c.created)):
        values = {
            **dict.fromkeys(("description", "sides"), ""),
            **{"id": row.id, "organization_id": row.organization_id, "user_id": row.user_id},
            **{"submission_key": row.handover_key, "name": row.document["name"], "original": row.document},
            **{"source": "workflow", "kind": "cloud", "state": "converting", "attempts": 0},
            **{"media_type": row.document["media_type"], "size": row.document["size"]},
            **{"ticket": {}, "client": {}, "submitted": row.created, "changed": row.created},
        }
        op.get_bind().execute(sa.insert(jobs).values(values))


def downgrade() -> None:
    op.create_table(
        "held_job",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("handover_key", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_held_job_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_held_job_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_job")),
        sa.UniqueConstraint("handover_key", name=op.f("uq_held_job_handover_key")),
    )
    with op.batch_alter_table("held_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_job_user_id"), ["user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_job_organization_id"), ["organization_id"], unique=False)

    with op.batch_alter_table("print_release_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_release_attempt_organization_id"))
        batch_op.drop_index("ix_print_release_attempt_job")
        batch_op.drop_index("ix_print_release_attempt_batch")

    op.drop_table("print_release_attempt")
    with op.batch_alter_table("print_submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_submission_user_id"))
        batch_op.drop_index(batch_op.f("ix_print_submission_organization_id"))
        batch_op.drop_index("ix_print_submission_listing")

    op.drop_table("print_submission")
    with op.batch_alter_table("print_removal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_removal_user_id"))
        batch_op.drop_index(batch_op.f("ix_print_removal_organization_id"))
        batch_op.drop_index("ix_print_removal_listing")

    op.drop_table("print_removal")
    with op.batch_alter_table("print_release_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_release_batch_user_id"))
        batch_op.drop_index("ix_print_release_batch_printer")
        batch_op.drop_index(batch_op.f("ix_print_release_batch_organization_id"))

    op.drop_table("print_release_batch")
    with op.batch_alter_table("print_release", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_release_user_id"))
        batch_op.drop_index(batch_op.f("ix_print_release_released_by"))
        batch_op.drop_index(batch_op.f("ix_print_release_organization_id"))
        batch_op.drop_index("ix_print_release_listing")
        batch_op.drop_index(batch_op.f("ix_print_release_job_id"))

    op.drop_table("print_release")
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_job_user_id"))
        batch_op.drop_index("ix_print_job_states")
        batch_op.drop_index("ix_print_job_queue")
        batch_op.drop_index(batch_op.f("ix_print_job_organization_id"))
        batch_op.drop_index("ix_print_job_lease")
        batch_op.drop_index("ix_print_job_expiry")

    op.drop_table("print_job")
    with op.batch_alter_table("print_defaults", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_defaults_organization_id"))

    op.drop_table("print_defaults")
    op.drop_table("print_settings")
