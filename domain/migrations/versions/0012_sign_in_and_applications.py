"""Rules of signing in, password links, second factors, tokens, client applications; what is known of sessions."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guess_count",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_guess_count")),
    )
    with op.batch_alter_table("guess_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guess_count_changed"), ["changed"], unique=False)

    op.create_table(
        "client_application",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("partner_roles", sa.JSON(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_client_application_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_application")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_client_application_organization_id_name_key")),
    )
    with op.batch_alter_table("client_application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_application_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "sign_in_rules",
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.Column("shortest_password", sa.Integer(), nullable=False),
        sa.Column("refused_passwords", sa.Integer(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=True),
        sa.Column("session_hours", sa.Integer(), nullable=True),
        sa.Column("second_factor_roles", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_sign_in_rules_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_sign_in_rules")),
    )
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("last_used", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_api_token_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_api_token_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token")),
        sa.UniqueConstraint("id", name=op.f("uq_api_token_id")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "application_secret",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("last_used", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["client_application.id"],
            name=op.f("fk_application_secret_application_id_client_application"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_application_secret_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_secret")),
    )
    with op.batch_alter_table("application_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_secret_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_secret_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "former_password",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("replaced", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_former_password_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_former_password_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_password")),
    )
    with op.batch_alter_table("former_password", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_password_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_former_password_user", ["user_id", "replaced"], unique=False)

    op.create_table(
        "half_sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("is_enrolment", sa.Boolean(), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_half_sign_in_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_half_sign_in_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_half_sign_in")),
    )
    with op.batch_alter_table("half_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_half_sign_in_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_half_sign_in_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_half_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "password_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_password_link_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_password_link_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_password_link")),
    )
    with op.batch_alter_table("password_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_link_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_password_link_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_password_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_recovery_code_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recovery_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("confirmed", connectors.database.Utc(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_second_factor_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_second_factor_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    with op.batch_alter_table("second_factor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_second_factor_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "application_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("secret_id", sa.String(length=32), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=True),
        sa.Column("created", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["client_application.id"],
            name=op.f("fk_application_token_application_id_client_application"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_application_token_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"],
            ["application_secret.id"],
            name=op.f("fk_application_token_secret_id_application_secret"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_application_token")),
    )
    with op.batch_alter_table("application_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_token_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_token_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_token_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_token_secret_id"), ["secret_id"], unique=False)

    utc = connectors.database.Utc(timezone=True)
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("method", sa.String(length=24), nullable=False, server_default="password"))
        batch_op.add_column(sa.Column("address", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("user_agent", sa.String(length=255), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("last_seen", utc, nullable=True))
        batch_op.add_column(sa.Column("confirmed", utc, nullable=True))
    _fill_sessions()
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.alter_column("id", existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column("last_seen", existing_type=utc, nullable=False)
        batch_op.alter_column("confirmed", existing_type=utc, nullable=False)
        for name, length in (("method", 24), ("address", 64), ("user_agent", 255)):
            batch_op.alter_column(name, existing_type=sa.String(length=length), server_default=None)
        batch_op.create_unique_constraint(batch_op.f("uq_sign_in_session_id"), ["id"])
    _add_applications()

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("locked_until")
        batch_op.drop_column("failed_sign_ins")


PREDEFINED: tuple[tuple[str, str, list[str]], ...] = (
    ("device_authentication", "Device authentication", ["badges-auth"]),
    ("card_authentication", "Card authentication app", ["badges-auth"]),
    ("advanced_hybrid_storage", "Advanced hybrid storage", []),
)


def _fill_sessions() -> None:
    """Give the sessions of a former release their ids; they were last seen when they were opened."""
    connection = op.get_bind()
    rows = sa.table("sign_in_session", *map(sa.column, ("token_hash", "id", "created", "last_seen", "confirmed")))
    for row in connection.execute(sa.select(rows.c.token_hash)).all():
        values = {"id": uuid4().hex, "last_seen": rows.c.created, "confirmed": rows.c.created}
        connection.execute(rows.update().where(rows.c.token_hash == row.token_hash).values(**values))


def _add_applications() -> None:
    """Every organization has the applications of the product."""
    connection = op.get_bind()
    organization = sa.table("organization", sa.column("id"))
    application = sa.table(
        "client_application",
        *map(sa.column, ("id", "organization_id", "name", "name_key", "kind", "is_enabled")),
        *(sa.column(name, sa.JSON) for name in ("scopes", "roles", "partner_roles")),
        sa.column("created", connectors.database.Utc(timezone=True)),
    )
    present = datetime.now(UTC)
    for organization_id in connection.scalars(sa.select(organization.c.id)).all():
        for kind, name, scopes in PREDEFINED:
            connection.execute(
                application.insert().values(
                    id=uuid4().hex,
                    organization_id=organization_id,
                    name=name,
                    name_key=name.casefold(),
                    kind=kind,
                    is_enabled=True,
                    scopes=scopes,
                    roles=[],
                    partner_roles=[],
                    created=present,
                )
            )


def downgrade() -> None:
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failed_sign_ins", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("locked_until", connectors.database.Utc(timezone=True), nullable=True))

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_sign_in_session_id"), type_="unique")
        batch_op.drop_column("confirmed")
        batch_op.drop_column("last_seen")
        batch_op.drop_column("user_agent")
        batch_op.drop_column("address")
        batch_op.drop_column("method")
        batch_op.drop_column("id")

    with op.batch_alter_table("application_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_token_secret_id"))
        batch_op.drop_index(batch_op.f("ix_application_token_organization_id"))
        batch_op.drop_index(batch_op.f("ix_application_token_expires"))
        batch_op.drop_index(batch_op.f("ix_application_token_application_id"))

    op.drop_table("application_token")
    with op.batch_alter_table("second_factor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_second_factor_organization_id"))

    op.drop_table("second_factor")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_user_id"))
        batch_op.drop_index(batch_op.f("ix_recovery_code_organization_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("password_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_link_user_id"))
        batch_op.drop_index(batch_op.f("ix_password_link_organization_id"))
        batch_op.drop_index(batch_op.f("ix_password_link_expires"))

    op.drop_table("password_link")
    with op.batch_alter_table("half_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_half_sign_in_user_id"))
        batch_op.drop_index(batch_op.f("ix_half_sign_in_organization_id"))
        batch_op.drop_index(batch_op.f("ix_half_sign_in_expires"))

    op.drop_table("half_sign_in")
    with op.batch_alter_table("former_password", schema=None) as batch_op:
        batch_op.drop_index("ix_former_password_user")
        batch_op.drop_index(batch_op.f("ix_former_password_organization_id"))

    op.drop_table("former_password")
    with op.batch_alter_table("application_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_secret_organization_id"))
        batch_op.drop_index(batch_op.f("ix_application_secret_application_id"))

    op.drop_table("application_secret")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_user_id"))
        batch_op.drop_index(batch_op.f("ix_api_token_organization_id"))

    op.drop_table("api_token")
    op.drop_table("sign_in_rules")
    with op.batch_alter_table("client_application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_application_organization_id"))

    op.drop_table("client_application")
    with op.batch_alter_table("guess_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guess_count_changed"))

    op.drop_table("guess_count")
