"""How Alembic reaches our tables."""

from alembic import context

from connectors.database import Base, open_engine
from domain.organizations import models as _organizations  # noqa: F401 — registers its tables
from domain.printing import models as _printing  # noqa: F401
from domain.runs import models as _runs  # noqa: F401
from domain.solutions import models as _solutions  # noqa: F401
from domain.storage_accounts import models as _storage_accounts  # noqa: F401

with open_engine(context.config.attributes["url"]).connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
