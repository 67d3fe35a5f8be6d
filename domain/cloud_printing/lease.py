"""One at a time works for an organization's printer: who registers it, and who takes its jobs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, update

from domain.cloud_printing.models import CloudPrinter, RegistrationState
from domain.organizations.models import now
from domain.tenancy import tenant_session

BUSY = timedelta(minutes=10)
"""So long at most; a worker that was killed is waited for no longer."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The printer as it was when it was claimed."""

    state: RegistrationState
    places: dict[str, Any]


def claim(organization_id: str, states: tuple[RegistrationState, ...]) -> Claimed | None:
    """The printer, if it is in one of these states and nobody else works for it."""
    is_free = or_(CloudPrinter.busy_until.is_(None), CloudPrinter.busy_until < now())
    taken = (
        update(CloudPrinter)
        .where(CloudPrinter.organization_id == organization_id, CloudPrinter.state.in_(states), is_free)
        .values(busy_until=now() + BUSY)
        .returning(CloudPrinter.state, CloudPrinter.places)
    )
    with tenant_session(organization_id) as session:
        found = session.execute(taken).one_or_none()
    return Claimed(RegistrationState(found.state), dict(found.places)) if found is not None else None


def hold(organization_id: str) -> None:
    """Go on for as long again."""
    _set(organization_id, busy_until=now() + BUSY)


def free(organization_id: str) -> None:
    """Done: others may."""
    _set(organization_id, busy_until=None)


def _set(organization_id: str, **values: Any) -> None:
    with tenant_session(organization_id) as session:
        session.execute(update(CloudPrinter).where(CloudPrinter.organization_id == organization_id).values(**values))
