"""${message}.

Row-level policies (a table with `organization_id` gets one) and the triggers of the audit trail are put in place after
every migration by env.py: there is nothing to write here for them.
"""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
