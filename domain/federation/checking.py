"""The check of a candidate, done by a flow: ask the provider, keep what it says, tell the administrator (AC-119)."""

import structlog
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from domain.audit.service import record_unattended
from domain.federation.models import AuthenticationProvider, ProviderState, Slot
from domain.federation.notices import tell_of_check
from domain.federation.published import Published, fetch_published
from domain.federation.service import promote
from domain.organizations.models import now
from domain.recorded_errors import error_record
from domain.tenancy import system_session

log = structlog.get_logger(__name__)


def check_candidate(provider_id: str) -> PressroomError | None:
    """Check the candidate of that id and record how it went; returns why it cannot be used, if so.

    One that was replaced or discarded in the meantime is left alone. A check that is repeated does no harm.
    """
    with system_session(read_only=True) as session:
        candidate = session.get(AuthenticationProvider, provider_id)
        if candidate is None or candidate.slot != Slot.CANDIDATE:
            return None
    try:
        outcome: Published | PressroomError = fetch_published(candidate)
    except PressroomError as error:
        outcome = error
    with system_session() as session:
        return _record(session, provider_id, outcome)


def _record(session: Session, provider_id: str, outcome: Published | PressroomError) -> PressroomError | None:
    candidate = session.get(AuthenticationProvider, provider_id)
    if candidate is None or candidate.slot != Slot.CANDIDATE:
        return None
    candidate.checked = now()
    error = _use(session, candidate, outcome) if isinstance(outcome, Published) else outcome
    if isinstance(outcome, PressroomError):
        candidate.state = ProviderState.FAILED
    candidate.problem = error_record(error) if error else None
    record_unattended(
        session,
        candidate.organization_id,
        "authentication_provider.checked",
        "authentication_provider",
        candidate.id,
        {"state": candidate.state, "slot": candidate.slot, "problem": error.code if error else None},
        user_id=candidate.configured_by,
    )
    tell_of_check(session, candidate, error)
    return error


def _use(session: Session, candidate: AuthenticationProvider, found: Published) -> PressroomError | None:
    """Keep what the provider says; activate it if that was asked for. Returns why that was not possible."""
    candidate.state, candidate.published = ProviderState.READY, found.description
    candidate.certificate_expires = found.certificate_expires
    if candidate.activate_when_checked:
        try:
            promote(session, candidate)
        except PressroomError as error:
            return error
    return None
