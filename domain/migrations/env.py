"""How Alembic reaches our tables."""

from alembic import context

from connectors.database import open_engine
from domain.audit.append_only import make_append_only
from domain.row_security import secure
from domain.tables import all_tables

engine = open_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=all_tables(), render_as_batch=True)
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
