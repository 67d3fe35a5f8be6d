"""How Alembic reaches our tables."""

from alembic import context

from connectors.database import Base, open_engine
from domain.applications import models as _applications  # noqa: F401 — registers its tables
from domain.audit import models as _audit  # noqa: F401
from domain.audit.append_only import make_append_only
from domain.federation import models as _federation  # noqa: F401
from domain.mail import models as _mail  # noqa: F401
from domain.organizations import models as _organizations  # noqa: F401
from domain.outbox import models as _outbox  # noqa: F401
from domain.people import models as _people  # noqa: F401
from domain.printer_login import models as _printer_login  # noqa: F401
from domain.printing import models as _printing  # noqa: F401
from domain.quotas import models as _quotas  # noqa: F401
from domain.row_security import secure
from domain.runs import models as _runs  # noqa: F401
from domain.sign_in import models as _sign_in  # noqa: F401
from domain.solutions import models as _solutions  # noqa: F401
from domain.storage_accounts import models as _storage_accounts  # noqa: F401
from domain.tasks import models as _tasks  # noqa: F401

engine = open_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    if engine.dialect.name == "sqlite":
        # A changed table is made anew, and dropping the old one would delete what refers to it.
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    with context.begin_transaction():
        context.run_migrations()
        # Whatever a migration made or made anew gets its triggers and policies before anybody can use it.
        make_append_only(connection)
        secure(connection)
    connection.commit()
    if engine.dialect.name == "sqlite":
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
