"""Tenant isolation by construction: a session is bound to one organization and cannot see another's rows.

Every row of a business table carries `organization_id`. A session opened by `tenant_session` filters every select,
update and delete by it and stamps every new row; whatever it cannot filter (SQL as text, tables without their class,
bulk writes by key) and every write of a foreign row raise `ForeignRowError`. On PostgreSQL the database holds the same
line once more (`domain.row_security`). Work that concerns the installation as a whole (the outbox dispatcher,
retention) uses `system_session`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from uuid import uuid4

from sqlalchemy import Connection, ForeignKey, String, event, or_
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.sql.base import ExecutableOption

from connectors.database import open_engine, transaction
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.row_security import ENTER
from domain.statement_levels import ForeignRowError
from domain.tenant_statements import check_update, mapped_classes, stamp_insert

__all__ = ["NOT_FOUND", "ForeignRowError", "Tenant", "TenantRow", "new_id", "system_session", "tenant_session"]

NOT_FOUND = Fault(
    "not_found",
    404,
    N_("This {what} does not exist."),
    N_("It may have been deleted, or it belongs to somebody else. Go back to the list."),
)


def new_id() -> str:
    """A fresh identifier: 32 hexadecimal digits, not guessable."""
    return uuid4().hex


class TenantRow:
    """Mixin of every table whose rows belong to one organization."""

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), index=True
    )


class Tenant:
    """Mixin of the table of the organizations themselves: each sees itself and its children, and changes itself."""

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"), index=True)


class TenantSession(Session):
    """A session of one organization: `info["organization_id"]`."""

    @property
    def organization_id(self) -> str:
        """Whose session this is."""
        return str(self.info["organization_id"])

    def connection(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refused: what goes over the connection itself passes by the filter."""
        raise ForeignRowError("the connection of a tenant's session")

    def bulk_save_objects(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refused, like its two relatives: they write without telling the session's events."""
        raise ForeignRowError("a bulk write")

    bulk_insert_mappings = bulk_update_mappings = bulk_save_objects


@contextmanager
def tenant_session(organization_id: str, *, read_only: bool = False) -> Iterator[Session]:
    """A transaction that sees and writes only what belongs to `organization_id`."""
    engine = open_engine(get_settings().records_url)
    with transaction(engine, TenantSession, read_only=read_only, organization_id=organization_id) as session:
        yield session


@contextmanager
def system_session(*, read_only: bool = False) -> Iterator[Session]:
    """A transaction over all organizations, for the installation's own work only."""
    with transaction(open_engine(get_settings().records_url), read_only=read_only) as session:
        yield session


@event.listens_for(TenantSession, "after_begin")
def _let_the_database_hold_the_line(session: TenantSession, _transaction: Any, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(ENTER, {"organization_id": session.organization_id})


@event.listens_for(TenantSession, "do_orm_execute")
def _reach_only_own_rows(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, TenantSession)
    organization_id = session.organization_id
    classes = mapped_classes(state.statement)
    if foreign := [one.__name__ for one in classes if not issubclass(one, TenantRow | Tenant)]:
        raise ForeignRowError(f"{', '.join(foreign)} belongs to the installation: use system_session")
    if (state.is_insert or state.is_delete) and any(issubclass(one, Tenant) for one in classes):
        raise ForeignRowError("an organization neither makes nor ends one")
    if state.is_insert:
        state.statement = stamp_insert(state.statement, state.parameters, organization_id)  # type: ignore[arg-type]
    if state.is_update:
        check_update(state.statement, state.parameters)  # type: ignore[arg-type]
    state.statement = state.statement.options(
        with_loader_criteria(TenantRow, lambda row: row.organization_id == organization_id, include_aliases=True),
        _criteria_of_tenants(organization_id, read=state.is_select),
    )


def _criteria_of_tenants(organization_id: str, *, read: bool) -> ExecutableOption:
    if read:
        return with_loader_criteria(
            Tenant, lambda row: or_(row.id == organization_id, row.parent_id == organization_id), include_aliases=True
        )
    return with_loader_criteria(Tenant, lambda row: row.id == organization_id, include_aliases=True)


@event.listens_for(TenantSession, "before_attach")
def _take_in_only_own_rows(session: TenantSession, row: object) -> None:
    given = row.__dict__.get("organization_id")
    if isinstance(row, TenantRow) and given is not None and given != session.organization_id:
        raise ForeignRowError(type(row).__name__)


@event.listens_for(TenantSession, "before_flush")
def _write_only_own_rows(session: TenantSession, _context: Any, _instances: Any) -> None:
    for row in session.new:
        if isinstance(row, TenantRow) and not row.organization_id:
            row.organization_id = session.organization_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if not _is_own(session, row):
            raise ForeignRowError(type(row).__name__)


def _is_own(session: TenantSession, row: object) -> bool:
    if isinstance(row, Tenant):
        return row not in session.new and row not in session.deleted and row.id == session.organization_id
    if not isinstance(row, TenantRow):
        return False
    moved = row not in session.new and get_history(row, "organization_id").has_changes()
    return row.organization_id == session.organization_id and not moved
