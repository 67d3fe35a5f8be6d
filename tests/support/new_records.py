"""New records in a moment: what every installation of a test run begins with is made once and copied.

Every migration, run for each of some thousand tests, and password hashes that are slow on purpose would be most of the
run's time. What production does of both is shown by tests of its own: `test_migrations`, `test_passwords`.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from argon2 import PasswordHasher
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from connectors.database import open_engine
from domain.migrations import is_current, migrate
from domain.sign_in.passwords import NOBODY

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
QUICK_IMPORT = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1)
"""Weaker than the usual one, as in production: the first sign-in replaces such a hash."""


@contextmanager
def quick_installations(folder: Path) -> Iterator[None]:
    """In this process new installations copy their tables from a template in `folder`, and hashing is quick.

    Processes that a test starts migrate and hash as in production.
    """
    nobody = QUICK.hash(NOBODY)
    quick = {
        "domain.sign_in.passwords._hasher": QUICK,
        "domain.sign_in.passwords._import_hasher": QUICK_IMPORT,
        "domain.sign_in.passwords.NOBODY": nobody,
        "domain.sign_in.service.NOBODY": nobody,
        "pressroom.first_start.migrate": lambda url: make_tables(url, folder / "records.db"),
    }
    with ExitStack() as stack:
        for target, replacement in quick.items():
            stack.enter_context(patch(target, replacement))
        yield


def make_tables(url: str, template: Path) -> None:
    """As `migrate`, which is left to do it for a PostgreSQL server's first tables and for those of a former release."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database or Path(address.database).exists():
        if not is_current(url):
            migrate(url)
        return
    if not template.exists():
        migrate(f"sqlite:///{template}")
        open_engine(f"sqlite:///{template}").dispose()  # the last connection writes what the log still holds
    shutil.copyfile(template, address.database)


def empty_database(url: str) -> None:
    """Delete every row of the PostgreSQL database at `url`; its tables stay, where it has any.

    A tenth of the work that tables made anew are, and of a copy of the whole database, which is 1,500 files.
    """
    with open_engine(url).begin() as connection:
        tables = inspect(connection).get_table_names()
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no keys and triggers look on
        for table in _with_rows(connection, set(tables) - {"alembic_version"}):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(
            text("SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences")
        )


def _with_rows(connection: Connection, tables: set[str]) -> list[str]:
    if not tables:
        return []
    query = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in sorted(tables))
    return list(connection.scalars(text(query)))
