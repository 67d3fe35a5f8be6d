"""Lists of people are sorted by a folded name; departments and cost centres are looked up within an organization."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PEOPLE = sa.table("user_account", *map(sa.column, ("id", "name", "first_name", "last_name", "email", "name_key")))


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.add_column(sa.Column("name_key", sa.String(length=255), nullable=False, server_default=""))
        batch_op.drop_index(batch_op.f("ix_user_account_cost_center"))
        batch_op.drop_index(batch_op.f("ix_user_account_department"))
        batch_op.create_index("ix_user_account_cost_center", ["organization_id", "cost_center"], unique=False)
        batch_op.create_index("ix_user_account_department", ["organization_id", "department"], unique=False)
    _fold_names()
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.alter_column("name_key", server_default=None)
        batch_op.create_index("ix_user_account_by_name", ["organization_id", "name_key", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.drop_index("ix_user_account_by_name")
        batch_op.drop_index("ix_user_account_department")
        batch_op.drop_index("ix_user_account_cost_center")
        batch_op.create_index(batch_op.f("ix_user_account_department"), ["department"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_account_cost_center"), ["cost_center"], unique=False)
        batch_op.drop_column("name_key")


def _fold_names() -> None:
    """As the program does for every row that it writes; databases fold fewer letters."""
    connection = op.get_bind()
    people = connection.execute(sa.select(PEOPLE)).all()
    keys = [
        {
            "person": row.id,
            "key": (row.name or f"{row.first_name} {row.last_name}".strip() or row.email).casefold()[:255],
        }
        for row in people
    ]
    if keys:
        statement = sa.update(PEOPLE).where(PEOPLE.c.id == sa.bindparam("person"))
        connection.execute(statement.values(name_key=sa.bindparam("key")), keys)
