"""Organizations with children, people with all their facts, groups, the audit trail; roles by their new labels."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("home_organization_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target_kind", sa.String(length=32), nullable=False),
        sa.Column("target_id", sa.String(length=255), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_audit_event_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_listing", ["organization_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_audit_event_target", ["organization_id", "target_kind", "target_id"], unique=False)

    op.create_table(
        "user_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_user_group_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_group")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_user_group_organization_id_name_key")),
    )
    with op.batch_alter_table("user_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_group_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "group_member",
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["user_group.id"], name=op.f("fk_group_member_group_id_user_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_group_member_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_group_member_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_group_member")),
    )
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_member_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "membership_period",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("begin", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("end", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_membership_period_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_membership_period_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_period")),
    )
    with op.batch_alter_table("membership_period", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_period_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_membership_period_user", ["user_id", "kind", "begin"], unique=False)

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("sibling_key", sa.String(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("may_have_children", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("status", sa.String(length=24), nullable=False, server_default="active"))
        batch_op.add_column(sa.Column("entitlements", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("roles", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("time_zone", sa.String(length=64), nullable=False, server_default="UTC"))
        batch_op.add_column(sa.Column("announcement_languages", sa.JSON(), nullable=False, server_default='["en"]'))
        batch_op.drop_constraint(batch_op.f("uq_organization_name"), type_="unique")
        batch_op.create_index(batch_op.f("ix_organization_parent_id"), ["parent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_organization_parent_id_organization"), "organization", ["parent_id"], ["id"]
        )

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acting_in", sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_in_session_acting_in_organization"),
            "organization",
            ["acting_in"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_name", sa.String(length=255), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("last_name", sa.String(length=255), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("short_name", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("department", sa.String(length=255), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("cost_center", sa.String(length=255), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("custom_attributes", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("status", sa.String(length=16), nullable=False, server_default="active"))
        batch_op.add_column(sa.Column("is_operator", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("search_key", sa.String(length=1600), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("ended", connectors.database.Utc(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_user_account_cost_center"), ["cost_center"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_account_department"), ["department"], unique=False)
        batch_op.create_index("ix_user_account_listing", ["organization_id", "status", "email"], unique=False)

    _fill()
    _drop_server_defaults()


ORGANIZATION_COLUMNS = (
    "sibling_key", "may_have_children", "status", "entitlements", "roles", "time_zone", "announcement_languages",
)  # fmt: skip
USER_COLUMNS = (
    "first_name", "last_name", "short_name", "department", "cost_center", "custom_attributes", "status", "is_operator",
    "search_key",
)  # fmt: skip
ENTITLEMENTS = (
    "fleet", "print_cloud", "print_hybrid", "print_direct", "scan", "solutions", "translation", "redaction", "ocr",
    "quota", "analytics",
)  # fmt: skip
NEW_LABELS = {
    "Solution Center Administrator": "Solutions Administrator",
    "Solution Center Advanced User": "Solutions Advanced User",
    "Solution Center User": "Solutions User",
    "Print Management User": "Print Release Management User",
}
PREDEFINED = {
    "Admins": ["Organization Administrator"],
    "Fleet Management Administrators": [
        "Fleet Management Administrator", "File Service Administrator", "Fleet Management Reporting Analyst",
    ],
    "Fleet Management Viewers": ["Fleet Management Viewer", "File Service Administrator"],
    "Help Desk": ["Help Desk"],
    "Reporting": ["Fleet Management Reporting Analyst", "Print Release Management Reporting Analyst"],
}  # fmt: skip


def _fill() -> None:
    """Give the rows of a former release what the new columns mean; its first person operates the installation."""
    connection = op.get_bind()
    organization = sa.table(
        "organization", sa.column("id"), sa.column("name"), sa.column("sibling_key"), sa.column("entitlements", sa.JSON)
    )
    user = sa.table(
        "user_account",
        *map(sa.column, ("id", "email", "name", "search_key", "is_operator", "created")),
        sa.column("roles", sa.JSON),
    )
    group = sa.table(
        "user_group",
        *map(sa.column, ("id", "organization_id", "name", "name_key", "kind", "created")),
        sa.column("roles", sa.JSON),
    )
    present = datetime.now(UTC)
    for row in connection.execute(sa.select(organization.c.id, organization.c.name)).all():
        key = f"/{' '.join(row.name.split()).casefold()}"
        connection.execute(
            organization.update()
            .where(organization.c.id == row.id)
            .values(sibling_key=key, entitlements=list(ENTITLEMENTS))
        )
        for name, roles in PREDEFINED.items():
            values = {"id": uuid4().hex, "organization_id": row.id, "name": name, "name_key": name.casefold()}
            connection.execute(group.insert().values(**values, kind="predefined", created=present, roles=roles))
    people = connection.execute(sa.select(user.c.id, user.c.email, user.c.name, user.c.roles).order_by(user.c.created))
    for number, row in enumerate(people.all()):
        connection.execute(
            user.update()
            .where(user.c.id == row.id)
            .values(
                roles=[NEW_LABELS.get(role, role) for role in row.roles],
                search_key=f"{row.email}\n{row.name}".casefold(),
                is_operator=number == 0,
            )
        )


def _drop_server_defaults() -> None:
    with op.batch_alter_table("organization") as batch_op:
        for name in ORGANIZATION_COLUMNS:
            batch_op.alter_column(name, server_default=None)
        batch_op.create_unique_constraint(batch_op.f("uq_organization_sibling_key"), ["sibling_key"])
    with op.batch_alter_table("user_account") as batch_op:
        for name in USER_COLUMNS:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index("ix_user_account_listing")
        batch_op.drop_index(batch_op.f("ix_user_account_department"))
        batch_op.drop_index(batch_op.f("ix_user_account_cost_center"))
        batch_op.drop_column("ended")
        batch_op.drop_column("search_key")
        batch_op.drop_column("is_operator")
        batch_op.drop_column("status")
        batch_op.drop_column("custom_attributes")
        batch_op.drop_column("cost_center")
        batch_op.drop_column("department")
        batch_op.drop_column("short_name")
        batch_op.drop_column("last_name")
        batch_op.drop_column("first_name")

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sign_in_session_acting_in_organization"), type_="foreignkey")
        batch_op.drop_column("acting_in")

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_organization_parent_id_organization"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_organization_sibling_key"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_organization_parent_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_organization_name"), ["name"])
        batch_op.drop_column("announcement_languages")
        batch_op.drop_column("time_zone")
        batch_op.drop_column("roles")
        batch_op.drop_column("entitlements")
        batch_op.drop_column("status")
        batch_op.drop_column("may_have_children")
        batch_op.drop_column("sibling_key")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("membership_period", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_period_user")
        batch_op.drop_index(batch_op.f("ix_membership_period_organization_id"))

    op.drop_table("membership_period")
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_member_user_id"))
        batch_op.drop_index(batch_op.f("ix_group_member_organization_id"))

    op.drop_table("group_member")
    with op.batch_alter_table("user_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_group_organization_id"))

    op.drop_table("user_group")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_target")
        batch_op.drop_index(batch_op.f("ix_audit_event_organization_id"))
        batch_op.drop_index("ix_audit_event_listing")

    op.drop_table("audit_event")
