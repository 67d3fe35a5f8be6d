"""People are found by the roles of their own along an index, and sorted by department and cost centre along one."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PEOPLE = sa.table("user_account", sa.column("id"), sa.column("roles", sa.JSON), sa.column("roles_key"))
PLACES = ("department", "cost_center")


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.add_column(sa.Column("roles_key", sa.String(length=1600), nullable=False, server_default=""))
    _write_keys()
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.alter_column("roles_key", server_default=None)
        batch_op.create_index("ix_user_account_by_roles", ["organization_id", "roles_key", "status"], unique=False)
        for place in PLACES:
            batch_op.drop_index(f"ix_user_account_{place}")
            batch_op.create_index(f"ix_user_account_{place}", ["organization_id", place, "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("user_account") as batch_op:
        for place in PLACES:
            batch_op.drop_index(f"ix_user_account_{place}")
            batch_op.create_index(f"ix_user_account_{place}", ["organization_id", place], unique=False)
        batch_op.drop_index("ix_user_account_by_roles")
        batch_op.drop_column("roles_key")


def _write_keys() -> None:
    """As the program does for every row that it writes; there are few different sets of roles."""
    connection = op.get_bind()
    people = connection.execute(sa.select(PEOPLE.c.id, PEOPLE.c.roles)).all()
    keys = [{"person": row.id, "key": "\n".join(sorted(_labels(row.roles)))} for row in people if row.roles]
    if keys:
        statement = sa.update(PEOPLE).where(PEOPLE.c.id == sa.bindparam("person"))
        connection.execute(statement.values(roles_key=sa.bindparam("key")), keys)


def _labels(kept: list[str] | str) -> list[str]:
    return json.loads(kept) if isinstance(kept, str) else kept
