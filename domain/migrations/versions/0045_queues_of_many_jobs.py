"""Queues are searched in a folded text, and listed from indexes that hold all that filters and orders ask."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


LISTED_BEFORE = ("organization_id", "user_id", "submitted", "number")
LISTED = (*LISTED_BEFORE, "state", "expires_at", "changed")
SEARCHED = (
    *("organization_id", "user_id", "search_key", "number"),
    *("state", "expires_at", "changed", "submitted", "size", "pages"),
)
JOBS = sa.table("print_job", *map(sa.column, ("number", "name", "description", "search_key")))
BATCH = 5000
LONGEST = 2000


def upgrade() -> None:
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("search_key", sa.String(length=LONGEST), nullable=False, server_default=""))
    _fold_texts()
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.alter_column("search_key", server_default=None)
        batch_op.drop_index("ix_print_job_listing")
        batch_op.create_index("ix_print_job_listing", LISTED, unique=False)
        batch_op.create_index("ix_print_job_search", SEARCHED, unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.drop_index("ix_print_job_search")
        batch_op.drop_index("ix_print_job_listing")
        batch_op.create_index("ix_print_job_listing", LISTED_BEFORE, unique=False)
        batch_op.drop_column("search_key")


def _fold_texts() -> None:
    """As the program does for every row that it writes; databases fold fewer letters."""
    connection, last = op.get_bind(), 0
    filled = sa.update(JOBS).where(JOBS.c.number == sa.bindparam("job")).values(search_key=sa.bindparam("key"))
    while True:
        query = sa.select(JOBS).where(JOBS.c.number > last).order_by(JOBS.c.number).limit(BATCH)
        jobs = connection.execute(query).all()
        if not jobs:
            return
        texts = [(job.number, f"{job.name}\n{job.description}".casefold()) for job in jobs]
        keys = [{"job": number, "key": text.encode()[:LONGEST].decode(errors="ignore")} for number, text in texts]
        connection.execute(filled, keys)
        last = jobs[-1].number
