"""Tenant isolation by construction: a session is bound to one organization and cannot see another's rows.

Every row of a business table carries `organization_id`. A session opened by `tenant_session` filters every select,
update and delete by it and stamps every new row; writing a row of another organization raises `ForeignRowError`.
Work that concerns the installation as a whole (the outbox dispatcher, retention) uses `system_session`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import ForeignKey, String, event
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria

from connectors.database import open_engine, transaction
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings

NOT_FOUND = Fault(
    "not_found",
    404,
    N_("This {what} does not exist."),
    N_("It may have been deleted, or it belongs to somebody else. Go back to the list."),
)


class ForeignRowError(RuntimeError):
    """A program error: a row of one organization was about to be written in a session of another."""


def new_id() -> str:
    """A fresh identifier: 32 hexadecimal digits, not guessable."""
    return uuid4().hex


class TenantRow:
    """Mixin of every table whose rows belong to one organization."""

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), index=True
    )


@contextmanager
def tenant_session(organization_id: str, *, read_only: bool = False) -> Iterator[Session]:
    """A transaction that sees and writes only what belongs to `organization_id`."""
    engine = open_engine(get_settings().records_url)
    with transaction(engine, read_only=read_only, organization_id=organization_id) as session:
        yield session


@contextmanager
def system_session(*, read_only: bool = False) -> Iterator[Session]:
    """A transaction over all organizations, for the installation's own work only."""
    with transaction(open_engine(get_settings().records_url), read_only=read_only) as session:
        yield session


@event.listens_for(Session, "do_orm_execute")
def _see_only_own_rows(state: ORMExecuteState) -> None:
    organization_id = state.session.info.get("organization_id")
    if organization_id and not state.is_column_load and not state.is_relationship_load:
        state.statement = state.statement.options(
            with_loader_criteria(TenantRow, lambda row: row.organization_id == organization_id, include_aliases=True)
        )


@event.listens_for(Session, "before_flush")
def _write_only_own_rows(session: Session, _context: Any, _instances: Any) -> None:
    organization_id = session.info.get("organization_id")
    if not organization_id:
        return
    for row in session.new:
        if isinstance(row, TenantRow) and not row.organization_id:
            row.organization_id = organization_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantRow) and row.organization_id != organization_id:
            raise ForeignRowError(type(row).__name__)
