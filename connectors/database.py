"""The database: engine, sessions, the declarative base and the column types that both databases share.

SQLite (WAL, immediate transactions) on one machine, PostgreSQL through psycopg beyond that; the same code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, DateTime, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from connectors.errors import Fault
from connectors.messages import N_

UNREACHABLE = Fault(
    "database.unreachable",
    503,
    N_("The database cannot be reached."),
    N_("Nothing is lost: try again in a moment. Administrators: run “pressroom doctor”."),
    transient=True,
)

RANDOM_PAGE_COST = 1.1
"""Of a page out of order, in pages one after the other: what solid-state disks and memory take."""


class Utc(TypeDecorator[datetime]):
    """An aware point in time, kept in UTC by databases that know no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a point in time needs a time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of every table; constraint names follow one pattern so that migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Utc, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 — SQLAlchemy's own form


@lru_cache(maxsize=8)
def open_engine(url: str) -> Engine:
    """The engine for a database address, one per process and address."""
    if make_url(url).get_backend_name() != "sqlite":
        return _open_server(url)
    if database := make_url(url).database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's events below say BEGIN
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # Readers do not block in WAL; a deferred transaction that turns into a writer could fail at once instead of
        # waiting for its turn, so writers (the default here) take the lock at their start.
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")

    return engine


def _open_server(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # PostgreSQL supposes turning disks, where a page out of order costs four times as much as the next one. It then
        # reads whole tables where an index that holds everything asked is a tenth of them (queues, lists of printers).
        connection.autocommit = True
        connection.execute(f"SET random_page_cost = {RANDOM_PAGE_COST}")
        connection.autocommit = False

    return engine


@contextmanager
def transaction(
    engine: Engine, session_class: type[Session] = Session, *, read_only: bool = False, **info: Any
) -> Iterator[Session]:
    """One session in one transaction: committed at the end, rolled back on any error.

    `info` is kept on the session. Raises `UNREACHABLE` where the database does not answer.
    """
    bind = engine.execution_options(read_only=True) if read_only else engine
    try:
        with session_class(bind, expire_on_commit=False, info=info) as session, session.begin():
            yield session
    except OperationalError as error:
        raise UNREACHABLE() from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UNREACHABLE() from error
        raise


def check_database(engine: Engine) -> None:
    """Raise `UNREACHABLE` unless the database answers."""
    with transaction(engine, read_only=True) as session:
        session.execute(text("SELECT 1"))
